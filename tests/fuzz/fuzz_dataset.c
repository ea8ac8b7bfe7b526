/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets: a damaged file is read or refused, never believed. */
#include <ritz/dataset.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "io/map_writer.h"

static void write_seed(const char *folder, const char *name, int dim, ritz_dtype dtype) {
  enum { SAMPLES = 2, POINTS = 60 };
  const ritz_map_spec spec = {.samples = SAMPLES,
                              .dim = dim,
                              .grid = {dim == 1 ? POINTS : 5, dim == 2 ? 12 : 4, 3},
                              .length = {1, 2, 3},
                              .periodic = {true},
                              .x = {.channels = 1, .long_name = "coefficient", .units = "m2"},
                              .y = {.channels = 2, .channel = (const char *const[]){"u", "v"}},
                              .stored = dtype,
                              .generator = "seed",
                              .parameters = "{\"n\": 1}"};
  double x[SAMPLES * POINTS], y[SAMPLES * POINTS * 2];
  for (int i = 0; i < SAMPLES * POINTS * 2; i++) y[i] = i, x[i / 2] = -i;
  char path[512], sidecar[520];
  ritz_map_writer *writer;
  snprintf(path, sizeof path, "%s/%s.h5", folder, name);
  fuzz_require(ritz_map_writer_open(path, &spec, &writer) == RITZ_OK &&
                   ritz_map_writer_write(writer, 0, SAMPLES, RITZ_FLOAT64, x, y, NULL) == RITZ_OK &&
                   ritz_map_writer_finish(&writer) == RITZ_OK,
               "a seed cannot be written");
  snprintf(sidecar, sizeof sidecar, "%s/%s.xdmf", folder, name);
  remove(sidecar);
}

void fuzz_write_seeds(const char *folder) {
  write_seed(folder, "line", 1, RITZ_FLOAT64);
  write_seed(folder, "map", 2, RITZ_FLOAT32);
  write_seed(folder, "block", 3, RITZ_FLOAT32);
}

/* What an honest file of this size can hold; more is only refused by the reader's own memory. */
enum { MOST_NUMBERS = 1 << 20 };

static void read_all(ritz_dataset *set) {
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  double numbers = info->channels_in + info->channels_out;
  for (int a = 0; a < info->dim; a++) numbers *= (double)info->grid[a];
  if (numbers > MOST_NUMBERS || info->samples > MOST_NUMBERS) return;
  double *x = malloc((size_t)numbers * sizeof *x), *y = malloc((size_t)numbers * sizeof *y);
  const ritz_index sample = info->samples - 1;
  if (ritz_dataset_read(set, 1, &sample, RITZ_FLOAT64, x, info->channels_out ? y : NULL) != RITZ_OK)
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  free(x);
  free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ritz_context *context;
  ritz_dataset *set;
  if (!context) fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  if (ritz_dataset_open(context, fuzz_file(data, size), NULL, &set) == RITZ_OK)
    read_all(set);
  else
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  ritz_dataset_close(&set);
  return 0;
}
