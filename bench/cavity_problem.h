/* SPDX-License-Identifier: BSD-3-Clause
 * Damped waves of one frequency in a cavity, a sequence of systems:
 *   -div(a grad u) - k^2 (1 + s w_t) (1 + 0.05 i) u = f
 * in the unit cube without three balls, u = 0 on all walls, a seven-point scheme. a, the material,
 * is the exponential of a smooth random field; w_t, what makes the waves faster or slower, goes
 * along a circle of such fields by 0.3 radians per system (correlation of neighbours 0.955); s is
 * 0.1; f is a source at a random place. Complex symmetric, so neither Hermitian
 * nor definite: conjugate gradients and MINRES do not apply, nor do fast solvers of boxes. */
#ifndef RITZ_BENCH_CAVITY_PROBLEM_H
#define RITZ_BENCH_CAVITY_PROBLEM_H

#include <ritz/sparse.h>

#include "core/complex.h"

typedef struct cavity {
  int side;               /* nodes inside, per axis */
  double k;               /* two wave lengths along an edge at 12 */
  ritz_index n;           /* unknowns */
  ritz_sparse *diffusion; /* the first term, real */
  ritz_sparse *matrix;    /* all, complex, on the same pattern */
  double *w[2];           /* [n]: w_t = cos(0.3 t) w[0] + sin(0.3 t) w[1] */
  ritz_index *unknown;    /* [(side + 2)^3], of a node; -1: none */
  double _Complex *b;     /* [n] */
} cavity;

/** Release with cavity_clear(), also after a failure. */
ritz_status cavity_create(int side, double k, cavity *out);
void cavity_clear(cavity *problem);
/** Matrix and right-hand side become those of system @p t. */
void cavity_set(cavity *problem, int t);

#endif
