/* SPDX-License-Identifier: BSD-3-Clause
 * A data set file of made-up numbers in the folder of a test. */
#ifndef SET_FILE_H
#define SET_FILE_H

#include <ritz/dataset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/h5.h"
#include "io/map_writer.h"

static char path[96];
static ritz_context *context;

static inline int set_up(void **state) {
  if (folder_create(state) != 0) return -1;
  snprintf(path, sizeof path, "%s/set.h5", folder_name());
  return ritz_context_create(NULL, &context);
}

static inline int tear_down(void **state) {
  ritz_context_destroy(&context);
  return folder_remove(state);
}

/* The value at [i0, i1, ...] of a made-up data set: unique, exact in half precision's 11 bits only
 * where the test keeps it below 2048. */
typedef struct made {
  const char *name;
  int rank;
  ritz_index n[5];
  double offset;
} made;

static inline void make_file(int count, const made *set) {
  hid_t file;
  assert_ok(ritz_h5_create(path, &file));
  for (int k = 0; k < count; k++) {
    ritz_index total = 1;
    for (int a = 0; a < set[k].rank; a++) total *= set[k].n[a];
    double *value = calloc((size_t)total + 1, sizeof *value);
    for (ritz_index i = 0; i < total; i++) value[i] = (double)i + set[k].offset;
    assert_ok(
        ritz_h5_write_array(file, set[k].name, RITZ_H5_FLOAT64, set[k].rank, set[k].n, value));
    free(value);
  }
  assert_ok(ritz_h5_close(&file));
}

static inline ritz_status try_open(const char *options) {
  ritz_dataset *set;
  const ritz_status status = ritz_dataset_open(context, path, options, &set);
  if (status != RITZ_OK) assert_null(set);
  ritz_dataset_close(&set);
  return status;
}

static inline void make_native(ritz_index samples, ritz_dtype stored) {
  static const char *const names[2] = {"u", "v"};
  const ritz_map_spec spec = {.samples = samples,
                              .dim = 3,
                              .grid = {4, 1, 6},
                              .length = {1, 2, 3},
                              .periodic = {true, false, false},
                              .x = {.channels = 2, .channel = names, .units = "m/s"},
                              .y = {.channels = 1, .units = "Pa"},
                              .stored = stored,
                              .boundary = "mixed"};
  double *x = calloc((size_t)samples * 48, sizeof *x), *y = calloc((size_t)samples * 24, sizeof *y);
  fill_uniform(3, samples * 48, x);
  fill_uniform(4, samples * 24, y);
  ritz_map_writer *writer;
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(ritz_map_writer_write(writer, 0, samples, RITZ_FLOAT64, x, y, NULL));
  assert_ok(ritz_map_writer_finish(&writer));
  free(x), free(y);
}

#endif
