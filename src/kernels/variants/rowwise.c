/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of channels: broadcast, scale, sums, copies. */
#include "kernels/variants/lanes.h"

/* Columns outside and rows inside: what belongs to a channel stays in a register. */
#define FOR_ROWS_OF(rows) for (ritz_index r = 0, k = i; r < (rows); r++, k += c)
#define AT(T, x)          (*(T *)((x) + k))

RITZ_KERNEL_DEFINE(row_fill)(ritz_index rows, ritz_index c, const void *bv, void *yv) {
  const real *b = bv;
  real *y = yv;
#define STEP(T)                             \
  do {                                      \
    const T value = GET(T, b);              \
    FOR_ROWS_OF(rows) { AT(T, y) = value; } \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(row_add)
(ritz_index rows, ritz_index c, const void *xv, const void *bv, void *yv) {
  const real *x = xv, *b = bv;
  real *y = yv;
#define STEP(T)                                              \
  do {                                                       \
    const T value = GET(T, b);                               \
    FOR_ROWS_OF(rows) { AT(T, y) = AT(const T, x) + value; } \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(row_scale)
(ritz_index rows, ritz_index c, const void *xv, const void *wv, void *yv, bool add) {
  const real *x = xv, *w = wv;
  real *y = yv;
#define STEP(T)                                                 \
  do {                                                          \
    const T factor = GET(T, w);                                 \
    if (add) FOR_ROWS_OF(rows) {                                \
        AT(T, y) += AT(const T, x) * factor;                    \
      }                                                         \
    else                                                        \
      FOR_ROWS_OF(rows) { AT(T, y) = AT(const T, x) * factor; } \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

/* Sums over rows run in double beyond a few rows: those that cancel (a bias in front of a norm)
 * would otherwise keep the rounding of their largest partial sum. */
enum { few = 4 };

/* s[i] += sum over rows of TERM(T), a T at row k / c. */
#define SUM_ROWS(T, TERM)                                                                   \
  do {                                                                                      \
    enum { lanes = sizeof(T) / sizeof(real) };                                              \
    double sum[lanes] = {0};                                                                \
    for (ritz_index first = 0; first < rows; first += few) {                                \
      const ritz_index count = rows - first < few ? rows - first : few;                     \
      T part = {0};                                                                         \
      for (ritz_index r = 0, k = first * c + i; r < count; r++, k += c) part += TERM(T);    \
      real number[lanes];                                                                   \
      __builtin_memcpy(number, &part, sizeof part);                                         \
      _Pragma("omp simd") for (int l = 0; l < (int)lanes; l++) sum[l] += (double)number[l]; \
    }                                                                                       \
    for (int l = 0; l < (int)lanes; l++) s[i + l] += (real)sum[l];                          \
  } while (0)

RITZ_KERNEL_DEFINE(row_sum)(ritz_index rows, ritz_index c, const void *xv, void *sv) {
  const real *x = xv;
  real *s = sv;
#define TERM(T) AT(const T, x)
#define STEP(T) SUM_ROWS(T, TERM)
  FOR_ROW(c, STEP);
#undef STEP
#undef TERM
}

RITZ_KERNEL_DEFINE(row_dot)
(ritz_index rows, ritz_index c, const void *xv, const void *yv, void *sv) {
  const real *x = xv, *y = yv;
  real *s = sv;
#define TERM(T) (AT(const T, x) * AT(const T, y))
#define STEP(T) SUM_ROWS(T, TERM)
  FOR_ROW(c, STEP);
#undef STEP
#undef TERM
}

RITZ_KERNEL_DEFINE(row_copy)
(ritz_index rows, ritz_index c, const void *xv, ritz_index xs, void *yv, ritz_index ys, bool add) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + r * xs;
    real *restrict y = (real *)yv + r * ys;
    if (add)
      for (ritz_index i = 0; i < c; i++) y[i] += x[i];
    else
      for (ritz_index i = 0; i < c; i++) y[i] = x[i];
  }
}

RITZ_KERNEL_DEFINE(transpose)(ritz_index rows, ritz_index cols, const void *av, void *bv) {
  const real *restrict a = av;
  real *restrict b = bv;
  for (ritz_index j = 0; j < cols; j++)
    for (ritz_index i = 0; i < rows; i++) b[j * rows + i] = a[i * cols + j];
}
