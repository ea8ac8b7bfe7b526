/* SPDX-License-Identifier: BSD-3-Clause
 * Native maps, resumable (map_writer.h). */
#define _POSIX_C_SOURCE 200809L
#include "io/map_writer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"
#include "io/finite.h"
#include "io/map_layout.h"
#include "io/xdmf.h"

struct ritz_map_writer {
  ritz_map_spec spec;
  char *path, *part;
  hid_t file, x, y, sample, extra[RITZ_MAP_EXTRAS];
  int64_t *number; /* [samples]; -1: missing */
  ritz_index done;
};

static ritz_index points(const ritz_map_spec *spec) {
  ritz_index count = 1;
  for (int a = 0; a < spec->dim; a++) count *= spec->grid[a];
  return count;
}

/* Numbers of a sample of a field. */
static ritz_index field_numbers(const ritz_map_spec *spec, const ritz_map_field *field) {
  return points(spec) * field->channels * (field->frames ? field->frames : 1);
}

static ritz_status check_frames(const ritz_map_field *field) {
  RITZ_REQUIRE(field->frames >= 0 && (field->frames == 0 || field->times), RITZ_ERR_ARGUMENT,
               "%td frames need as many times", field->frames);
  for (ritz_index t = 1; t < field->frames; t++)
    RITZ_REQUIRE(field->times[t] > field->times[t - 1], RITZ_ERR_ARGUMENT,
                 "frame %td is at time %g, the one before it at %g", t, field->times[t],
                 field->times[t - 1]);
  return RITZ_OK;
}

static ritz_status check_spec(const ritz_map_spec *spec) {
  RITZ_REQUIRE(spec->samples > 0, RITZ_ERR_ARGUMENT, "a map file needs samples, not %td",
               spec->samples);
  RITZ_REQUIRE(spec->dim >= 1 && spec->dim <= 3, RITZ_ERR_ARGUMENT,
               "a map file has 1 to 3 grid axes, not %d", spec->dim);
  for (int a = 0; a < spec->dim; a++) {
    RITZ_REQUIRE(spec->grid[a] > 0, RITZ_ERR_ARGUMENT, "grid axis %d has %td points", a,
                 spec->grid[a]);
    RITZ_REQUIRE(spec->length[a] > 0 && isfinite(spec->length[a]), RITZ_ERR_ARGUMENT,
                 "grid axis %d has length %g", a, spec->length[a]);
  }
  RITZ_REQUIRE(spec->x.channels > 0 && spec->y.channels > 0, RITZ_ERR_ARGUMENT,
               "x and y need channels, not %d and %d", spec->x.channels, spec->y.channels);
  for (int f = 0; f < 2; f++) RITZ_TRY(check_frames(f ? &spec->y : &spec->x));
  RITZ_REQUIRE(spec->extras >= 0 && spec->extras <= RITZ_MAP_EXTRAS, RITZ_ERR_ARGUMENT,
               "%d extra quantities, at most %d are possible", spec->extras, RITZ_MAP_EXTRAS);
  RITZ_REQUIRE(spec->seed <= INT64_MAX, RITZ_ERR_ARGUMENT, "seed %llu is above 2^63 - 1",
               (unsigned long long)spec->seed);
  /* HDF5's old format keeps attributes in a header of 64 kB. */
  RITZ_REQUIRE(!spec->parameters || strlen(spec->parameters) < 60000, RITZ_ERR_ARGUMENT,
               "the parameters text has %zu characters, at most 60000 are possible",
               strlen(spec->parameters));
  return RITZ_OK;
}

