/* SPDX-License-Identifier: BSD-3-Clause
 * What the tests of optimizers work on. */
#ifndef RITZ_TESTS_OPTIMIZER_SETUP_H
#define RITZ_TESTS_OPTIMIZER_SETUP_H

#include "core/memory.h"
#include "graph/params.h"
#include "io/yaml.h"
#include "support.h"
#include "train/optimizer.h"

static inline ritz_context *context_with(int threads) {
  ritz_context *context;
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = threads;
  assert_ok(ritz_context_create(&options, &context));
  return context;
}

static inline ritz_optimizer *optimizer_from(ritz_context *context, ritz_params *params,
                                             const char *type, const char *yaml) {
  ritz_value *options;
  ritz_optimizer *optimizer;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  assert_ok(ritz_optimizer_create(context, params, type, options, NULL, &optimizer));
  ritz_value_destroy(&options);
  return optimizer;
}

static inline int add(ritz_params *params, const char *name, ritz_shape shape, int complex_axis) {
  int position;
  assert_ok(ritz_params_require(params, name, shape, complex_axis,
                                (ritz_init){RITZ_INIT_SYMMETRIC, 1}, &position));
  return position;
}

/* A set with odd sizes, several chunks, complex weights and one tensor that is not trained. */
static inline ritz_params *awkward_params(ritz_context *context, ritz_dtype dtype) {
  ritz_params *params;
  assert_ok(ritz_params_create(context, dtype, 3, &params));
  add(params, "one", RITZ_SHAPE(1), -1);
  add(params, "weight", RITZ_SHAPE(13, 17), -1);
  add(params, "spectrum", RITZ_SHAPE(3, 5, 2, 7, 3), 2);
  ritz_params_freeze(params, add(params, "running_mean", RITZ_SHAPE(19), -1));
  add(params, "last_axis", RITZ_SHAPE(11, 2), 1);
  add(params, "large", RITZ_SHAPE(211, 190), -1);
  add(params, "large_spectrum", RITZ_SHAPE(37, 2, 23, 31), 1);
  return params;
}

#endif
