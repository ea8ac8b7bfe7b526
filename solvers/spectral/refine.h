/* SPDX-License-Identifier: BSD-3-Clause
 * Frames of a flow, improved by the equation they should satisfy: the last step of
 * Spectral-Refiner, Cao, Brarda, Li & Xi 2024, arXiv:2405.17211.
 *
 * The frames w(t_1) ... w(t_n) after a known one w(0) are made a Fourier series in time over a
 * window 2 (n + 1) intervals long, half of which they fill, with coefficients for every mode of
 * their grid:
 *
 *   w(t) = sum over j of c_kj phi_j(t),   phi = 1, cos(2 pi j t / T), sin(2 pi j t / T).
 *
 * c minimises
 *
 *   integral ||R||^2 dt + nu ||w(0) - w_0||^2,   R = w_t + u . grad w - nu Laplace w + drag w - f,
 *   ||R||^2 = sum over k of |R_k|^2 / (alpha + |k|^2)            (Parseval; a negative Sobolev
 * norm)
 *
 * from the coefficients that fit the given frames. w_t is that of the series, transport is exact
 * for every mode (3/2 rule: the transforms have half as many points more), the integral a
 * trapezoidal sum over several points an interval. With alpha = 1 / (nu T) the minimum bounds the
 * error of the linear equation: |e(T)|^2 <= |e(0)|^2 + 1 / nu integral ||R||^2. */
#ifndef RITZ_SOLVERS_SPECTRAL_REFINE_H
#define RITZ_SOLVERS_SPECTRAL_REFINE_H

#include <ritz/solve.h>

#include "solvers/spectral/periodic_box.h"

typedef struct ritz_refine_options {
  ritz_index nodes[2]; /* grid of the frames */
  double length[2];
  ritz_index frames;      /* n, at least 1 */
  double interval;        /* from one frame to the next */
  double viscosity, drag; /* viscosity > 0 */
  /* Spectrum [modes][2] of f, written over zeros; NULL: none. */
  void (*forcing)(const void *user, const ritz_periodic_box *box, double *spectrum);
  const void *forcing_user;
  double alpha;           /* 0: 1 / (viscosity n interval) */
  ritz_index time_modes;  /* J: phi with j < J; 2 J - 1 coefficients in time for each mode;
                             0: n / 2 + 1 */
  ritz_index time_points; /* points of the integral an interval */
  int max_iterations;
  double tolerance; /* of the minimisation, see lbfgs.h */
} ritz_refine_options;

typedef struct ritz_refiner ritz_refiner;

/** Plans for one flow at a time. RITZ_ERR_ARGUMENT  an option that cannot be */
ritz_status ritz_refiner_create(const ritz_refine_options *options, ritz_refiner **out);
void ritz_refiner_destroy(ritz_refiner **refiner);

typedef struct ritz_refine_report {
  ritz_solve_report solve;
  double before, after; /* sqrt of the integral of ||R||^2, of the fit and of the minimum */
} ritz_refine_report;

/**
 * Improves frames in place. Allocates nothing.
 *
 * @param last    [N0, N1] the known frame.
 * @param frames  [N0, N1, n]. Their mean becomes that of @p last, less what drag takes; the
 *                highest frequency of an even grid, which has no sign, becomes zero.
 */
void ritz_refiner_run(ritz_refiner *refiner, const double *last, double *frames,
                      ritz_refine_report *report);

/** Squared L2 and H1 norms, mean of w^2 and of w^2 + |grad w|^2, summed over n frames
 * [N0, N1, n]; of all modes below the highest of an even grid. */
void ritz_refiner_norms(ritz_refiner *refiner, const double *frames, double *l2, double *h1);

#endif
