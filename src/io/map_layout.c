/* SPDX-License-Identifier: BSD-3-Clause
 * Structure of a native map file (map_writer.h), and whether two files mean the same. */
#include "io/map_layout.h"

#include <hdf5_hl.h>
#include <ritz/version.h>
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/difference.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

static const char *const axis_name[3] = {"x", "y", "z"};

int ritz_map_shape(const ritz_map_spec *spec, const ritz_map_field *field, ritz_index samples,
                   ritz_index n[RITZ_MAX_RANK]) {
  int rank = 0;
  n[rank++] = samples;
  if (field->frames) n[rank++] = field->frames;
  for (int a = 0; a < spec->dim; a++) n[rank++] = spec->grid[a];
  if (field->channels > 1) n[rank++] = field->channels;
  return rank;
}

static ritz_status write_optional(hid_t object, const char *name, const char *text) {
  return text ? ritz_h5_write_text(object, name, text) : RITZ_OK;
}

/* A dimension scale with the values given; the caller closes it. */
static ritz_status create_scale(hid_t file, const char *name, ritz_h5_type type, ritz_index n,
                                const void *values) {
  RITZ_TRY(ritz_h5_write_array(file, name, type, 1, &n, values));
  hid_t scale;
  RITZ_TRY(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &scale));
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  if (H5DSset_scale(scale, name) < 0)
    status = RITZ_H5_FAIL(scale, RITZ_ERR_IO, "cannot become a dimension scale");
  ritz_h5_quiet_end(quiet);
  ritz_h5_dataset_close(&scale);
  return status;
}

static ritz_status create_numbering(hid_t file, const char *name, ritz_index n, int64_t step,
                                    int64_t start) {
  int64_t *number;
  RITZ_TRY(RITZ_NEW(n, &number));
  for (ritz_index i = 0; i < n; i++) number[i] = start + step * i;
  const ritz_status status = create_scale(file, name, RITZ_H5_INT64, n, number);
  ritz_free(number);
  return status;
}

static void coordinate_name(int axis, char name[16]) {
  snprintf(name, 16, "%s_coordinate", axis_name[axis]);
}

static ritz_status create_coordinate(hid_t file, const ritz_map_spec *spec, int axis) {
  const ritz_index n = spec->grid[axis];
  const ritz_index parts = spec->periodic[axis] ? n : n - 1;
  char name[16];
  coordinate_name(axis, name);
  double *x;
  RITZ_TRY(RITZ_NEW(n, &x));
  for (ritz_index i = 0; i < n; i++) x[i] = i ? spec->length[axis] * (double)i / (double)parts : 0;
  ritz_status status = create_scale(file, name, RITZ_H5_FLOAT64, n, x);
  ritz_free(x);
  hid_t scale = H5I_INVALID_HID;
  if (status == RITZ_OK) status = ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &scale);
  if (status == RITZ_OK) status = write_optional(scale, "units", spec->coordinate_units);
  ritz_h5_dataset_close(&scale);
  return status;
}

static ritz_status attach(hid_t file, hid_t dataset, int axis, const char *scale_name,
                          const char *label) {
  hid_t scale;
  RITZ_TRY(ritz_h5_find(file, scale_name, RITZ_H5_DEFAULT_CACHE, &scale));
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  if (H5DSattach_scale(dataset, scale, (unsigned)axis) < 0 ||
      H5DSset_label(dataset, (unsigned)axis, label) < 0)
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_IO, "cannot attach dimension scale %s", scale_name);
  ritz_h5_quiet_end(quiet);
  ritz_h5_dataset_close(&scale);
  return status;
}

