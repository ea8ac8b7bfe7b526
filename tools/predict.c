/* SPDX-License-Identifier: BSD-3-Clause
 * The loop of `ritz predict`: read, resample, predict, write, a batch at a time. Ranks share the
 * samples, and the grids where asked for, and write one file. */
#include "tools/predict.h"

#include <math.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "model/model.h"
#include "tools/predict_file.h"
#include "tools/progress.h"
#include "tools/resample.h"
#include "tools/signals.h"
#include "train/agree.h"
#include "train/domain.h"

/* A batch: some 2^18 points keep every thread busy and the memory small. */
enum { batch_points = 1 << 18 };

typedef struct work {
  const ritz_predict_job *job;
  const ritz_dataset_info *data;
  const ritz_model_info *model;
  ritz_domain domain;             /* the ranks that share the grid of a sample */
  ritz_layout *layout;            /* NULL: they do not */
  ritz_index first, share;        /* samples of this domain */
  ritz_index start[3], extent[3]; /* the part of the prediction's grid that is here */
  ritz_index batch, points;       /* points of that part */
  ritz_index channels;            /* of the prediction, of all steps */
  ritz_predictor *predictor;
  ritz_resampler resampler;
  ritz_predict_file file;
  ritz_index *sample;  /* [batch] */
  void *x, *y, *truth; /* one batch, numbers of the model's dtype; truth NULL: none */
  double *norms;       /* [2 batch] squared, of difference and truth */
  double error_sum;
} work;

static double at(const work *w, const void *values, ritz_index i) {
  return ritz_number_get(w->model->dtype, values, i);
}

double ritz_relative_error(double difference, double truth) {
  if (truth > 0) return sqrt(difference / truth);
  return difference > 0 ? INFINITY : 0;
}

/* Of sample i of the batch, squared; of this rank's points. */
static void add_norms(const work *w, ritz_index i, double *difference, double *size) {
  const ritz_index count = w->points * w->channels;
  *difference = *size = 0;
  for (ritz_index k = i * count; k < (i + 1) * count; k++) {
    const double y = at(w, w->y, k), truth = at(w, w->truth, k);
    *difference += (y - truth) * (y - truth);
    *size += truth * truth;
  }
}

/* Relative errors of the samples from number `from` of the batch on. */
static ritz_status add_errors(work *w, ritz_index from) {
  double *difference = w->norms, *size = w->norms + w->batch;
  for (ritz_index i = 0; i < w->batch; i++) add_norms(w, i, &difference[i], &size[i]);
  if (w->layout)
    RITZ_TRY(ritz_comm_sum(w->domain.context->comm, RITZ_FLOAT64, 2 * w->batch, w->norms));
  for (ritz_index i = from; i < w->batch && ritz_domain_counts(&w->domain); i++)
    w->error_sum += ritz_relative_error(difference[i], size[i]);
  return RITZ_OK;
}

static ritz_status read_batch(work *w, ritz_index first) {
  ritz_index whole[3] = {0, 0, 0};
  for (ritz_index i = 0; i < w->batch; i++) w->sample[i] = first + i;
  const ritz_index *extent = w->layout ? w->extent : w->data->grid;
  return ritz_dataset_read_part(w->job->set, w->layout ? w->start : whole, extent, w->batch,
                                w->sample, w->model->dtype, w->x, w->truth);
}

/* Samples first ... first + batch - 1, of which the ones before `from` are done already. */
static ritz_status do_batch(work *w, ritz_index first, ritz_index from, const void **x) {
  ritz_status status = read_batch(w, first);
  if (w->layout) status = ritz_status_agree(w->domain.context, status);
  RITZ_TRY(status);
  *x = ritz_resample(&w->resampler, w->x);
  status = ritz_predictor_run_as(w->predictor, w->model->dtype, *x, w->y);
  if (status != RITZ_OK)
    return ritz_fail_prefix(status, "%s, samples %td to %td", w->data->path, first,
                            first + w->batch - 1);
  return w->truth ? add_errors(w, from - first) : RITZ_OK;
}

/* @return  What stops the run, on all ranks. */
static ritz_status check_signals(const work *w) {
  double any = ritz_signals_caught() != NULL;
  RITZ_TRY(ritz_comm_largest(w->job->context->comm, 1, &any));
  RITZ_REQUIRE(any == 0, RITZ_ERR_INTERRUPTED, "stopped by %s; nothing is written",
               ritz_signals_text());
  return RITZ_OK;
}

/* A round: every domain does one of its batches, if any are left. The last one is a whole one too
 * and repeats some samples. */
static ritz_status do_round(work *w, ritz_index done) {
  const void *x = NULL;
  const ritz_index last = w->share - w->batch, first = w->first + (done < last ? done : last);
  const bool works = done < w->share;
  const ritz_status status = works ? do_batch(w, first, w->first + done, &x) : RITZ_OK;
  RITZ_TRY(ritz_status_agree(w->job->context, status));
  RITZ_TRY(ritz_predict_file_write(&w->file, first, x ? w->batch : 0, x, w->y, w->truth));
  return check_signals(w);
}

