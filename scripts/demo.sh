#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The whole way once, from a bare Debian 12 machine: installs what is missing, builds, makes Darcy
# data, trains a Fourier neural operator, measures it on its own grid and on one it has never seen,
# draws pictures, and calls the trained model from a C program. About 10 minutes on two cores.
#
#   scripts/demo.sh [--short] [--no-install] [--build DIR]
#
#   --short       a toy of the same in under a minute, to see that everything works
#   --no-install  do not look for missing packages
#   --build DIR   use this finished build instead of making build/demo
#
# Results are in out/demo (--short: out/demo_short). Run it again after a stop and it goes on where
# it was; remove that folder to start anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

config=examples/configs/darcy_demo.yaml
out=out/demo
train_samples=1000
test_samples=200
fine=128
most_error=0.05 # relative L2 error on the grid of the training: above it the demonstration failed
settings=()
install=yes
build=

say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ %s\n' "$*" >&2 # not into what a command's output is kept in
  "$@"
}
usage() { sed -n '/^$/q;s/^# \{0,1\}//p' "$0" | sed 1,2d; }

while (($# > 0)); do
  case $1 in
    --short)
      out=out/demo_short train_samples=200 test_samples=20 most_error=0.4
      settings=(operator.n_modes=[12,12] operator.hidden_channels=16 train.epochs=8)
      ;;
    --no-install) install= ;;
    --build)
      build=${2:?--build wants a folder}
      shift
      ;;
    --help)
      usage
      exit 0
      ;;
    *)
      printf 'demo: unknown option %s, see --help\n' "$1" >&2
      exit 2
      ;;
  esac
  shift
done

# Threads that wait sleep instead of spinning: several times faster where other programs run too.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

step="setting up"
finish() {
  local status=$?
  ((status == 0)) && return
  if ((status == 75 || status == 130)); then
    printf '\ndemo: stopped while %s; run it again to go on\n' "$step" >&2
  else
    printf '\ndemo: FAILED while %s (exit status %d), see the message above\n' "$step" "$status" >&2
    printf 'demo: docs/troubleshooting.md may help; remove %s to start anew\n' "$out" >&2
  fi
}
trap finish EXIT

# make_data FILE RESOLUTION SAMPLES FIRST: samples FIRST, FIRST + 1 ... of one random stream.
make_data() {
  if [[ -e $out/$1 ]]; then
    printf '%s is there\n' "$out/$1"
  else
    run "$ritz" generate darcy --resolution "$2" --samples "$3" --first "$4" --out "$out/$1"
  fi
}

# error_of METRIC RESOLUTION: from the tables that `ritz eval` printed.
error_of() {
  awk -v metric="$1" -v file="test_$2.h5" \
    'index($0, file) { inside = 1 } inside && $1 == metric { print $2; exit }' "$out/errors.txt"
}

if [[ -z $build ]]; then
  step="installing packages"
  say "Packages"
  [[ -z $install ]] || run scripts/install-deps.sh
  step="building"
  say "Build"
  build=build/demo
  run cmake --preset release -B "$build" -DRITZ_BUILD_TESTS=OFF > /dev/null
  run cmake --build "$build" --parallel "$(nproc)"
fi
ritz=$build/bin/ritz
mkdir -p "$out"

step="making data"
say "Data: -div(a grad u) = 1 on the unit square, a in {3, 12}; a -> u"
make_data train_64.h5 64 "$train_samples" 0
make_data test_64.h5 64 "$test_samples" "$train_samples"
make_data "test_$fine.h5" "$fine" "$test_samples" "$train_samples"

step="training"
say "Training on 64 x 64 points"
resume=()
[[ ! -e $out/checkpoint.h5 ]] || resume=(--resume)
run "$ritz" train "$config" --out "$out" "${resume[@]}" --set "data.train=$out/train_64.h5" \
  --set "data.test=[$out/test_64.h5]" "${settings[@]/#/--set=}"

step="evaluating"
say "Errors on samples that were not trained on; $fine x $fine is a grid the model has not seen"
run "$ritz" eval "$out/model.h5" "$out/test_64.h5" "$out/test_$fine.h5" | tee "$out/errors.txt"

step="predicting and drawing"
say "Predictions and pictures"
for n in 64 "$fine"; do
  run "$ritz" predict "$out/model.h5" "$out/test_$n.h5" "$out/predicted_$n.h5" --force
  run "$ritz" plot "$out/test_$n.h5" --model "$out/model.h5" --sample 1 --out "$out/darcy_$n.png"
done

step="calling the model from C"
say "The model in a C program"
run cmake --install "$build" --prefix "$PWD/$out/installed" > /dev/null
export PKG_CONFIG_PATH=$PWD/$out/installed/lib/pkgconfig
libdir=$(pkg-config --variable=libdir ritz)
read -ra flags <<< "$(pkg-config --cflags --libs ritz)"
run cc -std=c11 examples/02_predict.c "${flags[@]}" "-Wl,-rpath,$libdir" -o "$out/predict"
run "$out/predict" "$out/model.h5"

step="checking the error"
say "Done"
for n in 64 "$fine"; do
  printf 'relative L2 error on %3d x %-3d  %s   (H1: %s)\n' "$n" "$n" "$(error_of rel_l2 "$n")" \
    "$(error_of rel_h1 "$n")"
done
cat << END
model                          $out/model.h5
curves of the training         $out/curves.png
input, truth, prediction       $out/darcy_64.png, $out/darcy_$fine.png
data and predictions           $out/test_*.h5, $out/predicted_*.h5
time                           $((SECONDS / 60)) min $((SECONDS % 60)) s
END
if ! awk -v error="$(error_of rel_l2 64)" -v most="$most_error" \
  'BEGIN { exit !(error > 0 && error < most) }'; then
  echo "demo: the error should be below $most_error" >&2
  exit 1
fi
