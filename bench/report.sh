#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: bench/report.sh [--build DIR] [--python PYTHON] [--prefix COMMAND]
#                        [--rounds N] [--seconds S] [--keep] [CASE]...
#
# Measures every figure of docs/performance.md on this machine and writes the tables there:
# `ritz bench`, ritz-compare-onednn for the convolutions where oneDNN is installed,
# compare_torch.py for the cases PyTorch has. CASE limits all to some, or to groups; --keep keeps
# what earlier runs have measured of others. PYTHON has torch, numpy and h5py
# (scripts/install-deps.sh --peers); COMMAND is put before each measurement, to run it alone (a
# lock) or bound to processors (numactl). The lines of JSON stay in out/bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release python=/usr/bin/python3 prefix='' rounds=3 seconds=1 keep=no cases=()
while (($# > 0)); do
  case $1 in
    --build | --python | --prefix | --rounds | --seconds)
      declare "${1#--}=${2?$1 wants a value}"
      shift
      ;;
    --keep) keep=yes ;;
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
ritz=$build/bin/ritz onednn=$build/bin/ritz-compare-onednn out=out/bench
((${#cases[@]} > 0)) ||
  cases=(train infer generate spectral conv depthwise attention pool resample gallery)
mkdir -p $out
[[ $keep == yes ]] || rm -f $out/*.jsonl

# measure FILE COMMAND...: the lines of a case, in a file of their own.
measure() {
  local file=$out/${1//\//-}.jsonl
  shift
  # shellcheck disable=SC2086 # a prefix may be several words
  $prefix "$@" >"$file.new"
  mv "$file.new" "$file"
}

mapfile -t known < <("$ritz" bench | cut -d ' ' -f 1)
known+=(gallery)
mapfile -t with_torch < <("$python" bench/compare_torch.py --list --ritz "$ritz")
for name in "${known[@]}"; do
  [[ $name != *-@(table|auto)-* ]] || continue # tables of their own
  for chosen in "${cases[@]}"; do
    [[ $name == "$chosen" || $name == "$chosen"/* ]] || continue
    if [[ $name == @(conv|depthwise)/* && -x $onednn ]]; then
      measure "bench-$name" "$onednn" "$name" --seconds "$seconds"
    elif [[ $name != gallery ]]; then
      measure "bench-$name" "$ritz" bench "$name" --json --seconds "$seconds"
    fi
    [[ " ${with_torch[*]} " != *" $name "* ]] ||
      measure "torch-$name" "$python" bench/compare_torch.py "$name" --ritz "$ritz" \
        --rounds "$rounds" --seconds "$seconds"
  done
done
"$python" bench/report.py docs/performance.md $out/*.jsonl --version "$("$ritz" --version)"