static ritz_status do_all(work *w) {
  ritz_progress progress;
  ritz_status status = RITZ_OK;
  double rounds = w->share ? (double)((w->share + w->batch - 1) / w->batch) : 0;
  RITZ_TRY(ritz_comm_largest(w->job->context->comm, 1, &rounds));
  ritz_progress_begin(&progress, "predict", "samples", w->share, 0);
  for (ritz_index round = 0; status == RITZ_OK && round < rounds; round++) {
    const ritz_index done = (round + 1) * w->batch;
    status = do_round(w, round * w->batch);
    ritz_progress_show(&progress, done < w->share ? done : w->share);
  }
  ritz_progress_end(&progress);
  return status;
}

/* This rank's samples and its part of the grid. */
static ritz_status take_part(work *w, bool same) {
  ritz_domain_share(&w->domain, w->data->samples, &w->first, &w->share);
  RITZ_REQUIRE(!w->domain.split || same, RITZ_ERR_CONFIG,
               "--resolution wants whole fields, which --parts leaves no rank with");
  RITZ_TRY(ritz_domain_layout(&w->domain, w->data->dim, w->job->grid, &w->layout));
  w->points = 1;
  for (int a = 0; a < w->data->dim; a++) {
    w->extent[a] = w->job->grid[a];
    if (w->layout) ritz_layout_part(w->layout, a, &w->start[a], &w->extent[a]);
    w->points *= w->extent[a];
  }
  return RITZ_OK;
}

static ritz_status choose_batch(work *w, ritz_index whole) {
  w->batch = batch_points / whole;
  if (w->batch > RITZ_PREDICT_BATCH) w->batch = RITZ_PREDICT_BATCH;
  if (w->batch > w->share) w->batch = w->share;
  if (w->batch < 1) w->batch = 1;
  RITZ_TRY(RITZ_NEW(w->batch, &w->sample));
  return RITZ_NEW(2 * w->batch, &w->norms);
}

/* What each rank does alone. */
static ritz_status plan(work *w) {
  const ritz_predict_job *job = w->job;
  const ritz_dtype dtype = w->model->dtype;
  const size_t size = ritz_dtype_size(dtype);
  ritz_index whole = 1, old_points = 1;
  bool same = true;
  for (int a = 0; a < w->data->dim; a++) {
    whole *= job->grid[a];
    old_points *= w->data->grid[a];
    same = same && job->grid[a] == w->data->grid[a];
  }
  RITZ_TRY(take_part(w, same));
  RITZ_TRY(choose_batch(w, whole));
  if (w->layout) old_points = w->points;
  RITZ_TRY(ritz_calloc(w->batch * old_points * w->data->channels_in, size, &w->x));
  RITZ_TRY(ritz_calloc(w->batch * w->points * w->channels, size, &w->y));
  if (same && w->data->channels_out == w->channels)
    RITZ_TRY(ritz_calloc(w->batch * w->points * w->channels, size, &w->truth));
  if (!w->layout)
    RITZ_TRY(
        ritz_resampler_create(job->context, w->data, dtype, job->grid, w->batch, &w->resampler));
  return w->layout ? ritz_predictor_create_split(job->model, w->layout, w->batch, job->steps,
                                                 &w->predictor)
                   : ritz_predictor_create_rollout(job->model, w->data->dim, job->grid, w->batch,
                                                   job->steps, &w->predictor);
}

static void release(work *w) {
  ritz_predictor_destroy(&w->predictor);
  ritz_resampler_destroy(&w->resampler);
  ritz_layout_destroy(&w->layout);
  ritz_domain_clear(&w->domain);
  ritz_free(w->sample);
  ritz_free(w->norms);
  ritz_free(w->x);
  ritz_free(w->y);
  ritz_free(w->truth);
}

static ritz_status run(work *w, ritz_predict_summary *summary) {
  const ritz_predict_job *job = w->job;
  RITZ_TRY(ritz_domain_create(job->context, &job->parts, &w->domain));
  RITZ_TRY(ritz_status_agree(job->context, plan(w)));
  RITZ_TRY(ritz_agree_on_data(job->context, w->data));
  RITZ_TRY(ritz_predict_file_create(job, w->truth != NULL, w->layout, &w->file));
  ritz_progress clock;
  ritz_progress_begin(&clock, "", "", 1, 0);
  ritz_signals_catch();
  ritz_status status = do_all(w);
  summary->seconds = ritz_progress_seconds(&clock);
  if (status == RITZ_OK) status = ritz_comm_sum(job->context->comm, RITZ_FLOAT64, 1, &w->error_sum);
  summary->rel_l2 = w->truth ? w->error_sum / (double)w->data->samples : -1;
  return ritz_status_agree(job->context, ritz_predict_file_finish(&w->file, status));
}

ritz_status ritz_predict(const ritz_predict_job *job, ritz_predict_summary *summary) {
  work w = {.job = job,
            .data = ritz_dataset_get_info(job->set),
            .model = ritz_model_get_info(job->model)};
  w.channels = job->steps * w.model->channels_out;
  const ritz_status status = run(&w, summary);
  release(&w);
  return status;
}
