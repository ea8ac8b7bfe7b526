/* SPDX-License-Identifier: BSD-3-Clause
 * Rounds of samples that no rank has whole: each group of ranks makes one; their parts travel to
 * the first rank one after the other, are written there, and the sample is marked as done. */
#include "core/dtype.h"
#include "core/fail.h"
#include "core/shape.h"
#include "dist/layout.h"
#include "tools/generate.h"

ritz_index ritz_split_generate_room(const ritz_generate_job *job) {
  const ritz_layout *layout = ritz_split_generator_layout(job->split);
  ritz_index most = 0;
  for (int r = 0; r < ritz_layout_ranks(layout, 0); r++)
    if (ritz_layout_points(layout, r) > most) most = ritz_layout_points(layout, r);
  return most;
}

static ritz_status make(const ritz_generate_job *job, ritz_index sample, void *x, void *y,
                        double *const *extra) {
  ritz_solve_report report;
  if (sample >= job->samples) return RITZ_OK;
  RITZ_TRY(ritz_split_generator_run(job->split, job->seed, job->first + sample, job->dtype, x, y,
                                    &report));
  *extra[RITZ_GENERATE_RESIDUAL] = report.residual;
  *extra[RITZ_GENERATE_ITERATIONS] = report.iterations;
  *extra[RITZ_GENERATE_REASON] = report.reason;
  return RITZ_OK;
}

/* Part number `part` of a sample from its rank to the first one, and there into the file. */
static ritz_status write_part(const ritz_generate_job *job, ritz_index sample, int part, int rank,
                              void *x, void *y, ritz_map_writer *writer, ritz_status before) {
  const ritz_layout *layout = ritz_split_generator_layout(job->split);
  const ritz_index *offset = ritz_layout_offsets(layout, 0);
  const ritz_index bytes =
      ritz_layout_points(layout, part) * (ritz_index)ritz_dtype_size(job->dtype);
  RITZ_TRY(ritz_comm_move(job->context->comm, rank, 0, bytes, x));
  RITZ_TRY(ritz_comm_move(job->context->comm, rank, 0, bytes, y));
  if (!writer || before != RITZ_OK) return before;
  return ritz_map_writer_write_planes(writer, sample, offset[part], offset[part + 1] - offset[part],
                                      job->dtype, x, y);
}

/* After a failure to write, parts are still taken: their ranks wait for that. */
static ritz_status write_sample(const ritz_generate_job *job, ritz_index sample, int group, void *x,
                                void *y, double *const *extra, ritz_map_writer *writer,
                                ritz_status status) {
  const int parts = ritz_layout_ranks(ritz_split_generator_layout(job->split), 0);
  for (int part = 0; part < parts; part++) {
    status = write_part(job, sample, part, group * parts + part, x, y, writer, status);
    if (status == RITZ_ERR_COMMUNICATION) return status;
  }
  for (int e = RITZ_GENERATE_RESIDUAL; e <= RITZ_GENERATE_REASON; e++)
    RITZ_TRY(ritz_comm_move(job->context->comm, group * parts, 0, sizeof(double), extra[e]));
  if (writer && status == RITZ_OK)
    status = ritz_map_writer_mark(writer, sample, (const double *const *)extra);
  return status;
}

ritz_status ritz_split_generate_round(const ritz_generate_job *job, ritz_index from, void *x,
                                      void *y, double *const *extra, ritz_map_writer *writer) {
  RITZ_TRY(ritz_status_agree(job->context, make(job, from + job->group, x, y, extra)));
  ritz_status status = RITZ_OK;
  for (int g = 0; g < job->groups && from + g < job->samples; g++) {
    status = write_sample(job, from + g, g, x, y, extra, writer, status);
    if (status == RITZ_ERR_COMMUNICATION) return status;
  }
  return ritz_status_agree(job->context, status);
}
