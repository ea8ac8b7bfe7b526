/* SPDX-License-Identifier: BSD-3-Clause
 * What a generator's file provides: one const descriptor and one line in generators.def. */
#ifndef RITZ_DATASETS_GENERATOR_H
#define RITZ_DATASETS_GENERATOR_H

#include <ritz/generator.h>

#include "core/options.h"

typedef struct ritz_generator_type {
  const char *name;
  const char *summary; /* one line: equation, x, y */
  const char *paper;
  const ritz_option *options;
  size_t config_size; /* of the struct the options describe */

  /* What ranges cannot say. RITZ_ERR_CONFIG. */
  ritz_status (*check)(const void *config);

  size_t state_size; /* of what create fills */

  /* Plans for calls from threads 0 ... threads - 1, with a scratch each, in a state of zeros. Fills
   * dim, nodes, length, periodic, x and y of @p info; method and run where there is something to
   * say. The config outlives the state. */
  ritz_status (*create)(const void *config, int threads, ritz_generator_info *info, void *state);

  /* Makes sample number @p sample: x and y of the shapes in info, whole, y followed by the numbers
   * of info.list, where there are any. Neither fails nor allocates; the result depends on config,
   * seed and sample alone. */
  void (*sample)(void *state, int thread, uint64_t seed, uint32_t sample, double *x, double *y,
                 ritz_solve_report *report);

  /* Instead of `sample`, for what is quicker together: makes samples first ... first + count - 1,
   * count <= info.run, one after the other in x and y. Each is what it would be alone, unless
   * info.chained is set: then count is info.run and first a multiple of it. */
  void (*run)(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
              double *y, ritz_solve_report *reports);

  /* Releases what the state holds, also after a create that failed. */
  void (*destroy)(void *state);

  /* How ranks make one sample together; NULL: they cannot. */
  const struct ritz_split_generator_type *split; /* split_generator.h */
} ritz_generator_type;

/** All, in the order of generators.def. @param count  Their number. */
const ritz_generator_type *const *ritz_generator_types(int *count);
/** RITZ_ERR_NOT_FOUND  none is called so: the message says which there are */
ritz_status ritz_generator_type_find(const char *name, const ritz_generator_type **out);

/** A config as ritz_generator_options() gives it. */
ritz_status ritz_generator_type_options(const ritz_generator_type *type, const void *config,
                                        char **out);

/** As ritz_generator_create() with options from a part of a larger configuration. */
ritz_status ritz_generator_create_from(ritz_context *context, const char *type,
                                       const ritz_value *options, ritz_generator **out);

#endif
