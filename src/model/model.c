/* SPDX-License-Identifier: BSD-3-Clause
 * Models in memory. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/params.h"
#include "io/yaml.h"

ritz_status ritz_operator_create(ritz_context *context, const char *type, const char *options,
                                 ritz_operator **out) {
  ritz_value *tree = NULL;
  *out = NULL;
  if (options) RITZ_TRY(ritz_yaml_read_text(options, "options", &tree));
  const ritz_status status = ritz_operator_create_from(context, type, tree, out);
  ritz_value_destroy(&tree);
  return status;
}

static ritz_status init_side(ritz_model_data *data, int side, int channels) {
  data->channels[side] = channels;
  RITZ_TRY(RITZ_NEW(channels, &data->channel[side]));
  RITZ_TRY(RITZ_NEW(channels, &data->mean[side]));
  RITZ_TRY(RITZ_NEW(channels, &data->deviation[side]));
  for (int c = 0; c < channels; c++) {
    char name[16];
    snprintf(name, sizeof name, "%c%d", side ? 'y' : 'x', c);
    RITZ_TRY(ritz_strdup(name, &data->channel[side][c]));
    data->deviation[side][c] = 1;
  }
  return RITZ_OK;
}

ritz_status ritz_model_data_init(ritz_model_data *data, int dim, const ritz_index *grid,
                                 int channels_in, int channels_out) {
  *data = (ritz_model_data){.dim = dim, .periodic = {-1, -1, -1}};
  for (int a = 0; a < 3; a++) data->grid[a] = a < dim ? grid[a] : 1;
  ritz_status status = init_side(data, 0, channels_in);
  if (status == RITZ_OK) status = init_side(data, 1, channels_out);
  if (status != RITZ_OK) ritz_model_data_clear(data);
  return status;
}

void ritz_model_data_clear(ritz_model_data *data) {
  for (int side = 0; side < 2; side++) {
    for (int c = 0; data->channel[side] && c < data->channels[side]; c++)
      ritz_free(data->channel[side][c]);
    ritz_free(data->channel[side]);
    ritz_free(data->units[side]);
    ritz_free(data->mean[side]);
    ritz_free(data->deviation[side]);
  }
  *data = (ritz_model_data){0};
}

/* One graph on the training grid makes (or finds) every parameter and checks the channels. */
static ritz_status complete_params(ritz_model *model) {
  const ritz_model_data *data = &model->data;
  ritz_shape shape = {.rank = data->dim + 2, .n = {1}};
  for (int a = 0; a < data->dim; a++) shape.n[a + 1] = data->grid[a];
  shape.n[data->dim + 1] = data->channels[0];
  ritz_graph *graph;
  RITZ_TRY(ritz_graph_create(model->context, ritz_params_dtype(model->params), &graph));
  ritz_var y = ritz_operator_build(model->op, graph, model->params, ritz_input(graph, "x", shape));
  const ritz_shape out = ritz_var_shape(y);
  ritz_status status = ritz_graph_status(graph);
  if (status == RITZ_OK && out.n[out.rank - 1] != data->channels[1])
    status = RITZ_FAIL(RITZ_ERR_SHAPE, "the operator gives %td channels, the data have %d",
                       out.n[out.rank - 1], data->channels[1]);
  ritz_graph_destroy(&graph);
  return status;
}

static void fill_info(ritz_model *model) {
  const ritz_model_data *data = &model->data;
  model->info = (ritz_model_info){.operator_name = ritz_operator_name(model->op),
                                  .operator_options = model->options,
                                  .dtype = ritz_params_dtype(model->params),
                                  .parameters = ritz_params_numbers(model->params),
                                  .dim = data->dim,
                                  .channels_in = data->channels[0],
                                  .channels_out = data->channels[1],
                                  .x_channel = (const char *const *)data->channel[0],
                                  .y_channel = (const char *const *)data->channel[1],
                                  .x_units = data->units[0],
                                  .y_units = data->units[1],
                                  .x_mean = data->mean[0],
                                  .x_std = data->deviation[0],
                                  .y_mean = data->mean[1],
                                  .y_std = data->deviation[1],
                                  .provenance = model->provenance};
  memcpy(model->info.grid, data->grid, sizeof data->grid);
  memcpy(model->info.length, data->length, sizeof data->length);
  memcpy(model->info.periodic, data->periodic, sizeof data->periodic);
}

