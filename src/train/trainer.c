/* SPDX-License-Identifier: BSD-3-Clause
 * The training loop: batches in a seeded order, one step each; after an epoch the test sets, the
 * record, and from time to time a checkpoint. */
#include "train/trainer.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/clock.h"
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "graph/plan.h"
#include "io/finite.h"
#include "train/output.h"
#include "train/setup.h"

/* The order of an epoch is a function of (seed, epoch): a continued run finds it again. */
static void choose_order(ritz_trainer *t) {
  const ritz_index samples = t->train.info->samples;
  const ritz_random stream = {(uint64_t)t->config.train.seed, RITZ_RANDOM_SHUFFLE,
                              (uint32_t)t->at.epoch};
  if (t->config.train.shuffle)
    ritz_random_permutation(stream, samples, t->order);
  else
    for (ritz_index i = 0; i < samples; i++) t->order[i] = i;
}

static double rate(const ritz_trainer *t) {
  const ritz_schedule_place place = {.step = t->at.epoch * t->steps + t->at.step,
                                     .steps_per_epoch = t->steps,
                                     .epochs = t->config.train.epochs};
  return ritz_schedule_rate(t->schedule, t->config.lr, &place);
}

static ritz_status not_finite(ritz_trainer *t, const ritz_batch_plan *b, const char *what) {
  const ritz_status named = ritz_optimizer_check(t->optimizer, b->gradient);
  char parameter[512] = "";
  if (named != RITZ_OK) snprintf(parameter, sizeof parameter, " (%s)", ritz_error_message());
  return RITZ_FAIL(RITZ_ERR_NUMERIC,
                   "%s is not finite in epoch %td, step %td%s; the last checkpoint is kept: try a "
                   "smaller learning rate",
                   what, t->at.epoch + 1, t->at.step + 1, parameter);
}

/* Ranks that share a grid run together: what one of them fails at before, all do. */
static ritz_status agree_in_domain(const ritz_trainer *t, ritz_status status) {
  return t->domain.split ? ritz_status_agree(t->domain.context, status) : status;
}

/* Loss of this rank's share of the samples in `order`. */
static ritz_status run_forward(ritz_trainer *t, const ritz_batch_plan *b, const ritz_index *order,
                               double *sum) {
  RITZ_TRY(agree_in_domain(
      t, ritz_samples_batch(&t->train, b->share, order + b->first, ritz_plan_value(b->plan, b->x),
                            ritz_plan_value(b->plan, b->truth))));
  ritz_plan_set_run(b->plan, (uint64_t)(t->at.epoch * t->steps + t->at.step));
  ritz_plan_forward(b->plan);
  const void *loss = ritz_plan_value(b->plan, b->loss);
  for (ritz_index i = 0; ritz_domain_counts(&t->domain) && i < b->share; i++)
    *sum += ritz_number_get(t->model->info.dtype, loss, i);
  return RITZ_OK;
}

/* Modes that join later are chosen by the strength of the whole gradient. */
static ritz_status sum_gradient(ritz_trainer *t, void *gradient) {
  if (!t->incremental.op) return ritz_optimizer_sum(t->optimizer, gradient);
  return ritz_comm_sum(t->context->comm, t->model->info.dtype, ritz_params_length(t->params),
                       gradient);
}

/* The sum of the ranks' gradients; `status` of the forward pass. A rank that has failed takes part
 * with whatever its gradient holds, since others may have begun to send theirs. */
static ritz_status run_backward(ritz_trainer *t, const ritz_batch_plan *b, ritz_status status) {
  const bool runs = b->plan && status == RITZ_OK;
  if (runs && !t->incremental.op) return ritz_optimizer_backward(t->optimizer, b->plan, rate(t));
  if (runs) {
    ritz_plan_backward(b->plan);
    status = ritz_plan_status(b->plan);
  }
  if (status != RITZ_ERR_COMMUNICATION) RITZ_TRY(sum_gradient(t, b->gradient));
  return status;
}

/* Loss and gradient, summed over all ranks; that one has failed all hear at the end. */
static ritz_status run_all(ritz_trainer *t, const ritz_batch_plan *b, const ritz_index *order,
                           double *sum) {
  ritz_status status = RITZ_OK;
  *sum = 0;
  if (b->plan)
    status = run_forward(t, b, order, sum);
  else /* the gradient holds the sum of the step before */
    memset(b->gradient, 0,
           (size_t)ritz_optimizer_numbers(t->optimizer) * ritz_dtype_size(t->train.dtype));
  RITZ_TRY(ritz_status_agree(t->context, run_backward(t, b, status)));
  return ritz_comm_sum(t->context->comm, RITZ_FLOAT64, 1, sum);
}

