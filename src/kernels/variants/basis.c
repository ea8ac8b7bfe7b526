/* SPDX-License-Identifier: BSD-3-Clause
 * Products of tall, narrow matrices stored by columns: bases of Krylov spaces. A few columns at a
 * time share each load of the others. */
#include "kernels/variants/lanes.h"
#include "kernels/variants/vector.h"

enum { FOUR = 4 };

static double sum_lanes(const lanes64 *a) {
  double sum = 0;
  for (int i = 0; i < LINE; i++) sum += (double)(*a)[i];
  return sum;
}

/* Sums of a x b columns over rows [first, last), the lanes of each row apart. */
static inline __attribute__((always_inline)) void gram_block(ritz_index n, int a, const real *v,
                                                             ritz_index ldv, int b, const real *w,
                                                             ritz_index ldw, double *sums,
                                                             ritz_index ld) {
  lanes64 s[FOUR][FOUR] = {{{0}}};
  ritz_index i = 0;
  for (; i + LINE <= n; i += LINE) {
    lanes64 x[FOUR];
    for (int p = 0; p < a; p++) x[p] = *(const lanes64 *)(v + p * ldv + i);
    for (int q = 0; q < b; q++) {
      const lanes64 y = *(const lanes64 *)(w + q * ldw + i);
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

/* Lines of sums that stay in registers: b columns of SUMS / b lines each. */
enum { SUMS = VECTOR_BYTES >= 64 ? 16 : 4, LONGEST = 8 };

/* `lines` lines of b columns, their first row at v and y. */
static inline __attribute__((always_inline)) void combine_lines(int lines, int a, const real *v,
                                                                ritz_index ldv, int b,
                                                                const double *c, ritz_index ldc,
                                                                real *y, ritz_index ldy) {
  lanes64 s[SUMS], x[LONGEST];
  for (int q = 0; q < b; q++)
    for (int h = 0; h < lines; h++) s[q * lines + h] = *(const lanes64 *)(y + q * ldy + h * LINE);
  for (int p = 0; p < a; p++) {
    for (int h = 0; h < lines; h++) x[h] = *(const lanes64 *)(v + p * ldv + h * LINE);
    for (int q = 0; q < b; q++)
      for (int h = 0; h < lines; h++) s[q * lines + h] += (real)c[q * ldc + p] * x[h];
  }
  for (int q = 0; q < b; q++)
    for (int h = 0; h < lines; h++) *(lanes64 *)(y + q * ldy + h * LINE) = s[q * lines + h];
}

/* Pieces of a column as long as registers allow: of short ones of many columns the machine fetches
 * few in time. */
static inline __attribute__((always_inline)) void combine_block(ritz_index n, int a, const real *v,
                                                                ritz_index ldv, int b,
                                                                const double *c, ritz_index ldc,
                                                                real *y, ritz_index ldy) {
  const int lines = SUMS / b < LONGEST ? SUMS / b : LONGEST;
  ritz_index i = 0;
  for (; i + lines * LINE <= n; i += lines * LINE)
    combine_lines(lines, a, v + i, ldv, b, c, ldc, y + i, ldy);
  for (; i + LINE <= n; i += LINE) combine_lines(1, a, v + i, ldv, b, c, ldc, y + i, ldy);
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
#define COLUMNS(count)               \
  for (; q + count <= b; q += count) \
  combine_block(n, a, v, ldv, count, c + q * ldc, ldc, y + q * ldy, ldy)
#if VECTOR_BYTES >= 64
  COLUMNS(8);
#endif
  COLUMNS(4);
  COLUMNS(2);
  COLUMNS(1);
#undef COLUMNS
}
