/* SPDX-License-Identifier: BSD-3-Clause
 * From a caller's field through the graph and back. */
#include <ritz/predictor.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "graph/op.h"
#include "model/field.h"
#include "model/model.h"

struct ritz_predictor {
  ritz_model *model;
  ritz_plan *plan;
  ritz_var x, y;
  ritz_shape x_shape, y_shape; /* of this rank's part where the grid is split */
  ritz_layout *layout;         /* how; or NULL */
};

/* Of all fields together: their numbers and bytes can be counted without overflow. */
static const ritz_index most_points = (ritz_index)1 << 40;

/* A caller's parts of x and y shall be the same ones. */
static ritz_status check_output(const ritz_predictor *p) {
  if (!p->layout || !p->y) return RITZ_OK;
  RITZ_REQUIRE(p->y->layout && ritz_layout_same(p->layout, p->y->layout), RITZ_ERR_UNSUPPORTED,
               "the model's output lies on another grid than its input: it cannot be split alike");
  return RITZ_OK;
}

static ritz_status plan_graph(ritz_predictor *p) {
  ritz_graph *graph;
  ritz_context *context = p->layout ? p->layout->context : p->model->context;
  RITZ_TRY(ritz_graph_create(context, p->model->info.dtype, &graph));
  p->x = p->layout ? ritz_input_split(graph, "x", p->x_shape, p->layout)
                   : ritz_input(graph, "x", p->x_shape);
  p->y = ritz_operator_build(p->model->op, graph, p->model->params, p->x);
  p->x_shape = ritz_var_part(p->x);
  p->y_shape = ritz_var_part(p->y);
  ritz_status status = check_output(p);
  if (status == RITZ_OK) status = ritz_graph_plan(graph, 1, &p->y, NULL, &p->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

static ritz_status create(ritz_model *model, int dim, const ritz_index *grid, ritz_layout *layout,
                          ritz_index batch, ritz_predictor **out) {
  ritz_predictor *p;
  *out = NULL;
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
  RITZ_TRY(RITZ_NEW(1, &p));
  p->model = ritz_model_retain(model);
  if (layout) p->layout = ritz_layout_retain(layout);
  p->x_shape = (ritz_shape){.rank = dim + 2, .n = {batch}};
  for (int a = 0; a < dim; a++) p->x_shape.n[a + 1] = grid[a];
  p->x_shape.n[dim + 1] = model->data.channels[0];
  const ritz_status status = plan_graph(p);
  if (status != RITZ_OK) ritz_predictor_destroy(&p);
  *out = p;
  return status;
}

ritz_status ritz_predictor_create(ritz_model *model, int dim, const ritz_index *grid,
                                  ritz_index batch, ritz_predictor **out) {
  return create(model, dim, grid, NULL, batch, out);
}

ritz_status ritz_predictor_create_split(ritz_model *model, ritz_layout *layout, ritz_index batch,
                                        ritz_predictor **out) {
  return create(model, layout->dim, layout->grid, layout, batch, out);
}

void ritz_predictor_destroy(ritz_predictor **predictor) {
  if (!predictor || !*predictor) return;
  ritz_layout_destroy(&(*predictor)->layout);
  ritz_plan_destroy(&(*predictor)->plan);
  ritz_model_destroy(&(*predictor)->model);
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
    ritz_index first = 0, count;
    if (p->layout) ritz_layout_part(p->layout, a - 1, &first, &count);
    point.n[a - 1] = first + at % shape->n[a];
    at /= shape->n[a];
  }
  return RITZ_FAIL(RITZ_ERR_NUMERIC, "%s channel %s is not finite at field %td, point %s", what,
                   p->model->data.channel[side][channel], at, ritz_shape_text(&point, text));
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

static ritz_status agree(const ritz_predictor *p, ritz_status status) {
  return p->layout ? ritz_status_agree(p->layout->context, status) : status;
}

static ritz_status run(ritz_predictor *p, ritz_dtype dtype, const void *x,
                       const ritz_index *x_stride, void *y, const ritz_index *y_stride) {
  const ritz_model_data *data = &p->model->data;
  const ritz_dtype inside = p->model->info.dtype;
  const ritz_field from = field_of(dtype, x, &p->x_shape, x_stride);
  const ritz_field to = field_of(dtype, y, &p->y_shape, y_stride);
  ritz_status status = RITZ_OK;
  ritz_index bad = ritz_field_load(&from, data->mean[0], data->deviation[0], inside,
                                   ritz_plan_value(p->plan, p->x));
  if (bad >= 0) status = fail_not_finite(p, 0, "input", &p->x_shape, bad);
  RITZ_TRY(agree(p, status));
  ritz_plan_forward(p->plan);
  status = ritz_plan_status(p->plan);
  bad = -1;
  if (status == RITZ_OK)
    bad = ritz_field_store(&to, data->mean[1], data->deviation[1], inside,
                           ritz_plan_value(p->plan, p->y));
  if (bad >= 0) status = fail_not_finite(p, 1, "output", &p->y_shape, bad);
  return agree(p, status);
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
