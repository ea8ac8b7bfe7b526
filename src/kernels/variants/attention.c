/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of attention scores, queries in the lanes: everything here is element by element along a
 * row, and rows (keys) are taken four at a time so that running peaks and sums stay in registers.
 */
#include "kernels/kernel.h"

#include <float.h>

#include "kernels/variants/exponential.h"

#if RITZ_REAL_IS_DOUBLE
#define LOWEST -DBL_MAX
#else
#define LOWEST -FLT_MAX
#endif

static inline real larger(real a, real b) { return a > b ? a : b; }

RITZ_KERNEL_DEFINE(attention_mask)
(ritz_index keys, ritz_index lanes, ritz_index queries, const int *key_label,
 const int *query_label, void *sv) {
  for (ritz_index j = 0; j < keys; j++) {
    real *s = (real *)sv + j * lanes;
    const int label = key_label[j];
#pragma omp simd
    for (ritz_index i = 0; i < queries; i++) s[i] = query_label[i] == label ? s[i] : LOWEST;
  }
}

RITZ_KERNEL_DEFINE(attention_peak)
(ritz_index keys, ritz_index lanes, const void *sv, const void *peakv, void *nextv) {
  const real *peak = peakv;
  real *restrict next = nextv;
  for (ritz_index i = 0; i < lanes; i++) next[i] = peak ? peak[i] : LOWEST;
  ritz_index j = 0;
  for (; j + 4 <= keys; j += 4) {
    const real *s0 = (const real *)sv + j * lanes, *s1 = s0 + lanes, *s2 = s1 + lanes,
               *s3 = s2 + lanes;
#pragma omp simd
    for (ritz_index i = 0; i < lanes; i++)
      next[i] = larger(larger(larger(s0[i], s1[i]), larger(s2[i], s3[i])), next[i]);
  }
  for (; j < keys; j++) {
    const real *s = (const real *)sv + j * lanes;
#pragma omp simd
    for (ritz_index i = 0; i < lanes; i++) next[i] = larger(s[i], next[i]);
  }
}

RITZ_KERNEL_DEFINE(attention_renew)
(ritz_index lanes, const void *nextv, bool first, void *peakv, void *sumv, void *factorv) {
  const real *restrict next = nextv;
  real *restrict peak = peakv, *restrict sum = sumv, *restrict factor = factorv;
#pragma omp simd
  for (ritz_index i = 0; i < lanes; i++) {
    factor[i] = first ? 0 : decaying_exponential(peak[i] - next[i]);
    sum[i] = first ? 0 : sum[i] * factor[i];
    peak[i] = next[i];
  }
}

RITZ_KERNEL_DEFINE(attention_weights)
(ritz_index keys, ritz_index lanes, const void *peakv, void *sv, void *sumv) {
  const real *restrict peak = peakv;
  real *restrict sum = sumv;
  ritz_index j = 0;
  for (; j + 4 <= keys; j += 4) {
    real *s0 = (real *)sv + j * lanes, *s1 = s0 + lanes, *s2 = s1 + lanes, *s3 = s2 + lanes;
#pragma omp simd
    for (ritz_index i = 0; i < lanes; i++) {
      s0[i] = decaying_exponential(s0[i] - peak[i]);
      s1[i] = decaying_exponential(s1[i] - peak[i]);
      s2[i] = decaying_exponential(s2[i] - peak[i]);
      s3[i] = decaying_exponential(s3[i] - peak[i]);
      sum[i] += (s0[i] + s1[i]) + (s2[i] + s3[i]);
    }
  }
  for (; j < keys; j++) {
    real *s = (real *)sv + j * lanes;
#pragma omp simd
    for (ritz_index i = 0; i < lanes; i++) {
      s[i] = decaying_exponential(s[i] - peak[i]);
      sum[i] += s[i];
    }
  }
}

RITZ_KERNEL_DEFINE(attention_invert)(ritz_index lanes, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < lanes; i++) y[i] = 1 / x[i];
}

RITZ_KERNEL_DEFINE(attention_vjp)
(ritz_index keys, ritz_index lanes, const void *peakv, const void *inversev, const void *deltav,
 void *sv, void *gpv) {
  const real *peak = peakv, *inverse = inversev, *delta = deltav;
  for (ritz_index j = 0; j < keys; j++) {
    real *s = (real *)sv + j * lanes, *gp = (real *)gpv + j * lanes;
#pragma omp simd
    for (ritz_index i = 0; i < lanes; i++) {
      const real p = decaying_exponential(s[i] - peak[i]) * inverse[i];
      s[i] = p;
      gp[i] = p * (gp[i] - delta[i]);
    }
  }
}
