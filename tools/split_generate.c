/* SPDX-License-Identifier: BSD-3-Clause
 * Rounds of samples that no rank has whole: each group of ranks makes one. All ranks write their
 * parts at once, where HDF5 can do that; else these travel to the first rank one after the other
 * and are written there. Then the first rank marks the samples as done. */
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/shape.h"
#include "dist/layout.h"
#include "io/finite.h"
#include "io/h5_ranks.h"
#include "tools/generate.h"
#include "train/agree.h"

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

/* -- All ranks at once ------------------------------------------------------------------------- */

/* What the writer would look at. */
static ritz_status check_part(const ritz_generate_job *job, ritz_index sample, const void *x,
                              const void *y) {
  const ritz_layout *layout = ritz_split_generator_layout(job->split);
  const ritz_index count = ritz_layout_points(layout, ritz_comm_rank(ritz_layout_comm(layout)));
  for (int f = 0; f < 2 && sample < job->samples; f++)
    RITZ_REQUIRE(ritz_first_not_finite(job->dtype, count, f ? y : x) < 0, RITZ_ERR_NUMERIC,
                 "%s: %s of sample %td is not finite or too large", job->path, f ? "y" : "x",
                 job->first + sample);
  return RITZ_OK;
}

/* This rank's part of a field. Collective, whatever happens to a rank. */
static ritz_status write_field(const ritz_generate_job *job, hid_t file, const char *name,
                               ritz_index sample, const void *values) {
  const ritz_layout *layout = ritz_split_generator_layout(job->split);
  const ritz_shape *shape = &ritz_generate_info(job)->x.shape;
  ritz_h5_range all = {.count = 1};
  ritz_h5_part part = {
      .start = {sample}, .count = {1}, .ranges = sample < job->samples, .range = &all};
  ritz_layout_part(layout, 0, &part.start[1], &part.count[1]);
  for (int axis = 1; axis < shape->rank; axis++) part.count[axis + 1] = shape->n[axis];
  for (int axis = 0; axis < shape->rank; axis++) all.count *= part.count[axis + 1];
  if (all.count == 0) part.ranges = 0;
  hid_t dataset;
  RITZ_TRY(ritz_status_agree(job->context, ritz_h5_find(file, name, 0, &dataset)));
  const ritz_status status = ritz_h5_write_together(ritz_comm_native(job->context->comm), dataset,
                                                    &part, ritz_h5_real(job->dtype), values);
  ritz_h5_dataset_close(&dataset);
  return ritz_status_agree(job->context, status);
}

static ritz_status write_together(const ritz_generate_job *job, ritz_index from, const void *x,
                                  const void *y, ritz_map_writer *writer) {
  const ritz_index sample = from + job->group;
  char *path;
  hid_t file;
  RITZ_TRY(ritz_status_agree(job->context, check_part(job, sample, x, y)));
  RITZ_TRY(ritz_status_agree(job->context, writer ? ritz_map_writer_leave(writer) : RITZ_OK));
  RITZ_TRY(ritz_status_agree(job->context, ritz_strjoin(job->path, ".part", &path)));
  ritz_status status = ritz_agree_on_opening(job->context, path, &file);
  ritz_free(path);
  RITZ_TRY(status);
  status = write_field(job, file, "x", sample, x);
  if (status == RITZ_OK) status = write_field(job, file, "y", sample, y);
  const ritz_status closed = ritz_status_agree(job->context, ritz_h5_close(&file));
  RITZ_TRY(status);
  RITZ_TRY(closed);
  return ritz_status_agree(job->context, writer ? ritz_map_writer_return(writer) : RITZ_OK);
}

/* -- One after the other ----------------------------------------------------------------------- */

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
static ritz_status write_in_turn(const ritz_generate_job *job, ritz_index from, void *x, void *y,
                                 ritz_map_writer *writer) {
  const int parts = ritz_layout_ranks(ritz_split_generator_layout(job->split), 0);
  ritz_status status = RITZ_OK;
  for (int rank = 0; rank < job->groups * parts; rank++) {
    const ritz_index sample = from + rank / parts;
    if (sample >= job->samples) break;
    status = write_part(job, sample, rank % parts, rank, x, y, writer, status);
    if (status == RITZ_ERR_COMMUNICATION) return status;
  }
  return ritz_status_agree(job->context, status);
}

/* -- Both -------------------------------------------------------------------------------------- */

/* Residual and so on of each sample, and that it is there. */
static ritz_status mark(const ritz_generate_job *job, ritz_index from, double *const *extra,
                        ritz_map_writer *writer) {
  const int parts = ritz_layout_ranks(ritz_split_generator_layout(job->split), 0);
  ritz_status status = RITZ_OK;
  for (int g = 0; g < job->groups && from + g < job->samples; g++) {
    for (int e = RITZ_GENERATE_RESIDUAL; e <= RITZ_GENERATE_REASON; e++)
      RITZ_TRY(ritz_comm_move(job->context->comm, g * parts, 0, sizeof(double), extra[e]));
    if (writer && status == RITZ_OK)
      status = ritz_map_writer_mark(writer, from + g, (const double *const *)extra);
  }
  return ritz_status_agree(job->context, status);
}

ritz_status ritz_split_generate_round(const ritz_generate_job *job, ritz_index from, void *x,
                                      void *y, double *const *extra, ritz_map_writer *writer) {
  RITZ_TRY(ritz_status_agree(job->context, make(job, from + job->group, x, y, extra)));
  if (ritz_h5_together(ritz_comm_native(job->context->comm)))
    RITZ_TRY(write_together(job, from, x, y, writer));
  else
    RITZ_TRY(write_in_turn(job, from, x, y, writer));
  return mark(job, from, extra, writer);
}
