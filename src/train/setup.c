/* SPDX-License-Identifier: BSD-3-Clause
 * Setting up a training run. */
#include "train/setup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"
#include "dist/comm.h"
#include "graph/plan.h"
#include "io/yaml.h"
#include "model/rollout.h"
#include "train/agree.h"
#include "train/output.h"

/* ---- methods ------------------------------------------------------------------------------- */

/* Keys, types and ranges of a method's options. */
static ritz_status check_options(const char *kind, const char *name, const ritz_option *options,
                                 size_t config_size, const ritz_value *given) {
  char owner[96];
  void *config;
  snprintf(owner, sizeof owner, "%s%s", kind, name);
  RITZ_TRY(ritz_calloc(1, config_size, &config));
  const ritz_status status = ritz_options_read(options, owner, given, config);
  if (status == RITZ_OK) ritz_options_clear(options, config);
  ritz_free(config);
  return status;
}

static ritz_status check_operator(const ritz_train_config *c) {
  const ritz_operator_type *type;
  const ritz_status status = ritz_operator_type_find(c->op.name, &type);
  if (status != RITZ_OK) return ritz_train_config_blame(c, "operator", "name", status);
  return check_options("operator ", type->name, type->options, type->config_size, c->op.options);
}

static ritz_status check_optimizer(const ritz_train_config *c) {
  const ritz_optimizer_type *type;
  const ritz_status status = ritz_optimizer_type_find(c->optimizer.name, &type);
  if (status != RITZ_OK) return ritz_train_config_blame(c, "optimizer", "name", status);
  return check_options("optimizer ", type->name, type->options, type->config_size,
                       c->optimizer.options);
}

/* x and y of a roll-out have one scale. */
static ritz_status check_rollout(const ritz_train_config *c) {
  if (c->rollout.loss_steps > c->rollout.steps)
    return ritz_train_config_blame(
        c, "rollout", "loss_steps",
        RITZ_FAIL(RITZ_ERR_CONFIG, "the last %td steps of %td cannot count", c->rollout.loss_steps,
                  c->rollout.steps));
  if (c->rollout.steps > 1 && c->data.normalize_x != c->data.normalize_y)
    return ritz_train_config_blame(
        c, "data", "normalize_y",
        RITZ_FAIL(RITZ_ERR_CONFIG,
                  "several steps want normalize_x and normalize_y to be the "
                  "same, since what a step gives the next one takes"));
  return RITZ_OK;
}

static ritz_status check_incremental(const ritz_train_config *c) {
  const ritz_value *section = c->train.incremental;
  if (!section || section->kind == RITZ_VALUE_NULL) return RITZ_OK;
  return check_options("train.", "incremental", ritz_incremental_table,
                       sizeof(ritz_incremental_options), section);
}

static ritz_status choose_loss(ritz_trainer *t) {
  const ritz_train_config *c = &t->config;
  ritz_status status = ritz_loss_type_find(c->loss.name, &t->loss);
  if (status == RITZ_OK && !ritz_loss_has_gradient(t->loss))
    status = RITZ_FAIL(RITZ_ERR_CONFIG,
                       "loss %s is a metric only: it has no gradient to train with", c->loss.name);
  if (status != RITZ_OK) return ritz_train_config_blame(c, "loss", "name", status);
  return ritz_loss_options_read(t->loss, c->loss.options, &t->loss_options);
}

static ritz_status choose_schedule(ritz_trainer *t) {
  const ritz_train_config *c = &t->config;
  const ritz_schedule_type *type;
  const ritz_status status = ritz_schedule_type_find(c->schedule.name, &type);
  if (status != RITZ_OK) return ritz_train_config_blame(c, "schedule", "name", status);
  return ritz_schedule_create(c->schedule.name, c->schedule.options, &t->schedule);
}

/* All that is wrong without a look at the data. */
static ritz_status choose_methods(ritz_trainer *t) {
  RITZ_TRY(check_operator(&t->config));
  RITZ_TRY(check_optimizer(&t->config));
  RITZ_TRY(check_rollout(&t->config));
  RITZ_TRY(check_incremental(&t->config));
  RITZ_TRY(choose_loss(t));
  return choose_schedule(t);
}

/* ---- model --------------------------------------------------------------------------------- */

static ritz_status check_grid(const ritz_operator *op, const ritz_dataset_info *info) {
  if (!op->type->check_grid) return RITZ_OK;
  const ritz_status status = op->type->check_grid(op->config, info->dim, info->grid);
  return status == RITZ_OK ? status : ritz_fail_prefix(status, "%s", info->path);
}

