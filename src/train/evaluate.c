/* SPDX-License-Identifier: BSD-3-Clause
 * Evaluation: predictions by a predictor, errors by graphs of losses without gradients. */
#include "train/evaluate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "graph/op.h"
#include "model/model.h"
#include "model/rollout.h"
#include "train/agree.h"

enum { most_metrics = 32 };

/* Predictor and metrics for one batch size. */
typedef struct stage {
  ritz_index batch;
  ritz_predictor *predictor;
  ritz_plan *all, *one; /* metrics of all channels, of a single one */
  ritz_var prediction[2], truth[2], value[2][most_metrics];
} stage;

struct ritz_evaluator {
  ritz_model *model;
  ritz_dataset *set;
  const ritz_dataset_info *info;
  int count;
  const ritz_loss_type *type[most_metrics];
  const ritz_domain *domain;
  ritz_layout *layout;             /* of the set's grid over the domain; NULL: no split */
  ritz_index first, share;         /* samples of this domain */
  ritz_index start[3], extent[3];  /* the part of the grid that is here */
  ritz_index batch, points, steps; /* steps: of a roll-out */
  stage full, rest;                /* rest.batch: what is left after whole batches */
  ritz_index *sample;              /* [batch] */
  void *x, *y, *prediction;
  ritz_evaluation_follower *follow; /* NULL: nobody */
  void *follow_user;
  ritz_index done; /* predictions, while somebody follows */
};