/* What can be known before any work: the name is free, there is room. */
static ritz_status check_place(const char *path, const char *part, const ritz_map_spec *spec) {
  struct stat is;
  RITZ_REQUIRE(stat(path, &is) != 0 || !S_ISDIR(is.st_mode), RITZ_ERR_IO, "%s: is a directory",
               path);
  char *directory;
  RITZ_TRY(ritz_strdup(path, &directory));
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory] = 0;
  struct statvfs room;
  const bool known = statvfs(slash ? directory : ".", &room) == 0 && room.f_blocks > 0;
  ritz_free(directory);
  const double free_bytes = known ? (double)room.f_bavail * (double)room.f_frsize : INFINITY;
  const double taken = stat(part, &is) == 0 ? (double)is.st_blocks * 512 : 0;
  const double numbers =
      (double)field_numbers(spec, &spec->x) + (double)field_numbers(spec, &spec->y);
  const double bytes = (double)spec->samples * numbers * (double)ritz_dtype_size(spec->stored);
  RITZ_REQUIRE(bytes - taken <= free_bytes, RITZ_ERR_IO, "%s: needs %.3g GB, %.3g GB are free",
               path, (bytes - taken) * 1e-9, free_bytes * 1e-9);
  return RITZ_OK;
}

/* The structure is written beside PATH.part and renamed: a stop in between leaves nothing to
 * stumble over. */
static ritz_status begin_part(const ritz_map_writer *writer) {
  char *fresh;
  RITZ_TRY(ritz_strjoin(writer->part, ".tmp", &fresh));
  hid_t file;
  ritz_status status = ritz_h5_create(fresh, &file);
  if (status == RITZ_OK) {
    status = ritz_map_layout_create(file, &writer->spec);
    if (status == RITZ_OK)
      status = ritz_h5_commit(&file, fresh, writer->part);
    else
      ritz_h5_abandon(&file, fresh);
  }
  ritz_free(fresh);
  return status;
}

static ritz_status open_part(ritz_map_writer *writer) {
  const ritz_map_spec *spec = &writer->spec;
  RITZ_TRY(ritz_h5_open_writable(writer->part, &writer->file));
  RITZ_TRY(ritz_h5_find(writer->file, "x", 0, &writer->x));
  RITZ_TRY(ritz_h5_find(writer->file, "y", 0, &writer->y));
  RITZ_TRY(ritz_h5_find(writer->file, "sample", 0, &writer->sample));
  for (int e = 0; e < spec->extras; e++)
    RITZ_TRY(ritz_h5_find(writer->file, spec->extra[e].name, 0, &writer->extra[e]));
  return RITZ_OK;
}

static ritz_status read_numbers(ritz_map_writer *writer) {
  const ritz_map_spec *spec = &writer->spec;
  RITZ_TRY(RITZ_NEW(spec->samples, &writer->number));
  RITZ_TRY(
      ritz_h5_read_array(writer->file, "sample", RITZ_H5_INT64, 1, &spec->samples, writer->number));
  for (ritz_index i = 0; i < spec->samples; i++) writer->done += writer->number[i] >= 0;
  return RITZ_OK;
}

static void release(ritz_map_writer *writer) {
  ritz_h5_dataset_close(&writer->x);
  ritz_h5_dataset_close(&writer->y);
  ritz_h5_dataset_close(&writer->sample);
  for (int e = 0; e < RITZ_MAP_EXTRAS; e++) ritz_h5_dataset_close(&writer->extra[e]);
}

static void destroy(ritz_map_writer **writer) {
  if (!*writer) return;
  ritz_free((*writer)->path);
  ritz_free((*writer)->part);
  ritz_free((*writer)->number);
  ritz_free(*writer);
  *writer = NULL;
}

