/* SPDX-License-Identifier: BSD-3-Clause
 * Products and norms within rows. */
#include "kernels/kernel.h"

#if RITZ_REAL_IS_DOUBLE
#define SQRT sqrt
#else
#define SQRT sqrtf
#endif
#include <math.h>

static inline real inner(ritz_index c, const real *x, const real *y) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (ritz_index i = 0; i < c; i++) sum += x[i] * y[i];
  return sum;
}

RITZ_KERNEL_DEFINE(rows_inner)
(ritz_index rows, ritz_index c, const void *xv, const void *yv, void *outv) {
  const real *x = xv, *y = yv;
  real *out = outv;
  for (ritz_index r = 0; r < rows; r++) out[r] = inner(c, x + r * c, y + r * c);
}

RITZ_KERNEL_DEFINE(row_normalize)
(ritz_index rows, ritz_index c, double least, double factor, const void *xv, void *yv) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c;
    real *y = (real *)yv + r * c;
    const real length = SQRT(inner(c, x, x));
    const real slope = (real)factor / (length < (real)least ? (real)least : length);
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) y[i] = slope * x[i];
  }
}

/* y = f x/|x|: gx = f (gy - x (x . gy)/|x|^2)/|x|; without the second term where |x| < least. */
RITZ_KERNEL_DEFINE(row_normalize_vjp)
(ritz_index rows, ritz_index c, double least, double factor, const void *xv, const void *gyv,
 void *gxv) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c, *gy = (const real *)gyv + r * c;
    real *gx = (real *)gxv + r * c;
    const real square = inner(c, x, x), length = SQRT(square);
    const bool tiny = length < (real)least;
    const real slope = (real)factor / (tiny ? (real)least : length);
    const real pull = tiny ? 0 : inner(c, x, gy) / length / length;
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) gx[i] = slope * (gy[i] - pull * x[i]);
  }
}

/* mean and 1/sqrt(variance + eps) of a row. Numbers are taken relative to the first one, which
 * leaves nothing to cancel where their mean is large. */
typedef struct row_moments {
  real origin, mean, rstd; /* x - origin - mean */
} row_moments;

static inline row_moments moments(ritz_index c, const real *x, bool centre, double eps) {
  const real origin = centre ? x[0] : 0;
  real sum = 0, square = 0;
  if (centre) {
#pragma omp simd reduction(+ : sum)
    for (ritz_index i = 0; i < c; i++) sum += x[i] - origin;
  }
  const real mean = sum / (real)c;
#pragma omp simd reduction(+ : square)
  for (ritz_index i = 0; i < c; i++) {
    const real d = x[i] - origin - mean;
    square += d * d;
  }
  return (row_moments){origin, mean, 1 / SQRT(square / (real)c + (real)eps)};
}

RITZ_KERNEL_DEFINE(layer_norm)
(ritz_index rows, ritz_index c, bool centre, double eps, const void *xv, const void *wv,
 const void *bv, void *yv) {
  const real *w = wv, *b = bv;
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c;
    real *y = (real *)yv + r * c;
    const row_moments m = moments(c, x, centre, eps);
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) y[i] = (x[i] - m.origin - m.mean) * m.rstd;
    if (w) {
#pragma omp simd
      for (ritz_index i = 0; i < c; i++) y[i] *= w[i];
    }
    if (b) {
#pragma omp simd
      for (ritz_index i = 0; i < c; i++) y[i] += b[i];
    }
  }
}

/* With n = (x - mean) rstd and g = w gy: gx = rstd (g - mean(g) - n mean(g n)), the first mean only
 * where x was centred. */
static inline void input_gradient(ritz_index c, row_moments m, bool centre, const real *x,
                                  const real *w, const real *gy, real *gx, bool add) {
  real plain = 0, along = 0;
#pragma omp simd reduction(+ : plain, along)
  for (ritz_index i = 0; i < c; i++) {
    const real g = w ? w[i] * gy[i] : gy[i];
    plain += g;
    along += g * (x[i] - m.origin - m.mean);
  }
  const real offset = centre ? plain / (real)c : 0;
  const real pull = along / (real)c * m.rstd * m.rstd;
#pragma omp simd
  for (ritz_index i = 0; i < c; i++) {
    const real g = w ? w[i] * gy[i] : gy[i];
    const real v = m.rstd * (g - offset - pull * (x[i] - m.origin - m.mean));
    gx[i] = add ? gx[i] + v : v;
  }
}

RITZ_KERNEL_DEFINE(layer_norm_vjp)
(ritz_index rows, ritz_index c, bool centre, double eps, const void *xv, const void *wv,
 const void *gyv, void *gxv, bool add, void *gwv, void *gbv) {
  real *gw = gwv, *gb = gbv;
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c, *gy = (const real *)gyv + r * c;
    const row_moments m = moments(c, x, centre, eps);
    if (gw) {
#pragma omp simd
      for (ritz_index i = 0; i < c; i++) gw[i] += gy[i] * ((x[i] - m.origin - m.mean) * m.rstd);
    }
    if (gb) {
#pragma omp simd
      for (ritz_index i = 0; i < c; i++) gb[i] += gy[i];
    }
    if (gxv) input_gradient(c, m, centre, x, wv, gy, (real *)gxv + r * c, add);
  }
}