static ritz_status create_model(ritz_trainer *t) {
  ritz_train_config *c = &t->config;
  const ritz_dataset_info *info = t->train.info;
  const ritz_operator_type *type;
  ritz_operator *op = NULL;
  ritz_model_data data = {0};
  ritz_status status;
  RITZ_TRY(ritz_operator_type_find(c->op.name, &type));
  const int step_channels = info->channels_out / (int)c->rollout.steps;
  RITZ_TRY(ritz_train_config_set_channels(c, type->options, info->channels_in, step_channels,
                                          info->coordinates));
  RITZ_REQUIRE(info->coordinates == 0 || !ritz_loss_has_derivatives(t->loss), RITZ_ERR_CONFIG,
               "loss %s takes differences on a grid, the data are scattered points", t->loss->name);
  RITZ_TRY_DONE(ritz_operator_create_from(t->context, c->op.name, c->op.options, &op));
  status = check_grid(op, info);
  if (status != RITZ_OK) {
    ritz_train_config_blame(c, "operator", "n_modes", status);
    goto done;
  }
  RITZ_TRY_DONE(ritz_samples_describe(&t->train, step_channels, &data));
  RITZ_TRY_DONE(
      ritz_params_create(t->context, t->train.dtype, (uint64_t)c->train.seed, &t->params));
  status = ritz_model_create(t->context, op, t->params, &data, &t->model);
  op = NULL;
  if (status != RITZ_OK) {
    ritz_train_config_blame(c, "operator", "name", status);
    goto done;
  }
  if (ritz_is_first_rank(t->context))
    RITZ_TRY_DONE(
        ritz_calloc(ritz_params_length(t->params), ritz_dtype_size(t->train.dtype), &t->best));
done:
  ritz_operator_destroy(&op);
  ritz_model_data_clear(&data);
  return status;
}

static ritz_status read_outputs(void *user, ritz_index first, ritz_index count, double *y) {
  return ritz_samples_outputs(user, first, count, y);
}

static ritz_status fit_model(ritz_trainer *t) {
  const ritz_operator *op = t->model->op;
  const ritz_dataset_info *info = t->train.info;
  const ritz_index points = info->grid[0] * info->grid[1] * info->grid[2];
  const ritz_training_outputs outputs = {.context = t->context,
                                         .samples = t->train.info->samples,
                                         .count = points * info->channels_out,
                                         .read = read_outputs,
                                         .user = &t->train};
  if (!op->type->fit) return RITZ_OK;
  RITZ_REQUIRE(!t->domain.split, RITZ_ERR_CONFIG,
               "operator %s learns from whole outputs: not with train.grid", op->type->name);
  return op->type->fit(op->config, t->params, &outputs);
}

static ritz_status create_evaluators(ritz_trainer *t) {
  const ritz_loss_type *metric[2];
  RITZ_TRY(ritz_loss_type_find("rel_l2", &metric[0]));
  RITZ_TRY(ritz_loss_type_find("rel_h1", &metric[1]));
  for (int i = 0; i < t->tests; i++)
    RITZ_TRY(ritz_evaluator_create(t->model, t->test[i].set, &t->domain, t->config.train.batch_size,
                                   2, metric, &t->test[i].evaluator));
  return RITZ_OK;
}

/* ---- plans --------------------------------------------------------------------------------- */

/* The loss of the last steps of a roll-out from x, noise included. */
static void build_loss(ritz_trainer *t, ritz_graph *graph, ritz_batch_plan *b) {
  const ritz_train_config *c = &t->config;
  const ritz_index step_channels = t->train.info->channels_out / c->rollout.steps;
  ritz_rollout rollout = {.steps = c->rollout.steps,
                          .detach = c->rollout.gradient == RITZ_ROLLOUT_DETACHED};
  if (c->rollout.loss_steps > 0) rollout.first = c->rollout.steps - c->rollout.loss_steps;
  ritz_var x = b->x, truth = b->truth;
  if (c->rollout.noise > 0) x = ritz_noise(graph, x, c->rollout.noise);
  ritz_var y = ritz_rollout_build(t->model->op, graph, t->params, x, &rollout);
  if (rollout.first > 0)
    truth = ritz_slice(graph, truth, rollout.first * step_channels,
                       (rollout.steps - rollout.first) * step_channels);
  b->loss = ritz_loss(graph, t->loss, y, truth, &t->loss_options);
}

/* Modes that join later are looked at by all ranks, and belong to none. */
static bool owns(const ritz_trainer *t) { return !t->incremental.op; }