static ritz_status label_axes(hid_t file, hid_t dataset, const ritz_map_spec *spec,
                              const ritz_map_field *field, const char *side) {
  const char *role[RITZ_MAX_RANK] = {"sample"};
  char time_scale[16], channel_scale[16];
  int rank = 1;
  snprintf(time_scale, sizeof time_scale, "%s_time", side);
  snprintf(channel_scale, sizeof channel_scale, "%s_channel", side);
  RITZ_TRY(attach(file, dataset, 0, "sample", "sample"));
  if (field->frames) {
    role[rank] = "time";
    RITZ_TRY(create_scale(file, time_scale, RITZ_H5_FLOAT64, field->frames, field->times));
    RITZ_TRY(attach(file, dataset, rank, time_scale, role[rank]));
    rank++;
  }
  for (int a = 0; a < spec->dim; a++, rank++) {
    char name[16];
    coordinate_name(a, name);
    role[rank] = axis_name[a];
    RITZ_TRY(attach(file, dataset, rank, name, role[rank]));
  }
  if (field->channels > 1) {
    role[rank] = "channel";
    RITZ_TRY(create_numbering(file, channel_scale, field->channels, 1, 0));
    RITZ_TRY(attach(file, dataset, rank, channel_scale, role[rank]));
    rank++;
  }
  return ritz_h5_write_texts(dataset, "axes", rank, role);
}

void ritz_map_chunk(const ritz_map_spec *spec, const ritz_map_field *field,
                    ritz_index chunk[RITZ_MAX_RANK]) {
  const int rank = ritz_map_shape(spec, field, 1, chunk);
  const ritz_index limit = ((ritz_index)1 << 32) / (ritz_index)ritz_dtype_size(spec->stored);
  for (int a = 1; a < rank; a++) {
    ritz_index rest = 1; /* numbers of one entry along the axis */
    for (int b = a + 1; b < rank; b++) rest *= chunk[b];
    while (chunk[a] > 1 && chunk[a] * rest >= limit) chunk[a] = (chunk[a] + 1) / 2;
  }
}

static ritz_status create_field(hid_t file, const ritz_map_spec *spec, const ritz_map_field *field,
                                const char *name) {
  ritz_index n[RITZ_MAX_RANK], chunk[RITZ_MAX_RANK];
  const int rank = ritz_map_shape(spec, field, spec->samples, n);
  ritz_map_chunk(spec, field, chunk);
  hid_t dataset;
  RITZ_TRY(
      ritz_h5_create_dataset(file, name, ritz_h5_real(spec->stored), rank, n, chunk, &dataset));
  ritz_status status;
  RITZ_TRY_DONE(label_axes(file, dataset, spec, field, name));
  RITZ_TRY_DONE(write_optional(dataset, "long_name", field->long_name));
  RITZ_TRY_DONE(write_optional(dataset, "units", field->units));
  if (field->channel)
    RITZ_TRY_DONE(ritz_h5_write_texts(dataset, "channels", field->channels, field->channel));
done:
  ritz_h5_dataset_close(&dataset);
  return status;
}

static ritz_status create_extra(hid_t file, const ritz_map_spec *spec,
                                const ritz_map_extra *extra) {
  hid_t dataset;
  const ritz_index n[2] = {spec->samples, extra->count};
  RITZ_TRY(ritz_h5_create_dataset(file, extra->name,
                                  extra->integer ? RITZ_H5_INT64 : RITZ_H5_FLOAT64,
                                  extra->count ? 2 : 1, n, NULL, &dataset));
  ritz_status status;
  RITZ_TRY_DONE(attach(file, dataset, 0, "sample", "sample"));
  RITZ_TRY_DONE(write_optional(dataset, "long_name", extra->long_name));
  RITZ_TRY_DONE(write_optional(dataset, "units", extra->units));
done:
  ritz_h5_dataset_close(&dataset);
  return status;
}

