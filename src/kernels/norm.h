/* SPDX-License-Identifier: BSD-3-Clause
 * Statistics of instance and group normalisation, put together from chunks.
 *
 * One sample x [points, C], G groups of C/G neighbouring channels (G = C: instance norm). A group's
 * mean and biased variance run over its channels and all points. The order of work:
 *
 *   each chunk of points    kernels->norm_moments                   mean, m2 [C]
 *   chunks in fixed order   ritz_norm_merge                         of the whole sample
 *   once                    ritz_norm_finish                        group mean, 1/sqrt(variance +
 * eps) each chunk              kernels->norm_apply
 *
 *   each chunk              kernels->norm_vjp_sums, added up        gw, gb [C]
 *   once                    ritz_norm_vjp_means                     s, q [C]
 *   each chunk              kernels->norm_vjp
 *
 * Chunks may be threads' or ranks' shares alike. Everything here is double, [C], and cheap. */
#ifndef RITZ_KERNELS_NORM_H
#define RITZ_KERNELS_NORM_H

#include <ritz/types.h>

/**
 * Merges the moments of @p more rows into those of @p rows rows: Chan, Golub & LeVeque 1979,
 * eq. (2.1). Either count may be 0.
 *
 * @param mean,m2            [channels] in and out: mean and sum of squared deviations.
 * @param more_mean,more_m2  [channels].
 */
void ritz_norm_merge(ritz_index channels, ritz_index rows, double *mean, double *m2,
                     ritz_index more, const double *more_mean, const double *more_m2);

/**
 * From moments per channel to the numbers that normalise.
 *
 * @param groups   Divides @p channels.
 * @param points   Rows behind @p mean and @p m2; positive.
 * @param mean     [channels] in: each channel's mean, out: its group's.
 * @param m2_rstd  [channels] in: m2, out: 1/sqrt(variance + eps) of the channel's group.
 */
void ritz_norm_finish(ritz_index channels, ritz_index groups, ritz_index points, double eps,
                      double *mean, double *m2_rstd);

/**
 * Means over each group of w gy and of w gy (x - mean) rstd, which the gradient of the statistics
 * takes away.
 *
 * @param w      [channels] weight in double, NULL for 1.
 * @param gw,gb  [channels] sums over all points from norm_vjp_sums: the gradients of weight and
 * bias.
 * @param s,q    [channels] out.
 */
void ritz_norm_vjp_means(ritz_index channels, ritz_index groups, ritz_index points, const double *w,
                         const double *gw, const double *gb, double *s, double *q);

#endif
