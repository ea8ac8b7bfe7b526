/* SPDX-License-Identifier: BSD-3-Clause
 * Options of operators: "NAME OPTIONS" either makes an operator or is refused with a sentence. */
#include <ritz/operator.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void fuzz_write_seeds(const char *folder) {
  fuzz_write(folder, "fno", "fno {n_modes: [12, 9], hidden_channels: 8, norm: group_norm}", -1);
  fuzz_write(folder, "fno_2020", "fno_2020 {modes: [5, 5], width: 7, padding: 3}", -1);
  fuzz_write(folder, "tfno", "tfno {n_modes: [6, 6], rank: 0.4, factorization: cp}", -1);
  fuzz_write(folder, "uno",
             "uno {hidden_channels: 6, n_layers: 2, uno_out_channels: [4, 6], "
             "uno_n_modes: [[4, 4], [3, 3]], uno_scalings: [[0.5, 1], [2, 1]]}",
             -1);
  fuzz_write(folder, "lsm", "lsm {patch: [1, 2], width: 4, heads: 2, padding: [0, 3]}", -1);
  fuzz_write(folder, "mgno", "mgno {pre_smoothing: [1, 1, 2], boundary: reflect}", -1);
  fuzz_write(folder, "unet", "unet {dim: 1, width: 4, depth: 3, up: linear, norm: group_norm}", -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1), *options;
  ritz_context *context = NULL;
  ritz_operator *op = NULL;
  memcpy(text, data, size);
  text[size] = 0;
  options = strchr(text, ' ');
  if (options) *options++ = 0;
  fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  if (ritz_operator_create(context, text, options, &op) == RITZ_OK) {
    char *all;
    fuzz_require(ritz_operator_options(op, &all) == RITZ_OK, "options are not written");
    ritz_text_free(all);
  } else {
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  }
  ritz_operator_destroy(&op);
  ritz_context_destroy(&context);
  free(text);
  return 0;
}
