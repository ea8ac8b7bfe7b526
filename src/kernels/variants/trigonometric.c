/* SPDX-License-Identifier: BSD-3-Clause
 * Trigonometric series of single numbers,
 *
 *     y[r, c] = sum over m = 0 ... b-1 of w[m, c] sin(pi m t) + w[b + m, c] cos(pi m t),  t = x/b.
 *
 * sin(pi t) and cos(pi t) come from t less its nearest integer, which is exact; the others from
 * rotations, (cos, sin)(m + 1) = (cos, sin)(m) turned by pi t, whose errors grow like m eps. */
#include "kernels/variants/turn.h"

enum { strip = 64 }; /* channels at a time: what belongs to them stays in L1 */

/* The two series in m of one strip of one row, and where they stand. */
typedef struct walk {
  real s1[strip], c1[strip]; /* of pi t */
  real s[strip], c[strip];   /* of pi m t */
} walk;

static inline void start(ritz_index width, ritz_index b, const real *x, walk *at) {
  const real inverse = (real)(1 / (double)b);
#pragma omp simd
  for (ritz_index i = 0; i < width; i++) {
    const turn one = turn_of(x[i] * inverse);
    at->s1[i] = one.s;
    at->c1[i] = one.c;
    at->s[i] = 0;
    at->c[i] = 1;
  }
}

static inline void step(ritz_index width, walk *at) {
#pragma omp simd
  for (ritz_index i = 0; i < width; i++) {
    const real s = at->s[i] * at->c1[i] + at->c[i] * at->s1[i];
    at->c[i] = at->c[i] * at->c1[i] - at->s[i] * at->s1[i];
    at->s[i] = s;
  }
}

static void series(ritz_index width, ritz_index c, ritz_index b, const real *x, const real *w,
                   real *y) {
  walk at;
  start(width, b, x, &at);
  for (ritz_index i = 0; i < width; i++) y[i] = 0;
  for (ritz_index m = 0; m < b; m++) {
    const real *a = w + m * c, *d = w + (b + m) * c;
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) y[i] += a[i] * at.s[i] + d[i] * at.c[i];
    step(width, &at);
  }
}

RITZ_KERNEL_DEFINE(trigonometric_series)
(ritz_index rows, ritz_index c, ritz_index b, const void *xv, const void *wv, void *yv) {
  for (ritz_index i = 0; i < c; i += strip)
    for (ritz_index r = 0; r < rows; r++)
      series(c - i < strip ? c - i : strip, c, b, (const real *)xv + r * c + i,
             (const real *)wv + i, (real *)yv + r * c + i);
}

/* Slope of the series into `slope`, and gw += gy sin, gy cos where gw is not NULL. */
static void series_vjp(ritz_index width, ritz_index c, ritz_index b, const real *x, const real *w,
                       const real *gy, real *slope, real *gw) {
  walk at;
  start(width, b, x, &at);
  for (ritz_index i = 0; i < width; i++) slope[i] = 0;
  for (ritz_index m = 0; m < b; m++) {
    const real *a = w + m * c, *d = w + (b + m) * c;
    const real rate = (real)(3.141592653589793116 * (double)m / (double)b);
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) slope[i] += rate * (a[i] * at.c[i] - d[i] * at.s[i]);
    if (gw) {
      real *ga = gw + m * c, *gd = gw + (b + m) * c;
#pragma omp simd
      for (ritz_index i = 0; i < width; i++) {
        ga[i] += gy[i] * at.s[i];
        gd[i] += gy[i] * at.c[i];
      }
    }
    step(width, &at);
  }
}

RITZ_KERNEL_DEFINE(trigonometric_series_vjp)
(ritz_index rows, ritz_index c, ritz_index b, const void *xv, const void *wv, const void *gyv,
 void *gxv, bool add, void *gwv) {
  for (ritz_index i = 0; i < c; i += strip) {
    const ritz_index width = c - i < strip ? c - i : strip;
    for (ritz_index r = 0; r < rows; r++) {
      const real *gy = (const real *)gyv + r * c + i;
      real slope[strip];
      series_vjp(width, c, b, (const real *)xv + r * c + i, (const real *)wv + i, gy, slope,
                 gwv ? (real *)gwv + i : NULL);
      if (!gxv) continue;
      real *gx = (real *)gxv + r * c + i;
#pragma omp simd
      for (ritz_index k = 0; k < width; k++) {
        const real g = gy[k] * slope[k];
        gx[k] = add ? gx[k] + g : g;
      }
    }
  }
}
