/* SPDX-License-Identifier: BSD-3-Clause
 * Sines and cosines of multiples of single numbers,
 *
 *     y[r, c F + j] = sin(pi f_j x[r, c]),   y[r, (C + c) F + j] = cos(pi f_j x[r, c]).
 *
 * In half turns an argument f x is exact wherever f is a power of two. */
#include "kernels/variants/turn.h"

RITZ_KERNEL_DEFINE(harmonics)
(ritz_index rows, ritz_index c, ritz_index count, const double *f, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  for (ritz_index r = 0; r < rows; r++, x += c, y += 2 * c * count)
    for (ritz_index i = 0; i < c; i++) {
      real *s = y + i * count, *k = s + c * count;
#pragma omp simd
      for (ritz_index j = 0; j < count; j++) {
        const turn t = turn_of((real)f[j] * x[i]);
        s[j] = t.s;
        k[j] = t.c;
      }
    }
}

RITZ_KERNEL_DEFINE(harmonics_vjp)
(ritz_index rows, ritz_index c, ritz_index count, const double *f, const void *xv, const void *gyv,
 void *gxv, bool add) {
  const real *x = xv, *gy = gyv;
  real *gx = gxv;
  const real pi = (real)3.14159265358979323846;
  for (ritz_index r = 0; r < rows; r++, x += c, gx += c, gy += 2 * c * count)
    for (ritz_index i = 0; i < c; i++) {
      const real *s = gy + i * count, *k = s + c * count;
      real sum = 0;
      for (ritz_index j = 0; j < count; j++) {
        const turn t = turn_of((real)f[j] * x[i]);
        sum += (real)f[j] * (s[j] * t.c - k[j] * t.s);
      }
      gx[i] = add ? gx[i] + pi * sum : pi * sum;
    }
}
