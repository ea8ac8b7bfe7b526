/* SPDX-License-Identifier: BSD-3-Clause
 * What generators on the unit square have in common: its grid, and their fields on it. */
#ifndef RITZ_DATASETS_SQUARE_H
#define RITZ_DATASETS_SQUARE_H

#include "core/options.h"
#include "datasets/generator.h"
#include "solvers/fields/gaussian.h"

/** Nodes of a square or of a rectangle of nodes on it, boundary included. */
typedef struct ritz_square {
  ritz_index n[2], size; /* per axis; of all */
  double h[2];           /* 1 / (n - 1) */
} ritz_square;

#define RITZ_SQUARE_RESOLUTION(type, least, fallback)        \
  RITZ_OPTION_INTS(type, resolution, least, 16384, fallback, \
                   "nodes per axis, boundary included: N, or [N0, N1] on the same square")

/** Options of a Gaussian field, of a config with fields of these names. @param when  Which choice
 * they belong to, "gaussian: "; "" for any. @param of  "the field", "f". */
#define RITZ_FIELD_OPTIONS(type, when, of, alpha_, tau_)                          \
  RITZ_OPTION_REAL(type, alpha, 0, 16, alpha_, when "smoothness of " of),         \
      RITZ_OPTION_REAL(type, tau, 1e-3, 1e4, tau_, when "inverse length of " of), \
      RITZ_OPTION_INT(type, modes, 0, 16384, "0",                                 \
                      when "cosine modes of " of " per axis; 0: as many as nodes")

/** RITZ_ERR_CONFIG  neither one number nor two. */
ritz_status ritz_square_check(const ritz_ints *resolution);
ritz_square ritz_square_of(const ritz_ints *resolution);

static inline bool ritz_square_edge(const ritz_square *s, ritz_index i, ritz_index j) {
  return i == 0 || j == 0 || i == s->n[0] - 1 || j == s->n[1] - 1;
}

/** |x| over all nodes. */
double ritz_square_norm(const ritz_square *square, const double *x);

/** Grid axes of @p info. */
void ritz_square_describe(const ritz_square *square, ritz_generator_info *info);
/** A field of @p channels on it. @param channel  [channels] names, NULL for one. */
ritz_generator_field ritz_square_field(const ritz_square *square, const char *name, int channels,
                                       const char *const *channel);

/** The field of gaussian.h on it. @param modes  Cosines per axis; 0: as many as nodes. */
ritz_status ritz_square_gaussian(const ritz_square *square, double alpha, double tau,
                                 ritz_index modes, ritz_gaussian **out);

#endif
