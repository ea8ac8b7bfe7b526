/* SPDX-License-Identifier: BSD-3-Clause
 * GELU for machines without AVX-512 (gelu_avx512.c): with t = |x| and the tail of the normal
 * distribution Q(t) = exp(-t^2/2) P((t - a)/(t + a)),
 *
 *     gelu(x) = max(x, 0) - t Q(t),      gelu'(x) = 1/2 + sign(x) (1/2 - Q(t) + t phi(t)).
 *
 * One division, one exponential, no branches. P: scripts/activation_coefficients.py. */
#include "kernels/kernel.h"

#if !(defined(__AVX512F__) && defined(__AVX512DQ__))
#include "kernels/variants/exponential.h"

#define INV_SQRT_2PI ((real)0.39894228040143267794)

/* v where t < GELU_CUT or t is NaN, 0 elsewhere: what is left out is nothing beside 1. The only
 * ternary operator here, and the last step of its term: gcc computes both sides of each of them. */
static inline real inside(real t, real v) { return !(t >= GELU_CUT) ? v : 0; }

static inline real positive_part(real x) {
  const real_bits bits = bits_from_real(x), negative = bits >> (8 * sizeof(real) - 1);
  return real_from_bits(bits & (negative - 1));
}

static inline real gauss(real t) {
  const scaled_exp e = exponential((real)-0.5 * t * t);
  return e.scale + e.scale * e.rest;
}

/* Q(t) exp(t^2/2) */
static inline real scaled_tail(real t) {
  return gelu_tail((t - GELU_TAIL_CENTRE) / (t + GELU_TAIL_CENTRE));
}

static inline real value(real x) {
  const real t = ABS(x);
  return positive_part(x) - inside(t, t * gauss(t) * scaled_tail(t));
}

static inline real derivative(real x) {
  const real t = ABS(x);
  const real above_half = (real)0.5 + inside(t, gauss(t) * (INV_SQRT_2PI * t - scaled_tail(t)));
  return (real)0.5 + COPYSIGN(above_half, x);
}

RITZ_KERNEL_DEFINE(gelu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = value(x[i]);
}

RITZ_KERNEL_DEFINE(gelu_vjp)(ritz_index n, const void *xv, const void *gyv, void *gxv, bool add) {
  const real *x = xv, *gy = gyv;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += gy[i] * derivative(x[i]);
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = gy[i] * derivative(x[i]);
  }
}

RITZ_KERNEL_DEFINE(bias_gelu)
(ritz_index rows, ritz_index c, const void *xv, const void *bv, void *yv) {
  const real *b = bv;
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c;
    real *y = (real *)yv + r * c;
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) y[i] = value(x[i] + b[i]);
  }
}

/* Sums beyond a few rows are in double, as in rowwise.c; a block of columns at a time. */
enum { few = 16, wide = 64 };

static inline void add_row(ritz_index c, const real *x, const real *b, const real *gy, real *gx,
                           bool add, real *part) {
#pragma omp simd
  for (ritz_index i = 0; i < c; i++) {
    const real g = gy[i] * derivative(x[i] + b[i]);
    part[i] += g;
    if (gx) gx[i] = add ? gx[i] + g : g;
  }
}

static inline void columns_vjp(ritz_index rows, ritz_index c, ritz_index width, const real *x,
                               const real *b, const real *gy, real *gx, bool add, real *gb) {
  double sum[wide] = {0};
  for (ritz_index first = 0; first < rows; first += few) {
    real part[wide] = {0};
    for (ritz_index r = first; r < rows && r < first + few; r++)
      add_row(width, x + r * c, b, gy + r * c, gx ? gx + r * c : NULL, add, part);
    for (ritz_index i = 0; i < width; i++) sum[i] += (double)part[i];
  }
  for (ritz_index i = 0; i < width; i++) gb[i] += (real)sum[i];
}

RITZ_KERNEL_DEFINE(bias_gelu_vjp)
(ritz_index rows, ritz_index c, const void *x, const void *b, const void *gy, void *gx, bool add,
 void *gb) {
  for (ritz_index i = 0; i < c; i += wide)
    columns_vjp(rows, c, c - i < wide ? c - i : wide, (const real *)x + i, (const real *)b + i,
                (const real *)gy + i, gx ? (real *)gx + i : NULL, add, (real *)gb + i);
}
#endif