static ritz_status plan_metrics(ritz_evaluator *e, stage *s, int which, int channels,
                                ritz_plan **plan) {
  const ritz_dtype dtype = e->model->info.dtype;
  ritz_shape shape = {.rank = e->info->dim + 2, .n = {s->batch}};
  ritz_graph *graph;
  for (int a = 0; a < e->info->dim; a++) shape.n[a + 1] = e->info->grid[a];
  shape.n[e->info->dim + 1] = channels;
  RITZ_TRY(ritz_graph_create(e->domain->context, dtype, &graph));
  s->prediction[which] = ritz_domain_input(graph, "prediction", shape, e->layout);
  s->truth[which] = ritz_domain_input(graph, "truth", shape, e->layout);
  for (int i = 0; i < e->count; i++)
    s->value[which][i] = ritz_loss(graph, e->type[i], s->prediction[which], s->truth[which], NULL);
  const ritz_status status = ritz_graph_plan(graph, e->count, s->value[which], NULL, plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

static ritz_status plan_stage(ritz_evaluator *e, ritz_index batch, stage *s) {
  s->batch = batch;
  if (batch == 0) return RITZ_OK;
  RITZ_TRY(e->layout
               ? ritz_predictor_create_split(e->model, e->layout, batch, e->steps, &s->predictor)
               : ritz_predictor_create_rollout(e->model, e->info->dim, e->info->grid, batch,
                                               e->steps, &s->predictor));
  RITZ_TRY(plan_metrics(e, s, 0, e->info->channels_out, &s->all));
  return plan_metrics(e, s, 1, 1, &s->one);
}

static ritz_status check(const ritz_model *model, const ritz_dataset_info *info,
                         ritz_index *steps) {
  const ritz_model_info *m = &model->info;
  RITZ_REQUIRE(info->channels_out > 0, RITZ_ERR_SHAPE, "%s: there is no y to compare with",
               info->path);
  RITZ_REQUIRE(info->dim == m->dim, RITZ_ERR_SHAPE, "%s: the grid has %d axes, the model %d",
               info->path, info->dim, m->dim);
  RITZ_REQUIRE(info->channels_in == m->channels_in && info->channels_out % m->channels_out == 0,
               RITZ_ERR_SHAPE, "%s: %d channels in and %d out, the model has %d and %d", info->path,
               info->channels_in, info->channels_out, m->channels_in, m->channels_out);
  const ritz_status status = ritz_rollout_steps(model, info->channels_out, steps);
  return status == RITZ_OK ? status : ritz_fail_prefix(status, "%s", info->path);
}

/* This rank's samples and its part of the grid. */
static ritz_status take_part(ritz_evaluator *e) {
  ritz_domain_share(e->domain, e->info->samples, &e->first, &e->share);
  RITZ_TRY(ritz_domain_layout(e->domain, e->info->dim, e->info->grid, &e->layout));
  e->points = 1;
  for (int a = 0; a < e->info->dim; a++) {
    e->extent[a] = e->info->grid[a];
    if (e->layout) ritz_layout_part(e->layout, a, &e->start[a], &e->extent[a]);
    e->points *= e->extent[a];
  }
  return RITZ_OK;
}

ritz_status ritz_evaluator_create(ritz_model *model, ritz_dataset *set, const ritz_domain *domain,
                                  ritz_index batch, int count, const ritz_loss_type *const *types,
                                  ritz_evaluator **out) {
  ritz_evaluator *e;
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  ritz_status status = RITZ_OK;
  *out = NULL;
  ritz_index steps;
  RITZ_TRY(check(model, info, &steps));
  RITZ_REQUIRE(count >= 1 && count <= most_metrics, RITZ_ERR_ARGUMENT, "%d metrics", count);
  RITZ_TRY(RITZ_NEW(1, &e));
  e->model = ritz_model_retain(model);
  e->set = set;
  e->info = info;
  e->count = count;
  e->steps = steps;
  memcpy(e->type, types, (size_t)count * sizeof *types);
  e->domain = domain;
  RITZ_TRY_DONE(take_part(e));
  e->batch = batch < e->share ? batch : e->share;
  const size_t size = ritz_dtype_size(model->info.dtype);
  const ritz_index rows = e->batch * e->points;
  RITZ_TRY_DONE(plan_stage(e, e->batch, &e->full));
  RITZ_TRY_DONE(plan_stage(e, e->share ? e->share % e->batch : 0, &e->rest));
  RITZ_TRY_DONE(RITZ_NEW(e->batch, &e->sample));
  RITZ_TRY_DONE(ritz_calloc(rows * info->channels_in, size, &e->x));
  RITZ_TRY_DONE(ritz_calloc(rows * info->channels_out, size, &e->y));
  RITZ_TRY_DONE(ritz_calloc(rows * info->channels_out, size, &e->prediction));
  *out = e;
  e = NULL;
done:
  ritz_evaluator_destroy(&e);
  return status;
}

static void clear_stage(stage *s) {
  ritz_predictor_destroy(&s->predictor);
  ritz_plan_destroy(&s->all);
  ritz_plan_destroy(&s->one);
}

void ritz_evaluator_destroy(ritz_evaluator **evaluator) {
  if (!evaluator || !*evaluator) return;
  ritz_evaluator *e = *evaluator;
  *evaluator = NULL;
  clear_stage(&e->full);
  clear_stage(&e->rest);
  ritz_free(e->sample);
  ritz_free(e->x);
  ritz_free(e->y);
  ritz_free(e->prediction);
  ritz_layout_destroy(&e->layout);
  ritz_model_destroy(&e->model);
  ritz_free(e);
}

/* Channel `channel` (-1: all) of a field into the input of a metric graph. */
static void give(const ritz_evaluator *e, ritz_index rows, int channel, const void *field,
                 void *input) {
  const ritz_kernels *k = ritz_kernels_get(e->model->info.dtype);
  const int c = e->info->channels_out;
  const size_t size = ritz_dtype_size(e->model->info.dtype);
  if (channel < 0)
    memcpy(input, field, (size_t)(rows * c) * size);
  else
    k->row_copy(rows, 1, (const char *)field + (size_t)channel * size, c, input, 1, false);
}

static ritz_status run_stage(ritz_evaluator *e, stage *s, ritz_index first, int channel,
                             double *sum) {
  ritz_index *sample = e->sample;
  for (ritz_index i = 0; i < s->batch; i++) sample[i] = first + i;
  ritz_status status = ritz_dataset_read_part(e->set, e->start, e->extent, s->batch, sample,
                                              e->model->info.dtype, e->x, e->y);
  if (e->layout) status = ritz_status_agree(e->domain->context, status);
  RITZ_TRY(status);
  RITZ_TRY(ritz_predictor_run_as(s->predictor, e->model->info.dtype, e->x, e->prediction));
  const int which = channel >= 0;
  ritz_plan *plan = which ? s->one : s->all;
  const ritz_index rows = s->batch * e->points;
  give(e, rows, channel, e->prediction, ritz_plan_value(plan, s->prediction[which]));
  give(e, rows, channel, e->y, ritz_plan_value(plan, s->truth[which]));
  ritz_plan_forward(plan);
  RITZ_TRY(ritz_plan_status(plan));
  for (int i = 0; ritz_domain_counts(e->domain) && i < e->count; i++) {
    const void *value = ritz_plan_value(plan, s->value[which][i]);
    for (ritz_index b = 0; b < s->batch; b++)
      sum[i] += ritz_number_get(e->model->info.dtype, value, b);
  }
  return RITZ_OK;
}

static void tell(ritz_evaluator *e, ritz_index samples) {
  if (!e->follow) return;
  const int channels = e->info->channels_out, sweeps = channels > 1 ? 1 + channels : 1;
  e->done += samples;
  e->follow(e->follow_user, e->done, e->share * sweeps);
}

static ritz_status run_share(ritz_evaluator *e, int channel, double *sum) {
  for (int i = 0; i < e->count; i++) sum[i] = 0;
  for (ritz_index done = 0; done < e->share;) {
    stage *s = done < e->share - e->rest.batch ? &e->full : &e->rest;
    RITZ_TRY(run_stage(e, s, e->first + done, channel, sum));
    done += s->batch;
    tell(e, s->batch);
  }
  return RITZ_OK;
}

ritz_status ritz_evaluator_run(ritz_evaluator *e, int channel, double *value) {
  const ritz_context *context = e->model->context;
  RITZ_TRY(ritz_status_agree(context, run_share(e, channel, value)));
  RITZ_TRY(ritz_comm_sum(context->comm, RITZ_FLOAT64, e->count, value));
  for (int i = 0; i < e->count; i++) {
    value[i] /= (double)e->info->samples;
    if (e->info->coordinates && ritz_loss_has_derivatives(e->type[i])) value[i] = NAN;
  }
  return RITZ_OK;
}

/* ---- public -------------------------------------------------------------------------------- */

struct ritz_evaluation {
  ritz_index samples;
  int count;
  ritz_metric metric[most_metrics];
};

static ritz_status create_evaluation(const ritz_evaluator *e, ritz_evaluation **out) {
  RITZ_TRY(RITZ_NEW(1, out));
  (*out)->samples = e->info->samples;
  for (int i = 0; i < e->count; i++) {
    ritz_metric *metric = &(*out)->metric[(*out)->count++];
    *metric = (ritz_metric){.name = e->type[i]->name, .channels = e->info->channels_out};
    RITZ_TRY(RITZ_NEW(metric->channels, (double **)&metric->channel));
  }
  return RITZ_OK;
}

static ritz_status fill(ritz_evaluation *evaluation, ritz_evaluator *e) {
  double value[most_metrics] = {0};
  RITZ_TRY(ritz_evaluator_run(e, -1, value));
  for (int i = 0; i < e->count; i++) evaluation->metric[i].value = value[i];
  for (int c = 0; c < e->info->channels_out; c++) {
    if (e->info->channels_out > 1) RITZ_TRY(ritz_evaluator_run(e, c, value));
    for (int i = 0; i < e->count; i++) ((double *)evaluation->metric[i].channel)[c] = value[i];
  }
  return RITZ_OK;
}

/* What each rank does alone. */
static ritz_status prepare(ritz_model *model, const char *data, const char *options,
                           const ritz_domain *domain, ritz_dataset **set,
                           ritz_evaluator **evaluator, ritz_evaluation **evaluation) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  RITZ_TRY(ritz_dataset_open(model->context, data, options, set));
  RITZ_TRY(ritz_evaluator_create(model, *set, domain, 16, count, types, evaluator));
  return create_evaluation(*evaluator, evaluation);
}

ritz_status ritz_evaluate(ritz_model *model, const char *data, const char *options,
                          ritz_evaluation **out) {
  return ritz_evaluate_split(model, 0, NULL, data, options, out); /* each rank its samples */
}

ritz_status ritz_evaluate_split(ritz_model *model, int dim, const ritz_index *parts,
                                const char *data, const char *options, ritz_evaluation **out) {
  return ritz_evaluate_watched(model, dim, parts, data, options, NULL, NULL, out);
}

ritz_status ritz_evaluate_watched(ritz_model *model, int dim, const ritz_index *parts,
                                  const char *data, const char *options,
                                  ritz_evaluation_follower *follow, void *user,
                                  ritz_evaluation **out) {
  ritz_dataset *set = NULL;
  ritz_evaluator *evaluator = NULL;
  ritz_evaluation *evaluation = NULL;
  ritz_ints counts = {.count = dim};
  ritz_domain domain;
  ritz_status status;
  *out = NULL;
  RITZ_REQUIRE(dim >= 0 && dim <= 3, RITZ_ERR_ARGUMENT, "parts of %d grid axes, at most 3 expected",
               dim);
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(parts[a] >= 1, RITZ_ERR_ARGUMENT, "%td parts of axis %d, at least 1 expected",
                 parts[a], a);
    counts.n[a] = parts[a];
  }
  RITZ_TRY(ritz_domain_create(model->context, &counts, &domain));
  RITZ_TRY_DONE(ritz_status_agree(
      model->context, prepare(model, data, options, &domain, &set, &evaluator, &evaluation)));
  assert(evaluator && evaluation); /* all ranks have theirs */
  RITZ_TRY_DONE(ritz_agree_on_data(model->context, evaluator->info));
  evaluator->follow = follow;
  evaluator->follow_user = user;
  RITZ_TRY_DONE(fill(evaluation, evaluator));
  *out = evaluation;
  evaluation = NULL;
done:
  ritz_evaluation_destroy(&evaluation);
  ritz_evaluator_destroy(&evaluator);
  ritz_dataset_close(&set);
  ritz_domain_clear(&domain);
  return status;
}

void ritz_evaluation_destroy(ritz_evaluation **evaluation) {
  if (!evaluation || !*evaluation) return;
  for (int i = 0; i < (*evaluation)->count; i++)
    ritz_free((double *)(*evaluation)->metric[i].channel);
  ritz_free(*evaluation);
  *evaluation = NULL;
}

ritz_index ritz_evaluation_samples(const ritz_evaluation *evaluation) {
  return evaluation->samples;
}

const ritz_metric *ritz_evaluation_metric(const ritz_evaluation *evaluation, int i) {
  return i >= 0 && i < evaluation->count ? &evaluation->metric[i] : NULL;
}
