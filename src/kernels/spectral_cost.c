/* SPDX-License-Identifier: BSD-3-Clause
 * Which algorithm a transform takes: flops over rates, a pure function of shape. */
#include <math.h>

#include "kernels/spectral_bounded.h"
#include "kernels/spectral_plan.h"

/* Flops of axis i in one sample whose lines have `columns` channels. */
static double count_products(const ritz_transform *t, int i, double columns) {
  const int last = t->shape.dim - 1;
  double others = columns;
  if (i < last) others *= (double)ritz_spectral_planes(t, i + 1) * (double)t->axis[last].modes;
  for (int j = 0; j < last; j++)
    if (j != i) others *= (double)(j < i ? t->axis[j].count : t->axis[j].modes);
  return 2.0 * others * ritz_spectral_axis_products(&t->axis[i]);
}

static double count_axes(const ritz_transform *t, int axes) {
  double flops = 0;
  for (int i = 0; i < axes; i++) flops += count_products(t, i, (double)t->shape.channels);
  return flops;
}

double ritz_spectral_gemm_flops(const ritz_transform *t) { return count_axes(t, t->shape.dim); }

double ritz_transform_rows_flops(const ritz_transform *t) {
  return count_axes(t, t->shape.dim - 1) * (double)t->shape.batch;
}

/* log2 n, with a prime factor p beyond FFTW's hard-coded sizes at what a transform of that length
 * costs there: measured at 101, 251, 421 and 4001, six to ten times as much. */
static double effective_log2(ritz_index n) {
  double sum = 0;
  for (ritz_index p = 2; n > 1; p++) {
    if (p * p > n) p = n;
    for (; n % p == 0; n /= p) sum += p <= 13 ? log2((double)p) : 7.0 * log2((double)p);
  }
  return sum;
}

/* FFTW's sines and cosines on nodes go through a Fourier transform of the extended line. */
static double log2_of(const ritz_spectral_axis *axis) {
  return ritz_bounded_on_nodes(axis->transform)
             ? 2 * effective_log2(2 * (axis->n > 1 ? axis->n - 1 : 1))
             : effective_log2(axis->n);
}

static double points_of(const ritz_transform *t) {
  double points = 1;
  for (int i = 0; i < t->shape.dim; i++) points *= (double)t->axis[i].n;
  return points;
}

double ritz_spectral_fftw_flops(const ritz_transform *t) {
  return 2.5 * points_of(t) * log2(points_of(t)) * (double)t->shape.channels;
}

/* All constants below are of one core with AVX-512 in single precision, fitted to the lines of
 * bench/sweep.c; only their ratios count. Times are of a sample, to modes or back. */

static bool is_bounded(const ritz_spectral_axis *axis) {
  return axis->transform != RITZ_TRANSFORM_FOURIER;
}

/* Half-spectrum columns up to the last one kept, as a part of all. */
static double kept_part(const ritz_transform *t) {
  for (int i = 0; i < t->shape.dim; i++)
    if (is_bounded(&t->axis[i])) return 1;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  ritz_index most = 0;
  for (ritz_index i = 0; i < a->modes; i++)
    if (a->frequency[i] > most) most = a->frequency[i];
  return (double)(most + 1) / (double)(a->n / 2 + 1);
}

/* FFTW's GFLOP/s along an axis: less once the lines of a slice of channels leave the first-level
 * cache, then the second, and with few channels. */
static double fftw_rate(const ritz_transform *t, ritz_index n) {
  const ritz_index c = t->shape.channels < 16 ? t->shape.channels : 16;
  const ritz_index line = n * c * (ritz_index)t->size;
  const double rate = line <= 1 << 12 ? 16 : line <= 1 << 17 ? 11 : line <= 1 << 19 ? 9 : 4;
  return fmin(rate, c >= 8 ? 16 : n <= 32 ? 15 : c > 1 ? 13 : 11);
}

/* Of the pruned transform, also where nothing is left out: an estimated plan of lines and one of
 * columns are often faster than an estimated plan of both. Half of what is left out is saved: the
 * loops over columns are shorter then. */
static double fftw_time(const ritz_transform *t) {
  const double points = points_of(t) * (double)t->shape.channels;
  double ns = 2.5 * (double)t->modes;
  for (int i = 0; i < t->shape.dim; i++)
    ns += 2.5 * log2_of(&t->axis[i]) / fftw_rate(t, t->axis[i].n) * points *
          (i < t->shape.dim - 1 ? (1 + kept_part(t)) / 2 : 1);
  return ns;
}

/* Columns as the products see them: whole vectors, or half ones of a narrow field. */
static double padded(const ritz_transform *t, double width) {
  const double lanes = 64.0 / (double)t->size;
  return width <= lanes / 2 ? lanes / 2 : ceil(width / lanes) * lanes;
}

/* Nanoseconds of so many flops of a library's products. */
static double library_time(double flops) {
#if RITZ_WITH_XSMM
  return flops / 110;
#else
  return flops / 35;
#endif
}

/* `calls` fields of `width` columns along an axis. Additions of the folds, and a call, cost as much
 * as some products. A table beyond the caches is fetched by every call; of two steps the first has
 * wide rows and a small table. */
static double axis_time(const ritz_transform *t, const ritz_spectral_axis *axis, double calls,
                        double width) {
  const double lanes = 64.0 / (double)t->size;
  const double products = ritz_spectral_axis_products(axis);
  if (axis->fused)
    return calls * (40 + 2 * (products + 2 * (double)axis->n) * ceil(width / lanes) * lanes / 110);
  const double table = ritz_spectral_axis_table(axis);
  const double fetch = table * (double)t->size > 1e6 ? table * (double)t->size / 11 : 0;
  const double sweeps = axis->form == RITZ_AXIS_PLAIN ? 0 : 8 * (double)axis->n;
  const double wide = axis->form == RITZ_AXIS_STEPS ? products - table : 0;
  return calls *
         (20 + fetch +
          library_time(2 * (wide + sweeps) * width + 2 * (products - wide) * padded(t, width)));
}

static double gemm_time(const ritz_transform *t) {
  const int last = t->shape.dim - 1;
  const double c = (double)t->shape.channels;
  double ns = 10 * (double)t->modes;
  double calls = points_of(t) / (double)t->axis[last].n;
  ns += axis_time(t, &t->axis[last], calls, c);
  for (int i = last - 1; i >= 0; i--) {
    calls /= (double)t->axis[i].n;
    double width = (double)ritz_spectral_planes(t, i + 1) * c;
    for (int j = i + 1; j <= last; j++) width *= (double)t->axis[j].modes;
    ns += axis_time(t, &t->axis[i], calls, width);
  }
  return ns;
}

ritz_spectral_algorithm ritz_spectral_choose(const ritz_transform *t) {
  if (!ritz_spectral_fftw_available()) return RITZ_SPECTRAL_GEMM;
  if (gemm_time(t) <= fftw_time(t)) return RITZ_SPECTRAL_GEMM;
  for (int i = 0; i < t->shape.dim; i++)
    if (is_bounded(&t->axis[i])) return RITZ_SPECTRAL_FFTW; /* no pruning there */
  return t->shape.dim > 1 ? RITZ_SPECTRAL_FFTW_PRUNED : RITZ_SPECTRAL_FFTW;
}
