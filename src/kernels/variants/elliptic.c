/* SPDX-License-Identifier: BSD-3-Clause
 * Products of vectors, the five-point operator, and mirror symmetry.
 *
 * Sums run over four interleaved SIMD accumulators, so their order is fixed by the length. */
#include "kernels/kernel.h"

enum { stride = 64 }; /* numbers per turn of a sum: four accumulators of up to 16 */

static double tail_dot(ritz_index first, ritz_index n, const real *x, const real *y) {
  double sum = 0;
  for (ritz_index i = first; i < n; i++) sum += (double)x[i] * (double)y[i];
  return sum;
}

RITZ_KERNEL_DEFINE(dot)(ritz_index n, const void *xv, const void *yv, double *sum) {
  const real *x = xv, *y = yv;
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  const ritz_index whole = n - n % stride;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
  for (ritz_index i = 0; i < whole / 4; i++) {
    const ritz_index q = whole / 4;
    s0 += (double)x[i] * (double)y[i];
    s1 += (double)x[i + q] * (double)y[i + q];
    s2 += (double)x[i + 2 * q] * (double)y[i + 2 * q];
    s3 += (double)x[i + 3 * q] * (double)y[i + 3 * q];
  }
  *sum = (s0 + s1) + (s2 + s3) + tail_dot(whole, n, x, y);
}

RITZ_KERNEL_DEFINE(multiply)(ritz_index n, const void *xv, const void *yv, void *zv) {
  const real *x = xv, *y = yv;
  real *z = zv;
  for (ritz_index i = 0; i < n; i++) z[i] = x[i] * y[i];
}

RITZ_KERNEL_DEFINE(diffusion_apply)
(ritz_index n0, ritz_index n1, const void *w0v, const void *w1v, const void *pv, void *qv) {
  for (ritz_index i = 0; i < n0; i++) {
    real *restrict q = (real *)qv + i * n1;
    if (i == 0 || i == n0 - 1) {
      for (ritz_index j = 0; j < n1; j++) q[j] = 0;
      continue;
    }
    const real *restrict p = (const real *)pv + i * n1;
    const real *restrict south = (const real *)w0v + i * n1, *restrict north = south - n1;
    const real *restrict east = (const real *)w1v + i * n1;
    q[0] = q[n1 - 1] = 0;
    for (ritz_index j = 1; j < n1 - 1; j++)
      q[j] = north[j] * (p[j] - p[j - n1]) + south[j] * (p[j] - p[j + n1]) +
             east[j - 1] * (p[j] - p[j - 1]) + east[j] * (p[j] - p[j + 1]);
  }
}

/* One pair of mirrored rows t, b into the four blocks. */
static void fold_pair(ritz_index n1, const double *restrict t, const double *restrict b,
                      real *restrict ee, real *restrict eo, real *restrict oe, real *restrict oo) {
  const ritz_index half = n1 / 2;
  for (ritz_index j = 0; j < half; j++) {
    const ritz_index k = n1 - 1 - j;
    const double sum = t[j] + b[j], mirrored_sum = t[k] + b[k];
    const double difference = t[j] - b[j], mirrored_difference = t[k] - b[k];
    ee[j] = (real)(sum + mirrored_sum);
    eo[j] = (real)(sum - mirrored_sum);
    oe[j] = (real)(difference + mirrored_difference);
    oo[j] = (real)(difference - mirrored_difference);
  }
  if (n1 % 2) {
    ee[half] = (real)(t[half] + b[half]);
    oe[half] = (real)(t[half] - b[half]);
  }
}

static void fold_centre(ritz_index n1, const double *restrict t, real *restrict ee,
                        real *restrict eo) {
  const ritz_index half = n1 / 2;
  for (ritz_index j = 0; j < half; j++) {
    ee[j] = (real)(t[j] + t[n1 - 1 - j]);
    eo[j] = (real)(t[j] - t[n1 - 1 - j]);
  }
  if (n1 % 2) ee[half] = (real)t[half];
}

RITZ_KERNEL_DEFINE(parity_fold)
(ritz_index n0, ritz_index n1, const double *x, ritz_index ldx, void *blocks, ritz_index ld) {
  const ritz_index size = (n0 + 1) / 2 * ld;
  for (ritz_index i = 0; i < n0 / 2; i++) {
    real *ee = (real *)blocks + i * ld;
    fold_pair(n1, x + i * ldx, x + (n0 - 1 - i) * ldx, ee, ee + size, ee + 2 * size, ee + 3 * size);
  }
  if (n0 % 2) {
    real *ee = (real *)blocks + n0 / 2 * ld;
    fold_centre(n1, x + n0 / 2 * ldx, ee, ee + size);
  }
}

static void unfold_pair(ritz_index n1, const real *restrict ee, const real *restrict eo,
                        const real *restrict oe, const real *restrict oo, double *restrict t,
                        double *restrict b) {
  const ritz_index half = n1 / 2;
  for (ritz_index j = 0; j < half; j++) {
    const double e = (double)ee[j] + eo[j], mirrored_e = (double)ee[j] - eo[j];
    const double o = (double)oe[j] + oo[j], mirrored_o = (double)oe[j] - oo[j];
    const ritz_index k = n1 - 1 - j;
    t[j] = e + o;
    b[j] = e - o;
    t[k] = mirrored_e + mirrored_o;
    b[k] = mirrored_e - mirrored_o;
  }
  if (n1 % 2) {
    t[half] = (double)ee[half] + oe[half];
    b[half] = (double)ee[half] - oe[half];
  }
}

static void unfold_centre(ritz_index n1, const real *restrict ee, const real *restrict eo,
                          double *restrict t) {
  const ritz_index half = n1 / 2;
  for (ritz_index j = 0; j < half; j++) {
    t[j] = (double)ee[j] + eo[j];
    t[n1 - 1 - j] = (double)ee[j] - eo[j];
  }
  if (n1 % 2) t[half] = ee[half];
}

RITZ_KERNEL_DEFINE(parity_unfold)
(ritz_index n0, ritz_index n1, const void *blocks, ritz_index ld, double *x, ritz_index ldx) {
  const ritz_index size = (n0 + 1) / 2 * ld;
  for (ritz_index i = 0; i < n0 / 2; i++) {
    const real *ee = (const real *)blocks + i * ld;
    unfold_pair(n1, ee, ee + size, ee + 2 * size, ee + 3 * size, x + i * ldx,
                x + (n0 - 1 - i) * ldx);
  }
  if (n0 % 2) {
    const real *ee = (const real *)blocks + n0 / 2 * ld;
    unfold_centre(n1, ee, ee + size, x + n0 / 2 * ldx);
  }
}
