/* SPDX-License-Identifier: BSD-3-Clause
 * Series in time (refine_time.h). */
#include "solvers/spectral/refine_time.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

static const double pi = 3.14159265358979323846;

/* Parts of the largest diagonal entry: what keeps nearly dependent functions apart, in the fit more
 * than in a preconditioner, where it would only cost iterations. */
static const double fit_shift = 1e-10, factor_shift = 1e-12;

/* phi number j at time t and its derivative; period T. */
static double phi(ritz_index j, double t, double period, double *slope) {
  const double omega = 2 * pi * (double)((j + 1) / 2) / period;
  if (slope) *slope = j == 0 ? 0 : j % 2 ? -omega * sin(omega * t) : omega * cos(omega * t);
  return j == 0 ? 1 : j % 2 ? cos(omega * t) : sin(omega * t);
}

/* a = L L^T, lower part in place. @return  Whether a is positive definite. */
static bool cholesky(ritz_index n, double *a) {
  for (ritz_index j = 0; j < n; j++) {
    for (ritz_index k = 0; k < j; k++)
      for (ritz_index i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    if (!(a[j * n + j] > 0)) return false;
    const double root = sqrt(a[j * n + j]);
    for (ritz_index i = j; i < n; i++) a[i * n + j] /= root;
  }
  return true;
}

static void cholesky_solve(ritz_index n, const double *l, double *x) {
  for (ritz_index i = 0; i < n; i++) {
    for (ritz_index j = 0; j < i; j++) x[i] -= l[i * n + j] * x[j];
    x[i] /= l[i * n + i];
  }
  for (ritz_index i = n - 1; i >= 0; i--) {
    for (ritz_index j = i + 1; j < n; j++) x[i] -= l[j * n + i] * x[j];
    x[i] /= l[i * n + i];
  }
}

static void shift_diagonal(ritz_index n, double part, double *a) {
  double largest = 0;
  for (ritz_index i = 0; i < n; i++) largest = fmax(largest, a[i * n + i]);
  for (ritz_index i = 0; i < n; i++) a[i * n + i] += part * largest;
}

/* Least squares over the frames: fit = V (V^T V + shift)^(-1), V[f][j] = phi_j(t_f). */
static ritz_status fill_fit(ritz_refine_time *t, ritz_index frames) {
  const ritz_index n = t->count;
  double *normal;
  RITZ_TRY(RITZ_NEW(n * n, &normal));
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++)
      for (ritz_index f = 0; f < frames; f++)
        normal[i * n + j] += t->frame_value[i * frames + f] * t->frame_value[j * frames + f];
  shift_diagonal(n, fit_shift, normal);
  const bool fine = cholesky(n, normal);
  for (ritz_index f = 0; f < frames && fine; f++) {
    for (ritz_index j = 0; j < n; j++) t->fit[f * n + j] = t->frame_value[j * frames + f];
    cholesky_solve(n, normal, t->fit + f * n);
  }
  ritz_free(normal);
  RITZ_REQUIRE(fine, RITZ_ERR_NUMERIC, "%td functions of time cannot be told apart", n);
  return RITZ_OK;
}

static void fill_values(ritz_refine_time *t, ritz_index frames, double interval) {
  const double end = (double)frames * interval, step = end / (double)(t->points - 1);
  const double period = 2 * ((double)frames + 1) * interval;
  for (ritz_index i = 0; i < t->points; i++)
    t->weight[i] = i == 0 || i == t->points - 1 ? 0.5 * step : step;
  for (ritz_index j = 0; j < t->count; j++) {
    for (ritz_index i = 0; i < t->points; i++) {
      double slope;
      const double value = phi(j, (double)i * step, period, &slope);
      t->value[j * t->points + i] = t->value_turned[i * t->count + j] = value;
      t->slope[j * t->points + i] = t->slope_turned[i * t->count + j] = slope;
    }
    for (ritz_index f = 0; f <= frames; f++)
      t->frame_value[j * (frames + 1) + f] = phi(j, (double)f * interval, period, NULL);
    t->first[j] = phi(j, 0, period, NULL);
  }
}

ritz_status ritz_refine_time_init(ritz_index frames, ritz_index modes, ritz_index points,
                                  double interval, ritz_refine_time *t) {
  *t = (ritz_refine_time){.count = 2 * modes - 1, .points = frames * points + 1};
  const ritz_index size = t->count * t->points;
  RITZ_TRY(RITZ_NEW(t->points, &t->weight));
  RITZ_TRY(RITZ_NEW(size, &t->value));
  RITZ_TRY(RITZ_NEW(size, &t->slope));
  RITZ_TRY(RITZ_NEW(size, &t->value_turned));
  RITZ_TRY(RITZ_NEW(size, &t->slope_turned));
  RITZ_TRY(RITZ_NEW(t->count, &t->first));
  RITZ_TRY(RITZ_NEW(t->count * (frames + 1), &t->frame_value));
  RITZ_TRY(RITZ_NEW(t->count * (frames + 1), &t->fit));
  fill_values(t, frames, interval);
  return fill_fit(t, frames + 1);
}

void ritz_refine_time_clear(ritz_refine_time *t) {
  double *const owned[] = {t->weight,       t->value, t->slope,       t->value_turned,
                           t->slope_turned, t->first, t->frame_value, t->fit};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) ritz_free(owned[i]);
  *t = (ritz_refine_time){0};
}

ritz_status ritz_refine_time_factor(const ritz_refine_time *t, double scale, double rate,
                                    double initial, double *factor) {
  const ritz_index n = t->count;
  memset(factor, 0, (size_t)(n * n) * sizeof *factor);
  for (ritz_index i = 0; i < t->points; i++) {
    const double *value = t->value_turned + i * n, *slope = t->slope_turned + i * n;
    for (ritz_index j = 0; j < n; j++)
      for (ritz_index k = 0; k <= j; k++)
        factor[j * n + k] +=
            scale * t->weight[i] * (slope[j] + rate * value[j]) * (slope[k] + rate * value[k]);
  }
  for (ritz_index j = 0; j < n; j++)
    for (ritz_index k = 0; k <= j; k++) factor[j * n + k] += initial * t->first[j] * t->first[k];
  shift_diagonal(n, factor_shift, factor);
  RITZ_REQUIRE(cholesky(n, factor), RITZ_ERR_NUMERIC,
               "%td functions of time cannot be told apart by the equation", n);
  return RITZ_OK;
}

void ritz_refine_time_solve(const ritz_refine_time *t, const double *factor, double *x) {
  cholesky_solve(t->count, factor, x);
}
