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

/* Adds to y + j ldy from row `first` sums over the columns v + p ldv, or those of the list where
 * there is one. */
static inline void combine_piece(const ritz_krylov *solver, ritz_index first, ritz_index n, int a,
                                 const scalar *v, ritz_index ldv, const void *const *list, int b,
                                 const wide *c, ritz_index ldc, scalar *y, ritz_index ldy) {
  real t[2 * PAIRS][REALS], panel[2 * PAIRS * RITZ_REPLACE_ROWS];
  double part[2 * PAIRS][PAIR_TERMS];
  void *const sum[2 * PAIRS] = {t[0], t[1], t[2], t[3]};
  const void *from[PAIR_TERMS], *const start[2 * PAIRS] = {t[0], t[1], t[2], t[3]};
  for (int p = 0; p < a; p += PAIR_TERMS) {
    const int count = least(a - p, PAIR_TERMS);
    for (int j = 0; j < b; j++)
      for (int i = 0; i < count; i++) {
        part[2 * j][i] = creal(c[j * ldc + p + i]);
        part[2 * j + 1][i] = cimag(c[j * ldc + p + i]);
      }
    for (int i = 0; i < count; i++)
      from[i] = (list ? (const scalar *)list[p + i] : v + (p + i) * ldv) + first;
    solver->solver_kernels->basis_replace(2 * n, count, from, 2 * b, p ? start : NULL, part[0],
                                          PAIR_TERMS, false, sum, panel);
  }
  for (int j = 0; j < b; j++) {
    real *out = (real *)(y + j * ldy);
    for (ritz_index k = 0; k < 2 * n; k += 2) {
      out[k] += t[2 * j][k] - t[2 * j + 1][k + 1];
      out[k + 1] += t[2 * j][k + 1] + t[2 * j + 1][k];
    }
  }
}

static inline void combine_rows(const ritz_krylov *solver, ritz_index n, int a, const scalar *v,
                                ritz_index ldv, int b, const wide *c, ritz_index ldc, scalar *y,
                                ritz_index ldy) {
  for (ritz_index first = 0; first < n && a > 0; first += PAIR_ROWS)
    for (int j = 0; j < b; j += PAIRS)
      combine_piece(solver, first, least(n - first, PAIR_ROWS), a, v, ldv, NULL,
                    least(b - j, PAIRS), c + j * ldc, ldc, y + j * ldy + first, ldy);
}

enum { REPLACE_ROWS = PAIR_ROWS };

static inline void replace_rows(const ritz_krylov *solver, ritz_index n, int a,
                                const void *const *list, int b, const void *const *start,
                                const wide *c, ritz_index ldc, bool upper, void *const *y,
                                scalar *panel) {
  for (ritz_index first = 0; first < n; first += PAIR_ROWS) {
    const int rows = least(n - first, PAIR_ROWS);
    const size_t bytes = (size_t)rows * sizeof *panel;
    for (int j = 0; j < b; j++) {
      if (start)
        memcpy(panel + j * PAIR_ROWS, (const scalar *)start[j] + first, bytes);
      else
        memset(panel + j * PAIR_ROWS, 0, bytes);
    }
    for (int j = 0; j < b && a > 0; j += PAIRS)
      combine_piece(solver, first, rows, upper ? least(a, j + PAIRS) : a, NULL, 0, list,
                    least(b - j, PAIRS), c + j * ldc, ldc, panel + j * PAIR_ROWS, PAIR_ROWS);
    for (int j = 0; j < b; j++) memcpy((scalar *)y[j] + first, panel + j * PAIR_ROWS, bytes);
  }
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

enum { REPLACE_ROWS = RITZ_REPLACE_ROWS };

/* Y = the columns `start`, or zero, and sums over a list; see basis_replace(). @param panel
 * [b][REPLACE_ROWS] */
static inline void replace_rows(const ritz_krylov *solver, ritz_index n, int a,
                                const void *const *list, int b, const void *const *start,
                                const wide *c, ritz_index ldc, bool upper, void *const *y,
                                scalar *panel) {
  solver->solver_kernels->basis_replace(n, a, list, b, start, c, ldc, upper, y, panel);
}
#endif

#endif
