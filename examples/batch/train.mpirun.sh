#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The same without a batch system: examples/batch/train.mpirun.sh 4 darcy.yaml run
# SIGTERM to this script (kill PID) stops all ranks after the running step, with a checkpoint, and
# ends with status 75. mpirun hands SIGUSR1 on and waits; on SIGTERM it kills the ranks soon after.
ranks=$1
config=$2
out=$3

export OMP_NUM_THREADS=$(($(nproc) / ranks > 0 ? $(nproc) / ranks : 1))
mpirun -n "$ranks" --bind-to none ritz train "$config" --out "$out" --resume &
trap 'kill -USR1 $!' TERM INT
wait $!
status=$?
if ((status > 128)); then # the wait itself was interrupted
  wait $!
  status=$?
fi
exit "$status"
