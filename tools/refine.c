/* SPDX-License-Identifier: BSD-3-Clause
 * The loop of `ritz refine`: read, predict, improve sample by sample on all threads, write. */
#include "tools/refine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "model/model.h"
#include "solvers/spectral/refine.h"
#include "tools/predict_file.h"
#include "tools/progress.h"
#include "tools/signals.h"

const char *const ritz_refine_name[RITZ_REFINE_QUANTITIES] = {"rel_l2", "rel_h1_spectral",
                                                              "residual"};

/* What a thread needs. */
typedef struct worker {
  ritz_refiner *refiner;
  double *last, *frames, *truth, *error;
} worker;

typedef struct work {
  const ritz_refine_job *job;
  const ritz_dataset_info *data;
  const ritz_model_info *model;
  ritz_index points, frames, batch, first; /* first: sample of the batch at hand */
  ritz_predictor *predictor;
  ritz_predict_file file;
  int threads;
  worker *worker;
  ritz_index *sample;
  void *x, *y, *truth; /* one batch, numbers of the model's dtype; truth NULL: none */
  double *value[2][RITZ_REFINE_QUANTITIES]; /* [samples] before and after */
  double *iterations;                       /* [samples] */
} work;

/* ---- one sample ---------------------------------------------------------------------------- */

static double grid_error(ritz_index count, const double *y, const double *truth) {
  double difference = 0, size = 0;
  for (ritz_index i = 0; i < count; i++) {
    difference += (y[i] - truth[i]) * (y[i] - truth[i]);
    size += truth[i] * truth[i];
  }
  return ritz_relative_error(difference, size);
}

static void measure(const work *w, worker *mine, ritz_index sample, int after) {
  const ritz_index count = w->points * w->frames;
  double l2, h1, whole_l2, whole_h1;
  if (!w->truth) return;
  for (ritz_index i = 0; i < count; i++) mine->error[i] = mine->frames[i] - mine->truth[i];
  ritz_refiner_norms(mine->refiner, mine->error, &l2, &h1);
  ritz_refiner_norms(mine->refiner, mine->truth, &whole_l2, &whole_h1);
  w->value[after][RITZ_REFINE_L2][sample] = grid_error(count, mine->frames, mine->truth);
  w->value[after][RITZ_REFINE_H1][sample] = ritz_relative_error(h1, whole_h1);
}

/* Sample `index` of the batch. */
static void refine_sample(void *arg, ritz_index index, int thread) {
  const work *w = arg;
  worker *mine = &w->worker[thread];
  const ritz_dtype dtype = w->model->dtype;
  const ritz_index in = w->data->channels_in, count = w->points * w->frames;
  const ritz_index sample = w->first + index;
  ritz_refine_report report;
  for (ritz_index p = 0; p < w->points; p++)
    mine->last[p] = ritz_number_get(dtype, w->x, (index * w->points + p + 1) * in - 1);
  for (ritz_index i = 0; i < count; i++) {
    mine->frames[i] = ritz_number_get(dtype, w->y, index * count + i);
    if (w->truth) mine->truth[i] = ritz_number_get(dtype, w->truth, index * count + i);
  }
  measure(w, mine, sample, 0);
  ritz_refiner_run(mine->refiner, mine->last, mine->frames, &report);
  measure(w, mine, sample, 1);
  w->value[0][RITZ_REFINE_RESIDUAL][sample] = report.before;
  w->value[1][RITZ_REFINE_RESIDUAL][sample] = report.after;
  w->iterations[sample] = report.solve.iterations;
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(dtype, (void *)w->y, index * count + i, mine->frames[i]);
}

/* ---- all samples --------------------------------------------------------------------------- */

static ritz_status do_batch(work *w) {
  for (ritz_index i = 0; i < w->batch; i++) w->sample[i] = w->first + i;
  RITZ_TRY(
      ritz_dataset_read(w->job->predict.set, w->batch, w->sample, w->model->dtype, w->x, w->truth));
  RITZ_TRY(ritz_predictor_run_as(w->predictor, w->model->dtype, w->x, w->y));
  ritz_parallel(w->threads, w->batch, refine_sample, w);
  return ritz_predict_file_write(&w->file, w->first, w->batch, w->x, w->y, w->truth);
}

static ritz_status do_all(work *w) {
  ritz_progress progress;
  ritz_status status = RITZ_OK;
  ritz_progress_begin(&progress, "refine", "samples", w->data->samples, 0);
  for (ritz_index done = 0; status == RITZ_OK && done < w->data->samples; done += w->batch) {
    /* The last batch is a whole one too and repeats some samples. */
    const ritz_index last = w->data->samples - w->batch;
    w->first = done < last ? done : last;
    status = do_batch(w);
    ritz_progress_show(&progress, w->first + w->batch);
    if (status == RITZ_OK && ritz_signals_caught())
      status = RITZ_FAIL(RITZ_ERR_INTERRUPTED, "stopped by %s; nothing is written",
                         ritz_signals_caught());
  }
  ritz_progress_end(&progress);
  return status;
}

static ritz_status write_values(work *w) {
  const ritz_index samples = w->data->samples;
  char name[64];
  for (int q = w->truth ? 0 : RITZ_REFINE_RESIDUAL; q < RITZ_REFINE_QUANTITIES; q++)
    for (int after = 0; after < 2; after++) {
      snprintf(name, sizeof name, "%s_%s", ritz_refine_name[q], after ? "after" : "before");
      RITZ_TRY(ritz_h5_write_array(w->file.file, name, RITZ_H5_FLOAT64, 1, &samples,
                                   w->value[after][q]));
    }
  return ritz_h5_write_array(w->file.file, "iterations", RITZ_H5_FLOAT64, 1, &samples,
                             w->iterations);
}

