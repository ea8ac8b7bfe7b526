/* SPDX-License-Identifier: BSD-3-Clause
 * Which algorithm a transform takes: flops over rates, a pure function of shape. */
#include <math.h>

#include "kernels/spectral_plan.h"

/* Flops of one sample whose lines have `columns` channels. */
static double count_products(const ritz_transform *t, double columns) {
  const int dim = t->shape.dim;
  double flops = 0, outer = 1, inner = columns;
  for (int i = 0; i < dim - 1; i++) outer *= (double)t->axis[i].n;
  for (int i = dim - 1; i >= 0; i--) {
    flops += 2.0 * outer * inner * ritz_spectral_axis_products(&t->axis[i]);
    inner = i == dim - 1 ? 2.0 * (double)t->shape.channels : inner;
    inner *= (double)t->axis[i].modes;
    if (i > 0) outer /= (double)t->axis[i - 1].n;
  }
  return flops;
}

double ritz_spectral_gemm_flops(const ritz_transform *t) {
  return count_products(t, (double)t->shape.channels);
}

/* log2 n, with a prime factor p beyond FFTW's hard-coded sizes at what a transform of that length
 * costs there: measured at 101, 251 and 421, eight to ten times as much. */
static double effective_log2(ritz_index n) {
  double sum = 0;
  for (ritz_index p = 2; n > 1; p++) {
    if (p * p > n) p = n;
    for (; n % p == 0; n /= p) sum += p <= 13 ? log2((double)p) : 8.0 * log2((double)p);
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
  /* Products work on whole vectors of channels. */
  const ritz_index lanes = (ritz_index)(64 / t->size);
  const ritz_index columns = (t->shape.channels + lanes - 1) / lanes * lanes;
  /* GFLOP/s of one core with AVX-512, single precision; only the ratio counts. Full spectra then
   * break even between 512^2 and 1024^2. */
  const double fftw_rate = 9, gemm_rate = 120;
  const double fftw = 2.5 * points_of(t) * work * (double)t->shape.channels / fftw_rate;
  const double gemm = count_products(t, (double)columns) / gemm_rate;
  return gemm <= fftw ? RITZ_SPECTRAL_GEMM : RITZ_SPECTRAL_FFTW;
}
