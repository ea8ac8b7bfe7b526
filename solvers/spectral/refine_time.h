/* SPDX-License-Identifier: BSD-3-Clause
 * The time part of refine.c: a Fourier series over twice the time that frames fill, its values and
 * derivatives at the points of an integral, the fit to frames, the linear equation of one mode. */
#ifndef RITZ_SOLVERS_SPECTRAL_REFINE_TIME_H
#define RITZ_SOLVERS_SPECTRAL_REFINE_TIME_H

#include <ritz/status.h>

typedef struct ritz_refine_time {
  ritz_index count;                    /* functions phi: 1, cos, sin, cos, sin ... */
  ritz_index points;                   /* of the integral, both ends included */
  double *weight;                      /* [points] trapezoidal rule */
  double *value, *slope;               /* [count][points] phi and its derivative */
  double *value_turned, *slope_turned; /* [points][count] */
  double *first;                       /* [count] phi(0) */
  double *frame_value;                 /* [count][frames + 1] phi at 0 and the frames */
  double *fit;                         /* [frames + 1][count] from values there to coefficients */
} ritz_refine_time;

/** @param out  Release with ritz_refine_time_clear(), also on failure. */
ritz_status ritz_refine_time_init(ritz_index frames, ritz_index modes, ritz_index points,
                                  double interval, ritz_refine_time *out);
void ritz_refine_time_clear(ritz_refine_time *time);

/**
 * Cholesky factor [count][count] of
 *     scale integral (phi' + rate phi) (phi' + rate phi)^T + initial phi(0) phi(0)^T
 * with a little on its diagonal. RITZ_ERR_NUMERIC  not positive definite
 */
ritz_status ritz_refine_time_factor(const ritz_refine_time *time, double scale, double rate,
                                    double initial, double *factor);
/** Solves with a factor, in place. */
void ritz_refine_time_solve(const ritz_refine_time *time, const double *factor, double *x);

#endif
