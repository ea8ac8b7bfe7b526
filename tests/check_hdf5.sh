#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: check_hdf5.sh PROGRAM
#
# One HDF5 in a process: the serial library and those over MPI have the same symbols.
set -euo pipefail
libraries=$(ldd "$1" | grep -o 'libhdf5[a-z_]*\.so' | sed 's/_hl\.so/.so/' | sort -u)
if [[ $(wc -l <<< "$libraries") != 1 || -z $libraries ]]; then
  printf '%s wants these at once:\n%s\n' "$1" "$libraries"
  exit 1
fi
