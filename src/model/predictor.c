/* SPDX-License-Identifier: BSD-3-Clause
 * From a caller's field through the graph and back. */
#include <ritz/predictor.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "model/field.h"
#include "model/rollout.h"

struct ritz_predictor {
  ritz_model *model;
  ritz_plan *plan;
  ritz_var x, y;
  ritz_shape x_shape, y_shape;
  ritz_index steps;
  double *mean, *deviation; /* [channels of y], those of the model for every step */
};

/* Of all fields together: their numbers and bytes can be counted without overflow. */
static const ritz_index most_points = (ritz_index)1 << 40;

static ritz_status plan_graph(ritz_predictor *p) {
  ritz_graph *graph;
  RITZ_TRY(ritz_graph_create(p->model->context, p->model->info.dtype, &graph));
  p->x = ritz_input(graph, "x", p->x_shape);
  const ritz_rollout rollout = {.steps = p->steps};
  p->y = ritz_rollout_build(p->model->op, graph, p->model->params, p->x, &rollout);
  p->y_shape = ritz_var_shape(p->y);
  const ritz_status status = ritz_graph_plan(graph, 1, &p->y, NULL, &p->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

static ritz_status fill_normaliser(ritz_predictor *p) {
  const ritz_model_data *data = &p->model->data;
  const ritz_index own = data->channels[1], all = p->steps * own;
  RITZ_TRY(RITZ_NEW(all, &p->mean));
  RITZ_TRY(RITZ_NEW(all, &p->deviation));
  for (ritz_index c = 0; c < all; c++) {
    p->mean[c] = data->mean[1][c % own];
    p->deviation[c] = data->deviation[1][c % own];
  }
  return RITZ_OK;
}

static ritz_status check_shape(const ritz_model *model, int dim, const ritz_index *grid,
                               ritz_index batch) {
  RITZ_REQUIRE(dim == model->data.dim, RITZ_ERR_SHAPE, "the grid has %d axes, the model %d", dim,
               model->data.dim);
  RITZ_REQUIRE(batch >= 1 && batch <= most_points, RITZ_ERR_ARGUMENT,
               "batch is %td, wanted 1 or more", batch);
  ritz_index points = batch;
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(grid[a] >= 1, RITZ_ERR_SHAPE, "axis %d has %td points", a, grid[a]);
    RITZ_REQUIRE(grid[a] <= most_points / points, RITZ_ERR_SHAPE,
                 "the grid is too large at axis %d, %td points", a, grid[a]);
    points *= grid[a];
  }
  return RITZ_OK;
}

ritz_status ritz_predictor_create(ritz_model *model, int dim, const ritz_index *grid,
                                  ritz_index batch, ritz_predictor **out) {
  return ritz_predictor_create_rollout(model, dim, grid, batch, 1, out);
}

ritz_status ritz_predictor_create_rollout(ritz_model *model, int dim, const ritz_index *grid,
                                          ritz_index batch, ritz_index steps,
                                          ritz_predictor **out) {
  ritz_predictor *p;
  ritz_index same;
  *out = NULL;
  RITZ_TRY(check_shape(model, dim, grid, batch));
  RITZ_REQUIRE(steps >= 1 && steps <= 1 << 20, RITZ_ERR_ARGUMENT,
               "a roll-out has %td steps, wanted 1 to 2^20", steps);
  RITZ_TRY(ritz_rollout_steps(model, (int)steps * model->data.channels[1], &same));
  RITZ_TRY(RITZ_NEW(1, &p));
  p->model = ritz_model_retain(model);
  p->steps = steps;
  p->x_shape = (ritz_shape){.rank = dim + 2, .n = {batch}};
  for (int a = 0; a < dim; a++) p->x_shape.n[a + 1] = grid[a];
  p->x_shape.n[dim + 1] = model->data.channels[0];
  ritz_status status = fill_normaliser(p);
  if (status == RITZ_OK) status = plan_graph(p);
  if (status != RITZ_OK) ritz_predictor_destroy(&p);
  *out = p;
  return status;
}

void ritz_predictor_destroy(ritz_predictor **predictor) {
  if (!predictor || !*predictor) return;
  ritz_plan_destroy(&(*predictor)->plan);
  ritz_model_destroy(&(*predictor)->model);
  ritz_free((*predictor)->mean);
  ritz_free((*predictor)->deviation);
  ritz_free(*predictor);
  *predictor = NULL;
}

size_t ritz_predictor_memory(const ritz_predictor *predictor) {
  return ritz_plan_memory(predictor->plan);
}

ritz_status ritz_predictor_describe(const ritz_predictor *predictor, char **out) {
  return ritz_plan_describe(predictor->plan, out);
}

/* "channel nu is not finite at field 0, point [3, 5]" */
static ritz_status fail_not_finite(const ritz_predictor *p, int side, const char *what,
                                   const ritz_shape *shape, ritz_index at) {
  const ritz_index channels = shape->n[shape->rank - 1], channel = at % channels;
  ritz_shape point = {.rank = shape->rank - 2};
  char text[128];
  at /= channels;
  for (int a = point.rank; a >= 1; a--) {
    point.n[a - 1] = at % shape->n[a];
    at /= shape->n[a];
  }
  return RITZ_FAIL(RITZ_ERR_NUMERIC, "%s channel %s is not finite at field %td, point %s", what,
                   p->model->data.channel[side][channel % p->model->data.channels[side]], at,
                   ritz_shape_text(&point, text));
}

static ritz_field field_of(ritz_dtype dtype, const void *data, const ritz_shape *shape,
                           const ritz_index *stride) {
  ritz_field field = {.dtype = dtype, .data = (void *)data, .shape = *shape};
  if (stride)
    memcpy(field.stride, stride, (size_t)shape->rank * sizeof *stride);
  else
    ritz_field_contiguous(&field);
  return field;
}

static ritz_status run(ritz_predictor *p, ritz_dtype dtype, const void *x,
                       const ritz_index *x_stride, void *y, const ritz_index *y_stride) {
  const ritz_model_data *data = &p->model->data;
  const ritz_dtype inside = p->model->info.dtype;
  const ritz_field from = field_of(dtype, x, &p->x_shape, x_stride);
  const ritz_field to = field_of(dtype, y, &p->y_shape, y_stride);
  ritz_index bad = ritz_field_load(&from, data->mean[0], data->deviation[0], inside,
                                   ritz_plan_value(p->plan, p->x));
  if (bad >= 0) return fail_not_finite(p, 0, "input", &p->x_shape, bad);
  ritz_plan_forward(p->plan);
  bad = ritz_field_store(&to, p->mean, p->deviation, inside, ritz_plan_value(p->plan, p->y));
  if (bad >= 0) return fail_not_finite(p, 1, "output", &p->y_shape, bad);
  return RITZ_OK;
}

ritz_status ritz_predictor_run_f32(ritz_predictor *predictor, const float *x, float *y) {
  return run(predictor, RITZ_FLOAT32, x, NULL, y, NULL);
}

ritz_status ritz_predictor_run_f64(ritz_predictor *predictor, const double *x, double *y) {
  return run(predictor, RITZ_FLOAT64, x, NULL, y, NULL);
}

ritz_status ritz_predictor_run_strided_f32(ritz_predictor *predictor, const float *x,
                                           const ritz_index *x_stride, float *y,
                                           const ritz_index *y_stride) {
  return run(predictor, RITZ_FLOAT32, x, x_stride, y, y_stride);
}

ritz_status ritz_predictor_run_strided_f64(ritz_predictor *predictor, const double *x,
                                           const ritz_index *x_stride, double *y,
                                           const ritz_index *y_stride) {
  return run(predictor, RITZ_FLOAT64, x, x_stride, y, y_stride);
}
