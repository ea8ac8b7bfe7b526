/* SPDX-License-Identifier: BSD-3-Clause
 * Convolution of rows with few channels in a group, where products of matrices would leave most of
 * a vector idle. */
#include "kernels/kernel.h"

/* Partial sums of a dot product: fixed, so that every instruction set adds in the same order. */
enum { lanes = 16 };

static inline void add_products(ritz_index n, const real *restrict a, const real *restrict b,
                                real *restrict sum) {
  ritz_index i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int l = 0; l < lanes; l++) sum[l] += a[i + l] * b[i + l];
  for (int l = 0; i < n; i++, l++) sum[l] += a[i] * b[i];
}

static inline real total(const real *sum) {
  real half[lanes / 2];
  for (int l = 0; l < lanes / 2; l++) half[l] = sum[l] + sum[l + lanes / 2];
  for (int width = lanes / 4; width > 0; width /= 2)
    for (int l = 0; l < width; l++) half[l] += half[l + width];
  return half[0];
}

RITZ_KERNEL_DEFINE(conv_dot)
(ritz_index m, int terms, ritz_index groups, ritz_index k, ritz_index n, const void *av,
 const unsigned long long *a_offset, ritz_index lda, const void *wv,
 const unsigned long long *w_offset, void *cv, ritz_index ldc, bool add) {
  for (ritz_index p = 0; p < m; p++) {
    real *c = (real *)cv + p * ldc;
    for (ritz_index j = 0; j < groups * n; j++) {
      real sum[lanes] = {0};
      for (int t = 0; t < terms; t++) {
        const real *a = (const real *)((const char *)av + a_offset[t]) + p * lda + j / n * k;
        const real *w = (const real *)((const char *)wv + w_offset[t]) + j * k;
        add_products(k, a, w, sum);
      }
      c[j] = total(sum) + (add ? c[j] : 0);
    }
  }
}

RITZ_KERNEL_DEFINE(conv_outer)
(ritz_index m, ritz_index groups, ritz_index k, ritz_index n, const void *av, ritz_index lda,
 const void *yv, void *gwv) {
  const ritz_index channels = groups * n;
  for (ritz_index p = 0; p < m; p++) {
    const real *restrict a = (const real *)av + p * lda;
    const real *restrict y = (const real *)yv + p * channels;
    for (ritz_index i = 0; i < k; i++) {
      real *restrict gw = (real *)gwv + i * channels;
      for (ritz_index g = 0; g < groups; g++)
        for (ritz_index j = g * n; j < (g + 1) * n; j++) gw[j] += a[g * k + i] * y[j];
    }
  }
}
