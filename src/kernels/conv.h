/* SPDX-License-Identifier: BSD-3-Clause
 * Dense, strided, dilated and grouped convolution of channels-last fields, its adjoint and the
 * gradients of its weight and bias. Planned once, run many times.
 *
 * K: y[b, p, k] = sum over taps r and channels c of w[r, c, k] x[b, p u + r d - before, g(k) Ci/g +
 * c] along each of 1 to 3 axes, u stride, d dilation; k belongs to group g(k) = k / (Co/g). Where
 * the position falls outside the grid, the boundary says what is there. x [B, N..., Ci], y [B,
 * M..., Co], w [K..., Ci/g, Co], b [Co]. No flip: this is a cross-correlation, as everywhere in
 * this field.
 *
 * A transposed convolution is K^T, so it has no code of its own. */
#ifndef RITZ_KERNELS_CONV_H
#define RITZ_KERNELS_CONV_H

#include <ritz/ops.h>

typedef struct ritz_conv_axis_shape {
  ritz_index in, out; /* extents of x and y; out is set by ritz_conv_complete() */
  ritz_index kernel, stride, dilation, before, after;
  ritz_boundary boundary;
} ritz_conv_axis_shape;

typedef struct ritz_conv_shape {
  ritz_dtype dtype;
  int dim;
  ritz_index batch, channels_in, channels_out, groups;
  ritz_conv_axis_shape axis[3];
} ritz_conv_shape;

typedef struct ritz_convolution ritz_convolution;

/**
 * Checks a shape and sets the extents of y, floor((N + before + after - d(k-1) - 1)/u) + 1.
 *
 * @param name  Of the op, for the message.
 *              RITZ_ERR_ARGUMENT  an option out of range
 *              RITZ_ERR_SHAPE     groups do not divide the channels, nothing is left of an axis, a
 *                                 reflection wider than the grid
 */
ritz_status ritz_conv_complete(const char *name, ritz_conv_shape *shape);

/**
 * @param shape    Complete.
 * @param threads  At most this many; the count changes no bit of any result.
 * @param out      NULL on failure.
 *                 RITZ_ERR_MEMORY
 */
ritz_status ritz_conv_create(const ritz_conv_shape *shape, int threads, ritz_convolution **out);
void ritz_conv_destroy(ritz_convolution **conv);

/** @return  Bytes of scratch every run below needs, aligned to RITZ_ALIGNMENT. */
size_t ritz_conv_scratch(const ritz_convolution *conv);

/** @return  Flops of one run of K, of K^T or of the weight gradient: 2 B M... K... Ci/g Co. */
double ritz_conv_flops(const ritz_convolution *conv);

/* None of these allocates or fails; arrays do not overlap. b is NULL for none, and where `add`. */

/** y (+)= K x + b. */
void ritz_conv_forward(const ritz_convolution *conv, bool add, const void *x, const void *w,
                       const void *b, void *y, void *scratch);
/** x (+)= K^T y + b, here b is [Ci]. */
void ritz_conv_adjoint(const ritz_convolution *conv, bool add, const void *y, const void *w,
                       const void *b, void *x, void *scratch);
/** gw (+)= d<K x, y>/dw. */
void ritz_conv_weight_gradient(const ritz_convolution *conv, bool add, const void *x, const void *y,
                               void *gw, void *scratch);
/** gb (+)= sum over rows of y [rows, channels], one of the two fields. */
void ritz_conv_bias_gradient(const ritz_convolution *conv, bool add, ritz_index rows,
                             ritz_index channels, const void *y, void *gb, void *scratch);

#endif
