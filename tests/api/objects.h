/* SPDX-License-Identifier: BSD-3-Clause
 * One object of every kind, on a grid of 9 x 12 points. */
#ifndef RITZ_TESTS_OBJECTS_H
#define RITZ_TESTS_OBJECTS_H

#include <ritz/ritz.h>

#include "files.h"
#include "io/map_writer.h"
#include "small_model.h"

enum { n0 = 9, n1 = 12, nodes = n0 * n1 };

static const ritz_index grid[2] = {n0, n1}, whole[2] = {1, 1}, none[2] = {0, 0}, part[2] = {5, 7};
static const ritz_sparse_grid sparse_grid = {.dim = 2, .nodes = {n0, n1}, .length = {1, 1}};
static const ritz_elements elements = {.grid = {.dim = 2, .nodes = {n0, n1}, .length = {1, 1}},
                                       .c = (const double[nodes]){0}};

static ritz_context *context;
static ritz_model *model, *line_model;
static ritz_dataset *dataset;
static ritz_generator *generator;
static ritz_layout *layout;
static ritz_split_diffusion *diffusion;
static ritz_operator *op;
static ritz_plan *plan;
static ritz_predictor *predictor;
static ritz_sparse *matrix;
static ritz_krylov *solver;
static ritz_recycle *space;
static ritz_preconditioner *preconditioner;
static ritz_learned_preconditioner *learned;
static ritz_solve_report report[2];
static double x[2 * nodes * (small_in + small_out)], y[2 * nodes * small_out], vector[nodes],
    answer[nodes];
static float fx[2 * nodes * small_in], fy[2 * nodes * small_out];
static const double step[2] = {0.1, 0.1};
static double ones[nodes];
static double long_vector[2 * nodes], long_answer[2 * nodes];
static const ritz_index x_stride[4] = {nodes * small_in, n1 *small_in, small_in, 1},
                        y_stride[4] = {nodes * small_out, n1 *small_out, small_out, 1};

/* Channels of x and y side by side as x: read through a buffer. */
static const char stacked[] =
    "{x: [{dataset: x, axes: [sample, x, y, channel]}, {dataset: y, axes: [sample, x, y, "
    "channel]}], y: y}";

static void write_data(void) {
  const ritz_map_spec spec = {.samples = 2,
                              .dim = 2,
                              .grid = {n0, n1, 1},
                              .length = {1.5, 2.5},
                              .periodic = {false, true},
                              .x = {.channels = small_in},
                              .y = {.channels = small_out},
                              .stored = RITZ_FLOAT64};
  ritz_map_writer *writer;
  fill_uniform(1, 2 * nodes * small_in, x);
  fill_uniform(2, 2 * nodes * small_out, y);
  assert_ok(ritz_map_writer_open(in_folder("data.h5"), &spec, &writer));
  assert_ok(ritz_map_writer_write(writer, 0, 2, RITZ_FLOAT64, x, y, NULL));
  assert_ok(ritz_map_writer_finish(&writer));
  assert_ok(ritz_dataset_open(context, in_folder("data.h5"), stacked, &dataset));
}

/* Residuals and a coefficient in, errors out. */
static void make_line_model(void) {
  ritz_operator *own;
  ritz_params *params;
  ritz_model_data data;
  assert_ok(ritz_operator_create(
      context, "fno", "{n_modes: [4, 4], in_channels: 2, hidden_channels: 4, n_layers: 1}", &own));
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  assert_ok(ritz_model_data_init(&data, 2, grid, 2, 1));
  assert_ok(ritz_model_create(context, own, params, &data, &line_model));
  ritz_params_destroy(&params);
}

static void make_solvers(void) {
  fill_uniform(3, nodes, vector);
  fill_uniform(4, 2 * nodes, long_vector);
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &elements, NULL, &matrix));
  for (ritz_index i = 0; i < nodes; i++) { /* its kernel are the constants; no longer */
    const ritz_sparse_parts a = ritz_sparse_describe(matrix);
    for (ritz_index e = a.start[i]; e < a.start[i + 1]; e++)
      if (a.column[e] == i) ((double *)a.values)[e] += 1;
  }
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, nodes, NULL, &solver));
  ritz_krylov_set_operator(solver, ritz_sparse_apply, matrix);
  assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, nodes, 10, &space));
  assert_ok(ritz_preconditioner_create("ilu", NULL, matrix, &preconditioner));
  make_line_model();
  const ritz_learned_options options = {.fields = 1, .field = vector};
  assert_ok(
      ritz_learned_preconditioner_create(line_model, &sparse_grid, matrix, &options, &learned));
  assert_ok(ritz_sparse_write(matrix, in_folder("matrix.mtx")));
}

static void make_plan(void) {
  ritz_graph *graph;
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &graph));
  ritz_var end = ritz_tanh(graph, ritz_input(graph, "x", RITZ_SHAPE(1, 8, 2)));
  assert_ok(ritz_graph_plan(graph, 1, &end, NULL, &plan));
}

static int make_objects(void **state) {
  if (folder_create(state) != 0) return -1;
  assert_ok(ritz_context_create(NULL, &context));
  model = small_model_create(context, RITZ_FLOAT64, 2, "");
  assert_ok(ritz_model_save(model, in_folder("model.h5")));
  write_data();
  assert_ok(ritz_operator_create(context, "fno", "{n_modes: [4, 4]}", &op));
  assert_ok(ritz_generator_create(context, "burgers", "{resolution: 16}", &generator));
  assert_ok(ritz_layout_create(context, 2, grid, (const int[]){1, 1}, NULL, &layout));
  for (int i = 0; i < nodes; i++) ones[i] = 1;
  assert_ok(ritz_split_diffusion_create(layout, step, NULL, &diffusion));
  assert_ok(ritz_split_diffusion_set(diffusion, ones, RITZ_FACE_ARITHMETIC));
  assert_ok(ritz_predictor_create(model, 2, grid, 1, &predictor));
  assert_ok(ritz_predictor_plan_vjp(predictor));
  make_plan();
  make_solvers();
  return 0;
}

static int destroy_objects(void **state) {
  ritz_learned_preconditioner_destroy(&learned);
  ritz_model_destroy(&line_model);
  ritz_preconditioner_destroy(&preconditioner);
  ritz_recycle_destroy(&space);
  ritz_krylov_destroy(&solver);
  ritz_sparse_destroy(&matrix);
  ritz_plan_destroy(&plan);
  ritz_predictor_destroy(&predictor);
  ritz_split_diffusion_destroy(&diffusion);
  ritz_layout_destroy(&layout);
  ritz_generator_destroy(&generator);
  ritz_operator_destroy(&op);
  ritz_dataset_close(&dataset);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return folder_remove(state);
}

#endif
