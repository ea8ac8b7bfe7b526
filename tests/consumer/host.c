/* SPDX-License-Identifier: BSD-3-Clause
 * A host program in C: loads the operator given on the command line, plans it once for a grid that
 * is not the one of its training, and calls it in time steps, on contiguous fields and on fields
 * with ghost cells in Fortran's order; both must give the same. */
#include <math.h>
#include <ritz/ritz.h>
#include <stdio.h>

enum { N = 24, M = 20, STEPS = 3 };

static double coefficient[N][M], pressure[N][M];
static double a[M + 2][N + 2], p[M + 2][N + 2]; /* x fastest */

static void set_coefficient(int step) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      a[j + 1][i + 1] = coefficient[i][j] = (i + step) / 8 % 2 == j / 8 % 2 ? 12 : 3;
}

/* @return  0 if the two results agree and are a field, with sum for a look. */
static int compare(double *sum) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      if (!isfinite(pressure[i][j]) || pressure[i][j] != p[j + 1][i + 1]) return 1;
      *sum += pressure[i][j];
    }
  return *sum == 0;
}

static ritz_status simulate(const char *path, int *wrong, double *sum) {
  const ritz_index grid[2] = {N, M}, stride[4] = {0, 1, N + 2, 1};
  ritz_context *context = NULL;
  ritz_model *model = NULL;
  ritz_predictor *op = NULL;
  double error;
  ritz_status status = ritz_context_create(NULL, &context);
  if (status == RITZ_OK) status = ritz_model_load(context, path, &model);
  if (status == RITZ_OK) status = ritz_model_check(model, &error);
  if (status == RITZ_OK) status = ritz_predictor_create(model, 2, grid, 1, &op);
  for (int step = 0; status == RITZ_OK && step < STEPS; step++) {
    set_coefficient(step);
    status = ritz_predictor_run_f64(op, &coefficient[0][0], &pressure[0][0]);
    if (status == RITZ_OK)
      status = ritz_predictor_run_strided_f64(op, &a[1][1], stride, &p[1][1], stride);
    *wrong += compare(sum);
  }
  ritz_predictor_destroy(&op);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return status;
}

int main(int argc, char **argv) {
  int wrong = 0;
  double sum = 0;
  if (argc != 2) return 2;
  if (simulate(argv[1], &wrong, &sum) != RITZ_OK) {
    fprintf(stderr, "%s\n", ritz_error_message());
    return 1;
  }
  if (simulate("no-such-model.h5", &wrong, &sum) != RITZ_ERR_IO || ritz_error_message()[0] == '\0')
    wrong++;
  printf("host in C: %s, sum %.6E\n", wrong ? "wrong answer" : "ok", sum);
  return wrong != 0;
}
