/* SPDX-License-Identifier: BSD-3-Clause
 * Products and sums of a few rows of bases, by the kernels of the real format. */
#ifndef RITZ_SOLVERS_KRYLOV_ROWS_H
#define RITZ_SOLVERS_KRYLOV_ROWS_H

#include <string.h>

#include "solvers/krylov/scalar/vectors.h"

#if RITZ_IS_COMPLEX
/* The kernels are real: a complex column is one of twice the length, its product with another the
 * pair of its products with y and with -i y, and c x the sum Re(c) x + Im(c) (i x). Two columns at
 * a time make four, which the kernels like best. */
enum { PAIR_ROWS = 256, PAIR_TERMS = 32, PAIRS = 2, REALS = 2 * PAIR_ROWS };

static inline int least(ritz_index a, ritz_index b) { return (int)(a < b ? a : b); }

static inline void gram_piece(const ritz_krylov *solver, ritz_index n, int a, const scalar *v,
                              int b, const scalar *w, wide *sums, int ld) {
  real t[2 * PAIRS][REALS];
  double part[2 * PAIRS][PAIR_TERMS];
  if (n < 1 || b < 1) return;
  for (int j = 0; j < b; j++) {
    const real *y = (const real *)(w + j * solver->ld);
    memcpy(t[2 * j], y, (size_t)(2 * n) * sizeof *y);
    for (ritz_index k = 0; k < 2 * n; k += 2)
      t[2 * j + 1][k] = y[k + 1], t[2 * j + 1][k + 1] = -y[k];
  }
  for (int p = 0; p < a; p += PAIR_TERMS) {
    const int count = least(a - p, PAIR_TERMS);
    solver->kernels->basis_gram(2 * n, count, v + p * solver->ld, 2 * solver->ld, 2 * b, t, REALS,
                                part[0], PAIR_TERMS);
    for (int j = 0; j < b; j++)
      for (int i = 0; i < count; i++)
        sums[j * ld + p + i] += CMPLX(part[2 * j][i], part[2 * j + 1][i]);
  }
}

static inline void gram_rows(const ritz_krylov *solver, ritz_index n, int a, const scalar *v, int b,
                             const scalar *w, wide *sums, int ld) {
  for (int j = 0; j < b; j++)
    for (int i = 0; i < a; i++) sums[j * ld + i] = 0;
  for (ritz_index first = 0; first < n; first += PAIR_ROWS)
    for (int j = 0; j < b; j += PAIRS)
      gram_piece(solver, least(n - first, PAIR_ROWS), a, v + first, least(b - j, PAIRS),
                 w + j * solver->ld + first, sums + j * ld, ld);
}

/* Columns v + p ldv, or those of the list where there is one, from row `first`. */
static inline void combine_piece(const ritz_krylov *solver, ritz_index first, ritz_index n, int a,
                                 const scalar *v, ritz_index ldv, const scalar *const *list, int b,
                                 const wide *c, ritz_index ldc, scalar *y, ritz_index ldy) {
  real t[2 * PAIRS][REALS];
  double part[2 * PAIRS][PAIR_TERMS];
  const void *from[PAIR_TERMS], *const start[2 * PAIRS] = {t[0], t[1], t[2], t[3]};
  for (int p = 0; p < a; p += PAIR_TERMS) {
    const int count = least(a - p, PAIR_TERMS);
    for (int j = 0; j < b; j++)
      for (int i = 0; i < count; i++) {
        part[2 * j][i] = creal(c[j * ldc + p + i]);
        part[2 * j + 1][i] = cimag(c[j * ldc + p + i]);
      }
    for (int i = 0; i < count; i++) from[i] = (list ? list[p + i] : v + (p + i) * ldv) + first;
    solver->solver_kernels->basis_combine_listed(2 * n, count, from, 0, 2 * b, p ? start : NULL,
                                                 part[0], PAIR_TERMS, t, REALS);
  }
  for (int j = 0; j < b; j++) {
    real *out = (real *)(y + j * ldy + first);
    for (ritz_index k = 0; k < 2 * n; k += 2) {
      out[k] += t[2 * j][k] - t[2 * j + 1][k + 1];
      out[k + 1] += t[2 * j][k + 1] + t[2 * j + 1][k];
    }
  }
}

static inline void combine_all(const ritz_krylov *solver, ritz_index n, int a, const scalar *v,
                               ritz_index ldv, const scalar *const *list, int b, const wide *c,
                               ritz_index ldc, scalar *y, ritz_index ldy) {
  for (ritz_index first = 0; first < n && a > 0; first += PAIR_ROWS)
    for (int j = 0; j < b; j += PAIRS)
      combine_piece(solver, first, least(n - first, PAIR_ROWS), a, v, ldv, list,
                    least(b - j, PAIRS), c + j * ldc, ldc, y + j * ldy, ldy);
}

static inline void combine_rows(const ritz_krylov *solver, ritz_index n, int a, const scalar *v,
                                ritz_index ldv, int b, const wide *c, ritz_index ldc, scalar *y,
                                ritz_index ldy) {
  combine_all(solver, n, a, v, ldv, NULL, b, c, ldc, y, ldy);
}

static inline void combine_listed(const ritz_krylov *solver, ritz_index n, int a,
                                  const scalar *const *list, ritz_index ahead, int b,
                                  const scalar *const *start, const wide *c, ritz_index ldc,
                                  scalar *y, ritz_index ldy) {
  for (int j = 0; j < b; j++) {
    if (!start)
      memset(y + j * ldy, 0, (size_t)n * sizeof *y);
    else if (start[j] != y + j * ldy)
      memcpy(y + j * ldy, start[j], (size_t)n * sizeof *y);
  }
  combine_all(solver, n, a, NULL, 0, list, b, c, ldc, y, ldy);
}
#else
/* sums[j ld + i] = v_i . w_j of a columns v and b columns w. */
static inline void gram_rows(const ritz_krylov *solver, ritz_index n, int a, const scalar *v, int b,
                             const scalar *w, wide *sums, int ld) {
  solver->kernels->basis_gram(n, a, v, solver->ld, b, w, solver->ld, sums, ld);
}

static inline void combine_rows(const ritz_krylov *solver, ritz_index n, int a, const scalar *v,
                                ritz_index ldv, int b, const wide *c, ritz_index ldc, scalar *y,
                                ritz_index ldy) {
  solver->kernels->basis_combine(n, a, v, ldv, b, c, ldc, y, ldy);
}

/* Y = the columns `start`, or zero, and combinations of a list; see basis_combine_listed(). */
static inline void combine_listed(const ritz_krylov *solver, ritz_index n, int a,
                                  const scalar *const *list, ritz_index ahead, int b,
                                  const scalar *const *start, const wide *c, ritz_index ldc,
                                  scalar *y, ritz_index ldy) {
  solver->solver_kernels->basis_combine_listed(n, a, (const void *const *)list, ahead, b,
                                               (const void *const *)start, c, ldc, y, ldy);
}
#endif

#endif
