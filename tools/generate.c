/* SPDX-License-Identifier: BSD-3-Clause
 * The loop of `ritz generate`: every rank makes a block of samples; they travel to the first rank
 * one after the other, are written there, then marked as done. Samples of several ranks each:
 * split_generate.c. */
#include "tools/generate.h"

#include <ritz/graph.h>
#include <stdio.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/shape.h"
#include "dist/comm.h"
#include "io/h5.h"
#include "io/map_writer.h"
#include "tools/command.h"
#include "tools/progress.h"
#include "tools/signals.h"

enum {
  RESIDUAL = RITZ_GENERATE_RESIDUAL,
  ITERATIONS = RITZ_GENERATE_ITERATIONS,
  REASON = RITZ_GENERATE_REASON,
  extras,
  most_extras = extras + RITZ_GENERATOR_LISTS
};

/* Of every generator; its lists follow. */
static const ritz_map_extra extra[extras] = {
    [RESIDUAL] = {.name = "residual",
                  .long_name = "true relative residual of the solve, in double",
                  .units = "1"},
    [ITERATIONS] = {.name = "iterations", .integer = true, .long_name = "iterations of the solve"},
    [REASON] = {.name = "reason",
                .integer = true,
                .long_name = "why the solve ended; positive: converged"},
};

/* Samples made at once. */
typedef struct block {
  ritz_index most, round;      /* samples of a rank; of all */
  ritz_index x_bytes, y_bytes; /* of one sample */
  void *x, *y;                 /* numbers of job->dtype */
  ritz_solve_report *report;
  int extras;
  ritz_index extra_numbers[most_extras]; /* of one sample */
  double *extra[most_extras];
} block;

static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }

const ritz_generator_info *ritz_generate_info(const ritz_generate_job *job) {
  return job->split ? ritz_split_generator_describe(job->split)
                    : ritz_generator_describe(job->generator);
}

/* Ranks may have different threads: the first one decides for all. */
static ritz_status choose_size(const ritz_generate_job *job, block *b) {
  /* Some MiB keep writing efficient and a stop quick; two rounds of threads keep them busy. */
  const ritz_generator_info *info = ritz_generate_info(job);
  const ritz_index bytes = (ritz_index)ritz_dtype_size(job->dtype);
  const ritz_index ranks = ritz_comm_size(job->context->comm);
  b->x_bytes = ritz_shape_count(&info->x.shape) * bytes;
  b->y_bytes = ritz_shape_count(&info->y.shape) * bytes;
  b->extras = extras + info->lists;
  for (int e = 0; e < b->extras; e++)
    b->extra_numbers[e] = e < extras ? 1 : info->list[e - extras].count;
  if (job->split) {
    b->x_bytes = b->y_bytes = ritz_split_generate_room(job) * bytes;
    b->most = 1;
    b->round = job->groups;
    return RITZ_OK;
  }
  const ritz_index fit = smaller((4 << 20) / (b->x_bytes + b->y_bytes), 1024);
  const ritz_index round =
      2 * job->threads > info->run * job->threads ? 2 * job->threads : info->run * job->threads;
  const ritz_index rounds = fit > round ? fit / round : 1;
  b->most = smaller(rounds * round, (job->samples + ranks - 1) / ranks);
  if (info->chained) b->most = (b->most + info->run - 1) / info->run * info->run;
  RITZ_TRY(ritz_comm_broadcast(job->context->comm, 0, sizeof b->most, &b->most));
  b->round = b->most * ranks;
  return RITZ_OK;
}

static ritz_status create_block(block *b) {
  RITZ_TRY(ritz_calloc(b->most, (size_t)b->x_bytes, &b->x));
  RITZ_TRY(ritz_calloc(b->most, (size_t)b->y_bytes, &b->y));
  RITZ_TRY(RITZ_NEW(b->most, &b->report));
  for (int e = 0; e < b->extras; e++)
    RITZ_TRY(RITZ_NEW(b->most * b->extra_numbers[e], &b->extra[e]));
  return RITZ_OK;
}

static void release_block(block *b) {
  ritz_free(b->x);
  ritz_free(b->y);
  ritz_free(b->report);
  for (int e = 0; e < b->extras; e++) ritz_free(b->extra[e]);
}

static ritz_map_field field(const ritz_generator_info *info, const ritz_generator_field *of) {
  const int grid_end = info->dim + (of->frames > 0);
  return (ritz_map_field){.channels = of->shape.rank > grid_end ? (int)of->shape.n[grid_end] : 1,
                          .frames = of->frames,
                          .times = of->times,
                          .channel = of->channel,
                          .long_name = of->name,
                          .units = of->unit};
}

