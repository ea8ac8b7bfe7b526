#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Installs the Debian packages Ritz is built from, only those that are missing. On a machine that
# has them all nothing is asked of the network and no privilege is needed.
#
#   scripts/install-deps.sh [--test] [--test-all] [--mpi] [--solvers] [--peers] [--list]
#
#   (always)     what the library and the command need
#   --test       what scripts/test.sh needs on top
#   --test-all   what scripts/test-all.sh needs on top of that
#   --mpi        what the preset `mpi` needs
#   --solvers    what RITZ_WITH_SUPERLU and (with --mpi) RITZ_WITH_HYPRE need
#   --peers      what the comparisons in bench/ run against
#   --list       print the packages chosen so far and stop
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

build=(gcc libc6-dev cmake ninja-build pkgconf libxsmm-dev libopenblas-dev liblapacke-dev
  libfftw3-dev libhdf5-dev librandom123-dev libfyaml-dev libpng-dev)
test=(g++ gfortran clang-format libcmocka-dev)
test_all=(clang clang-tidy cppcheck doxygen libomp-dev python3 valgrind libc6-dbg) # without libc6-dbg memcheck cannot start
mpi=(libopenmpi-dev openmpi-bin libhdf5-openmpi-dev libfftw3-mpi-dev)
solvers=(libsuperlu-dev libhypre-dev)
peers=(python3-torch python3-numpy python3-h5py petsc-dev g++ libtrilinos-belos-dev
  libtrilinos-epetra-dev libtrilinos-ifpack-dev libtrilinos-teuchos-dev libtrilinos-kokkos-dev)

say() { printf 'install-deps: %s\n' "$*" >&2; }
usage() { sed -n '/^$/q;s/^# \{0,1\}//p' "$0" | sed 1,2d; }

packages=("${build[@]}")
for option in "$@"; do
  case $option in
    --test) packages+=("${test[@]}") ;;
    --test-all) packages+=("${test[@]}" "${test_all[@]}") ;;
    --mpi) packages+=("${mpi[@]}") ;;
    --solvers) packages+=("${solvers[@]}") ;;
    --peers) packages+=("${peers[@]}") ;;
    --list) printf '%s\n' "${packages[@]}"; exit 0 ;;
    --help) usage; exit 0 ;;
    *) say "unknown option '$option', see --help"; exit 2 ;;
  esac
done

if ! { command -v apt-get && command -v dpkg-query; } > /dev/null; then
  say "this system has no apt-get; the Debian names of what is needed: ${packages[*]}"
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  say "nothing to install, all ${#packages[@]} packages are there"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo > /dev/null; then
    say "needs root or sudo to install: ${missing[*]}"
    exit 1
  fi
  as_root=(sudo env DEBIAN_FRONTEND=noninteractive) # sudo may drop what is exported
fi

say "installing ${missing[*]}"
apt_get=("${as_root[@]}" apt-get --quiet=2 --option Acquire::Retries=3
  --option DPkg::Lock::Timeout=120)
"${apt_get[@]}" update
"${apt_get[@]}" install --yes --no-install-recommends "${missing[@]}" > /dev/null
say "installed ${#missing[@]} packages and what they depend on"
