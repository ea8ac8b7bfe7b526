/* SPDX-License-Identifier: BSD-3-Clause
 * Products of tall, narrow matrices stored by columns: bases of Krylov spaces. Four columns at a
 * time share each load of the others; a row block is as long as a few vectors of any width. */
#include "kernels/variants/lanes.h"

enum { FOUR = 4 };

typedef lanes64 lanes;

static double sum_lanes(const lanes *a) {
  double sum = 0;
  for (int i = 0; i < LINE; i++) sum += (double)(*a)[i];
  return sum;
}

/* Sums of a x b columns over rows [first, last), the lanes of each row apart. */
static inline __attribute__((always_inline)) void gram_block(ritz_index n, int a, const real *v,
                                                             ritz_index ldv, int b, const real *w,
                                                             ritz_index ldw, double *sums,
                                                             ritz_index ld) {
  lanes s[FOUR][FOUR] = {{{0}}};
  ritz_index i = 0;
  for (; i + LINE <= n; i += LINE) {
    lanes x[FOUR];
    for (int p = 0; p < a; p++) x[p] = *(const lanes *)(v + p * ldv + i);
    for (int q = 0; q < b; q++) {
      const lanes y = *(const lanes *)(w + q * ldw + i);
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

RITZ_KERNEL_DEFINE(basis_gram)
(ritz_index n, int a, const void *vv, ritz_index ldv, int b, const void *wv, ritz_index ldw,
 double *sums, ritz_index ld) {
  const real *v = vv, *w = wv;
  for (int p = 0; p < a; p += FOUR) {
    const int ap = a - p < FOUR ? a - p : FOUR;
    for (int q = 0; q < b; q += FOUR) {
      const int bq = b - q < FOUR ? b - q : FOUR;
      const real *vp = v + p * ldv, *wq = w + q * ldw;
      double *const out = sums + q * ld + p;
      if (ap == FOUR && bq == FOUR)
        gram_block(n, FOUR, vp, ldv, FOUR, wq, ldw, out, ld);
      else if (ap == FOUR && bq == 1)
        gram_block(n, FOUR, vp, ldv, 1, wq, ldw, out, ld);
      else if (ap == FOUR && bq == 2)
        gram_block(n, FOUR, vp, ldv, 2, wq, ldw, out, ld);
      else
        for (int i = 0; i < ap; i++)
          for (int j = 0; j < bq; j++)
            gram_block(n, 1, vp + i * ldv, ldv, 1, wq + j * ldw, ldw, out + j * ld + i, ld);
    }
  }
}

static inline __attribute__((always_inline)) void combine_block(ritz_index n, int a, const real *v,
                                                                ritz_index ldv, int b,
                                                                const double *c, ritz_index ldc,
                                                                real *y, ritz_index ldy) {
  ritz_index i = 0;
  for (; i + 2 * LINE <= n; i += 2 * LINE) {
    lanes s[FOUR][2];
    for (int q = 0; q < b; q++)
      for (int h = 0; h < 2; h++) s[q][h] = *(const lanes *)(y + q * ldy + i + h * LINE);
    for (int p = 0; p < a; p++) {
      const lanes x0 = *(const lanes *)(v + p * ldv + i);
      const lanes x1 = *(const lanes *)(v + p * ldv + i + LINE);
      for (int q = 0; q < b; q++) {
        const real f = (real)c[q * ldc + p];
        s[q][0] += f * x0;
        s[q][1] += f * x1;
      }
    }
    for (int q = 0; q < b; q++)
      for (int h = 0; h < 2; h++) *(lanes *)(y + q * ldy + i + h * LINE) = s[q][h];
  }
  for (; i < n; i++)
    for (int q = 0; q < b; q++) {
      real sum = y[q * ldy + i];
      for (int p = 0; p < a; p++) sum += (real)c[q * ldc + p] * v[p * ldv + i];
      y[q * ldy + i] = sum;
    }
}

RITZ_KERNEL_DEFINE(basis_combine)
(ritz_index n, int a, const void *vv, ritz_index ldv, int b, const double *c, ritz_index ldc,
 void *yv, ritz_index ldy) {
  const real *v = vv;
  real *y = yv;
  int q = 0;
  for (; q + FOUR <= b; q += FOUR)
    combine_block(n, a, v, ldv, FOUR, c + q * ldc, ldc, y + q * ldy, ldy);
  if (q + 2 <= b) {
    combine_block(n, a, v, ldv, 2, c + q * ldc, ldc, y + q * ldy, ldy);
    q += 2;
  }
  if (q < b) combine_block(n, a, v, ldv, 1, c + q * ldc, ldc, y + q * ldy, ldy);
}
