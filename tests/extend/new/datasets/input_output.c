/* SPDX-License-Identifier: BSD-3-Clause
 * Files with data sets input and output: an example of a reader. */
#include "core/fail.h"
#include "datasets/reader.h"

static bool recognises(hid_t file, const ritz_dataset_config *config) {
  return !config->x && ritz_h5_exists(file, "input") && ritz_h5_exists(file, "output");
}

static ritz_status open_pair(ritz_dataset *dataset, const ritz_dataset_config *config) {
  static const char *const names[RITZ_SIDES] = {"input", "output"};
  for (int i = 0; i < RITZ_SIDES; i++) {
    RITZ_TRY(ritz_side_create(&dataset->side[i], 1));
    RITZ_TRY(ritz_source_open(dataset->file, names[i], &dataset->side[i].source[0]));
  }
  return ritz_axes_infer(dataset);
}

const ritz_reader ritz_reader_input_output = {
    .name = "input_output",
    .help = "data sets input and output; axes by attribute or by shape",
    .recognises = recognises,
    .open = open_pair,
};
