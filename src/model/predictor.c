/* SPDX-License-Identifier: BSD-3-Clause
 * From a caller's field through the graph and back. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "graph/op.h"
#include "model/field.h"
#include "model/model.h"
#include "model/rollout.h"

struct ritz_predictor {
  ritz_model *model;
  ritz_plan *plan;
  ritz_var x, y;
  ritz_shape x_whole;
  ritz_shape x_shape, y_shape; /* of this rank's part where the grid is split */
  ritz_layout *layout;         /* how; or NULL */
  ritz_index steps;
  double *mean, *deviation; /* [channels of y], those of the model for every step */
  /* Backward, once it is planned: the scale of what comes in and goes out, and zeros. */
  double *scale_in, *scale_out, *zeros;
  bool has_run, spent; /* values inside are those of the last run; a backward one uses them up */
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

static ritz_status plan_graph(ritz_predictor *p, const ritz_plan_options *options) {
  ritz_graph *graph;
  ritz_context *context = p->layout ? p->layout->context : p->model->context;
  RITZ_TRY(ritz_graph_create(context, p->model->info.dtype, &graph));
  p->x = p->layout ? ritz_input_split(graph, "x", p->x_whole, p->layout)
                   : ritz_input(graph, "x", p->x_whole);
  const ritz_rollout rollout = {.steps = p->steps};
  p->y = ritz_rollout_build(p->model->op, graph, p->model->params, p->x, &rollout);
  p->x_shape = ritz_var_part(p->x);
  p->y_shape = ritz_var_part(p->y);
  ritz_status status = check_output(p);
  if (status == RITZ_OK) status = ritz_graph_plan(graph, 1, &p->y, options, &p->plan);
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

ritz_status ritz_model_check_grid(const ritz_model *model, int dim, const ritz_index *grid,
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

static ritz_status create(ritz_model *model, int dim, const ritz_index *grid, ritz_layout *layout,
                          ritz_index batch, ritz_index steps, ritz_predictor **out) {
  ritz_predictor *p;
  ritz_index same;
  *out = NULL;
  RITZ_TRY(ritz_model_check_grid(model, dim, grid, batch));
  RITZ_REQUIRE(steps >= 1 && steps <= 1 << 20, RITZ_ERR_ARGUMENT,
               "a roll-out has %td steps, wanted 1 to 2^20", steps);
  RITZ_TRY(ritz_rollout_steps(model, (int)steps * model->data.channels[1], &same));
  RITZ_TRY(RITZ_NEW(1, &p));
  p->model = ritz_model_retain(model);
  if (layout) p->layout = ritz_layout_retain(layout);
  p->steps = steps;
  p->x_whole = (ritz_shape){.rank = dim + 2, .n = {batch}};
  for (int a = 0; a < dim; a++) p->x_whole.n[a + 1] = grid[a];
  p->x_whole.n[dim + 1] = model->data.channels[0];
  ritz_status status = fill_normaliser(p);
  if (status == RITZ_OK) status = plan_graph(p, NULL);
  if (status != RITZ_OK) ritz_predictor_destroy(&p);
  *out = p;
  return status;
}

ritz_status ritz_predictor_create(ritz_model *model, int dim, const ritz_index *grid,
                                  ritz_index batch, ritz_predictor **out) {
  return create(model, dim, grid, NULL, batch, 1, out);
}

ritz_status ritz_predictor_create_rollout(ritz_model *model, int dim, const ritz_index *grid,
                                          ritz_index batch, ritz_index steps,
                                          ritz_predictor **out) {
  return create(model, dim, grid, NULL, batch, steps, out);
}

ritz_status ritz_predictor_create_split(ritz_model *model, ritz_layout *layout, ritz_index batch,
                                        ritz_index steps, ritz_predictor **out) {
  return create(model, layout->dim, layout->grid, layout, batch, steps, out);
}

void ritz_predictor_destroy(ritz_predictor **predictor) {
  if (!predictor || !*predictor) return;
  ritz_layout_destroy(&(*predictor)->layout);
  ritz_plan_destroy(&(*predictor)->plan);
  ritz_model_destroy(&(*predictor)->model);
  ritz_free((*predictor)->mean);
  ritz_free((*predictor)->deviation);
  ritz_free((*predictor)->scale_in);
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
  p->has_run = true;
  p->spent = false;
  status = ritz_plan_status(p->plan);
  bad = -1;
  if (status == RITZ_OK)
    bad = ritz_field_store(&to, p->mean, p->deviation, inside, ritz_plan_value(p->plan, p->y));
  if (bad >= 0) status = fail_not_finite(p, 1, "output", &p->y_shape, bad);
  return agree(p, status);
}

ritz_status ritz_predictor_run_as(ritz_predictor *predictor, ritz_dtype dtype, const void *x,
                                  void *y) {
  return run(predictor, dtype, x, NULL, y, NULL);
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

/* One block: 1 / deviation of y and of x, and zeros for either. */
static ritz_status fill_scales(ritz_predictor *p) {
  const ritz_index out = p->steps * p->model->data.channels[1], in = p->model->data.channels[0];
  RITZ_TRY(RITZ_NEW(out + in + (in > out ? in : out), &p->scale_in));
  p->scale_out = p->scale_in + out;
  p->zeros = p->scale_out + in;
  for (ritz_index c = 0; c < out; c++) p->scale_in[c] = 1 / p->deviation[c];
  for (ritz_index c = 0; c < in; c++) p->scale_out[c] = 1 / p->model->data.deviation[0][c];
  return RITZ_OK;
}

ritz_status ritz_predictor_plan_vjp(ritz_predictor *p) {
  const ritz_plan_options options = {
      .gradients = true, .input_gradients = true, .only_inputs = true};
  if (p->scale_in) return RITZ_OK;
  ritz_predictor next = *p;
  next.plan = NULL;
  next.has_run = false;
  ritz_status status = plan_graph(&next, &options);
  if (status == RITZ_OK) status = fill_scales(&next);
  if (status != RITZ_OK) {
    ritz_plan_destroy(&next.plan);
    return status;
  }
  ritz_plan_destroy(&p->plan);
  *p = next;
  return RITZ_OK;
}

static ritz_status vjp(ritz_predictor *p, ritz_dtype dtype, const void *v,
                       const ritz_index *v_stride, void *g, const ritz_index *g_stride) {
  const ritz_dtype inside = p->model->info.dtype;
  const ritz_field from = field_of(dtype, v, &p->y_shape, v_stride);
  const ritz_field to = field_of(dtype, g, &p->x_shape, g_stride);
  RITZ_REQUIRE(p->scale_in, RITZ_ERR_ARGUMENT,
               "the predictor is not planned to run backward: ritz_predictor_plan_vjp()");
  RITZ_REQUIRE(p->has_run, RITZ_ERR_ARGUMENT,
               "the predictor has not run: there is no x to differentiate at");
  ritz_status status = RITZ_OK;
  ritz_index bad =
      ritz_field_load(&from, p->zeros, p->scale_in, inside, ritz_plan_cotangent(p->plan));
  if (bad >= 0) status = fail_not_finite(p, 1, "cotangent of", &p->y_shape, bad);
  RITZ_TRY(agree(p, status));
  if (p->spent) ritz_plan_forward(p->plan);
  p->spent = true;
  ritz_plan_backward(p->plan);
  status = ritz_plan_status(p->plan);
  bad = -1;
  if (status == RITZ_OK)
    bad = ritz_field_store(&to, p->zeros, p->scale_out, inside,
                           ritz_plan_input_gradient(p->plan, p->x));
  if (bad >= 0) status = fail_not_finite(p, 0, "gradient of", &p->x_shape, bad);
  return agree(p, status);
}

ritz_status ritz_predictor_vjp_f32(ritz_predictor *predictor, const float *v, float *g) {
  return vjp(predictor, RITZ_FLOAT32, v, NULL, g, NULL);
}

ritz_status ritz_predictor_vjp_f64(ritz_predictor *predictor, const double *v, double *g) {
  return vjp(predictor, RITZ_FLOAT64, v, NULL, g, NULL);
}

ritz_status ritz_predictor_vjp_strided_f32(ritz_predictor *predictor, const float *v,
                                           const ritz_index *v_stride, float *g,
                                           const ritz_index *g_stride) {
  return vjp(predictor, RITZ_FLOAT32, v, v_stride, g, g_stride);
}

ritz_status ritz_predictor_vjp_strided_f64(ritz_predictor *predictor, const double *v,
                                           const ritz_index *v_stride, double *g,
                                           const ritz_index *g_stride) {
  return vjp(predictor, RITZ_FLOAT64, v, v_stride, g, g_stride);
}
