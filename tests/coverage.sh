#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Lines that have run in a tree built with --coverage: tests/coverage.sh BUILD LEAST [--lines]
# prints a figure for each folder of library code and fails below LEAST percent of all; --lines also
# names every line that has not run.
set -euo pipefail
build=$(cd "$1" && pwd)
least=$2
cd "$(dirname "$0")/.."
records=$(mktemp)
trap 'rm -f "$records"' EXIT

# A source may be compiled several times: a line has run if it has in one of them.
find "$build" -name '*.gcda' -print0 |
  xargs -0 gcov --json-format --stdout 2> /dev/null |
  python3 tests/coverage.py "$PWD" > "$records"
awk -F '\t' -v least="$least" -v lines="${3-}" '
  { all++; folder[$1]++; if ($4 > 0) { ran++; good[$1]++ } else if (lines) print $2 ":" $3 }
  END {
    for (f in folder) printf "%6.2f %% of %6d  %s\n", 100 * good[f] / folder[f], folder[f], f | "sort -k5"
    close("sort -k5")
    printf "%6.2f %% of %6d  all\n", 100 * ran / all, all
    exit !(100 * ran >= least * all)
  }' "$records"
