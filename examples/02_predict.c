/* SPDX-License-Identifier: BSD-3-Clause
 * A simulation that asks a trained operator for the pressure in every time step,
 *
 *     -div(a grad p) = 1  on the unit square,  p = 0 on its boundary,
 *
 * while an inclusion of permeability 12 moves through a medium of permeability 3. The host's fields
 * have a layer of ghost cells; the predictor reads and writes them where they are.
 *
 *     $ 02_predict out/demo/model.h5 */
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 64, ROW = N + 2 }; /* nodes, boundary included; with a ghost layer on both sides */

static double permeability[ROW][ROW], pressure[ROW][ROW];

static void check(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(EXIT_FAILURE);
}

static void move_inclusion(double centre) {
  for (int i = 1; i <= N; i++)
    for (int j = 1; j <= N; j++) {
      const double x = (i - 1) / (N - 1.0) - centre, y = (j - 1) / (N - 1.0) - 0.5;
      permeability[i][j] = x * x + y * y < 0.04 ? 12 : 3;
    }
}

static double largest_pressure(void) {
  double largest = pressure[1][1];
  for (int i = 1; i <= N; i++)
    for (int j = 1; j <= N; j++)
      if (pressure[i][j] > largest) largest = pressure[i][j];
  return largest;
}

int main(int argc, char **argv) {
  const ritz_index grid[2] = {N, N}, stride[4] = {ROW * ROW, ROW, 1, 1}; /* batch, x, y, channel */
  ritz_context *context;
  ritz_model *model;
  ritz_predictor *darcy;

  check(ritz_context_create(NULL, &context)); /* one thread, silent */
  check(ritz_model_load(context, argc > 1 ? argv[1] : "out/demo/model.h5", &model));
  check(ritz_predictor_create(model, 2, grid, 1, &darcy)); /* plans, may allocate */

  for (int step = 0; step <= 4; step++) {
    move_inclusion(0.3 + 0.1 * step);
    check(ritz_predictor_run_strided_f64(darcy, &permeability[1][1], stride, &pressure[1][1],
                                         stride)); /* allocates nothing */
    printf("step %d: largest pressure %.4f\n", step, largest_pressure());
  }

  ritz_predictor_destroy(&darcy);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return EXIT_SUCCESS;
}
