/* SPDX-License-Identifier: BSD-3-Clause
 * GELU for AVX-512: piecewise polynomials whose coefficients are looked up by permuting registers.
 * About as many permutations as multiplications, no division, no exponential.
 *
 * gelu(x) = max(x, 0) + p(|x|) and gelu'(x) = 1/2 + sign(x) q(|x|);
 * scripts/activation_coefficients.py has the fits. In float 13 vector operations for a value, 16
 * for a gradient, on as few as two ports. */
#include "kernels/kernel.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>

#include "kernels/variants/activation_coefficients.h"

#if RITZ_REAL_IS_DOUBLE
typedef __m512d vec;
typedef __mmask8 mask;
#define V(name)    _mm512_##name##_pd
#define MASKZ_LOAD _mm512_maskz_loadu_pd
#define MASK_STORE _mm512_mask_storeu_pd
#define BITS       _mm512_castpd_si512
#define ROUNDER    6755399441055744.0 /* 1.5 2^52: adding it leaves the integer in the low bits */
#else
typedef __m512 vec;
typedef __mmask16 mask;
#define V(name)    _mm512_##name##_ps
#define MASKZ_LOAD _mm512_maskz_loadu_ps
#define MASK_STORE _mm512_mask_storeu_ps
#define BITS       _mm512_castps_si512
#define ROUNDER    12582912.0f /* 1.5 2^23 */
#endif

enum { lanes = 64 / sizeof(real), degree = sizeof gelu_below_relu / sizeof *gelu_below_relu - 1 };
_Static_assert(sizeof *gelu_below_relu == 2 * 64, "a row of coefficients fills two registers");

/* r = t - k GELU_WIDTH with the integer k nearest to t / GELU_WIDTH, left in the low bits of
 * *index. */
static inline vec from_centre(vec t, __m512i *index) {
  const vec shifted = V(fmadd)(t, V(set1)(1 / GELU_WIDTH), V(set1)(ROUNDER));
  *index = BITS(shifted);
#if RITZ_REAL_IS_DOUBLE
  return V(fnmadd)(V(sub)(shifted, V(set1)(ROUNDER)), V(set1)(GELU_WIDTH), t);
#else
  return _mm512_reduce_ps(t, GELU_WIDTH_PLACES << 4 | _MM_FROUND_TO_NEAREST_INT);
#endif
}

/* The polynomial of t's interval at t, 0 <= t <= GELU_CUT. */
static inline vec piecewise(const real table[][2 * lanes], vec t) {
  __m512i index;
  const vec r = from_centre(t, &index);
#define COEFFICIENT(j) V(permutex2var)(V(load)(table[j]), index, V(load)(table[j] + lanes))
  vec p = COEFFICIENT(degree);
#pragma GCC unroll 16
  for (int j = degree - 1; j >= 0; j--) p = V(fmadd)(p, r, COEFFICIENT(j));
#undef COEFFICIENT
  return p;
}

/* max() and min() return their second operand where one is NaN, so NaN comes through; range() (the
 * smaller magnitude, without sign) does not, but the maximum beside it does. */
static inline vec value(vec x) {
  const vec t = V(range)(x, V(set1)(GELU_CUT), 2 << 2 | 2);
  return V(add)(V(max)(V(setzero)(), x), piecewise(gelu_below_relu, t));
}

static inline vec derivative(vec x) {
  const vec t = V(min)(V(set1)(GELU_CUT), V(abs)(x));
  const vec sign = V(and)(x, V(set1)((real)-0.0));
  return V(add)(V(set1)((real)0.5), V(xor)(piecewise(gelu_above_half, t), sign));
}

static inline mask first(ritz_index n) { return (mask)(n >= lanes ? -1 : (1 << n) - 1); }

RITZ_KERNEL_DEFINE(gelu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  ritz_index i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const vec y0 = value(V(loadu)(x + i)), y1 = value(V(loadu)(x + i + lanes));
    V(storeu)(y + i, y0);
    V(storeu)(y + i + lanes, y1);
  }
  for (; i < n; i += lanes) {
    const mask m = first(n - i);
    MASK_STORE(y + i, m, value(MASKZ_LOAD(m, x + i)));
  }
}

static inline vec gradient(vec x, vec gy, vec gx, bool add) {
  const vec d = derivative(x);
  return add ? V(fmadd)(gy, d, gx) : V(mul)(gy, d);
}

static inline void vjp(ritz_index n, const real *x, const real *gy, real *gx, bool add) {
  ritz_index i = 0;
  for (; i + lanes <= n; i += lanes)
    V(storeu)(gx + i, gradient(V(loadu)(x + i), V(loadu)(gy + i), V(loadu)(gx + i), add));
  if (i < n) {
    const mask m = first(n - i);
    const vec g = gradient(MASKZ_LOAD(m, x + i), MASKZ_LOAD(m, gy + i), MASKZ_LOAD(m, gx + i), add);
    MASK_STORE(gx + i, m, g);
  }
}

RITZ_KERNEL_DEFINE(gelu_vjp)(ritz_index n, const void *x, const void *gy, void *gx, bool add) {
  if (add)
    vjp(n, x, gy, gx, true);
  else
    vjp(n, x, gy, gx, false);
}

/* Sums of a bias' gradient are of a few vectors of columns at a time. */
enum { vectors = 8, most = vectors * lanes };

