/* SPDX-License-Identifier: BSD-3-Clause
 * 02_predict.c for a simulation that is spread over ranks: each one has a block of the grid with a
 * layer of ghost cells, and the trained operator takes and gives the blocks where they are.
 *
 *     -div(a grad p) = 1  on the unit square,  p = 0 on its boundary
 *
 *     $ mpirun -n 4 05_decomposed out/demo/model.h5
 *     2 x 2 blocks
 *     step 0: largest pressure 0.0122
 *     ... */
#include <ritz/mpi.h>
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 64, MOST = N + 2 }; /* nodes of an axis, boundary included */

/* Of this rank: a block of the grid. */
static ritz_index first[2], count[2];
static double permeability[MOST][MOST], pressure[MOST][MOST];

/* A failure that one rank alone has would leave the others waiting. */
static void check(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
}

static void move_inclusion(double centre) {
  for (ritz_index i = 0; i < count[0]; i++)
    for (ritz_index j = 0; j < count[1]; j++) {
      const double x = (double)(first[0] + i) / (N - 1) - centre;
      const double y = (double)(first[1] + j) / (N - 1) - 0.5;
      permeability[i + 1][j + 1] = x * x + y * y < 0.04 ? 12 : 3;
    }
}

static double largest_pressure(void) {
  double largest = -1e300;
  for (ritz_index i = 1; i <= count[0]; i++)
    for (ritz_index j = 1; j <= count[1]; j++)
      if (pressure[i][j] > largest) largest = pressure[i][j];
  MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return largest;
}

int main(int argc, char **argv) {
  const ritz_index grid[2] = {N, N}, stride[4] = {MOST * MOST, MOST, 1, 1};
  int provided, ranks, rank, blocks[2] = {0, 0};
  ritz_context *context;
  ritz_layout *layout;
  ritz_model *model;
  ritz_predictor *darcy;

  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Dims_create(ranks, 2, blocks);
  if (rank == 0) printf("%d x %d blocks\n", blocks[0], blocks[1]);

  check(ritz_context_create_mpi(MPI_COMM_WORLD, NULL, &context));
  check(ritz_layout_create(context, 2, grid, blocks, NULL, &layout)); /* or with own offsets */
  for (int a = 0; a < 2; a++) ritz_layout_part(layout, a, &first[a], &count[a]);
  check(ritz_model_load(context, argc > 1 ? argv[1] : "out/demo/model.h5", &model));
  check(ritz_predictor_create_split(model, layout, 1, 1, &darcy));

  for (int step = 0; step <= 4; step++) {
    move_inclusion(0.3 + 0.1 * step);
    check(ritz_predictor_run_strided_f64(darcy, &permeability[1][1], stride, &pressure[1][1],
                                         stride)); /* every rank calls; no ghost is read */
    const double largest = largest_pressure();
    if (rank == 0) printf("step %d: largest pressure %.4f\n", step, largest);
  }

  ritz_predictor_destroy(&darcy);
  ritz_model_destroy(&model);
  ritz_layout_destroy(&layout);
  ritz_context_destroy(&context);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
