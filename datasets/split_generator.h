/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets whose samples are too large for one rank: those of a layout make each together, every
 * one its part of it. What a number is does not depend on the layout. */
#ifndef RITZ_DATASETS_SPLIT_GENERATOR_H
#define RITZ_DATASETS_SPLIT_GENERATOR_H

#include <ritz/generator.h>
#include <ritz/layout.h>

#include "core/options.h"

/* What a generator's file provides beside its ritz_generator_type, with the same config. */
typedef struct ritz_split_generator_type {
  /* What cannot be split, of options and of parts per axis. RITZ_ERR_CONFIG */
  ritz_status (*check)(const void *config, const ritz_index parts[3]);

  /* Fills in @p info as ritz_generator_type.create does. */
  void (*describe)(const void *config, ritz_generator_info *info);

  size_t state_size; /* of what create fills */

  /* Plans in a state of zeros. Collective; fails on all ranks alike. */
  ritz_status (*create)(const void *config, ritz_layout *layout, void *state);

  /* x and y: this rank's part of a sample. Collective. RITZ_ERR_COMMUNICATION, RITZ_ERR_NUMERIC */
  ritz_status (*sample)(void *state, uint64_t seed, uint32_t sample, double *x, double *y,
                        ritz_solve_report *report);

  /* Also after a create that failed. */
  void (*destroy)(void *state);
} ritz_split_generator_type;

typedef struct ritz_split_generator ritz_split_generator;

/**
 * Plans one for the ranks of @p context. Collective; fails on all ranks alike.
 *
 * @param type     A name of `ritz list generators`.
 * @param options  As for ritz_generator_create_from().
 * @param parts    Per axis; their product is the number of ranks.
 * @param out      NULL on failure.
 *                 RITZ_ERR_NOT_FOUND  unknown type
 *                 RITZ_ERR_CONFIG     an option; a type, grid or cut that cannot be
 */
ritz_status ritz_split_generator_create(ritz_context *context, const char *type,
                                        const ritz_value *options, const ritz_index parts[3],
                                        ritz_split_generator **out);
void ritz_split_generator_destroy(ritz_split_generator **generator);

const ritz_generator_info *ritz_split_generator_describe(const ritz_split_generator *generator);
/** Release with ritz_text_free(). */
ritz_status ritz_split_generator_options(const ritz_split_generator *generator, char **out);
const ritz_layout *ritz_split_generator_layout(const ritz_split_generator *generator);

/** x, y: this rank's part of sample number @p sample, in @p dtype. Collective. */
ritz_status ritz_split_generator_run(ritz_split_generator *generator, uint64_t seed,
                                     ritz_index sample, ritz_dtype dtype, void *x, void *y,
                                     ritz_solve_report *report);

#endif
