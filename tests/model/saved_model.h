/* SPDX-License-Identifier: BSD-3-Clause
 * A model file in the folder of a test. */
#ifndef SAVED_MODEL_H
#define SAVED_MODEL_H

#include <stdio.h>

#include "files.h"
#include "small_model.h"

static ritz_context *context;

static inline int begin(void **state) {
  assert_ok(ritz_context_create(NULL, &context));
  return folder_create(state);
}

static inline int end(void **state) {
  ritz_context_destroy(&context);
  return folder_remove(state);
}

/* Saves a small_model_create() there. @return  Its path. */
static inline const char *saved(ritz_dtype dtype, int dim, const char *more) {
  static char path[256];
  ritz_model *model = small_model_create(context, dtype, dim, more);
  snprintf(path, sizeof path, "%s", in_folder("model.h5"));
  assert_ok(ritz_model_save(model, path));
  ritz_model_destroy(&model);
  return path;
}

#endif