static ritz_map_spec specify(const ritz_generate_job *job, const char *parameters) {
  const ritz_generator_info *info = ritz_generate_info(job);
  ritz_map_spec spec = {.samples = job->samples,
                        .first_sample = job->first,
                        .dim = info->dim,
                        .coordinates = info->coordinates,
                        .x = field(info, &info->x),
                        .y = field(info, &info->y),
                        .stored = job->dtype,
                        .seed = job->seed,
                        .generator = info->type,
                        .method = info->method,
                        .parameters = parameters,
                        .extras = extras + info->lists};
  for (int a = 0; a < info->dim; a++) {
    spec.grid[a] = info->nodes[a];
    spec.length[a] = info->length[a];
    spec.periodic[a] = info->periodic[a];
  }
  for (int e = 0; e < extras; e++) spec.extra[e] = extra[e];
  for (int l = 0; l < info->lists; l++)
    spec.extra[extras + l] = (ritz_map_extra){.name = info->list[l].name,
                                              .long_name = info->list[l].meaning,
                                              .units = info->list[l].unit,
                                              .count = info->list[l].count};
  return spec;
}

/* Samples from .. from + count - 1 of the file. */
static ritz_status make(const ritz_generate_job *job, block *b, ritz_index from, ritz_index count) {
  RITZ_TRY(ritz_generator_run_lists(job->generator, job->seed, job->first + from, count, job->dtype,
                                    b->x, b->y, b->extra + extras, b->report));
  for (ritz_index i = 0; i < count; i++) {
    b->extra[RESIDUAL][i] = b->report[i].residual;
    b->extra[ITERATIONS][i] = b->report[i].iterations;
    b->extra[REASON][i] = b->report[i].reason;
  }
  return RITZ_OK;
}

/* The block of `rank` in a round that begins with sample `from`. */
static ritz_index block_of(const ritz_generate_job *job, const block *b, ritz_index from, int rank,
                           ritz_index *count) {
  const ritz_index first = smaller(from + rank * b->most, job->samples);
  *count = smaller(b->most, job->samples - first);
  return first;
}

static ritz_status take(const ritz_generate_job *job, block *b, int rank, ritz_index count) {
  ritz_comm *comm = job->context->comm;
  RITZ_TRY(ritz_comm_move(comm, rank, 0, count * b->x_bytes, b->x));
  RITZ_TRY(ritz_comm_move(comm, rank, 0, count * b->y_bytes, b->y));
  for (int e = 0; e < b->extras; e++)
    RITZ_TRY(ritz_comm_move(comm, rank, 0, count * b->extra_numbers[e] * (ritz_index)sizeof(double),
                            b->extra[e]));
  return RITZ_OK;
}

/* After a failure to write the blocks are still taken: their ranks wait for that. */
static ritz_status write_round(const ritz_generate_job *job, block *b, ritz_map_writer *writer,
                               ritz_index from) {
  ritz_status status = RITZ_OK;
  for (int rank = 0; rank < ritz_comm_size(job->context->comm); rank++) {
    ritz_index count;
    const ritz_index first = block_of(job, b, from, rank, &count);
    RITZ_TRY(take(job, b, rank, count));
    if (status == RITZ_OK && writer)
      status = ritz_map_writer_write(writer, first, count, job->dtype, b->x, b->y,
                                     (const double *const *)b->extra);
  }
  return ritz_status_agree(job->context, status);
}

static ritz_status make_round(const ritz_generate_job *job, block *b, ritz_map_writer *writer,
                              ritz_index from) {
  ritz_index count;
  const ritz_index first = block_of(job, b, from, ritz_comm_rank(job->context->comm), &count);
  RITZ_TRY(ritz_status_agree(job->context, make(job, b, first, count)));
  return write_round(job, b, writer, from);
}

/* Where the next round begins, and whether there is to be one. */
typedef struct round {
  ritz_index from;
  bool stop;
} round;

static ritz_status next_round(const ritz_generate_job *job, const ritz_map_writer *writer,
                              round *next) {
  double signals = ritz_signals_caught() != NULL; /* they may reach any rank */
  RITZ_TRY(ritz_comm_largest(job->context->comm, 1, &signals));
  if (writer) {
    next->from = ritz_map_writer_next(writer, next->from);
    next->stop = signals > 0 && next->from < job->samples;
  }
  RITZ_TRY(ritz_comm_broadcast(job->context->comm, 0, sizeof *next, next));
  if (!next->stop) return RITZ_OK;
  if (!writer) return RITZ_FAIL(RITZ_ERR_INTERRUPTED, "stopped by the first rank");
  return RITZ_FAIL(RITZ_ERR_INTERRUPTED,
                   "stopped by %s after %td of %td samples; the same command goes on with %s.part",
                   ritz_signals_text(), ritz_map_writer_done(writer), job->samples, job->path);
}

