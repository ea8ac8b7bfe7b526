/* SPDX-License-Identifier: BSD-3-Clause
 * Opening a data set: options, choice of a reader, info. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "datasets/assemble.h"
#include "io/yaml.h"

#define RITZ_READER(name) extern const ritz_reader ritz_reader_##name;
#include "datasets/readers.def"
#undef RITZ_READER

static const ritz_reader *const readers[] = {
#define RITZ_READER(name) &ritz_reader_##name,
#include "datasets/readers.def"
#undef RITZ_READER
    NULL};

static const ritz_option options_table[] = {
    RITZ_OPTION_TEXT(ritz_dataset_config, path, "null", "HDF5 file"),
    RITZ_OPTION_TEXT(ritz_dataset_config, reader, "auto", "name of a reader, or auto"),
    RITZ_OPTION_VALUE(ritz_dataset_config, x, "null", "inputs: data set and role of its axes"),
    RITZ_OPTION_VALUE(ritz_dataset_config, y, "null", "outputs: data set and role of its axes"),
    RITZ_OPTION_INTS(ritz_dataset_config, stride, 1, 1 << 20, "1",
                     "every n-th grid point, for all axes or each"),
    RITZ_OPTION_INTS(ritz_dataset_config, samples, 0, 1LL << 50, "null",
                     "[begin, end]: a range of samples, end exclusive"),
    RITZ_OPTION_INT(ritz_dataset_config, first, 0, 1LL << 50, "0",
                    "only the first n samples; 0: not given"),
    RITZ_OPTION_INT(ritz_dataset_config, last, 0, 1LL << 50, "0",
                    "only the last n samples; 0: not given"),
    RITZ_OPTION_REALS(ritz_dataset_config, lengths, 0, 1e300, "null",
                      "physical extent of each grid axis of the file"),
    RITZ_OPTION_CHOICE(ritz_dataset_config, grid, "null|bounded|periodic", "null",
                       "whether the last point of an axis is its end or one step before it"),
    RITZ_OPTION_INT(ritz_dataset_config, coordinates, 0, 3, "0",
                    "scattered points: so many of the last channels of x are their coordinates"),
    RITZ_OPTION_INTS(ritz_dataset_config, window, 1, 1 << 20, "null",
                     "[frames of x, frames of y]: cut windows from trajectories"),
    RITZ_OPTION_INT(ritz_dataset_config, window_step, 1, 1 << 20, "1",
                    "frames from one window to the next"),
    RITZ_OPTION_END,
};

const ritz_reader *const *ritz_readers(void) { return readers; }

ritz_status ritz_side_create(ritz_side *side, int sources) {
  RITZ_TRY(RITZ_NEW(sources, &side->source));
  side->sources = sources;
  for (int s = 0; s < sources; s++) side->source[s].dataset = H5I_INVALID_HID;
  return RITZ_OK;
}

static void destroy_side(ritz_side *side) {
  for (int s = 0; s < side->sources; s++) ritz_source_close(&side->source[s]);
  for (int c = 0; side->channel && c < side->channels; c++) ritz_free(side->channel[c]);
  ritz_free(side->channel);
  ritz_free(side->source);
  ritz_free(side->name);
  ritz_free(side->units);
}

void ritz_dataset_close(ritz_dataset **dataset) {
  ritz_dataset *set = *dataset;
  if (!set) return;
  for (int i = 0; i < RITZ_SIDES; i++) destroy_side(&set->side[i]);
  ritz_h5_close(&set->file);
  ritz_free(set->room.block);
  ritz_free(set->path);
  ritz_free(set->boundary);
  ritz_context_destroy(&set->context);
  ritz_free(set);
  *dataset = NULL;
}

const ritz_dataset_info *ritz_dataset_get_info(const ritz_dataset *dataset) {
  return &dataset->info;
}

static ritz_status fail_unknown_reader(const char *name) {
  const char *names[sizeof readers / sizeof *readers] = {"auto"}; /* in place of the NULL */
  int count = 1;
  for (int i = 0; readers[i]; i++) names[count++] = readers[i]->name;
  return ritz_fail_unknown(RITZ_ERR_NOT_FOUND, "reader", name, "", names, count);
}

