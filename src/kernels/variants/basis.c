/* SPDX-License-Identifier: BSD-3-Clause
 * Products of tall, narrow matrices stored by columns: bases of Krylov spaces. A few columns at a
 * time share each load of the others. */
#include "kernels/variants/combine.h"

enum { FOUR = 4, MOST = SUMS / FOUR };

static double sum_lanes(const vec *a) {
  double sum = 0;
  for (int i = 0; i < lanes; i++) sum += (double)(*a)[i];
  return sum;
}

/* Sums of a x b columns over rows [first, last), the lanes of each row apart. */
static ALWAYS_INLINE void gram_block(ritz_index n, int a, const real *v, ritz_index ldv, int b,
                                     const real *w, ritz_index ldw, double *sums, ritz_index ld) {
  vec s[MOST][FOUR] = {{{0}}};
  ritz_index i = 0;
  for (; i + lanes <= n; i += lanes) {
    vec x[FOUR];
    for (int p = 0; p < a; p++) x[p] = vec_load(v + p * ldv + i);
    for (int q = 0; q < b; q++) {
      const vec y = vec_load(w + q * ldw + i);
      for (int p = 0; p < a; p++) s[q][p] += x[p] * y;
    }
  }
  for (int q = 0; q < b; q++)
    for (int p = 0; p < a; p++) {
      double sum = sum_lanes(&s[q][p]);
      for (ritz_index j = i; j < n; j++) sum += (double)v[p * ldv + j] * (double)w[q * ldw + j];
      sums[q * ld + p] = sum;
    }
}

/* Those of all a columns v with b columns w. */
static ALWAYS_INLINE void gram_columns(ritz_index n, int a, const real *v, ritz_index ldv, int b,
                                       const real *w, ritz_index ldw, double *sums, ritz_index ld) {
  int p = 0;
  for (; p + 4 <= a; p += 4) gram_block(n, 4, v + p * ldv, ldv, b, w, ldw, sums + p, ld);
  for (; p + 2 <= a; p += 2) gram_block(n, 2, v + p * ldv, ldv, b, w, ldw, sums + p, ld);
  for (; p < a; p++) gram_block(n, 1, v + p * ldv, ldv, b, w, ldw, sums + p, ld);
}

RITZ_KERNEL_DEFINE(basis_gram)
(ritz_index n, int a, const void *vv, ritz_index ldv, int b, const void *wv, ritz_index ldw,
 double *sums, ritz_index ld) {
  const real *v = vv, *w = wv;
  int q = 0;
  for (; q + MOST <= b; q += MOST)
    gram_columns(n, a, v, ldv, MOST, w + q * ldw, ldw, sums + q * ld, ld);
  for (; q + 2 <= b; q += 2) gram_columns(n, a, v, ldv, 2, w + q * ldw, ldw, sums + q * ld, ld);
  for (; q < b; q++) gram_columns(n, a, v, ldv, 1, w + q * ldw, ldw, sums + q * ld, ld);
}

/* Pieces of a column as long as registers allow: of short ones of many columns the machine fetches
 * few in time. */
static ALWAYS_INLINE void combine_block(ritz_index n, int a, columns x, int b, const double *c,
                                        ritz_index ldc, real *y, ritz_index ldy) {
  const int lines = SUMS / b < LONGEST ? SUMS / b : LONGEST;
  const columns self = {y, ldy, NULL};
  ritz_index i = 0;
  for (; i + lines * lanes <= n; i += lines * lanes)
    combine_lines(lines, i, a, x, self, 0, false, b, c, ldc, y + i, ldy);
  for (; i + lanes <= n; i += lanes)
    combine_lines(1, i, a, x, self, 0, false, b, c, ldc, y + i, ldy);
  for (; i < n; i++)
    for (int q = 0; q < b; q++) y[q * ldy + i] = combine_row(i, a, x, y + q * ldy, c + q * ldc);
}

RITZ_KERNEL_DEFINE(basis_combine)
(ritz_index n, int a, const void *v, ritz_index ldv, int b, const double *c, ritz_index ldc,
 void *vy, ritz_index ldy) {
  const columns x = {v, ldv, NULL};
  real *const y = vy;
  int q = 0;
#define COLUMNS(count)               \
  for (; q + count <= b; q += count) \
    combine_block(n, a, x, count, c + q * ldc, ldc, y + q * ldy, ldy);
#if VECTOR_BYTES >= 64
  COLUMNS(8)
#endif
  COLUMNS(4)
  COLUMNS(2)
  COLUMNS(1)
#undef COLUMNS
}
