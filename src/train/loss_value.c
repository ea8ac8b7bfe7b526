/* SPDX-License-Identifier: BSD-3-Clause
 * From sums to a loss, with its slope against the sums of the error. */
#include <math.h>

#include "train/loss_norm.h"

static double total(ritz_index count, const double *a) {
  double sum = 0;
  for (ritz_index i = 0; i < count; i++) sum += a[i];
  return sum;
}

static void fill(ritz_index count, double value, double *a) {
  for (ritz_index i = 0; i < count; i++) a[i] = value;
}

/* d sqrt(A) / dA; at A = 0 the root has no derivative, and 0 is a subgradient of the norm. */
static double root_slope(double root) { return root > 0 ? 0.5 / root : 0; }

double ritz_loss_relative_root(const ritz_loss_sums *sums, double *slope) {
  const double root = sqrt(total(sums->channels, sums->error));
  const double scale = 1 / (sqrt(total(sums->channels, sums->truth)) + sums->eps);
  fill(sums->channels, scale * root_slope(root), slope);
  return scale * root;
}

double ritz_loss_per_channel_root(const ritz_loss_sums *sums, double *slope) {
  double value = 0;
  for (ritz_index c = 0; c < sums->channels; c++) {
    const double root = sqrt(sums->error[c]), scale = 1 / (sqrt(sums->truth[c]) + sums->eps);
    slope[c] = scale * root_slope(root);
    value += scale * root;
  }
  return value;
}

double ritz_loss_absolute_root(const ritz_loss_sums *sums, double *slope) {
  const double root = sqrt(sums->cell * total(sums->channels, sums->error));
  fill(sums->channels, sums->cell * root_slope(root), slope);
  return root;
}

double ritz_loss_relative(const ritz_loss_sums *sums, double *slope) {
  const double scale = 1 / (total(sums->channels, sums->truth) + sums->eps);
  fill(sums->channels, scale, slope);
  return scale * total(sums->channels, sums->error);
}

double ritz_loss_mean(const ritz_loss_sums *sums, double *slope) {
  const double scale = 1 / ((double)sums->points * (double)sums->channels);
  fill(sums->channels, scale, slope);
  return scale * total(sums->channels, sums->error);
}

/* NaN stays: a comparison with it is false. */
static double largest(ritz_index count, const double *a) {
  double most = a[0];
  for (ritz_index i = 1; i < count; i++)
    if (a[i] > most || isnan(a[i])) most = a[i];
  return most;
}

double ritz_loss_relative_largest(const ritz_loss_sums *sums, double *slope) {
  fill(sums->channels, 0, slope);
  return largest(sums->channels, sums->error) / (largest(sums->channels, sums->truth) + sums->eps);
}
