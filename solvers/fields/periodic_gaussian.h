/* SPDX-License-Identifier: BSD-3-Clause
 * Gaussian random fields of mean zero on a periodic box, given by the variance of every mode:
 *
 *   g(x) = sum over q != 0 of sqrt(variance_q) xi_q exp(i k . x),   E |xi_q|^2 = 1.
 *
 * variance = scale (|k|^2 + tau^2)^(-alpha) is the covariance scale (-Laplace + tau^2)^(-alpha) of
 * the published data sets: Burgers 625 (-Laplace + 25)^(-2), Navier-Stokes
 * 7^3 (-Laplace + 49)^(-2.5) (Li et al. 2021, arXiv:2010.08895, appendix A.3).
 *
 * xi of a mode is drawn by the mode's number, not by its place in a grid: modes are counted in
 * shells max(|q0|, |q1|) = 1, 2, ..., so a sample is the same function on every grid and gains
 * detail on finer ones. */
#ifndef RITZ_SOLVERS_FIELDS_PERIODIC_GAUSSIAN_H
#define RITZ_SOLVERS_FIELDS_PERIODIC_GAUSSIAN_H

#include "solvers/spectral/periodic_box.h"

/** variance[mode] = scale (|k|^2 + tau^2)^(-alpha); 0 for the mean. */
void ritz_periodic_gaussian_variance(const ritz_periodic_box *box, double scale, double tau,
                                     double alpha, double *variance);

/**
 * Spectrum of sample number @p sample of @p seed. Allocates nothing.
 *
 * @param variance  [modes] of the complex coefficients.
 * @param fields    Fields of the spectrum, of which number @p field is written.
 * @param spectrum  [modes][2][fields].
 */
void ritz_periodic_gaussian_sample(const ritz_periodic_box *box, const double *variance,
                                   uint64_t seed, uint32_t sample, ritz_index fields,
                                   ritz_index field, double *spectrum);

#endif
