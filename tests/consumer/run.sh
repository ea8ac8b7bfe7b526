#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: run.sh BUILD_DIR
#
# Installs a finished build, moves the installed tree elsewhere, makes a model with the command, and
# builds the host programs against the tree twice: through find_package and through pkg-config. Each
# runs the model.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
work=$build/consumer
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")

rm -rf "$work"
mkdir -p "$work/programs"
cmake --install "$build" --prefix "$work/first" > "$work/install.log"
mv "$work/first" "$work/moved"
prefix=$work/moved
pc=$(find "$prefix" -name 'ritz*.pc')
package=$(basename "$pc" .pc) # ritz, or ritz_mpi of a build with MPI

if grep -rlE "$work/first|$build/?(\"|;|\$)" "$prefix" --include='*.cmake' --include='*.pc'; then
  echo "these installed files name a folder of the build" >&2
  exit 1
fi

echo "command:"
ritz=$prefix/bin/ritz
"$ritz" --version
"$ritz" generate darcy --resolution 16 --samples 8 --out "$work/data.h5" > /dev/null
cat > "$work/config.yaml" << END
operator: {name: fno, n_modes: [6, 6], hidden_channels: 8}
data: {train: $work/data.h5, normalize_x: channel}
train: {epochs: 2, batch_size: 4}
END
"$ritz" train "$work/config.yaml" --out "$work/model" > /dev/null 2> "$work/train.log" ||
  { cat "$work/train.log" >&2; exit 1; }
model=$work/model/model.h5

echo "manual pages and completion:"
grep -q -- '\\-\\-resume' "$prefix/share/man/man1/ritz-train.1"
(
  PATH=$prefix/bin:$PATH
  . "$prefix/share/bash-completion/completions/ritz"
  COMP_WORDS=(ritz list operators fno_) COMP_CWORD=3
  _ritz
  [[ ${COMPREPLY[*]} == fno_2020 ]] || { echo "completes to: ${COMPREPLY[*]}" >&2 && exit 1; }
)

echo "find_package($package):"
cmake -S "$here" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
  -DRITZ_PACKAGE="$package" -DRITZ_EXPECTED_VERSION="$version" > "$work/cmake.log" ||
  { cat "$work/cmake.log" >&2; exit 1; }
cmake --build "$work/cmake" > "$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
"$work/cmake/host_c" "$model"
"$work/cmake/host_cc" "$model"

echo "pkg-config $package:"
export PKG_CONFIG_PATH=${pc%/*}
pkg-config --exact-version="$version" "$package"
read -ra cflags <<< "$(pkg-config --cflags "$package")"
read -ra libs <<< "$(pkg-config --libs "$package")"
rpath=-Wl,-rpath,$(pkg-config --variable=libdir "$package")
${CC:-cc} -std=c11 "${cflags[@]}" "$here/host.c" "${libs[@]}" "$rpath" -o "$work/programs/host_c"
${CXX:-c++} -std=c++17 "${cflags[@]}" "$here/host.cc" "${libs[@]}" "$rpath" \
  -o "$work/programs/host_cc"
"$work/programs/host_c" "$model"
"$work/programs/host_cc" "$model"

echo "Fortran:"
if command -v "${FC:-gfortran}" > /dev/null; then
  cp "$prefix/include/ritz/ritz.f90" "$here/host.f90" "$work/programs"
  (
    cd "$work/programs"
    ${FC:-gfortran} -std=f2003 -Wall -c ritz.f90
    ${FC:-gfortran} -std=f2008 -Wall host.f90 ritz.o "${libs[@]}" "$rpath" -o host_f90
  )
  "$work/programs/host_f90" "$model" | tee "$work/fortran.txt"
  # The same fields in the same places: sums agree to the digits printed.
  [[ $("$work/programs/host_c" "$model" | sed 's/.*sum //') == "$(sed 's/.*sum *//' "$work/fortran.txt")" ]]
else
  echo "no Fortran compiler here"
fi