static ritz_status plan_batch(ritz_trainer *t, ritz_index batch, ritz_batch_plan *b) {
  const ritz_dataset_info *info = t->train.info;
  ritz_graph *graph;
  b->batch = batch;
  if (batch == 0) return RITZ_OK;
  ritz_domain_share(&t->domain, batch, &b->first, &b->share);
  if (b->share == 0) return RITZ_OK;
  ritz_shape shape = {.rank = info->dim + 2, .n = {b->share}};
  for (int a = 0; a < info->dim; a++) shape.n[a + 1] = info->grid[a];
  shape.n[info->dim + 1] = info->channels_in;
  RITZ_TRY(ritz_graph_create(t->domain.context, t->train.dtype, &graph));
  ritz_graph_set_training(graph, true, (uint64_t)t->config.train.seed);
  graph->first_sample = b->first;
  b->x = ritz_domain_input(graph, "x", shape, t->layout);
  shape.n[info->dim + 1] = info->channels_out;
  b->truth = ritz_domain_input(graph, "y", shape, t->layout);
  build_loss(t, graph, b);
  const ritz_plan_options options = {.gradients = true, .own_gradients = owns(t)};
  ritz_status status = ritz_domain_check_ops(&t->domain, graph);
  if (status == RITZ_OK) status = ritz_graph_plan(graph, 1, &b->loss, &options, &b->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  RITZ_TRY(status);
  b->gradient = ritz_plan_parameter_gradient(b->plan);
  const double weight = t->config.reduction == RITZ_REDUCTION_MEAN ? 1 / (double)batch : 1;
  for (ritz_index i = 0; ritz_domain_counts(&t->domain) && i < b->share; i++)
    ritz_number_set(t->train.dtype, ritz_plan_cotangent(b->plan), i, weight);
  return RITZ_OK;
}

static ritz_status plan_batches(ritz_trainer *t) {
  const ritz_index samples = t->train.info->samples;
  const ritz_index batch =
      t->config.train.batch_size < samples ? t->config.train.batch_size : samples;
  t->steps = (samples + batch - 1) / batch;
  RITZ_TRY(plan_batch(t, batch, &t->full));
  return plan_batch(t, samples % batch, &t->rest);
}

static ritz_status find_shares(ritz_trainer *t) {
  const int count = ritz_params_count(t->params);
  RITZ_TRY(RITZ_NEW(count, &t->shares));
  if (t->full.plan && owns(t) && count > 0)
    memcpy(t->shares, ritz_plan_shares(t->full.plan), (size_t)count * sizeof *t->shares);
  return RITZ_OK;
}

static ritz_status create_optimizer(ritz_trainer *t) {
  const ritz_train_config *c = &t->config;
  const ritz_optimizer_owners owners = {t->domain.context, t->domain.siblings, t->shares};
  return ritz_optimizer_create(t->context, t->params, c->optimizer.name, c->optimizer.options,
                               &owners, &t->optimizer);
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Every rank reads the checkpoint: their output folder must be the same one. */
static ritz_status go_on(ritz_trainer *t) {
  ritz_comm *comm = t->context->comm;
  bool found = false;
  RITZ_TRY(ritz_status_agree(t->context, ritz_checkpoint_load(t, &found)));
  double finders = found;
  RITZ_TRY(ritz_comm_sum(comm, RITZ_FLOAT64, 1, &finders));
  RITZ_REQUIRE(finders == 0 || finders == ritz_comm_size(comm), RITZ_ERR_IO,
               "only %.0f of %d ranks see a checkpoint in %s", finders, ritz_comm_size(comm),
               t->dir);
  if (!found)
    ritz_log(t->context, RITZ_LOG_WARNING, "there is no checkpoint in %s: starting anew", t->dir);
  return RITZ_OK;
}

static ritz_status read_config(ritz_trainer *t, const char *config,
                               const ritz_train_options *options) {
  t->at.best = INFINITY;
  RITZ_TRY(ritz_train_config_read(config, options->overrides, options->override, &t->config));
  t->dir = options->out ? options->out : t->config.dir;
  return RITZ_OK;
}

static ritz_status form_domains(ritz_trainer *t) {
  const ritz_status status = ritz_domain_create(t->context, &t->config.train.grid, &t->domain);
  return status == RITZ_ERR_CONFIG ? ritz_train_config_blame(&t->config, "train", "grid", status)
                                   : status;
}

/* What each rank does alone. */
static ritz_status prepare(ritz_trainer *t) {
  RITZ_TRY(choose_methods(t)); /* before the data are read, which may take long */
  RITZ_TRY(ritz_trainer_open_data(t));
  RITZ_TRY(create_model(t));
  RITZ_TRY(fit_model(t));
  RITZ_TRY(ritz_incremental_begin(&t->incremental, t->config.train.incremental, t->model->op,
                                  t->params));
  RITZ_TRY(create_evaluators(t));
  RITZ_TRY(plan_batches(t));
  return find_shares(t);
}

/* A domain without samples has a gradient of zeros. */
static ritz_status add_gradient(ritz_trainer *t, ritz_batch_plan *b) {
  if (b->plan || b->batch == 0) return RITZ_OK;
  return ritz_calloc(ritz_optimizer_numbers(t->optimizer), ritz_dtype_size(t->train.dtype),
                     &b->gradient);
}

static ritz_status add_optimizer(ritz_trainer *t) {
  RITZ_TRY(create_optimizer(t));
  RITZ_TRY(add_gradient(t, &t->full));
  RITZ_TRY(add_gradient(t, &t->rest));
  return ritz_trainer_describe(t);
}

/* A domain without samples of the batch has no plan to ask; the first one has. */
static ritz_status agree_on_shares(ritz_trainer *t) {
  return ritz_comm_broadcast(
      t->context->comm, 0, ritz_params_count(t->params) * (ritz_index)sizeof *t->shares, t->shares);
}

static ritz_status check_tests(const ritz_trainer *t, int tests) {
  RITZ_REQUIRE(t->tests == tests, RITZ_ERR_CONFIG, "there are %d test sets, rank 0 has %d",
               t->tests, tests);
  return RITZ_OK;
}

static ritz_status agree_on_data(const ritz_trainer *t) {
  int tests = t->tests;
  RITZ_TRY(ritz_comm_broadcast(t->context->comm, 0, sizeof tests, &tests));
  RITZ_TRY(ritz_status_agree(t->context, check_tests(t, tests)));
  RITZ_TRY(ritz_agree_on_data(t->context, t->train.info));
  for (int i = 0; i < t->tests; i++)
    RITZ_TRY(ritz_agree_on_data(t->context, ritz_dataset_get_info(t->test[i].set)));
  return RITZ_OK;
}

/* Nothing is written before it is clear that a checkpoint fits, and that it is the last. */
ritz_status ritz_trainer_setup(ritz_trainer *t, const char *config,
                               const ritz_train_options *options) {
  RITZ_TRY(ritz_status_agree(t->context, read_config(t, config, options)));
  RITZ_TRY(ritz_agree_on_config(t->context, t->config.tree));
  RITZ_TRY(ritz_status_agree(t->context, form_domains(t)));
  RITZ_TRY(ritz_status_agree(t->context, prepare(t)));
  RITZ_TRY(agree_on_data(t));
  RITZ_TRY(agree_on_shares(t));
  RITZ_TRY(ritz_status_agree(t->context, add_optimizer(t)));
  RITZ_TRY(ritz_trainer_on_first_rank(t, ritz_trainer_lock_output));
  if (options->resume) RITZ_TRY(go_on(t));
  return ritz_trainer_on_first_rank(t, ritz_trainer_start_output);
}

ritz_status ritz_trainer_on_first_rank(ritz_trainer *t, ritz_status (*work)(ritz_trainer *)) {
  return ritz_status_agree(t->context, ritz_is_first_rank(t->context) ? work(t) : RITZ_OK);
}

static void clear_batch(ritz_batch_plan *b) {
  if (!b->plan) ritz_free(b->gradient);
  ritz_plan_destroy(&b->plan);
}

void ritz_trainer_clear(ritz_trainer *t) {
  clear_batch(&t->full);
  clear_batch(&t->rest);
  for (int i = 0; i < t->tests; i++) {
    ritz_evaluator_destroy(&t->test[i].evaluator);
    ritz_dataset_close(&t->test[i].set);
  }
  ritz_free(t->test);
  ritz_history_clear(&t->history);
  ritz_incremental_clear(&t->incremental);
  ritz_optimizer_destroy(&t->optimizer);
  ritz_schedule_destroy(&t->schedule);
  ritz_model_destroy(&t->model);
  ritz_params_destroy(&t->params);
  ritz_samples_close(&t->train);
  ritz_train_config_clear(&t->config);
  ritz_free(t->shares);
  ritz_free(t->order);
  ritz_free(t->best);
  ritz_free(t->resolved);
  if (t->folder) closedir(t->folder);
  ritz_layout_destroy(&t->layout);
  ritz_domain_clear(&t->domain);
  ritz_context_destroy(&t->context);
}
