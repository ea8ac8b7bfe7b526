/* SPDX-License-Identifier: BSD-3-Clause
 * Which algorithm a transform takes: flops over rates, a pure function of shape. */
#include <math.h>

#include "kernels/spectral_plan.h"

double ritz_spectral_gemm_flops(const ritz_transform *t) {
  const int dim = t->shape.dim;
  double flops = 0, outer = 1, inner = (double)t->shape.channels;
  for (int i = 0; i < dim - 1; i++) outer *= (double)t->axis[i].n;
  for (int i = dim - 1; i >= 0; i--) {
    const ritz_spectral_axis *a = &t->axis[i];
    flops += 2.0 * outer * inner * ritz_spectral_axis_products(a);
    inner *= (double)a->modes * (i == dim - 1 ? 2 : 1);
    if (i > 0) outer /= (double)t->axis[i - 1].n;
  }
  return flops;
}

/* log2 n, with a prime factor p beyond FFTW's hard-coded sizes at what a transform of that length
 * costs there: three of a length that divides well and is at least 2p. */
static double effective_log2(ritz_index n) {
  double sum = 0;
  for (ritz_index p = 2; n > 1; p++) {
    if (p * p > n) p = n;
    for (; n % p == 0; n /= p) sum += p <= 13 ? log2((double)p) : 6.0 * log2(2.0 * (double)p);
  }
  return sum;
}

static double points_of(const ritz_transform *t) {
  double points = 1;
  for (int i = 0; i < t->shape.dim; i++) points *= (double)t->axis[i].n;
  return points;
}

double ritz_spectral_fftw_flops(const ritz_transform *t) {
  return 2.5 * points_of(t) * log2(points_of(t)) * (double)t->shape.channels;
}

ritz_spectral_algorithm ritz_spectral_choose(const ritz_transform *t) {
  if (!ritz_spectral_fftw_available()) return RITZ_SPECTRAL_GEMM;
  double work = 0;
  for (int i = 0; i < t->shape.dim; i++) work += effective_log2(t->axis[i].n);
  const double fftw_rate = 10, gemm_rate = 100; /* GFLOP/s of one core; only the ratio counts */
  const double fftw = 2.5 * points_of(t) * work * (double)t->shape.channels / fftw_rate;
  const double gemm = ritz_spectral_gemm_flops(t) / gemm_rate;
  return gemm <= fftw ? RITZ_SPECTRAL_GEMM : RITZ_SPECTRAL_FFTW;
}