static ritz_status choose_reader(ritz_dataset *set, const ritz_dataset_config *config) {
  const bool any = strcmp(config->reader, "auto") == 0;
  RITZ_REQUIRE(config->x || !config->y, RITZ_ERR_CONFIG,
               "%s: y is given without x; a mapping needs both or x alone", set->path);
  for (int i = 0; readers[i] && !set->reader; i++)
    if (any ? readers[i]->recognises(set->file, config)
            : strcmp(readers[i]->name, config->reader) == 0)
      set->reader = readers[i];
  if (!set->reader && !any) return fail_unknown_reader(config->reader);
  if (!set->reader) {
    char names[384];
    if (ritz_h5_exists(set->file, "golden") && ritz_h5_exists(set->file, "weights"))
      return RITZ_H5_REJECT(set->file, RITZ_ERR_FORMAT, "is a model, wanted a data set");
    ritz_h5_names(set->file, sizeof names, names);
    return RITZ_H5_REJECT(set->file, RITZ_ERR_FORMAT,
                          "no reader knows this file; say by a map (--data, data.train) what to "
                          "read, for example {x: {dataset: NAME, axes: [sample, x, y]}, y: "
                          "{dataset: NAME, axes: [sample, x, y]}}; there are: %s",
                          names);
  }
  RITZ_REQUIRE(!config->x || set->reader == &ritz_reader_mapping, RITZ_ERR_CONFIG,
               "%s: reader %s finds x and y itself; leave x and y out, or take reader mapping",
               set->path, set->reader->name);
  return RITZ_OK;
}

static ritz_status open_with(ritz_dataset *set, const ritz_dataset_config *config) {
  for (int d = 0; d < 3; d++) set->info.periodic[d] = -1;
  RITZ_TRY(ritz_h5_open(set->path, &set->file));
  RITZ_TRY(choose_reader(set, config));
  RITZ_TRY(set->reader->open(set, config));
  return ritz_dataset_assemble(set, config);
}

static ritz_status open_config(ritz_context *context, const char *path,
                               const ritz_dataset_config *config, ritz_dataset **out) {
  RITZ_REQUIRE(path || config->path, RITZ_ERR_CONFIG, "a data set needs path: FILE.h5");
  RITZ_REQUIRE(!path || !config->path || strcmp(path, config->path) == 0, RITZ_ERR_CONFIG,
               "the data set is %s, but its options have path: %s", path, config->path);
  ritz_dataset *set;
  RITZ_TRY(RITZ_NEW(1, &set));
  set->file = H5I_INVALID_HID;
  set->context = ritz_context_retain(context);
  ritz_status status = ritz_strdup(path ? path : config->path, &set->path);
  if (status == RITZ_OK) status = open_with(set, config);
  if (status == RITZ_OK)
    *out = set;
  else
    ritz_dataset_close(&set);
  return status;
}

static ritz_status open_options(ritz_context *context, const char *path, const ritz_value *options,
                                ritz_dataset **out) {
  ritz_dataset_config config;
  RITZ_TRY(ritz_options_read(options_table, "data set", options, &config));
  const ritz_status status = open_config(context, path, &config, out);
  ritz_options_clear(options_table, &config);
  return status;
}

ritz_status ritz_dataset_open_value(ritz_context *context, const ritz_value *options,
                                    ritz_dataset **out) {
  *out = NULL;
  if (options && options->kind == RITZ_VALUE_SCALAR)
    return open_options(context, options->text, NULL, out);
  return open_options(context, NULL, options, out);
}

ritz_status ritz_dataset_open(ritz_context *context, const char *path, const char *options,
                              ritz_dataset **out) {
  *out = NULL;
  RITZ_REQUIRE(context, RITZ_ERR_ARGUMENT, "a data set needs a context");
  ritz_value *value = NULL;
  if (options) RITZ_TRY(ritz_yaml_read_text(options, "data map", &value));
  const ritz_status status = open_options(context, path, value, out);
  ritz_value_destroy(&value);
  return status;
}
