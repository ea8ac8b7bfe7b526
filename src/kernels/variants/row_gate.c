/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of channels times a vector, channel by channel (a gate) or summed (a linear map to one
 * channel), each gradient in one sweep. */
#include "kernels/variants/lanes.h"

/* In the order of memory: a row is one or two cache lines, and y may be far away. */
RITZ_KERNEL_DEFINE(row_gate)
(ritz_index rows, ritz_index c, const void *xv, const void *wv, const void *bv, void *yv) {
  const real *x = xv, *w = wv, *b = bv;
  real *y = yv;
  for (ritz_index r = 0; r < rows; r++, x += c, y += c) {
#define STEP(T)                  \
  do {                           \
    T v = GET(T, x) * GET(T, w); \
    if (b) v += GET(T, b);       \
    PUT(T, y) = v;               \
  } while (0)
    FOR_ROW(c, STEP);
#undef STEP
  }
}

/* The gradients have columns outside and rows inside: what belongs to a channel stays in a
 * register. */
#define AT(T, x) (*(T *)((x) + k))

/* Sums over rows run in double beyond a few rows, as in rowwise.c. */
enum { few = 4 };

/* sum[] += the lanes of `part`, a T. */
#define ADD_LANES(T, part, sum)                                                              \
  do {                                                                                       \
    real number[sizeof(T) / sizeof(real)];                                                   \
    __builtin_memcpy(number, &(part), sizeof(part));                                         \
    _Pragma("omp simd") for (int l = 0; l < (int)(sizeof(T) / sizeof(real)); l++)(sum)[l] += \
        (double)number[l];                                                                   \
  } while (0)
#define ADD_SUMS(T, sum, s)                                                                 \
  do {                                                                                      \
    for (int l = 0; l < (int)(sizeof(T) / sizeof(real)); l++) (s)[i + l] += (real)(sum)[l]; \
  } while (0)

static inline void gate_vjp(ritz_index rows, ritz_index c, const real *x, const real *w,
                            const real *gy, real *gx, bool add, real *gw, real *gb) {
#define STEP(T)                                                                             \
  do {                                                                                      \
    const T factor = GET(T, w);                                                             \
    double w_sum[sizeof(T) / sizeof(real)] = {0}, b_sum[sizeof(T) / sizeof(real)] = {0};    \
    for (ritz_index first = 0; first < rows; first += few) {                                \
      T w_part = {0}, b_part = {0};                                                         \
      for (ritz_index r = first, k = r * c + i; r < rows && r < first + few; r++, k += c) { \
        const T g = AT(const T, gy);                                                        \
        w_part += g * AT(const T, x);                                                       \
        if (gb) b_part += g;                                                                \
        if (gx) AT(T, gx) = add ? AT(T, gx) + g * factor : g * factor;                      \
      }                                                                                     \
      ADD_LANES(T, w_part, w_sum);                                                          \
      if (gb) ADD_LANES(T, b_part, b_sum);                                                  \
    }                                                                                       \
    ADD_SUMS(T, w_sum, gw);                                                                 \
    if (gb) ADD_SUMS(T, b_sum, gb);                                                         \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(row_gate_vjp)
(ritz_index rows, ritz_index c, const void *x, const void *w, const void *gy, void *gx, bool add,
 void *gw, void *gb) {
  if (gx && gb && add)
    gate_vjp(rows, c, x, w, gy, gx, true, gw, gb);
  else if (gx && gb)
    gate_vjp(rows, c, x, w, gy, gx, false, gw, gb);
  else
    gate_vjp(rows, c, x, w, gy, gx, add, gw, gb);
}

/* The sum of the lanes of one row's products: pairs, in a fixed order. */
#define ADD_ROW(T)                                                                  \
  do {                                                                              \
    const T product = GET(T, x) * GET(T, w);                                        \
    real number[sizeof(T) / sizeof(real)];                                          \
    __builtin_memcpy(number, &product, sizeof product);                             \
    for (int l = 0; l < (int)(sizeof(T) / sizeof(real)); l++) lane[l] += number[l]; \
  } while (0)

static inline real weigh_row(ritz_index c, const real *x, const real *w) {
  real lane[LINE] = {0};
  FOR_ROW(c, ADD_ROW);
  for (int half = LINE / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) lane[l] += lane[l + half];
  return lane[0];
}

RITZ_KERNEL_DEFINE(row_weigh)
(ritz_index rows, ritz_index c, const void *x, const void *w, void *yv, bool add) {
  real *y = yv;
  for (ritz_index r = 0; r < rows; r++) {
    const real sum = weigh_row(c, (const real *)x + r * c, w);
    y[r] = add ? y[r] + sum : sum;
  }
}

static inline void weigh_vjp(ritz_index rows, ritz_index c, const real *x, const real *w,
                             const real *gy, real *gx, bool add, real *gw) {
#define STEP(T)                                                                             \
  do {                                                                                      \
    const T factor = GET(T, w);                                                             \
    double sum[sizeof(T) / sizeof(real)] = {0};                                             \
    for (ritz_index first = 0; first < rows; first += few) {                                \
      T part = {0};                                                                         \
      for (ritz_index r = first, k = r * c + i; r < rows && r < first + few; r++, k += c) { \
        part += AT(const T, x) * gy[r];                                                     \
        if (gx) AT(T, gx) = add ? AT(T, gx) + factor * gy[r] : factor * gy[r];              \
      }                                                                                     \
      ADD_LANES(T, part, sum);                                                              \
    }                                                                                       \
    ADD_SUMS(T, sum, gw);                                                                   \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(row_weigh_vjp)
(ritz_index rows, ritz_index c, const void *x, const void *w, const void *gy, void *gx, bool add,
 void *gw) {
  if (gx && !add)
    weigh_vjp(rows, c, x, w, gy, gx, false, gw);
  else
    weigh_vjp(rows, c, x, w, gy, gx, add, gw);
}