/* How many rows beside each other fill whole vectors; 1 where those are too many. Masked vectors
 * would take as long as whole ones, and masked stores hold up what reads them. */
static ritz_index rows_beside(ritz_index c) {
  ritz_index count = 1;
  while (count * c % lanes != 0) count *= 2;
  return count * c <= most ? count : 1;
}

/* A bias for as many rows beside each other. */
static void repeat(ritz_index count, ritz_index c, const real *b, real *wide) {
  for (ritz_index k = 0; k < count; k++)
    for (ritz_index i = 0; i < c; i++) wide[k * c + i] = b[i];
}

/* With a bias: row by row, in the order of memory, which the machine's own prefetchers follow. */
static inline void bias_gelu(ritz_index rows, ritz_index c, const real *x, const real *b, real *y) {
  const ritz_index whole = c / lanes * lanes;
  const mask rest = first(c - whole);
  for (ritz_index r = 0; r < rows; r++, x += c, y += c) {
    for (ritz_index i = 0; i < whole; i += lanes)
      V(storeu)(y + i, value(V(add)(V(loadu)(x + i), V(loadu)(b + i))));
    if (rest)
      MASK_STORE(y + whole, rest,
                 value(V(add)(MASKZ_LOAD(rest, x + whole), MASKZ_LOAD(rest, b + whole))));
  }
}

RITZ_KERNEL_DEFINE(bias_gelu)
(ritz_index rows, ritz_index c, const void *xv, const void *bv, void *yv) {
  const ritz_index beside = rows_beside(c), wide_rows = beside > 1 ? rows / beside : 0;
  const ritz_index done = wide_rows * beside;
  real wide[most];
  if (wide_rows > 0) {
    repeat(beside, c, bv, wide);
    bias_gelu(wide_rows, beside * c, xv, wide, yv);
  }
  bias_gelu(rows - done, c, (const real *)xv + done * c, bv, (real *)yv + done * c);
}

/* Sums beyond a few rows are in double, as in rowwise.c. */
enum { few = 16 };

/* Of one vector of columns, the sum of so many rows' gradients. @param m  The columns there are. */
static inline vec bias_rows(ritz_index rows, ritz_index c, mask m, const real *x, vec b,
                            const real *gy, real *gx, bool add) {
  vec sum = V(setzero)();
  for (ritz_index k = 0; k < rows * c; k += c) {
    const vec d = derivative(V(add)(MASKZ_LOAD(m, x + k), b));
    const vec g = V(mul)(MASKZ_LOAD(m, gy + k), d);
    sum = V(add)(sum, g);
    if (gx) MASK_STORE(gx + k, m, add ? V(add)(MASKZ_LOAD(m, gx + k), g) : g);
  }
  return sum;
}

/* A few rows, which are in the first-level cache, go by column after column. */
static inline void bias_vjp(ritz_index rows, ritz_index c, ritz_index width, const real *x,
                            const real *b, const real *gy, real *gx, bool add, real *gb) {
  double sum[vectors * lanes] = {0};
  for (ritz_index start = 0; start < rows; start += few, x += few * c, gy += few * c) {
    const ritz_index count = rows - start < few ? rows - start : few;
    real part[vectors * lanes];
    for (ritz_index i = 0; i < width; i += lanes) {
      real *to = gx ? gx + start * c + i : NULL;
      const mask m = first(width - i);
      const vec bias = MASKZ_LOAD(m, b + i);
      V(storeu)
      (part + i, width - i >= lanes ? bias_rows(count, c, (mask)-1, x + i, bias, gy + i, to, add)
                                    : bias_rows(count, c, m, x + i, bias, gy + i, to, add));
    }
    for (ritz_index i = 0; i < width; i++) sum[i] += (double)part[i];
  }
  for (ritz_index i = 0; i < width; i++) gb[i] += (real)sum[i];
}

static inline void bias_gelu_vjp(ritz_index rows, ritz_index c, const real *x, const real *b,
                                 const real *gy, real *gx, bool add, real *gb) {
  for (ritz_index i = 0; i < c; i += most) {
    const ritz_index width = c - i < most ? c - i : most;
    if (gx && !add)
      bias_vjp(rows, c, width, x + i, b + i, gy + i, gx + i, false, gb + i);
    else
      bias_vjp(rows, c, width, x + i, b + i, gy + i, gx ? gx + i : NULL, add, gb + i);
  }
}

RITZ_KERNEL_DEFINE(bias_gelu_vjp)
(ritz_index rows, ritz_index c, const void *xv, const void *bv, const void *gyv, void *gxv,
 bool add, void *gbv) {
  const ritz_index beside = rows_beside(c), wide_rows = beside > 1 ? rows / beside : 0;
  const ritz_index at = wide_rows * beside * c;
  const real *x = xv, *gy = gyv;
  real *gx = gxv, *gb = gbv;
  if (wide_rows > 0) {
    real wide[most], sum[most] = {0};
    repeat(beside, c, bv, wide);
    bias_gelu_vjp(wide_rows, beside * c, x, wide, gy, gx, add, sum);
    for (ritz_index k = 0; k < beside; k++)
      for (ritz_index i = 0; i < c; i++) gb[i] += sum[k * c + i];
  }
  bias_gelu_vjp(rows - wide_rows * beside, c, x + at, bv, gy + at, gx ? gx + at : NULL, add, gb);
}
#endif
