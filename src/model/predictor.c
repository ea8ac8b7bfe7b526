/* SPDX-License-Identifier: BSD-3-Clause
 * From a caller's field to the graph and back: strides, number format and normalisation in one
 * pass each way. */
#include <math.h>
#include <ritz/predictor.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "model/model.h"

struct ritz_predictor {
  ritz_model *model;
  ritz_plan *plan;
  ritz_var x, y;
  ritz_shape x_shape, y_shape;
};

static ritz_status plan_graph(ritz_predictor *p) {
  ritz_graph *graph;
  RITZ_TRY(ritz_graph_create(p->model->context, p->model->info.dtype, &graph));
  p->x = ritz_input(graph, "x", p->x_shape);
  p->y = ritz_operator_build(p->model->op, graph, p->model->params, p->x);
  p->y_shape = ritz_var_shape(p->y);
  const ritz_status status = ritz_graph_plan(graph, 1, &p->y, NULL, &p->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

ritz_status ritz_predictor_create(ritz_model *model, int dim, const ritz_index *grid,
                                  ritz_index batch, ritz_predictor **out) {
  ritz_predictor *p;
  *out = NULL;
  RITZ_REQUIRE(dim == model->data.dim, RITZ_ERR_SHAPE, "the grid has %d axes, the model %d", dim,
               model->data.dim);
  RITZ_REQUIRE(batch >= 1, RITZ_ERR_ARGUMENT, "batch is %td, wanted 1 or more", batch);
  for (int a = 0; a < dim; a++)
    RITZ_REQUIRE(grid[a] >= 1, RITZ_ERR_SHAPE, "axis %d has %td points", a, grid[a]);
  RITZ_TRY(RITZ_NEW(1, &p));
  p->model = ritz_model_retain(model);
  p->x_shape = (ritz_shape){.rank = dim + 2, .n = {batch}};
  for (int a = 0; a < dim; a++) p->x_shape.n[a + 1] = grid[a];
  p->x_shape.n[dim + 1] = model->data.channels[0];
  const ritz_status status = plan_graph(p);
  if (status != RITZ_OK) ritz_predictor_destroy(&p);
  *out = p;
  return status;
}

void ritz_predictor_destroy(ritz_predictor **predictor) {
  if (!predictor || !*predictor) return;
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

/* A caller's field: numbers of its own format, neighbours `stride` numbers apart. */
typedef struct outside {
  ritz_dtype dtype;
  void *data;
  ritz_index stride[RITZ_MAX_RANK];
} outside;

static void contiguous(const ritz_shape *shape, ritz_index *stride) {
  ritz_index step = 1;
  for (int a = shape->rank - 1; a >= 0; a--) {
    stride[a] = step;
    step *= shape->n[a];
  }
}

static double get(ritz_dtype dtype, const void *data, ritz_index i) {
  return dtype == RITZ_FLOAT64 ? ((const double *)data)[i] : ((const float *)data)[i];
}

static void put(ritz_dtype dtype, void *data, ritz_index i, double value) {
  if (dtype == RITZ_FLOAT64)
    ((double *)data)[i] = value;
  else
    ((float *)data)[i] = (float)value;
}

/* Offset of row `row` (all axes but the channels) in the caller's field. */
static ritz_index row_offset(const ritz_shape *shape, const ritz_index *stride, ritz_index row) {
  ritz_index offset = 0;
  for (int a = shape->rank - 2; a >= 0; a--) {
    offset += row % shape->n[a] * stride[a];
    row /= shape->n[a];
  }
  return offset;
}

static ritz_index rows_of(const ritz_shape *shape) {
  return ritz_shape_count(shape) / shape->n[shape->rank - 1];
}

static ritz_status load(ritz_predictor *p, const outside *from) {
  const ritz_shape *shape = &p->x_shape;
  const ritz_index c = shape->n[shape->rank - 1];
  const ritz_model_data *data = &p->model->data;
  const ritz_dtype dtype = p->model->info.dtype;
  void *x = ritz_plan_value(p->plan, p->x);
  for (ritz_index row = 0; row < rows_of(shape); row++) {
    const ritz_index offset = row_offset(shape, from->stride, row);
    for (ritz_index i = 0; i < c; i++) {
      const double value = get(from->dtype, from->data, offset + i * from->stride[shape->rank - 1]);
      RITZ_REQUIRE(isfinite(value), RITZ_ERR_NUMERIC,
                   "input channel %s is not finite at field %td, point %td", data->channel[0][i],
                   row / (rows_of(shape) / shape->n[0]), row % (rows_of(shape) / shape->n[0]));
      put(dtype, x, row * c + i, (value - data->mean[0][i]) / data->deviation[0][i]);
    }
  }
  return RITZ_OK;
}

static ritz_status check_output(const ritz_predictor *p) {
  const void *y = ritz_plan_value(p->plan, p->y);
  const ritz_index count = ritz_shape_count(&p->y_shape);
  for (ritz_index i = 0; i < count; i++)
    RITZ_REQUIRE(isfinite(get(p->model->info.dtype, y, i)), RITZ_ERR_NUMERIC,
                 "the model's output is not finite");
  return RITZ_OK;
}

static void store(const ritz_predictor *p, const outside *to) {
  const ritz_shape *shape = &p->y_shape;
  const ritz_index c = shape->n[shape->rank - 1];
  const ritz_model_data *data = &p->model->data;
  const void *y = ritz_plan_value(p->plan, p->y);
  for (ritz_index row = 0; row < rows_of(shape); row++) {
    const ritz_index offset = row_offset(shape, to->stride, row);
    for (ritz_index i = 0; i < c; i++) {
      const double value = get(p->model->info.dtype, y, row * c + i);
      put(to->dtype, to->data, offset + i * to->stride[shape->rank - 1],
          data->mean[1][i] + data->deviation[1][i] * value);
    }
  }
}

static ritz_status run(ritz_predictor *p, ritz_dtype dtype, const void *x,
                       const ritz_index *x_stride, void *y, const ritz_index *y_stride) {
  outside from = {.dtype = dtype, .data = (void *)x}, to = {.dtype = dtype, .data = y};
  if (x_stride)
    memcpy(from.stride, x_stride, (size_t)p->x_shape.rank * sizeof *x_stride);
  else
    contiguous(&p->x_shape, from.stride);
  if (y_stride)
    memcpy(to.stride, y_stride, (size_t)p->y_shape.rank * sizeof *y_stride);
  else
    contiguous(&p->y_shape, to.stride);
  RITZ_TRY(load(p, &from));
  ritz_plan_forward(p->plan);
  RITZ_TRY(check_output(p));
  store(p, &to);
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
