#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The longer checks, before a release: scripts/test.sh, then the builds and machines it leaves out.
# Ends with the line "N passed, N failed"; the exit status is 0 only without failures.
#
#   scripts/test-all.sh [--no-install] [PART]...
#
#   test       scripts/test.sh
#   base       the release build with its plain x86-64 kernels
#   avx2       the release build with its AVX2 kernels
#   no-xsmm    without libxsmm: small products through CBLAS
#   no-fftw    without FFTW, as for users who avoid the GPL: full transforms by products
#   native     for this machine only
#   debug      no optimisation, assertions on, one OpenMP thread
#   clang      the dev build with clang
#   gcc        warnings are errors with optimisation, which sees more
#   lint       clang-tidy and cppcheck over the library and the command
#   doxygen    the comments of public headers name every parameter, and nothing that is not there
#   tsan       what starts threads, under ThreadSanitizer with clang, libomp and archer
#   extend     docs/extending.md to the letter: one file and one line of each kind, in a copy
#   coverage   lines that the tests run, for each folder of the library: at least 90 % of all
#   fuzz       tests/fuzz: a million inputs each, for text through libFuzzer
#   kill       kill -9 at a hundred random moments of ritz generate and of ritz train
#   memory     each command once for every allocation it makes, which fails
#   mpi        the build with MPI, installed under its own name
#   solvers    the build with MPI, SuperLU and hypre: what solves systems
#   mpi-serial the build with MPI and the serial HDF5: files that ranks write one after the other
#   valgrind   every test under memcheck, which shows the program a processor without AVX-512
#
# Without a PART: all of them. Build trees are build/<part>.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. scripts/test-lib.sh

# variant NAME CMAKE-ARGUMENT...: builds and tests build/NAME, a relative of the release build.
variant() {
  local directory=build/$1
  shift
  build "$directory" --preset release -B "$directory" "$@" && run_ctest "$directory"
}

part_test() {
  local log=build/test.log
  mkdir -p build
  run scripts/test.sh --no-install 2>&1 | tee "$log"
  add_summary "$(tail -n 1 "$log")" "scripts/test.sh"
}

part_base() { built release && RITZ_ISA=base run_ctest build/release; }
part_avx2() { built release && RITZ_ISA=avx2 run_ctest build/release; }
part_no_xsmm() { variant no-xsmm -DRITZ_WITH_XSMM=OFF; }
part_no_fftw() { variant no-fftw -DRITZ_WITH_FFTW=OFF; }
part_native() { variant native -DRITZ_NATIVE=ON; }
part_debug() { OMP_NUM_THREADS=1 variant debug -DCMAKE_BUILD_TYPE=Debug; }
# Under sanitizers clang leaves loops scalar that `omp simd` asks for; that is no mistake of ours.
# Leaks are for the dev build of scripts/test.sh: libomp's threads hold memory to the end, and the
# search for leaks stops at them.
part_clang() {
  build build/clang --preset dev -B build/clang -DCMAKE_C_COMPILER=clang \
    -DCMAKE_C_FLAGS=-Wno-pass-failed && ASAN_OPTIONS=detect_leaks=0 run_ctest build/clang
}

part_gcc() {
  build build/gcc --preset release -B build/gcc -DRITZ_WERROR=ON -DRITZ_NATIVE=ON &&
    passed=$((passed + 1))
}

part_lint() {
  if run cmake --preset dev -B build/clang -DCMAKE_C_COMPILER=clang; then
    check tests/lint.sh build/clang
  else
    count_failure "configure build/clang"
  fi
}

part_doxygen() { check tests/check_doxygen.sh; }

# Libraries without instrumentation are left out of the picture; archer tells which waits libomp
# means. A test that starts no thread has nothing to tell, and one that starts the command as
# another process no thread of its own.
part_tsan() {
  local archer
  archer=$(clang -print-resource-dir)/../../libarcher.so
  build build/tsan --preset release -B build/tsan -DCMAKE_C_COMPILER=clang -DRITZ_NATIVE=ON \
    -DRITZ_SANITIZE=thread "-DCMAKE_C_FLAGS=-g -Wno-pass-failed" -DCMAKE_C_FLAGS_RELEASE=-O1 &&
    OMP_NUM_THREADS=2 OMP_TOOL_LIBRARIES=$archer \
      TSAN_OPTIONS=ignore_noninstrumented_modules=1:die_after_fork=0 \
      run_ctest build/tsan --tests-regex '^(core|kernels|graph|operators|solvers|datasets|train|model)\.'
}

