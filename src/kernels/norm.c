/* SPDX-License-Identifier: BSD-3-Clause
 * Moments of chunks become moments of samples and groups. */
#include "kernels/norm.h"

#include <math.h>

void ritz_norm_merge(ritz_index channels, ritz_index rows, double *mean, double *m2,
                     ritz_index more, const double *more_mean, const double *more_m2) {
  if (more == 0) return;
  const double total = (double)(rows + more);
  const double share = (double)more / total, cross = (double)rows * share;
  for (ritz_index i = 0; i < channels; i++) {
    const double step = more_mean[i] - mean[i];
    mean[i] += share * step;
    m2[i] += more_m2[i] + cross * step * step;
  }
}

void ritz_norm_finish(ritz_index channels, ritz_index groups, ritz_index points, double eps,
                      double *mean, double *m2_rstd) {
  const ritz_index width = channels / groups;
  for (ritz_index g = 0; g < groups; g++) {
    double *channel_mean = mean + g * width, *m2 = m2_rstd + g * width;
    double centre = 0, square = 0;
    for (ritz_index i = 0; i < width; i++) centre += channel_mean[i] / (double)width;
    for (ritz_index i = 0; i < width; i++) {
      const double step = channel_mean[i] - centre;
      square += m2[i] / (double)points + step * step;
    }
    const double rstd = 1 / sqrt(square / (double)width + eps);
    for (ritz_index i = 0; i < width; i++) channel_mean[i] = centre, m2[i] = rstd;
  }
}

void ritz_norm_vjp_means(ritz_index channels, ritz_index groups, ritz_index points, const double *w,
                         const double *gw, const double *gb, double *s, double *q) {
  const ritz_index width = channels / groups;
  const double count = (double)width * (double)points;
  for (ritz_index g = 0; g < groups; g++) {
    const ritz_index begin = g * width, end = begin + width;
    double plain = 0, centred = 0;
    for (ritz_index i = begin; i < end; i++) {
      plain += (w ? w[i] : 1) * gb[i];
      centred += (w ? w[i] : 1) * gw[i];
    }
    for (ritz_index i = begin; i < end; i++) s[i] = plain / count, q[i] = centred / count;
  }
}