/* @param writer  Of the first rank; NULL on the others. */
static ritz_status make_missing(const ritz_generate_job *job, block *b, ritz_map_writer *writer,
                                ritz_progress *progress) {
  for (round next = {0};; next.from += b->round) {
    RITZ_TRY(next_round(job, writer, &next));
    if (next.from >= job->samples) return RITZ_OK;
    RITZ_TRY(job->split ? ritz_split_generate_round(job, next.from, b->x, b->y, b->extra, writer)
                        : make_round(job, b, writer, next.from));
    if (!writer) continue;
    ritz_progress_show(progress, ritz_map_writer_done(writer));
    if (job->verbose && !progress->live)
      ritz_say(job->command, "%td of %td samples, %.1f s", ritz_map_writer_done(writer),
               job->samples, ritz_progress_seconds(progress));
  }
}

typedef struct totals {
  double iterations, residual; /* mean; largest */
  ritz_index failed, first_failed;
  ritz_solve_reason reason; /* of the first one that failed */
} totals;

/* From the file, so that samples of an earlier run count as well. */
static ritz_status read_totals(const ritz_generate_job *job, totals *out) {
  hid_t file;
  double *values[extras] = {NULL};
  *out = (totals){0};
  RITZ_TRY(ritz_h5_open(job->path, &file));
  ritz_status status;
  for (int e = 0; e < extras; e++) {
    RITZ_TRY_DONE(RITZ_NEW(job->samples, &values[e]));
    RITZ_TRY_DONE(
        ritz_h5_read_array(file, extra[e].name, RITZ_H5_FLOAT64, 1, &job->samples, values[e]));
  }
  for (ritz_index i = 0; i < job->samples; i++) {
    const double residual = values[RESIDUAL][i];
    out->iterations += values[ITERATIONS][i] / (double)job->samples;
    if (!(residual <= out->residual)) out->residual = residual; /* NaN shows */
    if (values[REASON][i] > 0) continue;
    if (out->failed++ == 0) {
      out->first_failed = job->first + i;
      out->reason = (ritz_solve_reason)values[REASON][i];
    }
  }
done:
  for (int e = 0; e < extras; e++) ritz_free(values[e]);
  const ritz_status closed = ritz_h5_close(&file);
  return status == RITZ_OK ? closed : status;
}

static ritz_status report(const ritz_generate_job *job, ritz_index made, double seconds) {
  totals all;
  RITZ_TRY(read_totals(job, &all));
  printf("%s: %td samples", job->path, job->samples);
  if (made < job->samples) printf(" (%td of them made before)", job->samples - made);
  if (made > 0) printf(", %.3g s, %.4g samples/s", seconds, (double)made / seconds);
  printf(", %.1f iterations, residual <= %.2g\n", all.iterations, all.residual);
  const char *method = ritz_generate_info(job)->method;
  if (method) printf("solver: %s\n", method);
  RITZ_REQUIRE(all.failed == 0, RITZ_ERR_NUMERIC,
               "%s: %td of %td samples did not reach the tolerance, the first is sample %td: %s",
               job->path, all.failed, job->samples, all.first_failed,
               ritz_solve_reason_text(all.reason));
  return RITZ_OK;
}

/* The first rank opens, fills and finishes the file. */
static ritz_status fill_first(const ritz_generate_job *job, const ritz_map_spec *spec, block *b) {
  ritz_map_writer *writer;
  ritz_progress progress;
  RITZ_TRY(ritz_status_agree(job->context, ritz_map_writer_open(job->path, spec, &writer)));
  const ritz_index before = ritz_map_writer_done(writer);
  if (before)
    ritz_say(job->command, "going on with %s.part: %td of %td samples are there", job->path, before,
             job->samples);
  ritz_progress_begin(&progress, spec->generator, "samples", job->samples, before);
  ritz_status status = make_missing(job, b, writer, &progress);
  ritz_progress_end(&progress);
  const double seconds = ritz_progress_seconds(&progress);
  const bool made = status == RITZ_OK;
  if (made) status = ritz_map_writer_finish(&writer);
  ritz_map_writer_close(&writer);
  if (status == RITZ_OK) status = report(job, job->samples - before, seconds);
  return made ? ritz_status_agree(job->context, status) : status;
}

/* The others open nothing, make their blocks, and hear how it ended. */
static ritz_status fill_other(const ritz_generate_job *job, block *b) {
  RITZ_TRY(ritz_status_agree(job->context, RITZ_OK));
  RITZ_TRY(make_missing(job, b, NULL, NULL));
  return ritz_status_agree(job->context, RITZ_OK);
}

ritz_status ritz_generate(const ritz_generate_job *job) {
  char *parameters = NULL;
  block b = {0};
  ritz_status status;
  RITZ_TRY(choose_size(job, &b));
  status = create_block(&b);
  if (status == RITZ_OK)
    status = job->split ? ritz_split_generator_options(job->split, &parameters)
                        : ritz_generator_options(job->generator, &parameters);
  RITZ_TRY_DONE(ritz_status_agree(job->context, status));
  const ritz_map_spec spec = specify(job, parameters);
  ritz_signals_catch();
  status = ritz_is_first_rank(job->context) ? fill_first(job, &spec, &b) : fill_other(job, &b);
done:
  release_block(&b);
  ritz_text_free(parameters);
  return status;
}
