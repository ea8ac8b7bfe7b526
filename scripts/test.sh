#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Everything a change has to pass, from a bare Debian machine: installs what is missing, builds,
# tests. Ends with the line "N passed, N failed"; the exit status is 0 only without failures.
#
#   scripts/test.sh [--no-install] [PART]...
#
#   release    optimised build and all its tests
#   dev        the same with AddressSanitizer and UndefinedBehaviorSanitizer, warnings are errors
#   format     clang-format has nothing to change
#   headers    every public header compiles alone, as C11 and as C++17, and ritz.h has them all
#   symbols    the libraries define ritz_ names only; library code neither prints nor exits; what
#              compiled programs rely on is as tests/abi.txt has it
#   consumer   a project outside builds and runs against the installed tree
#   demo       scripts/demo.sh --short, with the release build
#   tutorial   all commands of docs/tutorial.md in an empty folder
#   mpi        the build with MPI: what runs on several ranks
#
# Without a PART: all of them. Build trees are build/release, build/dev and build/mpi.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. scripts/test-lib.sh

part_release() { preset release; }
part_dev() { preset dev; }
part_format() { check tests/check_format.sh; }
part_headers() { check tests/check_headers.sh; }
part_symbols() {
  built release || return
  check tests/check_symbols.sh build/release
  check tests/check_abi.sh build/release
}
part_consumer() { built release && check tests/consumer/run.sh build/release; }
part_demo() { built release && check scripts/demo.sh --short --build build/release; }
part_tutorial() { built release && check tests/check_tutorial.sh build/release; }
# The tests that ranks are for; scripts/test-all.sh runs all of them in this build. The kernels are
# the same sources as in the release build: here one instruction set is enough, as under sanitizers.
part_mpi() {
  build build/mpi --preset mpi -DRITZ_NATIVE=ON &&
    run_ctest build/mpi --tests-regex '^(dist|tools\.ranks)'
}

main "--test --mpi" "release dev format headers symbols consumer demo tutorial mpi" "$@"
