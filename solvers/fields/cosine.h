/* SPDX-License-Identifier: BSD-3-Clause
 * The orthonormal cosines of [0, 1]. */
#ifndef RITZ_SOLVERS_FIELDS_COSINE_H
#define RITZ_SOLVERS_FIELDS_COSINE_H

#include <math.h>
#include <ritz/types.h>

/** Cosine number @p k, sqrt(2) cos(pi k x) or 1, at node @p i of @p nodes. */
static inline double ritz_cosine(ritz_index nodes, ritz_index k, ritz_index i) {
  const double pi = 3.14159265358979323846;
  const ritz_index turn = k * i % (2 * (nodes - 1)); /* exact, where k * i * pi would lose digits */
  const double value = cos(pi * (double)turn / (double)(nodes - 1));
  return k == 0 ? value : sqrt(2.0) * value;
}

#endif