ritz_status ritz_map_writer_open(const char *path, const ritz_map_spec *spec,
                                 ritz_map_writer **out) {
  *out = NULL;
  RITZ_TRY(check_spec(spec));
  ritz_map_writer *writer;
  RITZ_TRY(RITZ_NEW(1, &writer));
  writer->spec = *spec;
  writer->file = writer->x = writer->y = writer->sample = H5I_INVALID_HID;
  for (int e = 0; e < RITZ_MAP_EXTRAS; e++) writer->extra[e] = H5I_INVALID_HID;
  ritz_status status;
  RITZ_TRY_DONE(ritz_strdup(path, &writer->path));
  RITZ_TRY_DONE(ritz_strjoin(path, ".part", &writer->part));
  RITZ_TRY_DONE(check_place(path, writer->part, spec));
  if (access(writer->part, F_OK) != 0) RITZ_TRY_DONE(begin_part(writer));
  RITZ_TRY_DONE(open_part(writer));
  RITZ_TRY_DONE(ritz_map_layout_check(writer->file, spec));
  RITZ_TRY_DONE(read_numbers(writer));
  *out = writer;
  return RITZ_OK;
done:
  ritz_map_writer_close(&writer);
  return status;
}

ritz_index ritz_map_writer_next(const ritz_map_writer *writer, ritz_index from) {
  while (from < writer->spec.samples && writer->number[from] >= 0) from++;
  return from;
}

ritz_index ritz_map_writer_done(const ritz_map_writer *writer) { return writer->done; }

/* A double beyond float's range would turn into infinity on file. */
static ritz_index first_unstorable(ritz_dtype dtype, ritz_dtype stored, ritz_index count,
                                   const void *values) {
  if (dtype == RITZ_FLOAT32 || stored == RITZ_FLOAT64)
    return ritz_first_not_finite(dtype, count, values);
  const double *v = values;
  for (ritz_index i = 0; i < count; i++)
    if (!(fabs(v[i]) <= FLT_MAX)) return i;
  return -1;
}

static ritz_status check_values(const ritz_map_writer *writer, ritz_index first, ritz_index count,
                                ritz_dtype dtype, const char *name, const ritz_map_field *field,
                                const void *values) {
  const ritz_index size = field_numbers(&writer->spec, field), channels = field->channels;
  const ritz_index at = first_unstorable(dtype, writer->spec.stored, count * size, values);
  RITZ_REQUIRE(at < 0, RITZ_ERR_NUMERIC,
               "%s: %s of sample %td is not finite or too large at point %td, channel %td",
               writer->path, name, writer->spec.first_sample + first + at / size,
               at % size / channels % points(&writer->spec), at % channels);
  return RITZ_OK;
}

static ritz_status write_field(const ritz_map_writer *writer, const ritz_map_field *field,
                               hid_t dataset, ritz_index first, ritz_index count, ritz_dtype dtype,
                               const void *values) {
  ritz_index start[RITZ_MAX_RANK] = {first}, n[RITZ_MAX_RANK];
  ritz_map_shape(&writer->spec, field, count, n);
  return ritz_h5_write(dataset, start, n, ritz_h5_real(dtype), values);
}

/* Samples whose fields are on file. */
static ritz_status mark(ritz_map_writer *writer, ritz_index first, ritz_index count,
                        const double *const *extra) {
  const ritz_map_spec *spec = &writer->spec;
  for (int e = 0; e < spec->extras; e++) {
    const ritz_index start[2] = {first, 0}, n[2] = {count, spec->extra[e].count};
    RITZ_TRY(ritz_h5_write(writer->extra[e], start, n, RITZ_H5_FLOAT64, extra[e]));
  }
  if (spec->extras > 0)
    RITZ_TRY(ritz_h5_flush(writer->file)); /* values before the mark that vouches for them */
  for (ritz_index i = first; i < first + count; i++) {
    writer->done += writer->number[i] < 0;
    writer->number[i] = spec->first_sample + i;
  }
  RITZ_TRY(ritz_h5_write(writer->sample, &first, &count, RITZ_H5_INT64, writer->number + first));
  return ritz_h5_flush(writer->file);
}

