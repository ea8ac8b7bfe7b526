/* SPDX-License-Identifier: BSD-3-Clause
 * Sums over errors and their gradients. A period is a multiple of the channels: the inner loops run
 * over one period, every number has a lane of its own, and nothing depends on the channels. */
#include "kernels/kernel.h"

static ritz_index shorter(ritz_index a, ritz_index b) { return a < b ? a : b; }

RITZ_KERNEL_DEFINE(loss_squares)
(ritz_index n, ritz_index period, const void *xv, const void *yv, double *restrict se,
 double *restrict sy) {
  for (ritz_index k = 0; k < n; k += period) {
    const real *restrict x = (const real *)xv + k, *restrict y = (const real *)yv + k;
    const ritz_index count = shorter(period, n - k);
    for (ritz_index i = 0; i < count; i++) {
      const double e = x[i] - y[i], t = y[i];
      se[i] += e * e;
      sy[i] += t * t;
    }
  }
}

/* With a constant number of terms the compiler unrolls the inner sum. */
static inline void difference_squares(ritz_index n, ritz_index period, const int terms,
                                      const ritz_index *to, const double *weight,
                                      const real *restrict x, const real *restrict y,
                                      double *restrict se, double *restrict sy) {
  real w[3];
  for (int t = 0; t < terms; t++) w[t] = (real)weight[t];
  for (ritz_index k = 0; k < n; k += period) {
    const ritz_index count = shorter(period, n - k);
#pragma omp simd
    for (ritz_index i = 0; i < count; i++) {
      real de = 0, dy = 0;
      for (int t = 0; t < terms; t++) {
        const real y0 = y[k + i], yt = y[k + i + to[t]];
        dy += w[t] * (yt - y0);
        de += w[t] * ((x[k + i + to[t]] - yt) - (x[k + i] - y0));
      }
      se[i] += (double)de * (double)de;
      sy[i] += (double)dy * (double)dy;
    }
  }
}

RITZ_KERNEL_DEFINE(loss_difference_squares)
(ritz_index n, ritz_index period, int terms, const ritz_index *to, const double *weight,
 const void *x, const void *y, double *se, double *sy) {
  if (terms == 1)
    difference_squares(n, period, 1, to, weight, x, y, se, sy);
  else if (terms == 3)
    difference_squares(n, period, 3, to, weight, x, y, se, sy);
}

/* Weights of the widest stencil: three axes of ten. */
enum { most_terms = 30 };

static inline void squares_vjp(ritz_index n, ritz_index period, const double *restrict coefficient,
                               const int terms, const ritz_index *to, const double *weight,
                               const real *restrict x, const real *restrict y, real *restrict gx,
                               const bool add) {
  real w[most_terms];
  for (int t = 0; t < terms; t++) w[t] = (real)weight[t];
  for (ritz_index k = 0; k < n; k += period) {
    const ritz_index count = shorter(period, n - k);
    for (ritz_index i = 0; i < count; i++) {
      const real e = x[k + i] - y[k + i];
      real sum = e;
      for (int t = 0; t < terms; t++) sum += w[t] * (e - (x[k + i + to[t]] - y[k + i + to[t]]));
      const real g = 2 * (real)coefficient[i] * sum;
      gx[k + i] = add ? gx[k + i] + g : g;
    }
  }
}

/* 0, 2, 4, 6 terms: no derivatives, and those inside a grid of 1, 2, 3 axes. */
#define SQUARES_VJP(terms)                                                   \
  if (add)                                                                   \
    squares_vjp(n, period, coefficient, terms, to, weight, x, y, gx, true);  \
  else                                                                       \
    squares_vjp(n, period, coefficient, terms, to, weight, x, y, gx, false); \
  break

RITZ_KERNEL_DEFINE(loss_squares_vjp)
(ritz_index n, ritz_index period, const double *coefficient, int terms, const ritz_index *to,
 const double *weight, const void *x, const void *y, void *gx, bool add) {
  switch (terms) {
    case 0: SQUARES_VJP(0);
    case 2: SQUARES_VJP(2);
    case 4: SQUARES_VJP(4);
    case 6: SQUARES_VJP(6);
    default: SQUARES_VJP(terms);
  }
}

static real magnitude(real a) { return a < 0 ? -a : a; }

RITZ_KERNEL_DEFINE(loss_magnitudes)
(ritz_index n, ritz_index period, const void *xv, const void *yv, double *restrict se,
 double *restrict sy) {
  for (ritz_index k = 0; k < n; k += period) {
    const real *restrict x = (const real *)xv + k, *restrict y = (const real *)yv + k;
    const ritz_index count = shorter(period, n - k);
    for (ritz_index i = 0; i < count; i++) {
      se[i] += (double)magnitude(x[i] - y[i]);
      sy[i] += (double)magnitude(y[i]);
    }
  }
}

RITZ_KERNEL_DEFINE(loss_magnitudes_vjp)
(ritz_index n, ritz_index period, const double *restrict coefficient, const void *xv,
 const void *yv, void *gxv, bool add) {
  for (ritz_index k = 0; k < n; k += period) {
    const real *restrict x = (const real *)xv + k, *restrict y = (const real *)yv + k;
    real *restrict gx = (real *)gxv + k;
    const ritz_index count = shorter(period, n - k);
    for (ritz_index i = 0; i < count; i++) {
      const real e = x[i] - y[i], c = (real)coefficient[i];
      const real g = e > 0 ? c : e < 0 ? -c : e; /* e: 0, or NaN */
      gx[i] = add ? gx[i] + g : g;
    }
  }
}

/* Comparisons with NaN are false: the second one lets it in, the first one never lets it out. */
static double larger(double most, double a) { return a > most || a != a ? a : most; }

RITZ_KERNEL_DEFINE(loss_largest)
(ritz_index n, ritz_index period, const void *xv, const void *yv, double *restrict se,
 double *restrict sy) {
  for (ritz_index k = 0; k < n; k += period) {
    const real *restrict x = (const real *)xv + k, *restrict y = (const real *)yv + k;
    const ritz_index count = shorter(period, n - k);
    for (ritz_index i = 0; i < count; i++) {
      se[i] = larger(se[i], (double)magnitude(x[i] - y[i]));
      sy[i] = larger(sy[i], (double)magnitude(y[i]));
    }
  }
}
