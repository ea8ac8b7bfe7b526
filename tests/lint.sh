#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# clang-tidy (.clang-tidy says which checks, and why not others) and cppcheck over the library and
# the command: tests/lint.sh BUILD, a tree that clang was configured for. Silent without findings.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
status=0

# Number formats and instruction sets are the same sources: each once.
mkdir -p "$build/lint"
python3 - "$build" > "$build/lint/files" << 'END'
import json, pathlib, sys
build, root = pathlib.Path(sys.argv[1]), pathlib.Path.cwd()
folders = [root / name for name in ("src", "operators", "solvers", "datasets", "tools")]
entries = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    if any(pathlib.Path(entry["file"]).is_relative_to(folder) for folder in folders):
        entries.setdefault(entry["file"], entry)
(build / "lint/compile_commands.json").write_text(json.dumps(list(entries.values())))
print(*sorted(entries), sep="\n")
END
# One file a run: clang 14 carries what it knows of va_start from one to the next.
xargs -a "$build/lint/files" -n 1 -P "$(nproc)" \
  clang-tidy -p "$build/lint" --quiet --warnings-as-errors='*' \
  2> >(grep -vE 'warnings? (generated|treated)' >&2) || status=1

# With one job cppcheck follows calls from file to file, and takes the functions of a number format
# for those of another.
cppcheck --std=c11 --platform=unix64 --language=c --enable=warning,portability,performance \
  --inline-suppr --quiet --error-exitcode=1 -j "$(($(nproc) + 1))" \
  --suppressions-list=tests/cppcheck.supp -I include -I src -I . \
  -DRITZ_WITH_FFTW=1 -DRITZ_WITH_XSMM=1 -DRITZ_ISA_NATIVE=1 \
  --template='{file}:{line}: {id}: {message}' src operators solvers datasets tools || status=1
exit $status
