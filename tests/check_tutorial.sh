#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: check_tutorial.sh BUILD_DIR
#
# All commands of docs/tutorial.md in an empty folder, with a finished build, installed. Few epochs:
# what is checked is that they work, not what they say.
set -euo pipefail
RITZ=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
work=$build/tutorial
PREFIX=$work/installed
export RITZ PREFIX PATH=$PREFIX/bin:$PATH

rm -rf "$work"
mkdir -p "$work/empty"
cmake --install "$build" --prefix "$PREFIX" > "$work/install.log"
sed -n '/^```sh$/,/^```$/p' "$RITZ/docs/tutorial.md" | grep -v '^```' |
  sed 's/epochs: [0-9]*/epochs: 2/' > "$work/commands"
grep -q '^ritz predict' "$work/commands" # or nothing was found
cd "$work/empty"
bash -eu "$work/commands" > "$work/said" 2>&1 || { tail -n 20 "$work/said"; exit 1; }
for file in sample.png curves.png predicted.h5 narrow/config.yaml; do
  [[ -s $file ]] || { echo "the tutorial leaves no $file"; exit 1; }
done
grep -q 'largest pressure' "$work/said"