part_extend() { check tests/extend.sh; }

# What counts the lines writes files, too, and complains of the full disk of tools.streams.
part_coverage() {
  build build/coverage --preset release -B build/coverage -DRITZ_NATIVE=ON \
    "-DCMAKE_C_FLAGS=--coverage -fprofile-update=atomic" -DCMAKE_C_FLAGS_RELEASE=-O1 &&
    run_ctest build/coverage --exclude-regex '^tools\.streams$' &&
    check tests/coverage.sh build/coverage 90
}

# On damaged files libhdf5 itself crashes, and a matrix may ask for more memory than libFuzzer gives,
# which would end it: those go through mutate.c, a million without sanitizers and some with them.
# Files are written into memory, and memory freed stays with the process, since HDF5 takes two
# megabytes for every file it opens.
part_fuzz() {
  built release || return
  build build/fuzz --preset dev -B build/fuzz -DCMAKE_C_COMPILER=clang -DRITZ_FUZZ=ON \
    -DCMAKE_C_FLAGS=-Wno-pass-failed || return
  for name in yaml operator mapping set wisdom; do
    local seeds=build/fuzz/seeds/$name
    mkdir -p "$seeds" && build/fuzz/tests/fuzz_$name --seeds "$seeds"
    LSAN_OPTIONS=suppressions=$PWD/tests/fuzz/leaks.supp \
      check "build/fuzz/tests/libfuzzer_$name" -runs=1000000 -timeout=20 "$seeds"
  done
  local -x TMPDIR=/dev/shm MALLOC_TRIM_THRESHOLD_=2147483648 MALLOC_MMAP_THRESHOLD_=1073741824
  for name in dataset model recycle matrix checkpoint; do
    check "build/release/tests/fuzz_$name" --runs 1000000
    check "build/fuzz/tests/fuzz_$name" --runs 20000
  done
}

part_kill() { built release && RITZ_TEST_MOMENTS=100 check build/release/tests/test_tools_kill; }
part_memory() {
  built release &&
    RITZ_TEST_ALLOCATIONS=all check build/release/tests/test_tools_memory
}

part_mpi() { preset mpi && check tests/consumer/run.sh build/mpi; }
part_solvers() {
  build build/solvers --preset mpi -B build/solvers -DRITZ_WITH_SUPERLU=ON -DRITZ_WITH_HYPRE=ON &&
    run_ctest build/solvers -R '^(solvers|datasets|tools.bench)'
}
part_mpi_serial() {
  build build/mpi-serial --preset mpi -B build/mpi-serial -DRITZ_WITH_PARALLEL_HDF5=OFF &&
    run_ctest build/mpi-serial -R '^(tools.ranks|dist.(files|train)|hdf5)'
}

# CMake runs the test programs through the "emulator"; a test may still look the command up and
# run it outside valgrind. libgomp's threads live until the end of the process and hold their
# memory, so only what nobody points to any more counts as a leak. Few central differences: they are
# the same runs over and over. Waiting threads sleep, since memcheck runs one thread at a time.
part_valgrind() {
  local memcheck=(valgrind --quiet --error-exitcode=99 --leak-check=full
    --errors-for-leak-kinds=definite "--suppressions=$PWD/tests/valgrind.supp")
  local joined
  joined=$(IFS=';' && printf '%s' "${memcheck[*]}")
  build build/valgrind --preset release -B build/valgrind -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    "-DCMAKE_CROSSCOMPILING_EMULATOR=$joined" &&
    RITZ_TEST_ENTRIES=2 OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive \
      run_ctest build/valgrind --timeout 10800
}

main "--test-all --mpi --solvers" "test base avx2 no-xsmm no-fftw native debug clang gcc lint doxygen tsan \
extend coverage fuzz kill memory mpi solvers mpi-serial valgrind" "$@"