ritz_status ritz_model_create(ritz_context *context, ritz_operator *op, ritz_params *params,
                              ritz_model_data *data, ritz_model **out) {
  ritz_model *model;
  *out = NULL;
  ritz_status status = RITZ_NEW(1, &model);
  if (status != RITZ_OK) {
    ritz_operator_destroy(&op);
    ritz_model_data_clear(data);
    return status;
  }
  model->references = 1;
  model->context = ritz_context_retain(context);
  model->op = op;
  model->params = ritz_params_retain(params);
  model->data = *data;
  *data = (ritz_model_data){0};
  RITZ_TRY_DONE(ritz_operator_options(op, &model->options));
  RITZ_TRY_DONE(complete_params(model));
  fill_info(model);
  *out = model;
  model = NULL;
done:
  ritz_model_destroy(&model);
  return status;
}

ritz_model *ritz_model_retain(ritz_model *model) {
  __atomic_add_fetch(&model->references, 1, __ATOMIC_RELAXED);
  return model;
}

void ritz_model_destroy(ritz_model **model) {
  if (!model || !*model) return;
  ritz_model *m = *model;
  *model = NULL;
  if (__atomic_sub_fetch(&m->references, 1, __ATOMIC_ACQ_REL) > 0) return;
  ritz_operator_destroy(&m->op);
  ritz_params_destroy(&m->params);
  ritz_model_data_clear(&m->data);
  ritz_free(m->options);
  ritz_free(m->provenance);
  ritz_free(m->golden_x);
  ritz_free(m->golden_y);
  ritz_context_destroy(&m->context);
  ritz_free(m);
}

const ritz_model_info *ritz_model_get_info(const ritz_model *model) { return &model->info; }

ritz_status ritz_model_set_provenance(ritz_model *model, const char *json) {
  char *copy;
  RITZ_TRY(ritz_strdup(json, &copy));
  ritz_free(model->provenance);
  model->provenance = copy;
  model->info.provenance = copy;
  return RITZ_OK;
}

/* Points of the training grid. */
static ritz_index points(const ritz_model *model) {
  return model->data.grid[0] * model->data.grid[1] * model->data.grid[2];
}

static ritz_status predict_one(ritz_model *model, const double *x, double *y) {
  ritz_predictor *predictor;
  RITZ_TRY(ritz_predictor_create(model, model->data.dim, model->data.grid, 1, &predictor));
  const ritz_status status = ritz_predictor_run_f64(predictor, x, y);
  ritz_predictor_destroy(&predictor);
  return status;
}

ritz_status ritz_model_set_golden(ritz_model *model, const double *x) {
  const ritz_index in = points(model) * model->data.channels[0];
  const ritz_index out = points(model) * model->data.channels[1];
  double *copy = NULL, *y = NULL;
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(in, &copy));
  RITZ_TRY_DONE(RITZ_NEW(out, &y));
  memcpy(copy, x, (size_t)in * sizeof *x);
  RITZ_TRY_DONE(predict_one(model, copy, y));
  ritz_free(model->golden_x);
  ritz_free(model->golden_y);
  model->golden_x = copy;
  model->golden_y = y;
  return RITZ_OK;
done:
  ritz_free(copy);
  ritz_free(y);
  return status;
}

ritz_status ritz_model_check(ritz_model *model, double *error) {
  const ritz_index out = points(model) * model->data.channels[1];
  double *y, size = 0;
  *error = 0;
  RITZ_REQUIRE(model->golden_x, RITZ_ERR_NOT_FOUND, "the model has no golden pair");
  RITZ_TRY(RITZ_NEW(out, &y));
  const ritz_status status = predict_one(model, model->golden_x, y);
  for (ritz_index i = 0; status == RITZ_OK && i < out; i++) {
    *error = fmax(*error, fabs(y[i] - model->golden_y[i]));
    size = fmax(size, fabs(model->golden_y[i]));
  }
  ritz_free(y);
  RITZ_TRY(status);
  if (size > 0) *error /= size;
  const double tolerance = model->info.dtype == RITZ_FLOAT64 ? 1e-10 : 1e-4;
  RITZ_REQUIRE(*error <= tolerance, RITZ_ERR_NUMERIC,
               "the golden output differs by %.3g of its largest value, at most %g is expected",
               *error, tolerance);
  return RITZ_OK;
}