ritz_status ritz_map_writer_write(ritz_map_writer *writer, ritz_index first, ritz_index count,
                                  ritz_dtype dtype, const void *x, const void *y,
                                  const double *const *extra) {
  const ritz_map_spec *spec = &writer->spec;
  RITZ_REQUIRE(first >= 0 && count >= 0 && first <= spec->samples - count, RITZ_ERR_ARGUMENT,
               "%s: samples %td to %td do not exist, there are %td", writer->path, first,
               first + count - 1, spec->samples);
  if (count == 0) return RITZ_OK;
  RITZ_TRY(check_values(writer, first, count, dtype, "x", &spec->x, x));
  RITZ_TRY(check_values(writer, first, count, dtype, "y", &spec->y, y));
  RITZ_TRY(write_field(writer, &spec->x, writer->x, first, count, dtype, x));
  RITZ_TRY(write_field(writer, &spec->y, writer->y, first, count, dtype, y));
  return mark(writer, first, count, extra);
}

ritz_status ritz_map_writer_write_planes(ritz_map_writer *writer, ritz_index sample,
                                         ritz_index first, ritz_index count, ritz_dtype dtype,
                                         const void *x, const void *y) {
  const ritz_map_spec *spec = &writer->spec;
  const ritz_index plane = points(spec) / spec->grid[0];
  const void *const values[2] = {x, y};
  RITZ_REQUIRE(sample >= 0 && sample < spec->samples && first >= 0 && count >= 0 &&
                   first <= spec->grid[0] - count,
               RITZ_ERR_ARGUMENT, "%s: planes %td to %td of sample %td do not exist", writer->path,
               first, first + count - 1, sample);
  for (int f = 0; f < 2 && count > 0; f++) {
    const ritz_map_field *field = f ? &spec->y : &spec->x;
    ritz_index start[RITZ_MAX_RANK] = {sample, first}, n[RITZ_MAX_RANK];
    const ritz_index numbers = count * plane * field->channels;
    const ritz_index at = first_unstorable(dtype, spec->stored, numbers, values[f]);
    RITZ_REQUIRE(at < 0, RITZ_ERR_NUMERIC,
                 "%s: %s of sample %td is not finite or too large in plane %td", writer->path,
                 f ? "y" : "x", spec->first_sample + sample, first + at / field->channels / plane);
    RITZ_REQUIRE(field->frames == 0, RITZ_ERR_ARGUMENT, "%s: planes of fields without frames only",
                 writer->path);
    ritz_map_shape(spec, field, 1, n);
    n[1] = count;
    RITZ_TRY(ritz_h5_write(f ? writer->y : writer->x, start, n, ritz_h5_real(dtype), values[f]));
  }
  return RITZ_OK;
}

ritz_status ritz_map_writer_leave(ritz_map_writer *writer) {
  release(writer);
  return ritz_h5_close(&writer->file);
}

ritz_status ritz_map_writer_return(ritz_map_writer *writer) { return open_part(writer); }

ritz_status ritz_map_writer_mark(ritz_map_writer *writer, ritz_index sample,
                                 const double *const *extra) {
  return mark(writer, sample, 1, extra);
}

ritz_status ritz_map_writer_finish(ritz_map_writer **writer) {
  ritz_map_writer *w = *writer;
  ritz_status status = RITZ_OK;
  if (w->done < w->spec.samples)
    status =
        RITZ_FAIL(RITZ_ERR_ARGUMENT, "%s: %td of %td samples are missing, the first is %td",
                  w->part, w->spec.samples - w->done, w->spec.samples, ritz_map_writer_next(w, 0));
  release(w);
  const ritz_status closed = ritz_h5_close(&w->file);
  if (status == RITZ_OK) status = closed;
  /* The name of the data is last: once it is there, nothing is missing beside it. */
  if (status == RITZ_OK) status = ritz_xdmf_write(w->path, &w->spec);
  if (status == RITZ_OK) status = ritz_file_publish(w->part, w->path);
  destroy(writer);
  return status;
}

void ritz_map_writer_close(ritz_map_writer **writer) {
  if (!*writer) return;
  release(*writer);
  /* Whatever was marked is on file already: nothing is lost if this fails. */
  ritz_h5_close(&(*writer)->file);
  destroy(writer);
}
