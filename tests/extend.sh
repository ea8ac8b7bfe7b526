#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: extend.sh [WORK_DIR]
#
# docs/extending.md, followed to the letter in a copy of the sources: each file of tests/extend/new
# comes with one line in one list, and whatever its test needs. Then the copy is built, the tests
# that expand the lists run, and the command works with what is new. About 5 minutes on two cores,
# most of it for the rows in tests/tools.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${1:-$root/build/extend}
tree=$work/tree
build=$work/build
unset CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER # what is built here is of no use elsewhere

rm -rf "$work"
mkdir -p "$tree"
cd "$root"
if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$tree"
else
  tar -c --exclude=./build --exclude=./out . | tar -x -C "$tree"
fi
cp -r tests/extend/new/. "$tree"
rm -r "$tree/tests/extend"
cd "$tree"

# line FILE TEXT: the one line of the list.
line() { printf '%s\n' "$2" >> "$1"; }
# row FILE PLACE TEXT: a row behind the first line that holds PLACE.
row() {
  grep -qF -- "$2" "$1" || { echo "$1 has no line with $2" >&2 && exit 1; }
  ROW=$3 awk -v place="$2" '{ print } !done && index($0, place) { print ENVIRON["ROW"]; done = 1 }' \
    "$1" > "$work/row"
  cp "$work/row" "$1"
}

# A kernel, and an op with its constructor in a public header.
line src/kernels/kernels.def 'RITZ_KERNEL(square, (ritz_index n, const void *x, void *y))'
line src/graph/ops/ops.def 'RITZ_OP(square)'
row include/ritz/ops/pointwise.h 'ritz_tanh(ritz_graph *graph' '/** x^2. */
RITZ_API ritz_var ritz_square(ritz_graph *graph, ritz_var x);'

# An operator, its page and its samples.
line operators/operators.def 'RITZ_OPERATOR(quadratic)'
row tests/support/operator_samples_grid.c 'operator_sample samples[] = {' \
  '    SAMPLE("quadratic", "{width: 4, in_channels: 2}", {4, {2, 7, 5, 2}}, {4, {3, 29, 29, 2}},
           SMOOTH),'
row tests/tools/test_operators.c '} rows[] = {' '    {"quadratic", "width: 4", &fields},'
row bench/operators.py '"convnext": {' '        "quadratic": {"width": 24},'

# A loss and a schedule, with their formulas.
line src/train/losses.def 'RITZ_LOSS(mae)'
row tests/support/loss_formula.c '"rel_l1") == 0' \
  '  if (strcmp(c->name, "mae") == 0) return se.l1 / points / (double)e->channels;'
row docs/configuration.md '* `mse`: ' '* `mae`: mean of |e| over points and channels'
line src/train/schedules.def 'RITZ_SCHEDULE(linear)'
row docs/configuration.md '`constant`: r' '
`linear`: r (1 - t / T), in steps'

# A Krylov method and a preconditioner.
line solvers/krylov/krylov.def \
  'RITZ_KRYLOV(steepest_descent, steepest_descent, true, false, false, false, RITZ_NORM_TRUE,
              "steepest descent for symmetric positive definite systems", "Saad 2003, Alg. 5.2")'
line solvers/preconditioners.def 'RITZ_PRECONDITIONER(row_sums, "division by row sums", NULL)'

# A generator, its page and its rows; a reader; a subcommand.
line datasets/generators.def 'RITZ_GENERATOR(sines)'
row tests/datasets/test_every.c 'static const row rows[] = {' \
  '    {"sines", {"{resolution: 20}", "{resolution: 9, modes: 3}"}, "{resolution: 9}", "{resolution: 17}",
     NULL, {{"{resolution: [4, 4]}", "resolution"}, {"{modes: 0}", "modes"}}},'
row tests/tools/test_generate.c '{"poisson_points", "1000"' \
  '    {"sines", "100000", "128", "modes=40"},'
row bench/generate.c 'generate_case cases[] = {' \
  '    {{"generate/sines-128", "sums of sines on an interval", run}, "sines", "{resolution: 128}", 100},'
line datasets/readers.def 'RITZ_READER(input_output)'
line tools/commands.def 'RITZ_COMMAND(count)'
row tests/support/command_lines.c 'const command_line command_lines[] = {' \
  '    {"count test.h5", NULL},'

tests='kernels.square graph.ops operators.every operators.gradients tools.operators train.loss train.schedule
  solvers.krylov solvers.krylov_reasons solvers.preconditioner datasets.every tools.generate
  datasets.input_output tools.command tools.memory tools.streams docs.tables'
read -r -d '' -a tests <<< "$tests" || true
targets=(ritz_command ritz ritz-bench-generate "${tests[@]/#/test_}")
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DRITZ_NATIVE=ON -DRITZ_WERROR=ON \
  > "$work/cmake.log"
cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]//./_}" > "$work/build.log" ||
  { tail -n 40 "$work/build.log" >&2; exit 1; }
tests/check_layers.sh
tests/check_headers.sh
tests/check_symbols.sh "$build"
pattern=$(IFS='|' && printf '%s' "${tests[*]}")
ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)" -R "^(${pattern//./\\.})\$"

cd "$work"
ritz=$build/bin/ritz
# listed WHAT NAME: the command knows of it.
listed() {
  "$ritz" list "$1" | grep "^ *$2 " || { echo "ritz list $1: no $2" >&2 && exit 1; }
}
listed operators quadratic
listed losses mae
listed schedules linear
listed solvers steepest_descent
listed preconditioners row_sums
listed generators sines
listed readers input_output
"$ritz" generate sines --resolution 33 --samples 200 --out sines.h5
"$ritz" bench generate/sines-128 --seconds 0.1
[[ $("$ritz" count sines.h5) == 200 ]]
cat > quadratic.yaml << END
operator: {name: quadratic, dim: 1, width: 8}
data: {train: sines.h5, test: sines.h5}
loss: {name: mae}
schedule: {name: linear}
train: {epochs: 5, batch_size: 20}
END
"$ritz" train quadratic.yaml --out run
"$ritz" eval run/model.h5 sines.h5
"$ritz" info run/model.h5 --check | grep golden
"$tree/bench/operators.py" --quick --only quadratic --grids 16 --ritz "$ritz" --out operators
cc -std=c11 -I"$tree/include" "$root/tests/extend/solve.c" -L"$build" -lritz "-Wl,-rpath,$build" -o solve
./solve
