/* SPDX-License-Identifier: BSD-3-Clause
 * Any file through a mapping: which data set, the role of each axis, what to pick of it. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"

typedef struct source_config {
  char *dataset;
  ritz_texts axes;
  const ritz_value *index;
} source_config;

static const ritz_option source_options[] = {
    RITZ_OPTION_TEXT(source_config, dataset, NULL, "path of the data set in the file"),
    RITZ_OPTION_TEXTS(source_config, axes, "null",
                      "role of each axis: sample, x, y, z, time, channel"),
    RITZ_OPTION_VALUE(source_config, index, "null",
                      "map from a role to the entry or [begin, end] to keep"),
    RITZ_OPTION_END,
};

/* A mistake in the configuration, with the place where it was written. */
#define BLAME(value, ...) ritz_value_blame((value), RITZ_FAIL(RITZ_ERR_CONFIG, __VA_ARGS__))

static bool given(const ritz_value *value) { return value && value->kind != RITZ_VALUE_NULL; }

static ritz_status set_axes(const ritz_value *where, const ritz_texts *axes, ritz_source *source) {
  ritz_role role[RITZ_OPTION_LIST];
  for (int a = 0; a < axes->count; a++) {
    role[a] = ritz_role_find(axes->text[a]);
    if (role[a] == RITZ_ROLES)
      return BLAME(where, "no axis role \"%s\"; sample, x, y, z, time or channel expected",
                   axes->text[a]);
  }
  RITZ_TRY(ritz_source_set_roles(source, axes->count, role));
  return RITZ_OK;
}

/* An entry or end of a range; negative ones count from the end. */
static ritz_status read_entry(const ritz_value *value, ritz_index *out) {
  char *end = NULL;
  if (value->kind == RITZ_VALUE_SCALAR && !value->quoted)
    *out = (ritz_index)strtoll(value->text, &end, 10);
  if (!end || end == value->text || *end != 0)
    return BLAME(value, "an index is a whole number or a range [begin, end]");
  return RITZ_OK;
}

/* Takes entries begin .. end - 1 of an axis. */
static ritz_status pick(const ritz_value *value, ritz_source *source, int axis) {
  const ritz_index n = source->info.n[axis];
  const bool range = value->kind == RITZ_VALUE_LIST;
  if (range && value->count != 2) return BLAME(value, "a range is [begin, end], end exclusive");
  ritz_index begin = 0, end = 0;
  RITZ_TRY(read_entry(range ? value->item[0] : value, &begin));
  if (begin < 0) begin += n;
  if (!range && begin < n) end = begin + 1;
  if (range) {
    RITZ_TRY(read_entry(value->item[1], &end));
    if (end < 0) end += n;
  }
  if (begin < 0 || begin >= end || end > n)
    return BLAME(value, "index of axis %s is outside: %s has %td entries there", value->key,
                 source->name, n);
  source->start[axis] = begin;
  source->count[axis] = end - begin;
  if (!range) source->role[axis] = RITZ_ROLE_FIXED;
  return RITZ_OK;
}

static ritz_status set_index(const ritz_value *index, ritz_source *source) {
  if (index->kind != RITZ_VALUE_MAP) return BLAME(index, "index is a map like {time: 0}");
  for (int i = 0; i < index->count; i++) {
    const ritz_value *item = index->item[i];
    const ritz_role role = ritz_role_find(item->key);
    const int axis = role == RITZ_ROLES ? -1 : ritz_source_axis(source, role);
    if (axis < 0) return BLAME(item, "%s has no axis %s to pick from", source->name, item->key);
    if (role == RITZ_ROLE_SAMPLE)
      return BLAME(item, "samples are picked with samples, first or last");
    RITZ_TRY(pick(item, source, axis));
  }
  return RITZ_OK;
}

static ritz_status read_map(hid_t file, const ritz_value *value, const char *side_name,
                            ritz_source *source) {
  source_config config;
  RITZ_TRY(ritz_options_read(source_options, side_name, value, &config));
  ritz_status status;
  RITZ_TRY_DONE(ritz_source_open(file, config.dataset, source));
  if (config.axes.count > 0) RITZ_TRY_DONE(set_axes(value, &config.axes, source));
  if (given(config.index)) {
    if (config.axes.count == 0) {
      status = BLAME(value, "index needs axes beside it");
      goto done;
    }
    RITZ_TRY_DONE(set_index(config.index, source));
  }
done:
  ritz_options_clear(source_options, &config);
  return status;
}

static ritz_status read_source(hid_t file, const ritz_value *value, const char *side_name,
                               ritz_source *source) {
  if (value->kind == RITZ_VALUE_SCALAR) return ritz_source_open(file, value->text, source);
  return read_map(file, value, side_name, source);
}

ritz_status ritz_mapping_read_side(hid_t file, const ritz_value *value, const char *side_name,
                                   ritz_side *side) {
  const bool list = value->kind == RITZ_VALUE_LIST;
  if (list && value->count == 0) return BLAME(value, "%s names no data set", side_name);
  RITZ_TRY(ritz_side_create(side, list ? value->count : 1));
  for (int s = 0; s < side->sources; s++)
    RITZ_TRY(read_source(file, list ? value->item[s] : value, side_name, &side->source[s]));
  return RITZ_OK;
}

static bool recognises(hid_t file, const ritz_dataset_config *config) { return given(config->x); }

static ritz_status open_mapping(ritz_dataset *dataset, const ritz_dataset_config *config) {
  RITZ_REQUIRE(given(config->x), RITZ_ERR_CONFIG,
               "%s: reader mapping needs x, for example x: {dataset: nu, axes: [sample, x, y]}",
               dataset->path);
  RITZ_TRY(ritz_mapping_read_side(dataset->file, config->x, "x", &dataset->side[RITZ_SIDE_X]));
  if (given(config->y))
    RITZ_TRY(ritz_mapping_read_side(dataset->file, config->y, "y", &dataset->side[RITZ_SIDE_Y]));
  RITZ_TRY(ritz_axes_infer(dataset));
  return ritz_native_attributes(dataset);
}

const ritz_reader ritz_reader_mapping = {
    .name = "mapping",
    .help = "any HDF5 file: x and y given as data sets with the role of each axis",
    .recognises = recognises,
    .open = open_mapping,
};
