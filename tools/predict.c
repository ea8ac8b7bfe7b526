/* SPDX-License-Identifier: BSD-3-Clause
 * The loop of `ritz predict`: read, resample, predict, write, a batch at a time. */
#include "tools/predict.h"

#include <math.h>
#include <ritz/predictor.h>

#include "core/fail.h"
#include "core/memory.h"
#include "tools/predict_file.h"
#include "tools/progress.h"
#include "tools/resample.h"
#include "tools/signals.h"

/* A batch: some 2^18 points keep every thread busy and the memory small. */
enum { batch_points = 1 << 18, batch_most = 64 };

typedef struct work {
  const ritz_predict_job *job;
  const ritz_dataset_info *data;
  const ritz_model_info *model;
  ritz_index batch, points; /* points of the prediction's grid */
  ritz_index channels;      /* of the prediction, of all steps */
  ritz_predictor *predictor;
  ritz_resampler resampler;
  ritz_predict_file file;
  ritz_index *sample;  /* [batch] */
  void *x, *y, *truth; /* one batch, numbers of the model's dtype; truth NULL: none */
  double error_sum;
} work;

static double at(const work *w, const void *values, ritz_index i) {
  return w->model->dtype == RITZ_FLOAT64 ? ((const double *)values)[i] : ((const float *)values)[i];
}

static ritz_status predict(work *w, const void *x) {
  return w->model->dtype == RITZ_FLOAT64 ? ritz_predictor_run_f64(w->predictor, x, w->y)
                                         : ritz_predictor_run_f32(w->predictor, x, w->y);
}

static double relative_error(const work *w, ritz_index i) {
  const ritz_index count = w->points * w->channels;
  double difference = 0, size = 0;
  for (ritz_index k = i * count; k < (i + 1) * count; k++) {
    const double y = at(w, w->y, k), truth = at(w, w->truth, k);
    difference += (y - truth) * (y - truth);
    size += truth * truth;
  }
  return size > 0 ? sqrt(difference / size) : difference > 0 ? INFINITY : 0;
}

/* Samples first ... first + batch - 1, of which the ones before `from` are done already. */
static ritz_status do_batch(work *w, ritz_index first, ritz_index from) {
  for (ritz_index i = 0; i < w->batch; i++) w->sample[i] = first + i;
  RITZ_TRY(ritz_dataset_read(w->job->set, w->batch, w->sample, w->model->dtype, w->x, w->truth));
  const void *x = ritz_resample(&w->resampler, w->x);
  const ritz_status status = predict(w, x);
  if (status != RITZ_OK)
    return ritz_fail_prefix(status, "%s, samples %td to %td", w->data->path, first,
                            first + w->batch - 1);
  for (ritz_index i = from - first; w->truth && i < w->batch; i++)
    w->error_sum += relative_error(w, i);
  return ritz_predict_file_write(&w->file, first, w->batch, x, w->y, w->truth);
}

static ritz_status do_all(work *w) {
  ritz_progress progress;
  ritz_status status = RITZ_OK;
  ritz_progress_begin(&progress, "predict", "samples", w->data->samples, 0);
  for (ritz_index done = 0; status == RITZ_OK && done < w->data->samples;) {
    /* The last batch is a whole one too and repeats some samples. */
    const ritz_index last = w->data->samples - w->batch, first = done < last ? done : last;
    status = do_batch(w, first, done);
    done = first + w->batch;
    ritz_progress_show(&progress, done);
    if (status == RITZ_OK && ritz_signals_caught())
      status = RITZ_FAIL(RITZ_ERR_INTERRUPTED, "stopped by %s; nothing is written",
                         ritz_signals_caught());
  }
  ritz_progress_end(&progress);
  return status;
}

static ritz_status plan(work *w) {
  const ritz_predict_job *job = w->job;
  const ritz_dtype dtype = w->model->dtype;
  const size_t size = dtype == RITZ_FLOAT64 ? 8 : 4;
  ritz_index old_points = 1;
  bool same = true;
  w->points = 1;
  for (int a = 0; a < w->data->dim; a++) {
    old_points *= w->data->grid[a];
    w->points *= job->grid[a];
    same = same && job->grid[a] == w->data->grid[a];
  }
  w->batch = batch_points / w->points;
  if (w->batch > batch_most) w->batch = batch_most;
  if (w->batch > w->data->samples) w->batch = w->data->samples;
  if (w->batch < 1) w->batch = 1;
  RITZ_TRY(RITZ_NEW(w->batch, &w->sample));
  RITZ_TRY(ritz_calloc(w->batch * old_points * w->data->channels_in, size, &w->x));
  RITZ_TRY(ritz_calloc(w->batch * w->points * w->channels, size, &w->y));
  if (same && w->data->channels_out == w->channels)
    RITZ_TRY(ritz_calloc(w->batch * w->points * w->channels, size, &w->truth));
  RITZ_TRY(ritz_resampler_create(job->context, w->data, dtype, job->grid, w->batch, &w->resampler));
  return ritz_predictor_create_rollout(job->model, w->data->dim, job->grid, w->batch, job->steps,
                                       &w->predictor);
}

static void release(work *w) {
  ritz_predictor_destroy(&w->predictor);
  ritz_resampler_destroy(&w->resampler);
  ritz_free(w->sample);
  ritz_free(w->x);
  ritz_free(w->y);
  ritz_free(w->truth);
}

ritz_status ritz_predict(const ritz_predict_job *job, ritz_predict_summary *summary) {
  work w = {.job = job,
            .data = ritz_dataset_get_info(job->set),
            .model = ritz_model_get_info(job->model)};
  w.channels = job->steps * w.model->channels_out;
  ritz_status status = plan(&w);
  if (status == RITZ_OK) status = ritz_predict_file_create(job, w.truth != NULL, &w.file);
  if (status == RITZ_OK) {
    ritz_progress clock;
    ritz_progress_begin(&clock, "", "", 1, 0);
    ritz_signals_catch();
    status = do_all(&w);
    summary->seconds = ritz_progress_seconds(&clock);
    summary->rel_l2 = w.truth ? w.error_sum / (double)w.data->samples : -1;
    status = ritz_predict_file_finish(&w.file, status);
  }
  release(&w);
  return status;
}