/* From the sums on all ranks have the same numbers and decide alike. */
static ritz_status train_step(ritz_trainer *t) {
  const ritz_index first = t->at.step * t->full.batch, left = t->train.info->samples - first;
  const ritz_batch_plan *b = left < t->full.batch ? &t->rest : &t->full;
  double sum;
  RITZ_TRY(run_all(t, b, t->order + first, &sum));
  if (!isfinite(sum)) return not_finite(t, b, "the loss");
  ritz_incremental_gradient(&t->incremental, b->gradient);
  const ritz_status finite = ritz_optimizer_check(t->optimizer, b->gradient);
  if (finite == RITZ_ERR_NUMERIC) return not_finite(t, b, "the gradient");
  RITZ_TRY(finite);
  RITZ_TRY(ritz_optimizer_step(t->optimizer, rate(t), b->gradient));
  t->at.loss_sum += sum;
  t->at.step++;
  return RITZ_OK;
}

/* Of train_step() and of what follows it: agreements, the loss, the optimizer, the wish to stop. */
void ritz_trainer_step_traffic(const ritz_domain *domain, ritz_comm *world,
                               const ritz_optimizer *optimizer, ritz_traffic *traffic) {
  if (domain->split) ritz_traffic_add_agreement(traffic, domain->context->comm);
  ritz_traffic_add_agreement(traffic, world);
  ritz_traffic_add_sum(traffic, world, RITZ_FLOAT64, 1);
  ritz_optimizer_traffic(optimizer, traffic);
  ritz_traffic_add_largest(traffic, world, 1);
}

/* ---- after an epoch ------------------------------------------------------------------------ */

/* A step may overflow although its gradient did not; such weights are neither evaluated nor saved.
 */
static ritz_status check_weights(ritz_trainer *t) {
  for (int i = 0; i < ritz_params_count(t->params); i++) {
    const ritz_param_info *info = ritz_params_info(t->params, i);
    const char *values = (const char *)ritz_params_data(t->params) +
                         (size_t)info->offset * ritz_dtype_size(t->model->info.dtype);
    const ritz_index at = ritz_first_not_finite(t->model->info.dtype, info->count, values);
    RITZ_REQUIRE(at < 0, RITZ_ERR_NUMERIC,
                 "parameter %s is not finite after epoch %td, step %td; the last checkpoint is "
                 "kept: try a smaller learning rate",
                 info->name, t->at.epoch + 1, t->at.step);
  }
  return RITZ_OK;
}

static ritz_status evaluate_tests(ritz_trainer *t, double *row) {
  const bool last = t->at.epoch + 1 == t->config.train.epochs;
  const bool due = (t->at.epoch + 1) % t->config.train.eval_every == 0 || last;
  for (int i = 0; i < t->tests; i++) {
    double *metric = row + RITZ_HISTORY_FIXED + 2 * i;
    metric[0] = metric[1] = NAN;
    if (due) RITZ_TRY(ritz_evaluator_run(t->test[i].evaluator, -1, metric));
  }
  return RITZ_OK;
}

static void keep_best(ritz_trainer *t, const double *row) {
  const bool by_h1 = t->config.train.best == RITZ_BEST_REL_H1;
  const double value = t->tests ? row[RITZ_HISTORY_FIXED + by_h1] : row[RITZ_HISTORY_LOSS];
  if (!(value < t->at.best)) return;
  t->at.best = value;
  t->at.best_epoch = t->at.epoch + 1;
  if (!ritz_is_first_rank(t->context)) return; /* which writes them */
  memcpy(t->best, ritz_params_data(t->params),
         (size_t)ritz_params_length(t->params) * ritz_dtype_size(t->model->info.dtype));
}

static ritz_status append_record(ritz_trainer *t) {
  char *path;
  RITZ_TRY(ritz_trainer_path(t, "metrics.jsonl", &path));
  const ritz_status status = ritz_history_append(&t->history, t->history.rows - 1, path);
  ritz_free(path);
  return status;
}

static void take_in_modes(ritz_trainer *t, double loss) {
  const int columns = ritz_history_columns(&t->history);
  const ritz_index rows = t->history.rows; /* this epoch's is the last */
  const double before =
      rows > 1 ? t->history.row[(rows - 2) * columns + RITZ_HISTORY_LOSS] : (double)NAN;
  if (ritz_incremental_epoch(&t->incremental, before, loss))
    ritz_log(t->context, RITZ_LOG_INFO, "epoch %td: %td modes from now on", t->at.epoch + 1,
             t->incremental.modes);
}

