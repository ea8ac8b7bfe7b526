/* SPDX-License-Identifier: BSD-3-Clause
 * How to read a data set, as --data and configurations say it, of a file that is whole: samples
 * that can be read, or a sentence. */
#include <ritz/dataset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/h5.h"

void fuzz_write_seeds(const char *folder) {
  fuzz_write(folder, "plain", "{x: {dataset: a, axes: [sample, x, y]}, stride: 2}", -1);
  fuzz_write(folder, "frames",
             "{x: {dataset: t, axes: [sample, time, x, y]}, window: [2, 1], window_step: 1}", -1);
  fuzz_write(folder, "picked",
             "x: [{dataset: a, axes: [sample, x, y]}, {dataset: t, axes: [sample, time, x, y], "
             "index: {time: [1, 3]}}]\ny: {dataset: t, axes: [sample, time, x, y], index: {time: "
             "-1}}\nsamples: [1, 3]\nlengths: [1, 2.5]\ngrid: periodic\n",
             -1);
  fuzz_write(folder, "points",
             "{x: {dataset: a, axes: [sample, x, channel]}, coordinates: 2, last: 2}", -1);
}

static char path[64];

static void remove_file(void) { remove(path); }

static void write_file(void) {
  const ritz_index a[3] = {4, 9, 8}, t[4] = {4, 5, 9, 8};
  static double numbers[4 * 5 * 9 * 8];
  hid_t file;
  snprintf(path, sizeof path, "/tmp/ritz-fuzz-map-%ld.h5", (long)getpid());
  fuzz_require(ritz_h5_create(path, &file) == RITZ_OK &&
                   ritz_h5_write_array(file, "a", RITZ_H5_FLOAT64, 3, a, numbers) == RITZ_OK &&
                   ritz_h5_write_array(file, "t", RITZ_H5_FLOAT64, 4, t, numbers) == RITZ_OK &&
                   ritz_h5_close(&file) == RITZ_OK,
               "the file cannot be written");
  atexit(remove_file);
}

static void read_last(ritz_dataset *set) {
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  const ritz_index last = info->samples - 1;
  size_t points = 1;
  for (int i = 0; i < info->dim; i++) points *= (size_t)info->grid[i];
  double *x = malloc(points * (size_t)info->channels_in * sizeof *x);
  double *y = malloc((points * (size_t)info->channels_out + 1) * sizeof *y);
  fuzz_require(
      ritz_dataset_read(set, 1, &last, RITZ_FLOAT64, x, info->channels_out ? y : NULL) == RITZ_OK,
      "what was opened cannot be read");
  free(x);
  free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ritz_context *context;
  char *text = malloc(size + 1);
  ritz_dataset *set;
  memcpy(text, data, size);
  text[size] = 0;
  if (!context) {
    fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
    write_file();
  }
  if (ritz_dataset_open(context, path, text, &set) == RITZ_OK)
    read_last(set);
  else
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  ritz_dataset_close(&set);
  free(text);
  return 0;
}
