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

RITZ_KERNEL_DEFINE(basis_combine)
(ritz_index n, int a, const void *v, ritz_index ldv, int b, const double *c, ritz_index ldc,
 void *y, ritz_index ldy) {
  combine_columns(n, a, (columns){v, ldv, NULL}, 0, (origin){true, NULL}, b, c, ldc, y, ldy);
}
