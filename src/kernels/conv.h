/* SPDX-License-Identifier: BSD-3-Clause
 * Convolution of channels-last fields - dense, grouped or each channel alone -, its adjoint and the
 * gradients of its weight and bias. Planned once, run many times.
 *
 * K: y[b, p, k] = sum over taps t and channels c of w[t, c, k] x[b, source(p u - low + t d),
 * g(k) Ci/g + c] along each axis of a window (window.h), u stride, d dilation; k belongs to group
 * g(k) = k / (Co/g). x [B, N..., Ci], y [B, M..., Co], w [K..., Ci/g, Co], b [Co]. No flip: this is
 * a cross-correlation, as everywhere in this field.
 *
 * A transposed convolution is K^T, so it has no code of its own. */
#ifndef RITZ_KERNELS_CONV_H
#define RITZ_KERNELS_CONV_H

#include "kernels/halo.h"
#include "kernels/window.h"

typedef struct ritz_conv_shape {
  ritz_dtype dtype;
  ritz_index batch, channels_in, channels_out;
  ritz_index groups; /* divide both */
  ritz_window window;
  bool direct; /* sums as above only, no transforms */
} ritz_conv_shape;

typedef struct ritz_convolution ritz_convolution;

/**
 * @param gradients  Plan the weight gradient as well.
 * @param threads    At most this many; the count changes no bit of any result.
 * @param out        NULL on failure (RITZ_ERR_MEMORY).
 */
ritz_status ritz_conv_create(const ritz_conv_shape *shape, bool gradients, int threads,
                             ritz_convolution **out);
void ritz_conv_destroy(ritz_convolution **conv);

/** @return  Bytes of scratch every run below needs, aligned to RITZ_ALIGNMENT. */
size_t ritz_conv_scratch(const ritz_convolution *conv);

/** @return  Flops of one run of K, of K^T or of the weight gradient: 2 B M... K... Ci/g Co. */
double ritz_conv_flops(const ritz_convolution *conv);

/* None of these allocates or fails; arrays do not overlap. b is NULL for none, and where `add`. A
 * halo is around what the first two read, where it arrives, or write, where it leaves; NULL: none.
 */

/** y (+)= K x + b. */
void ritz_conv_forward(const ritz_convolution *conv, bool add, const void *x, const void *w,
                       const void *b, void *y, void *scratch, const ritz_halo *halo);
/** x (+)= K^T y + b, here b is [Ci]. */
void ritz_conv_adjoint(const ritz_convolution *conv, bool add, const void *y, const void *w,
                       const void *b, void *x, void *scratch, const ritz_halo *halo);
/** gw (+)= d<K x, y>/dw, gb (+)= sum over all positions of y; either may be NULL. */
void ritz_conv_weight_gradient(const ritz_convolution *conv, const void *x, const void *y, void *gw,
                               bool add_weight, void *gb, bool add_bias, void *scratch);
/** gb (+)= sum over rows of y [rows, channels], one of the two fields. */
void ritz_conv_bias_gradient(const ritz_convolution *conv, bool add, ritz_index rows,
                             ritz_index channels, const void *y, void *gb, void *scratch);

#endif
