/* SPDX-License-Identifier: BSD-3-Clause
 * Model files without their seal: a damaged one loads with finite weights or is refused. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "model/seal.h"
#include "small_model.h"

void fuzz_write_seeds(const char *folder) {
  ritz_context *context;
  fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  for (int dim = 1; dim <= 2; dim++) {
    char path[512];
    ritz_model *model = small_model_create(context, dim == 1 ? RITZ_FLOAT64 : RITZ_FLOAT32, dim,
                                           dim == 1 ? ", norm: batch_norm" : "");
    snprintf(path, sizeof path, "%s/model_%dd.h5", folder, dim);
    fuzz_require(ritz_model_save(model, path) == RITZ_OK, "a seed cannot be written");
    ritz_model_destroy(&model);
  }
  ritz_context_destroy(&context);
}

/* With its seal almost every change would be found out at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ritz_context *context;
  ritz_model *model;
  double error;
  if (!context) fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  const char *path = fuzz_file(data, size > RITZ_SEAL_BYTES ? size - RITZ_SEAL_BYTES : size);
  if (ritz_model_load(context, path, &model) == RITZ_OK)
    ritz_model_check(model, &error);
  else
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  ritz_model_destroy(&model);
  return 0;
}
