#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: bench/report.sh [--build DIR] [--python PYTHON] [--prefix COMMAND]
#                        [--rounds N] [--seconds S] [CASE]...
#
# Measures every figure of docs/performance.md on this machine and writes the tables there:
# `ritz bench` for training, prediction and generation, compare_torch.py for the cases PyTorch has.
# CASE limits both to some. PYTHON has torch, numpy and h5py (scripts/install-deps.sh --peers);
# COMMAND is put before each measurement, to run it alone (a lock) or bound to processors (numactl).
# The lines of JSON stay in out/bench. About ten minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release python=/usr/bin/python3 prefix='' rounds=3 seconds=1 cases=()
while (($# > 0)); do
  case $1 in
    --build | --python | --prefix | --rounds | --seconds)
      declare "${1#--}=${2?$1 wants a value}"
      shift
      ;;
    --help)
      sed -n '/^$/q;s/^# \{0,1\}//p' "$0" | sed 1d
      exit 0
      ;;
    -*)
      echo "report.sh: unknown option $1, see --help" >&2
      exit 2
      ;;
    *) cases+=("$1") ;;
  esac
  shift
done
ritz=$build/bin/ritz
((${#cases[@]} > 0)) || cases=(train infer generate gallery)
mkdir -p out/bench
bench=out/bench/bench.jsonl compare=out/bench/compare.jsonl
: >$bench
: >$compare

mapfile -t known < <("$ritz" bench --list | cut -d ' ' -f 1)
known+=(gallery)
for name in "${known[@]}"; do
  for chosen in "${cases[@]}"; do
    [[ $name == "$chosen" || $name == "$chosen"/* ]] || continue
    # shellcheck disable=SC2086 # a prefix may be several words
    [[ $name == gallery ]] || $prefix "$ritz" bench "$name" --json --seconds "$seconds" >>$bench
    [[ $name != train/* && $name != infer/* && $name != gallery ]] ||
      $prefix "$python" bench/compare_torch.py "$name" --ritz "$ritz" \
        --rounds "$rounds" --seconds "$seconds" >>$compare
  done
done
"$python" bench/report.py $bench $compare docs/performance.md --version "$("$ritz" --version)"