static ritz_refine_mean mean_of(ritz_index count, const double *value) {
  double sum = 0, square = 0;
  for (ritz_index i = 0; i < count; i++) sum += value[i];
  const double mean = sum / (double)count;
  for (ritz_index i = 0; i < count; i++) square += (value[i] - mean) * (value[i] - mean);
  const double deviation = count > 1 ? sqrt(square / (double)(count - 1)) : 0;
  return (ritz_refine_mean){mean, 1.96 * deviation / sqrt((double)count)};
}

static void summarise(const work *w, ritz_refine_summary *s) {
  s->truth = w->truth != NULL;
  for (int q = 0; q < RITZ_REFINE_QUANTITIES; q++) {
    s->before[q] = mean_of(w->data->samples, w->value[0][q]);
    s->after[q] = mean_of(w->data->samples, w->value[1][q]);
  }
  s->iterations = mean_of(w->data->samples, w->iterations).mean;
}

/* ---- planning ------------------------------------------------------------------------------ */

static ritz_status plan_worker(const work *w, worker *mine) {
  const ritz_refine_job *job = w->job;
  ritz_refine_options options = {.frames = w->frames,
                                 .interval = job->flow.interval,
                                 .viscosity = job->flow.viscosity,
                                 .drag = job->flow.drag,
                                 .forcing = ritz_flow_forcing,
                                 .forcing_user = &job->flow,
                                 .time_modes = job->time_modes,
                                 .time_points = job->time_points,
                                 .max_iterations = (int)job->iterations,
                                 .tolerance = 1e-4};
  for (int a = 0; a < 2; a++) {
    options.nodes[a] = w->data->grid[a];
    options.length[a] = w->data->length[a] > 0 ? w->data->length[a] : job->flow.length;
  }
  RITZ_TRY(RITZ_NEW(w->points, &mine->last));
  RITZ_TRY(RITZ_NEW(w->points * w->frames, &mine->frames));
  RITZ_TRY(RITZ_NEW(w->points * w->frames, &mine->truth));
  RITZ_TRY(RITZ_NEW(w->points * w->frames, &mine->error));
  return ritz_refiner_create(&options, &mine->refiner);
}

static ritz_status plan(work *w) {
  const ritz_predict_job *job = &w->job->predict;
  const size_t size = ritz_dtype_size(w->model->dtype);
  const ritz_index samples = w->data->samples;
  w->points = w->data->grid[0] * w->data->grid[1];
  w->frames = job->steps * w->model->channels_out;
  w->threads = job->context->threads;
  w->batch = samples < 2 * w->threads ? samples : 2 * w->threads;
  RITZ_TRY(RITZ_NEW(w->batch, &w->sample));
  RITZ_TRY(ritz_calloc(w->batch * w->points * w->data->channels_in, size, &w->x));
  RITZ_TRY(ritz_calloc(w->batch * w->points * w->frames, size, &w->y));
  if (w->data->channels_out == w->frames)
    RITZ_TRY(ritz_calloc(w->batch * w->points * w->frames, size, &w->truth));
  for (int after = 0; after < 2; after++)
    for (int q = 0; q < RITZ_REFINE_QUANTITIES; q++)
      RITZ_TRY(RITZ_NEW(samples, &w->value[after][q]));
  RITZ_TRY(RITZ_NEW(samples, &w->iterations));
  RITZ_TRY(RITZ_NEW(w->threads, &w->worker));
  for (int t = 0; t < w->threads; t++) RITZ_TRY(plan_worker(w, &w->worker[t]));
  return ritz_predictor_create_rollout(job->model, 2, w->data->grid, w->batch, job->steps,
                                       &w->predictor);
}

static void release(work *w) {
  ritz_predictor_destroy(&w->predictor);
  for (int t = 0; w->worker && t < w->threads; t++) {
    ritz_refiner_destroy(&w->worker[t].refiner);
    ritz_free(w->worker[t].last);
    ritz_free(w->worker[t].frames);
    ritz_free(w->worker[t].truth);
    ritz_free(w->worker[t].error);
  }
  for (int after = 0; after < 2; after++)
    for (int q = 0; q < RITZ_REFINE_QUANTITIES; q++) ritz_free(w->value[after][q]);
  ritz_free(w->iterations);
  ritz_free(w->worker);
  ritz_free(w->sample);
  ritz_free(w->x);
  ritz_free(w->y);
  ritz_free(w->truth);
}

ritz_status ritz_refine(const ritz_refine_job *job, ritz_refine_summary *summary) {
  work w = {.job = job,
            .data = ritz_dataset_get_info(job->predict.set),
            .model = ritz_model_get_info(job->predict.model)};
  *summary = (ritz_refine_summary){0};
  RITZ_REQUIRE(w.data->dim == 2, RITZ_ERR_SHAPE, "%s: refining is for flows on two axes, not %d",
               w.data->path, w.data->dim);
  ritz_status status = plan(&w);
  if (status == RITZ_OK)
    status = ritz_predict_file_create(&job->predict, w.truth != NULL, NULL, &w.file);
  if (status == RITZ_OK) {
    ritz_progress clock;
    ritz_progress_begin(&clock, "", "", 1, 0);
    ritz_signals_catch();
    status = do_all(&w);
    if (status == RITZ_OK) status = write_values(&w);
    summary->seconds = ritz_progress_seconds(&clock);
    summarise(&w, summary);
    status = ritz_predict_file_finish(&w.file, status);
  }
  release(&w);
  return status;
}