static ritz_status write_root(hid_t file, const ritz_map_spec *spec) {
  const char *kind[3];
  for (int a = 0; a < spec->dim; a++) kind[a] = spec->periodic[a] ? "periodic" : "bounded";
  RITZ_TRY(ritz_h5_write_text(file, "format", "ritz map"));
  RITZ_TRY(ritz_h5_write_integer(file, "format_version", 1));
  RITZ_TRY(ritz_h5_write_text(file, "ritz_version", ritz_version()));
  RITZ_TRY(ritz_h5_write_texts(file, "grid", spec->dim, kind));
  RITZ_TRY(ritz_h5_write_numbers(file, "lengths", spec->dim, spec->length));
  if (spec->coordinates) RITZ_TRY(ritz_h5_write_integer(file, "coordinates", spec->coordinates));
  RITZ_TRY(ritz_h5_write_integer(file, "seed", (int64_t)spec->seed));
  RITZ_TRY(write_optional(file, "generator", spec->generator));
  RITZ_TRY(write_optional(file, "boundary", spec->boundary));
  RITZ_TRY(write_optional(file, "method", spec->method));
  RITZ_TRY(write_optional(file, "parameters", spec->parameters));
  char *definition;
  RITZ_TRY(ritz_map_definition(spec, &definition));
  const ritz_status status = ritz_h5_write_text(file, "definition", definition);
  ritz_free(definition);
  return status;
}

ritz_status ritz_map_layout_create(hid_t file, const ritz_map_spec *spec) {
  RITZ_TRY(write_root(file, spec));
  RITZ_TRY(create_numbering(file, "sample", spec->samples, 0, -1));
  for (int a = 0; a < spec->dim; a++) RITZ_TRY(create_coordinate(file, spec, a));
  RITZ_TRY(create_field(file, spec, &spec->x, "x"));
  RITZ_TRY(create_field(file, spec, &spec->y, "y"));
  for (int e = 0; e < spec->extras; e++) RITZ_TRY(create_extra(file, spec, &spec->extra[e]));
  return RITZ_OK;
}

static void describe_field(ritz_builder *to, const char *name, const ritz_map_field *field) {
  ritz_builder_format(to, "channels of %s: %d", name, field->channels);
  for (int c = 0; field->channel && c < field->channels; c++)
    ritz_builder_format(to, " %s", field->channel[c]);
  ritz_builder_add(to, "\n");
  if (field->frames)
    ritz_builder_format(to, "frames of %s: %td, from time %.17g to %.17g\n", name, field->frames,
                        field->times[0], field->times[field->frames - 1]);
}

ritz_status ritz_map_definition(const ritz_map_spec *spec, char **out) {
  ritz_builder to = {0};
  ritz_builder_format(&to, "generator: %s\n", spec->generator ? spec->generator : "none");
  ritz_builder_format(&to, "samples: %td\nfirst sample: %td\ngrid:", spec->samples,
                      spec->first_sample);
  for (int a = 0; a < spec->dim; a++)
    ritz_builder_format(&to, "%s%td (%s, length %.17g)", a ? " x " : " ", spec->grid[a],
                        spec->periodic[a] ? "periodic" : "bounded", spec->length[a]);
  ritz_builder_format(&to, "\nboundary: %s\n", spec->boundary ? spec->boundary : "none");
  describe_field(&to, "x", &spec->x);
  describe_field(&to, "y", &spec->y);
  ritz_builder_format(&to, "dtype: %s\n", ritz_dtype_name(spec->stored));
  ritz_builder_format(&to, "seed: %llu\nextras:", (unsigned long long)spec->seed);
  for (int e = 0; e < spec->extras; e++) {
    ritz_builder_format(&to, " %s", spec->extra[e].name);
    if (spec->extra[e].count) ritz_builder_format(&to, " (%td)", spec->extra[e].count);
  }
  ritz_builder_format(&to, "\nparameters: %s\n", spec->parameters ? spec->parameters : "none");
  return ritz_builder_take(&to, out);
}

ritz_status ritz_map_layout_check(hid_t file, const ritz_map_spec *spec) {
  char *begun, *now = NULL;
  RITZ_TRY(ritz_h5_read_text(file, "definition", &begun));
  ritz_status status;
  RITZ_TRY_DONE(ritz_map_definition(spec, &now));
  if (strcmp(begun, now) != 0) {
    ritz_text_part before, after;
    ritz_text_difference(begun, now, &before, &after);
    status = RITZ_H5_REJECT(file, RITZ_ERR_CONFIG,
                            "was begun with \"%.*s\", this run has \"%.*s\"; use the settings it "
                            "was begun with, or remove it to start anew",
                            before.length, before.text, after.length, after.text);
  }
done:
  ritz_free(begun);
  ritz_free(now);
  return status;
}
