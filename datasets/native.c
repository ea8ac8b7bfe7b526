/* SPDX-License-Identifier: BSD-3-Clause
 * Files with data sets x and y: native ones (io/map_writer.h) and plain exports. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"

static ritz_status read_lengths(ritz_dataset *dataset) {
  int count;
  return ritz_h5_read_numbers(dataset->file, "lengths", 3, &count, dataset->info.length);
}

static ritz_status read_grid(ritz_dataset *dataset) {
  char *kind[3];
  int count;
  RITZ_TRY(ritz_h5_read_texts(dataset->file, "grid", 3, &count, kind));
  for (int a = 0; a < count; a++) {
    if (strcmp(kind[a], "periodic") == 0) dataset->info.periodic[a] = 1;
    if (strcmp(kind[a], "bounded") == 0) dataset->info.periodic[a] = 0;
    ritz_free(kind[a]);
  }
  return RITZ_OK;
}

/* Only in files that say they are ours: elsewhere the same names may mean something else. */
ritz_status ritz_native_attributes(ritz_dataset *dataset) {
  if (!ritz_h5_has_attribute(dataset->file, "format")) return RITZ_OK;
  char *format;
  RITZ_TRY(ritz_h5_read_text(dataset->file, "format", &format));
  const bool ours = strcmp(format, "ritz map") == 0;
  ritz_free(format);
  if (!ours) return RITZ_OK;
  int64_t version;
  RITZ_TRY(ritz_h5_read_integer(dataset->file, "format_version", &version));
  if (version != 1)
    return RITZ_H5_REJECT(dataset->file, RITZ_ERR_FORMAT,
                          "has map format version %lld, this library reads version 1",
                          (long long)version);
  RITZ_TRY(read_lengths(dataset));
  RITZ_TRY(read_grid(dataset));
  if (ritz_h5_has_attribute(dataset->file, "coordinates")) {
    int64_t coordinates;
    RITZ_TRY(ritz_h5_read_integer(dataset->file, "coordinates", &coordinates));
    dataset->info.coordinates = coordinates >= 1 && coordinates <= 3 ? (int)coordinates : 0;
  }
  return ritz_h5_has_attribute(dataset->file, "boundary")
             ? ritz_h5_read_text(dataset->file, "boundary", &dataset->boundary)
             : RITZ_OK;
}

static bool recognises(hid_t file, const ritz_dataset_config *config) {
  return ritz_h5_exists(file, "x");
}

static ritz_status open_native(ritz_dataset *dataset, const ritz_dataset_config *config) {
  const bool has_y = ritz_h5_exists(dataset->file, "y");
  ritz_side *x = &dataset->side[RITZ_SIDE_X], *y = &dataset->side[RITZ_SIDE_Y];
  RITZ_TRY(ritz_side_create(x, 1));
  RITZ_TRY(ritz_source_open(dataset->file, "x", &x->source[0]));
  if (has_y) {
    RITZ_TRY(ritz_side_create(y, 1));
    RITZ_TRY(ritz_source_open(dataset->file, "y", &y->source[0]));
  }
  RITZ_TRY(ritz_axes_infer(dataset));
  return ritz_native_attributes(dataset);
}

const ritz_reader ritz_reader_native = {
    .name = "native",
    .help = "data sets x and y; axes by attribute or by shape",
    .recognises = recognises,
    .open = open_native,
};
