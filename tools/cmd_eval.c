/* SPDX-License-Identifier: BSD-3-Clause
 * ritz eval. */
#include <ritz/dataset.h>
#include <ritz/graph.h>
#include <stdio.h>

#include "core/fail.h"
#include "dist/comm.h"
#include "tools/command.h"
#include "tools/fit.h"
#include "tools/grid_text.h"
#include "tools/json.h"
#include "tools/progress.h"
#include "train/evaluate.h"
#include "train/loss.h"

typedef struct options {
  const char *data, *parts;
  ritz_index threads;
  bool json;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_DATA(options),
    RITZ_ARGUMENT_PARTS(options),
    RITZ_ARGUMENT_FLAG(options, json, "one JSON object per data set"),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_END,
};

/* A data set and how well the model does on it. */
typedef struct result {
  const char *model;
  const ritz_dataset_info *info;
  const ritz_evaluation *evaluation;
} result;

static void print_table(const result *r) {
  const ritz_dataset_info *info = r->info;
  const ritz_metric *metric;
  char grid[80];
  printf("%s: %td samples on %s\n", info->path, info->samples,
         ritz_grid_text(info->dim, info->grid, grid));
  printf("%-16s %12s", "metric", "all");
  for (int c = 0; c < info->channels_out && info->channels_out > 1; c++)
    printf(" %12.12s", info->y_channel[c]);
  printf("\n");
  for (int i = 0; (metric = ritz_evaluation_metric(r->evaluation, i)); i++) {
    printf("%-16s %12.6g", metric->name, metric->value);
    for (int c = 0; c < metric->channels && metric->channels > 1; c++)
      printf(" %12.6g", metric->channel[c]);
    printf("\n");
  }
}

static void add_metrics(const ritz_evaluation *evaluation, int channel, ritz_json *json) {
  const ritz_metric *metric;
  for (int i = 0; (metric = ritz_evaluation_metric(evaluation, i)); i++)
    ritz_json_number(json, metric->name, channel < 0 ? metric->value : metric->channel[channel]);
}

static ritz_status print_json(const result *r) {
  const ritz_dataset_info *info = r->info;
  ritz_json json = {0};
  ritz_json_open(&json, NULL);
  ritz_json_text(&json, "model", r->model);
  ritz_json_text(&json, "data", info->path);
  ritz_json_integer(&json, "samples", info->samples);
  ritz_json_integers(&json, "resolution", info->dim, info->grid);
  add_metrics(r->evaluation, -1, &json);
  ritz_json_open(&json, "channels");
  for (int c = 0; c < info->channels_out; c++) {
    ritz_json_open(&json, info->y_channel[c]);
    add_metrics(r->evaluation, c, &json);
    ritz_json_close(&json);
  }
  ritz_json_close(&json);
  ritz_json_close(&json);
  return ritz_json_print(&json);
}

static ritz_status open_data(ritz_context *context, const ritz_model *model, const char *model_path,
                             const char *path, const options *o, ritz_dataset **set) {
  RITZ_TRY(ritz_dataset_open(context, path, o->data, set));
  return ritz_check_fit(model_path, ritz_model_get_info(model), ritz_dataset_get_info(*set));
}

static ritz_status print(const result *r, const options *o) {
  if (o->json) return print_json(r);
  print_table(r);
  return RITZ_OK;
}

/* The total is known with the first call. */
static void follow(void *progress, ritz_index done, ritz_index total) {
  ((ritz_progress *)progress)->total = total;
  ritz_progress_show(progress, done);
}

static ritz_status measure(ritz_model *model, int dim, const ritz_index *parts, const char *path,
                           const options *o, ritz_evaluation **out) {
  ritz_progress progress;
  ritz_progress_begin(&progress, path, "predictions", 1, 0);
  const ritz_status status =
      ritz_evaluate_watched(model, dim, parts, path, o->data, follow, &progress, out);
  ritz_progress_end(&progress);
  return status;
}

/* Measures and prints; a rank that cannot print stops all. */
static ritz_status report(ritz_context *context, ritz_model *model, const ritz_index *parts,
                          const options *o, result *r) {
  ritz_evaluation *evaluation = NULL;
  ritz_status status =
      measure(model, o->parts ? r->info->dim : 0, parts, r->info->path, o, &evaluation);
  r->evaluation = evaluation;
  if (status == RITZ_OK) status = ritz_status_agree(context, print(r, o));
  ritz_evaluation_destroy(&evaluation);
  return status;
}

static ritz_exit evaluate(ritz_context *context, ritz_model *model, const char *model_path,
                          const char *path, const options *o) {
  ritz_dataset *set = NULL;
  ritz_index parts[3];
  ritz_exit code = ritz_exit_of(
      ritz_status_agree(context, open_data(context, model, model_path, path, o, &set)));
  if (code == RITZ_EXIT_OK) {
    result r = {.model = model_path, .info = ritz_dataset_get_info(set)};
    if (o->parts) code = ritz_exit_of_usage(ritz_parts_parse(o->parts, r.info->dim, parts));
    if (code == RITZ_EXIT_OK) code = ritz_exit_of(report(context, model, parts, o, &r));
  }
  ritz_dataset_close(&set);
  return code;
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  ritz_context *context;
  ritz_model *model = NULL;
  ritz_status status = ritz_command_context_of_ranks(call->command, o->threads, &context);
  if (status == RITZ_OK)
    status = ritz_status_agree(context, ritz_model_load(context, call->operand[0], &model));
  ritz_exit code = ritz_exit_of(status);
  for (int i = 1; code == RITZ_EXIT_OK && i < call->operands; i++) {
    if (i > 1 && !o->json) printf("\n");
    code = evaluate(context, model, call->operand[0], call->operand[i], o);
  }
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return code;
}

static void details(const ritz_call *call) {
  int count;
  const ritz_loss_type *const *type = ritz_loss_types(&count);
  printf("\nMetrics, means over samples of (e = prediction - y):\n");
  for (int i = 0; i < count; i++) ritz_print_wrapped(type[i]->name, type[i]->formula);
}

const ritz_command ritz_command_eval = {
    .name = "eval",
    .summary = "measures the errors of a model on data sets, by every metric",
    .operands = "MODEL.h5 DATA.h5 [DATA.h5]...",
    .all_ranks = true,
    .about =
        "Predicts every sample and compares with y, in physical units, for all channels together\n"
        "and one by one. The grid may differ from the one the model was trained on; the extents\n"
        "of the domain may not.",
    .examples =
        "  ritz eval run/model.h5 test.h5\n"
        "  ritz eval run/model.h5 test_64.h5 test_128.h5 --json\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .details = details,
    .run = run,
};
