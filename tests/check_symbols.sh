#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: check_symbols.sh BUILD_DIR (without sanitizers, they add symbols of their own)
#
# What the libraries define starts with ritz_, and library code calls nothing that prints to a
# standard stream or ends the process: a host program owns both.
set -euo pipefail
build=$1
shared=$(ls "$build"/libritz*.so)
internal=$build/libritz_internal.a
status=0

# complain TEXT SYMBOLS: an empty list is good.
complain() {
  [[ -n $2 ]] || return 0
  printf '%s:\n%s\n' "$1" "$2"
  status=1
}

exported=$(nm -D --defined-only "$shared" | awk '{print $NF}')
complain "$shared exports" "$(grep -v '^ritz_' <<< "$exported" || true)"
if ! grep -q '^ritz_' <<< "$exported"; then complain "$shared" "exports nothing"; fi

complain "$internal defines" "$(nm -A -g --defined-only "$internal" | awk '$NF !~ /^ritz_/')"

forbidden='^(exit|_exit|_Exit|quick_exit|abort|stdout|stderr|puts|putchar|perror|(__)?v?printf(_chk)?)$'
complain "$internal calls" "$(nm -A -u "$internal" | awk -v bad="$forbidden" '$NF ~ bad')"
exit $status
