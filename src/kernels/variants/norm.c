/* SPDX-License-Identifier: BSD-3-Clause
 * Normalisation over rows of channels, in strips of channels whose constants stay in L1. */
#include "kernels/kernel.h"

enum {
  strip = 64,      /* channels at a time */
  block_rows = 128 /* rows centred together: of a strip, they stay in L1 or L2 for both sweeps */
};

static inline ritz_index least(ritz_index a, ritz_index b) { return a < b ? a : b; }

/* sum[i] = sum over rows of (x - centre), or of (x - centre)^2; x has row length c. Four rows at a
 * time, so that the running sums leave the registers less often. */
static inline void centred_sums(ritz_index rows, ritz_index width, ritz_index c, const real *x,
                                const double *centre, int power, double *sum) {
  for (ritz_index i = 0; i < width; i++) sum[i] = 0;
  ritz_index r = 0;
  for (; r + 4 <= rows; r += 4) {
    const real *x0 = x + r * c, *x1 = x0 + c, *x2 = x1 + c, *x3 = x2 + c;
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const double a = x0[i] - centre[i], b = x1[i] - centre[i];
      const double d = x2[i] - centre[i], e = x3[i] - centre[i];
      sum[i] += power == 1 ? (a + b) + (d + e) : (a * a + b * b) + (d * d + e * e);
    }
  }
  for (; r < rows; r++) {
    const real *row = x + r * c;
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const double a = row[i] - centre[i];
      sum[i] += power == 1 ? a : a * a;
    }
  }
}

/* Moments of `rows` rows of one strip, merged into those of `before` rows. The block is centred
 * about its first row, then about its mean. */
static void add_block(ritz_index rows, ritz_index width, ritz_index c, const real *x,
                      ritz_index before, double *mean, double *m2) {
  double centre[strip], sum[strip];
  for (ritz_index i = 0; i < width; i++) centre[i] = x[i];
  centred_sums(rows, width, c, x, centre, 1, sum);
  for (ritz_index i = 0; i < width; i++) centre[i] += sum[i] / (double)rows;
  centred_sums(rows, width, c, x, centre, 2, sum);
  const double share = (double)rows / (double)(before + rows), cross = (double)before * share;
  for (ritz_index i = 0; i < width; i++) {
    const double step = centre[i] - mean[i];
    mean[i] += share * step;
    m2[i] += sum[i] + cross * step * step;
  }
}

RITZ_KERNEL_DEFINE(norm_moments)
(ritz_index rows, ritz_index c, const void *xv, double *mean, double *m2) {
  const real *x = xv;
  for (ritz_index i = 0; i < c; i++) mean[i] = m2[i] = 0;
  for (ritz_index r = 0; r < rows; r += block_rows)
    for (ritz_index i = 0; i < c; i += strip)
      add_block(least(block_rows, rows - r), least(strip, c - i), c, x + r * c + i, r, mean + i,
                m2 + i);
}

RITZ_KERNEL_DEFINE(norm_apply)
(ritz_index rows, ritz_index c, const void *xv, const double *mean, const double *rstd,
 const void *wv, const void *bv, void *yv) {
  const real *w = wv, *b = bv;
  for (ritz_index i0 = 0; i0 < c; i0 += strip) {
    const ritz_index width = least(strip, c - i0);
    real centre[strip], scale[strip], shift[strip];
    for (ritz_index i = 0; i < width; i++) {
      centre[i] = (real)mean[i0 + i];
      scale[i] = (real)(rstd[i0 + i] * (w ? (double)w[i0 + i] : 1));
      /* What rounding took from the mean is given back. */
      shift[i] = (real)((b ? (double)b[i0 + i] : 0) + (centre[i] - mean[i0 + i]) * scale[i]);
    }
    for (ritz_index r = 0; r < rows; r++) {
      const real *x = (const real *)xv + r * c + i0;
      real *y = (real *)yv + r * c + i0;
#pragma omp simd
      for (ritz_index i = 0; i < width; i++) y[i] = (x[i] - centre[i]) * scale[i] + shift[i];
    }
  }
}

/* The sums of one strip; two rows at a time. */
static void vjp_sums(ritz_index rows, ritz_index width, ritz_index c, const real *x, const real *gy,
                     const double *mean, double *centred, double *plain) {
  ritz_index r = 0;
  for (; r + 2 <= rows; r += 2) {
    const real *x0 = x + r * c, *x1 = x0 + c, *g0 = gy + r * c, *g1 = g0 + c;
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const double a = g0[i], b = g1[i];
      plain[i] += a + b;
      centred[i] += a * (x0[i] - mean[i]) + b * (x1[i] - mean[i]);
    }
  }
  if (r < rows) {
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const double a = gy[r * c + i];
      plain[i] += a;
      centred[i] += a * (x[r * c + i] - mean[i]);
    }
  }
}

RITZ_KERNEL_DEFINE(norm_vjp_sums)
(ritz_index rows, ritz_index c, const void *xv, const void *gyv, const double *mean,
 const double *rstd, double *gw, double *gb) {
  for (ritz_index i0 = 0; i0 < c; i0 += strip) {
    const ritz_index width = least(strip, c - i0);
    double centred[strip] = {0}, plain[strip] = {0};
    vjp_sums(rows, width, c, (const real *)xv + i0, (const real *)gyv + i0, mean + i0, centred,
             plain);
    for (ritz_index i = 0; i < width; i++) {
      gw[i0 + i] += rstd[i0 + i] * centred[i];
      gb[i0 + i] += plain[i];
    }
  }
}

RITZ_KERNEL_DEFINE(norm_vjp)
(ritz_index rows, ritz_index c, const void *xv, const void *gyv, const double *mean,
 const double *rstd, const void *wv, const double *s, const double *q, void *gxv, bool add) {
  const real *w = wv;
  for (ritz_index i0 = 0; i0 < c; i0 += strip) {
    const ritz_index width = least(strip, c - i0);
    /* gx = slope gy - pull x - offset, in double and rounded once: the sum of gx over the points is
     * zero, and rounding of the terms, often larger than their sum, would show in it. */
    double slope[strip], pull[strip], offset[strip];
    for (ritz_index i = 0; i < width; i++) {
      const double v = rstd[i0 + i];
      slope[i] = v * (w ? (double)w[i0 + i] : 1);
      pull[i] = v * v * q[i0 + i];
      offset[i] = v * s[i0 + i] - pull[i] * mean[i0 + i];
    }
    for (ritz_index r = 0; r < rows; r++) {
      const real *x = (const real *)xv + r * c + i0, *gy = (const real *)gyv + r * c + i0;
      real *gx = (real *)gxv + r * c + i0;
#pragma omp simd
      for (ritz_index i = 0; i < width; i++) {
        const real g = (real)(slope[i] * gy[i] - pull[i] * x[i] - offset[i]);
        gx[i] = add ? gx[i] + g : g;
      }
    }
  }
}
