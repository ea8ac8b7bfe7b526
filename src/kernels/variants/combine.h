/* SPDX-License-Identifier: BSD-3-Clause
 * Sums of columns times numbers, for the kernels of bases. */
#ifndef RITZ_KERNELS_VARIANTS_COMBINE_H
#define RITZ_KERNELS_VARIANTS_COMBINE_H

#include "kernels/variants/vector.h"

/* Registers of sums: half of those with 64 bytes there are, the rest holds what is loaded. */
enum { SUMS = VECTOR_BYTES >= 64 ? 16 : 8, LONGEST = 8 };

/* The columns v + p ldv, or those of a list; without either, zeros. */
typedef struct columns {
  const real *v;
  ritz_index ldv;
  const void *const *list;
} columns;

static ALWAYS_INLINE const real *column_of(columns x, int p) {
  return x.list ? x.list[p] : x.v ? x.v + p * x.ldv : NULL;
}

/* Rows i ... of `lines` vectors of b sums over a columns x, begun from others, go to y. Those
 * `ahead` of them are on their way into the cache, of x only where these sums are the `first`. */
static ALWAYS_INLINE void combine_lines(int lines, ritz_index i, int a, columns x, columns begin,
                                        ritz_index ahead, bool first, int b, const double *c,
                                        ritz_index ldc, real *y, ritz_index ldy) {
  vec s[SUMS], part[LONGEST];
  for (int q = 0; q < b; q++) {
    const real *const from = column_of(begin, q);
    for (int h = 0; h < lines; h++) {
      s[q * lines + h] = from ? vec_load(from + i + h * lanes) : (vec){0};
      if (from && ahead) __builtin_prefetch(from + i + ahead + h * lanes, 0, 2);
    }
  }
  for (int p = 0; p < a; p++) {
    const real *const from = column_of(x, p) + i;
    for (int h = 0; h < lines; h++) part[h] = vec_load(from + h * lanes);
    for (int h = 0; h < lines && first && ahead; h++)
      __builtin_prefetch(from + ahead + h * lanes, 0, 2);
    for (int q = 0; q < b; q++)
      for (int h = 0; h < lines; h++) s[q * lines + h] += (real)c[q * ldc + p] * part[h];
  }
  for (int q = 0; q < b; q++)
    for (int h = 0; h < lines; h++) vec_store(y + q * ldy + h * lanes, s[q * lines + h]);
}

/* One row of one sum. */
static ALWAYS_INLINE real combine_row(ritz_index i, int a, columns x, const real *begin,
                                      const double *c) {
  real sum = begin ? begin[i] : 0;
  for (int p = 0; p < a; p++) sum += (real)c[p] * column_of(x, p)[i];
  return sum;
}

#endif
