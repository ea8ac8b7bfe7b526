/* SPDX-License-Identifier: BSD-3-Clause
 * Sums of columns times numbers, for the kernels of bases. */
#ifndef RITZ_KERNELS_VARIANTS_COMBINE_H
#define RITZ_KERNELS_VARIANTS_COMBINE_H

#include "kernels/variants/vector.h"

/* Registers of sums: half of those with 64 bytes there are, the rest holds what is loaded. */
enum { SUMS = VECTOR_BYTES >= 64 ? 16 : 8, LONGEST = 8 };

/* The columns v + p ldv, or those of a list. */
typedef struct columns {
  const real *v;
  ritz_index ldv;
  const real *const *list;
} columns;

static ALWAYS_INLINE const real *column_of(columns x, int p) {
  return x.list ? x.list[p] : x.v + p * x.ldv;
}

/* What sums begin from: themselves, columns of a list, or zero. */
typedef struct origin {
  bool self;
  const real *const *list;
} origin;

/* Rows i ... of `lines` vectors of b sums; those `ahead` of them are on their way into the cache.
 */
static ALWAYS_INLINE void combine_lines(int lines, ritz_index i, int a, columns x, ritz_index ahead,
                                        origin o, int b, const double *c, ritz_index ldc, real *y,
                                        ritz_index ldy) {
  vec s[SUMS], part[LONGEST];
  for (int q = 0; q < b; q++) {
    const real *const from = o.self ? y + q * ldy + i : o.list ? o.list[q] + i : NULL;
    for (int h = 0; h < lines; h++) {
      s[q * lines + h] = from ? vec_load(from + h * lanes) : (vec){0};
      if (from && ahead) __builtin_prefetch(from + ahead + h * lanes, 0, 2);
    }
  }
  for (int p = 0; p < a; p++) {
    const real *const from = column_of(x, p) + i;
    for (int h = 0; h < lines; h++) part[h] = vec_load(from + h * lanes);
    for (int h = 0; h < lines && ahead; h++) __builtin_prefetch(from + ahead + h * lanes, 0, 2);
    for (int q = 0; q < b; q++)
      for (int h = 0; h < lines; h++) s[q * lines + h] += (real)c[q * ldc + p] * part[h];
  }
  for (int q = 0; q < b; q++)
    for (int h = 0; h < lines; h++) vec_store(y + q * ldy + i + h * lanes, s[q * lines + h]);
}

/* Pieces of a column as long as registers allow: of short ones of many columns the machine fetches
 * few in time. */
static ALWAYS_INLINE void combine_block(ritz_index n, int a, columns x, ritz_index ahead, origin o,
                                        int b, const double *c, ritz_index ldc, real *y,
                                        ritz_index ldy) {
  const int lines = SUMS / b < LONGEST ? SUMS / b : LONGEST;
  ritz_index i = 0;
  for (; i + lines * lanes <= n; i += lines * lanes)
    combine_lines(lines, i, a, x, ahead, o, b, c, ldc, y, ldy);
  for (; i + lanes <= n; i += lanes) combine_lines(1, i, a, x, ahead, o, b, c, ldc, y, ldy);
  for (; i < n; i++)
    for (int q = 0; q < b; q++) {
      real sum = o.self ? y[q * ldy + i] : o.list ? o.list[q][i] : 0;
      for (int p = 0; p < a; p++) sum += (real)c[q * ldc + p] * column_of(x, p)[i];
      y[q * ldy + i] = sum;
    }
}

/* y_q = what it begins from + sum over p of c[q ldc + p] x_p. The first sums fetch ahead. */
static ALWAYS_INLINE void combine_columns(ritz_index n, int a, columns x, ritz_index ahead,
                                          origin o, int b, const double *c, ritz_index ldc, real *y,
                                          ritz_index ldy) {
  int q = 0;
#define BLOCK(count, ahead)                                                                       \
  combine_block(n, a, x, ahead, (origin){o.self, o.list ? o.list + q : NULL}, count, c + q * ldc, \
                ldc, y + q * ldy, ldy)
#define COLUMNS(count)                 \
  for (; q + count <= b; q += count) { \
    if (q == 0 && ahead)               \
      BLOCK(count, ahead);             \
    else                               \
      BLOCK(count, 0);                 \
  }
#if VECTOR_BYTES >= 64
  COLUMNS(8)
#endif
  COLUMNS(4)
  COLUMNS(2)
  COLUMNS(1)
#undef COLUMNS
#undef BLOCK
}

#endif