static ritz_status finish_epoch(ritz_trainer *t, double last_rate) {
  double *row = NULL;
  ritz_status status = check_weights(t);
  if (status == RITZ_OK) status = RITZ_NEW(ritz_history_columns(&t->history), &row);
  RITZ_TRY_DONE(ritz_status_agree(t->context, status));
  assert(row); /* all ranks have one */
  row[RITZ_HISTORY_LOSS] = t->at.loss_sum / (double)t->train.info->samples;
  row[RITZ_HISTORY_RATE] = last_rate;
  row[RITZ_HISTORY_SECONDS] = t->at.seconds;
  RITZ_TRY_DONE(evaluate_tests(t, row));
  keep_best(t, row);
  RITZ_TRY_DONE(ritz_status_agree(t->context, ritz_history_add(&t->history, row)));
  RITZ_TRY_DONE(ritz_trainer_on_first_rank(t, append_record));
  take_in_modes(t, row[RITZ_HISTORY_LOSS]);
  t->at.epoch++;
  t->at.step = 0;
  t->at.loss_sum = t->at.seconds = 0;
done:
  ritz_free(row);
  return status;
}

/* ---- results ------------------------------------------------------------------------------- */

static ritz_status save_as(ritz_trainer *t, const char *name) {
  char *path;
  RITZ_TRY(ritz_trainer_path(t, name, &path));
  ritz_status status = ritz_trainer_complete_model(t);
  if (status == RITZ_OK) status = ritz_model_save(t->model, path);
  ritz_free(path);
  return status;
}

