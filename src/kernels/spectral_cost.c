/* SPDX-License-Identifier: BSD-3-Clause
 * Which algorithm a transform takes: flops over rates, a pure function of shape. */
#include <math.h>

#include "kernels/spectral_plan.h"

/* Flops of axis i in one sample whose lines have `columns` channels. */
static double count_products(const ritz_transform *t, int i, double columns) {
  const int last = t->shape.dim - 1;
  double others = i == last ? columns : 2.0 * columns * (double)t->axis[last].modes;
  for (int j = 0; j < last; j++)
    if (j != i) others *= (double)(j < i ? t->axis[j].n : t->axis[j].modes);
  return 2.0 * others * ritz_spectral_axis_products(&t->axis[i]);
}

double ritz_spectral_gemm_flops(const ritz_transform *t) {
  double flops = 0;
  for (int i = 0; i < t->shape.dim; i++) flops += count_products(t, i, (double)t->shape.channels);
  return flops;
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

/* Rates are GFLOP/s of one core with AVX-512, single precision; only their ratio counts. FFTW's
 * falls once the lines of a slice of channels leave the first-level cache, then the second. */
static double fftw_rate(const ritz_transform *t, ritz_index n) {
  const ritz_index line = n * 16 * (ritz_index)t->size;
  return line <= 1 << 17 ? 10 : line <= 1 << 20 ? 6 : 4;
}

/* Products fall behind once a table leaves the caches: read once per line by a second step, again
 * and again by a transposed product. Without libxsmm they are a library's at awkward sizes. */
static double gemm_rate(const ritz_transform *t, const ritz_spectral_axis *axis) {
  const double table = ritz_spectral_axis_table(axis) * (double)t->size;
  const double rate = table < 12e6 ? 80 : axis->form == RITZ_AXIS_STEPS ? 60 : 25;
#if RITZ_WITH_XSMM
  return rate;
#else
  return rate / 3;
#endif
}

static double gemm_time(const ritz_transform *t) {
  /* Products work on whole vectors of channels. */
  const ritz_index lanes = (ritz_index)(64 / t->size);
  const ritz_index columns = (t->shape.channels + lanes - 1) / lanes * lanes;
  double seconds = 0;
  for (int i = 0; i < t->shape.dim; i++)
    seconds += 1e-9 * count_products(t, i, (double)columns) / gemm_rate(t, &t->axis[i]);
  return seconds;
}

/* Seconds of a full transform. A pruned one has no choice of its own: where products do not win the
 * spectrum is nearly full. */
static double fftw_time(const ritz_transform *t) {
  double seconds = 0;
  for (int i = 0; i < t->shape.dim; i++)
    seconds += 2.5 * effective_log2(t->axis[i].n) / fftw_rate(t, t->axis[i].n);
  return 1e-9 * seconds * points_of(t) * (double)t->shape.channels;
}

ritz_spectral_algorithm ritz_spectral_choose(const ritz_transform *t) {
  if (!ritz_spectral_fftw_available()) return RITZ_SPECTRAL_GEMM;
  return gemm_time(t) <= fftw_time(t) ? RITZ_SPECTRAL_GEMM : RITZ_SPECTRAL_FFTW;
}
