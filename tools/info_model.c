/* SPDX-License-Identifier: BSD-3-Clause
 * ritz info of a model or checkpoint. */
#include <stdio.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "graph/plan.h"
#include "io/yaml.h"
#include "model/model.h"
#include "tools/grid_text.h"
#include "tools/info.h"
#include "tools/info_plan.h"
#include "tools/info_ranks.h"
#include "tools/json.h"

/* What is computed for the page. */
typedef struct facts {
  ritz_index grid[3];
  size_t predict_bytes, train_bytes; /* for request->batch samples on the grid */
  ritz_info_plan plan;
  ritz_info_ranks ranks;
  double golden_error;
  ritz_status golden; /* RITZ_OK: passed */
  bool checkpoint;
  int64_t epoch, step, best_epoch;
} facts;

typedef ritz_status planner(ritz_graph *graph, int outputs, const ritz_var *output,
                            const ritz_plan_options *options, ritz_plan **out);

static ritz_status make_plan(ritz_model *model, const ritz_index *grid, ritz_index batch,
                             bool train, planner *plan, ritz_plan **out) {
  const ritz_model_info *info = ritz_model_get_info(model);
  const ritz_plan_options options = {.gradients = train};
  ritz_shape shape = {.rank = info->dim + 2, .n = {batch}};
  ritz_graph *graph;
  *out = NULL;
  for (int a = 0; a < info->dim; a++) shape.n[a + 1] = grid[a];
  shape.n[info->dim + 1] = info->channels_in;
  RITZ_TRY(ritz_graph_create(model->context, info->dtype, &graph));
  ritz_graph_set_training(graph, train, 0);
  const ritz_var y =
      ritz_operator_build(model->op, graph, model->params, ritz_input(graph, "x", shape));
  const ritz_status status = plan(graph, 1, &y, &options, out);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

static ritz_status count_predicting(ritz_model *model, const ritz_info_request *request, facts *f) {
  ritz_plan *plan;
  RITZ_TRY(make_plan(model, f->grid, request->batch, false, ritz_graph_outline, &plan));
  f->predict_bytes = ritz_plan_memory(plan);
  ritz_plan_destroy(&plan);
  return RITZ_OK;
}

/* Graph and gradients, weights, two moments of Adam and the best weights so far. */
static ritz_status count_training(ritz_model *model, const ritz_info_request *request, facts *f) {
  const size_t numbers = (size_t)ritz_params_length(model->params);
  ritz_plan *plan;
  RITZ_TRY(make_plan(model, f->grid, request->batch, true, ritz_graph_outline, &plan));
  f->train_bytes =
      ritz_plan_memory(plan) + 4 * numbers * ritz_dtype_size(ritz_model_get_info(model)->dtype);
  ritz_plan_destroy(&plan);
  return RITZ_OK;
}

static ritz_status measure_plan(ritz_model *model, const ritz_info_request *request, facts *f) {
  ritz_plan *plan;
  RITZ_TRY(make_plan(model, f->grid, request->batch, request->train, ritz_graph_plan, &plan));
  const ritz_status status =
      ritz_info_plan_measure(model->context, ritz_model_get_info(model)->dtype, plan, &f->plan);
  ritz_plan_destroy(&plan);
  return status;
}

static ritz_status read_position(const char *path, facts *f) {
  hid_t file, group;
  RITZ_TRY(ritz_h5_open(path, &file));
  ritz_status status = RITZ_OK;
  f->checkpoint = ritz_h5_exists(file, "train");
  if (f->checkpoint) {
    status = ritz_h5_group(file, "train", false, &group);
    if (status == RITZ_OK) status = ritz_h5_read_integer(group, "epoch", &f->epoch);
    if (status == RITZ_OK) status = ritz_h5_read_integer(group, "step", &f->step);
    if (status == RITZ_OK) status = ritz_h5_read_integer(group, "best_epoch", &f->best_epoch);
    ritz_h5_group_close(&group);
  }
  const ritz_status closed = ritz_h5_close(&file);
  return status == RITZ_OK ? closed : status;
}

static ritz_status collect(ritz_model *model, const ritz_info_request *request, facts *f) {
  RITZ_TRY(read_position(request->path, f));
  RITZ_TRY(ritz_model_check_grid(model, ritz_model_get_info(model)->dim, f->grid, request->batch));
  RITZ_TRY(count_predicting(model, request, f));
  RITZ_TRY(count_training(model, request, f));
  if (ritz_info_wants_ranks(request))
    RITZ_TRY(ritz_info_ranks_ask(ritz_model_get_info(model)->dtype, &f->ranks));
  /* Before the plan is timed: a run in training may move running statistics. */
  if (request->check) f->golden = ritz_model_check(model, &f->golden_error);
  return request->plan ? measure_plan(model, request, f) : RITZ_OK;
}

/* The facts; the configuration among them is for --json. */
static ritz_status print_provenance(const char *json) {
  ritz_value *map;
  const ritz_status status = json ? ritz_yaml_read_text(json, "provenance", &map) : RITZ_OK;
  if (status == RITZ_ERR_MEMORY) return status;
  if (!json || status != RITZ_OK) return RITZ_OK;
  printf("%-12s", "provenance");
  for (int i = 0, printed = 0; i < map->count; i++)
    if (map->item[i]->kind == RITZ_VALUE_SCALAR)
      printf("%s%s %s", printed++ ? ", " : " ", map->item[i]->key, map->item[i]->text);
  printf(" (--json shows all of it)\n");
  ritz_value_destroy(&map);
  return RITZ_OK;
}

static ritz_status print_text(const ritz_model_info *info, const ritz_info_request *request,
                              const facts *f) {
  char predict[32], train[32], grid[80];
  ritz_info_line(f->checkpoint ? "checkpoint" : "model", "%s", request->path);
  RITZ_TRY(ritz_info_options("operator", info->operator_name, info->operator_options));
  ritz_info_line("parameters", "%td, %s", info->parameters, ritz_dtype_name(info->dtype));
  ritz_info_grid(info->dim, info->grid, info->length, info->periodic);
  ritz_info_channels("x", info->channels_in, info->x_channel, info->x_units, info->x_mean,
                     info->x_std);
  ritz_info_channels("y", info->channels_out, info->y_channel, info->y_units, info->y_mean,
                     info->y_std);
  ritz_info_line("memory", "%s to predict, %s to train with Adam, %td sample%s of %s at a time",
                 ritz_info_bytes(f->predict_bytes, predict), ritz_info_bytes(f->train_bytes, train),
                 request->batch, request->batch == 1 ? "" : "s",
                 ritz_grid_text(info->dim, f->grid, grid));
  if (f->checkpoint)
    ritz_info_line("position", "%lld epochs and %lld steps, best epoch %lld", (long long)f->epoch,
                   (long long)f->step, (long long)f->best_epoch);
  RITZ_TRY(print_provenance(info->provenance));
  if (request->check && f->golden == RITZ_OK)
    ritz_info_line("check", "golden pair recomputed, largest relative error %.2g", f->golden_error);
  if (ritz_info_wants_ranks(request)) ritz_info_ranks_print(&f->ranks);
  if (!request->plan) return RITZ_OK;
  printf("\n");
  ritz_info_plan_print(&f->plan);
  return RITZ_OK;
}

static ritz_status print_json(const ritz_model_info *info, const ritz_info_request *request,
                              const facts *f) {
  ritz_json json = {0};
  ritz_json_open(&json, NULL);
  ritz_json_text(&json, "kind", f->checkpoint ? "checkpoint" : "model");
  ritz_json_text(&json, "path", request->path);
  ritz_json_text(&json, "operator", info->operator_name);
  ritz_json_raw(&json, "options", info->operator_options);
  ritz_json_integer(&json, "parameters", info->parameters);
  ritz_json_text(&json, "dtype", ritz_dtype_name(info->dtype));
  ritz_json_integers(&json, "resolution", info->dim, info->grid);
  ritz_json_numbers(&json, "extents", info->length[0] > 0 ? info->dim : 0, info->length);
  ritz_info_add_side(&json, "x", info->channels_in, info->x_channel, info->x_units, info->x_mean,
                     info->x_std);
  ritz_info_add_side(&json, "y", info->channels_out, info->y_channel, info->y_units, info->y_mean,
                     info->y_std);
  ritz_json_integers(&json, "grid", info->dim, f->grid);
  ritz_json_integer(&json, "batch", request->batch);
  ritz_json_integer(&json, "predict_bytes", (ritz_index)f->predict_bytes);
  ritz_json_integer(&json, "train_bytes", (ritz_index)f->train_bytes);
  if (f->checkpoint) {
    ritz_json_integer(&json, "epoch", f->epoch);
    ritz_json_integer(&json, "step", f->step);
    ritz_json_integer(&json, "best_epoch", f->best_epoch);
  }
  if (request->check && f->golden == RITZ_OK)
    ritz_json_number(&json, "golden_error", f->golden_error);
  if (request->plan) ritz_info_plan_add(&json, &f->plan);
  if (ritz_info_wants_ranks(request)) ritz_info_ranks_add(&json, &f->ranks);
  ritz_json_raw(&json, "provenance", info->provenance);
  ritz_json_close(&json);
  return ritz_json_print(&json);
}

static ritz_exit describe(ritz_model *model, const ritz_info_request *request, facts *f) {
  const ritz_model_info *info = ritz_model_get_info(model);
  ritz_status status = RITZ_OK;
  for (int a = 0; a < info->dim; a++) f->grid[a] = info->grid[a];
  if (request->resolution) status = ritz_grid_parse(request->resolution, info->dim, f->grid);
  if (status == RITZ_OK && ritz_info_wants_ranks(request))
    status = ritz_info_ranks_read(model, request, f->grid, &f->ranks);
  if (status != RITZ_OK) return ritz_exit_of_usage(status);
  status = collect(model, request, f);
  if (status == RITZ_OK)
    status = request->json ? print_json(info, request, f) : print_text(info, request, f);
  return ritz_exit_of(status == RITZ_OK ? f->golden : status);
}

ritz_exit ritz_info_model(ritz_context *context, const ritz_info_request *request) {
  ritz_model *model;
  facts f = {0};
  const ritz_status status = ritz_model_load(context, request->path, &model);
  if (status != RITZ_OK) return ritz_exit_of(status);
  const ritz_exit code = describe(model, request, &f);
  ritz_info_plan_release(&f.plan);
  ritz_model_destroy(&model);
  return code;
}
