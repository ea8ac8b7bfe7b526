#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every public header compiles alone, as C11 and as C++17, without a warning, and <ritz/ritz.h>
# includes them all (those of ops through <ritz/ops.h>) but <ritz/mpi.h>: that one needs mpi.h and
# is checked where there is one.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../include" || exit 1
warnings=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only -I.)
status=0
read -ra mpi <<< "$(pkg-config --cflags ompi 2> /dev/null)"
((${#mpi[@]} == 0)) || warnings+=("${mpi[@]/#-I/-isystem}")

for header in ritz/*.h ritz/ops/*.h; do
  [[ $header != ritz/mpi.h || ${#mpi[@]} -gt 0 ]] || continue
  ${CC:-cc} -std=c11 -Wstrict-prototypes "${warnings[@]}" -x c - <<< "#include <$header>" ||
    { echo "$header does not compile alone as C11"; status=1; }
  ${CXX:-c++} -std=c++17 "${warnings[@]}" -x c++ - <<< "#include <$header>" ||
    { echo "$header does not compile alone as C++17"; status=1; }
  all=ritz/ritz.h
  [[ $header != ritz/ops/* ]] || all=ritz/ops.h
  if [[ $header != "$all" && $header != ritz/mpi.h ]] && ! grep -qF "#include <$header>" "$all"; then
    echo "$header is missing in $all"
    status=1
  fi
done
exit $status