/* Exchanges the running weights with the best ones. */
static void swap_best(ritz_trainer *t) {
  char *a = ritz_params_data(t->params), *b = t->best;
  const size_t bytes =
      (size_t)ritz_params_length(t->params) * ritz_dtype_size(t->model->info.dtype);
  for (size_t i = 0; i < bytes; i++) {
    const char kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

static ritz_status save_best(ritz_trainer *t) {
  if (t->at.best_epoch == 0) return RITZ_OK;
  swap_best(t);
  const ritz_status status = save_as(t, "model.h5");
  swap_best(t);
  return status;
}

static ritz_status plot_curves(ritz_trainer *t) {
  char *path;
  RITZ_TRY(ritz_trainer_path(t, "curves.png", &path));
  const ritz_status status = ritz_history_plot(&t->history, path);
  ritz_free(path);
  return status;
}

static ritz_status save_models(ritz_trainer *t) {
  RITZ_TRY(check_weights(t));
  RITZ_TRY(save_best(t));
  return save_as(t, "last.h5");
}

static ritz_status save_all(ritz_trainer *t) {
  RITZ_TRY(ritz_trainer_on_first_rank(t, save_models));
  RITZ_TRY(ritz_checkpoint_save(t));
  return ritz_trainer_on_first_rank(t, plot_curves);
}

static ritz_status save_progress(ritz_trainer *t) {
  RITZ_TRY(ritz_trainer_on_first_rank(t, save_best));
  return ritz_checkpoint_save(t);
}

/* ---- the loop ------------------------------------------------------------------------------ */

typedef struct watch {
  double started, saved; /* clock */
  ritz_index first_step; /* of this run, over all epochs */
} watch;

static bool report(ritz_trainer *t, const ritz_train_options *options, const watch *w,
                   const char *record) {
  if (!options->progress || !ritz_is_first_rank(t->context)) return false;
  const double seconds = ritz_clock_seconds() - w->started;
  const ritz_index done = t->at.epoch * t->steps + t->at.step;
  const ritz_index total = t->config.train.epochs * t->steps, here = done - w->first_step;
  const ritz_index seen = t->at.step * t->full.batch;
  const ritz_index samples = t->train.info->samples;
  const ritz_train_progress progress = {
      .epoch = record ? t->at.epoch - 1 : t->at.epoch,
      .epochs = t->config.train.epochs,
      .step = t->at.step,
      .steps = t->steps,
      .loss = seen > 0 ? t->at.loss_sum / (double)(seen < samples ? seen : samples) : 0,
      .seconds = seconds,
      .eta = here > 0 ? seconds / (double)here * (double)(total - done) : -1,
      .epoch_record = record};
  return options->progress(options->progress_user, &progress);
}

static ritz_status report_epoch(ritz_trainer *t, const ritz_train_options *options, const watch *w,
                                bool *stop) {
  char *line;
  RITZ_TRY(ritz_history_line(&t->history, t->history.rows - 1, &line));
  *stop = report(t, options, w, line);
  ritz_free(line);
  return RITZ_OK;
}

/* What the first rank has decided: its clock is the one that counts. */
static ritz_status decide(const ritz_trainer *t, bool *decision) {
  return ritz_comm_broadcast(t->context->comm, 0, sizeof *decision, decision);
}

static bool wants_stop(const ritz_train_options *options) {
  return options->stop && options->stop(options->stop_user);
}

/* A wish of any rank is one of all. */
static ritz_status join(const ritz_trainer *t, bool *wish) {
  double any = *wish;
  RITZ_TRY(ritz_comm_largest(t->context->comm, 1, &any));
  *wish = any > 0;
  return RITZ_OK;
}

/* Initial weights from unlike processors may differ in their last digits; from the first step on
 * every number comes from one rank. */
static ritz_status equalise(ritz_trainer *t) {
  return ritz_comm_broadcast(
      t->context->comm, 0,
      ritz_params_length(t->params) * (ritz_index)ritz_dtype_size(t->model->info.dtype),
      ritz_params_data(t->params));
}

/* @return  RITZ_ERR_INTERRUPTED when the callback asks to stop. */
static ritz_status train_epoch(ritz_trainer *t, const ritz_train_options *options, watch *w) {
  double last_rate = rate(t);
  bool stop = false;
  choose_order(t);
  while (t->at.step < t->steps && !stop) {
    const double start = ritz_clock_seconds();
    last_rate = rate(t);
    RITZ_TRY(train_step(t));
    t->at.seconds += ritz_clock_seconds() - start;
    stop = report(t, options, w, NULL);
    stop = wants_stop(options) || stop;
    RITZ_TRY(join(t, &stop));
  }
  RITZ_TRY(ritz_optimizer_complete(t->optimizer)); /* from here on weights are wanted whole */
  if (t->at.step == t->steps) {
    bool stop_too = false;
    RITZ_TRY(finish_epoch(t, last_rate));
    RITZ_TRY(ritz_status_agree(t->context, report_epoch(t, options, w, &stop_too)));
    stop_too = wants_stop(options) || stop_too;
    RITZ_TRY(join(t, &stop_too));
    stop = stop || stop_too;
  }
  RITZ_REQUIRE(!stop, RITZ_ERR_INTERRUPTED, "stopped on request after epoch %td, step %td",
               t->at.epoch, t->at.step);
  bool due = ritz_clock_seconds() - w->saved >= t->config.train.checkpoint_seconds;
  RITZ_TRY(decide(t, &due));
  if (!due) return RITZ_OK;
  w->saved = ritz_clock_seconds();
  return save_progress(t);
}

static ritz_status train(ritz_trainer *t, const ritz_train_options *options) {
  watch w = {.started = ritz_clock_seconds(), .first_step = t->at.epoch * t->steps + t->at.step};
  w.saved = w.started;
  ritz_status status = equalise(t);
  while (status == RITZ_OK && t->at.epoch < t->config.train.epochs)
    status = train_epoch(t, options, &w);
  if (status != RITZ_OK && status != RITZ_ERR_INTERRUPTED) return status;
  const bool interrupted = status == RITZ_ERR_INTERRUPTED;
  RITZ_TRY(save_all(t));
  RITZ_REQUIRE(!interrupted, RITZ_ERR_INTERRUPTED,
               "stopped on request in epoch %td, step %td; checkpoint.h5 holds the state",
               t->at.epoch + 1, t->at.step);
  return RITZ_OK;
}

void ritz_train_options_defaults(ritz_train_options *options) {
  *options = (ritz_train_options){0};
}

ritz_status ritz_train(ritz_context *context, const char *config,
                       const ritz_train_options *options) {
  ritz_train_options chosen;
  ritz_trainer *trainer = NULL;
  ritz_train_options_defaults(&chosen);
  if (options) chosen = *options;
  ritz_status status = ritz_reserved_check(chosen.reserved, "train options");
  if (status == RITZ_OK) status = RITZ_NEW(1, &trainer);
  status = ritz_status_agree(context, status);
  if (trainer && status == RITZ_OK) {
    trainer->context = ritz_context_retain(context);
    status = ritz_trainer_setup(trainer, config, &chosen);
    if (status == RITZ_OK) status = train(trainer, &chosen);
    ritz_trainer_clear(trainer);
  }
  ritz_free(trainer);
  return status;
}
