/* SPDX-License-Identifier: BSD-3-Clause
 * Sine and cosine bases along an axis (ritz/transform.h): the axis of a transform whose matrices
 * are real. Points i and N-1-i mirror each other: functions 0, 2, 4 ... of any of the bases are
 * even about the middle and the others odd, so that one fold halves the products, the even
 * functions in the place of a DFT's cosines and the odd ones in that of its sines.
 *
 * With mean weights w (1/2 at nodes on the ends, else 1), L the sum of the weights over all points
 * and e_k = 1 for a function whose square has mean 1, else 2:
 *
 *     analysis   X_k = 1/L sum over i of w_i phi_k(x_i) x_i,     synthesis   x_i = sum over k of
 *                                                                e_k phi_k(x_i) X_k,
 *
 * the mean and the doubled conjugate pairs of the Fourier transform of the extended field. */
#ifndef RITZ_KERNELS_SPECTRAL_BOUNDED_H
#define RITZ_KERNELS_SPECTRAL_BOUNDED_H

#include "kernels/spectral_axis.h"

/**
 * As ritz_spectral_axis_create() for the first @p modes functions of a basis and the points
 * [first, first + count); a part of all n is done in the plain form.
 *
 * @param line  Rows of the axis are lines of a field, not wide ones: short axes stay plain.
 */
ritz_status ritz_bounded_axis_create(ritz_axis_transform transform, ritz_index n, ritz_index first,
                                     ritz_index count, ritz_index modes, bool line,
                                     ritz_axis_form form, ritz_spectral_axis *axis);
ritz_status ritz_bounded_axis_tabulate(ritz_dtype dtype, ritz_spectral_axis *axis);

/** L: the length of the axis in steps of its grid; 1 for a single node. */
double ritz_bounded_length(ritz_axis_transform transform, ritz_index n);
/** e of function number @p i. */
double ritz_bounded_pair(ritz_axis_transform transform, ritz_index n, ritz_index i);
/** Whether end points have the weight 1/2. */
bool ritz_bounded_on_nodes(ritz_axis_transform transform);
/** Whether function number i is phi_(i+1). */
bool ritz_bounded_is_sine(ritz_axis_transform transform);

#endif
