#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: check_format.sh [--fix]
#
# clang-format has nothing to change in any C or C++ file; --fix lets it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
action=(--dry-run -Werror)
[[ ${1-} != --fix ]] || action=(-i)

folders=()
for folder in include src operators solvers datasets tools examples tests bench; do
  [[ ! -d $folder ]] || folders+=("$folder")
done
find "${folders[@]}" -type f \( -name '*.[ch]' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format "${action[@]}"
