/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution of fields [B, X0, ..., C]: each channel has a window of its own,
 *
 *     y[b, o, c] = bias[c] + sum over taps t of w[t, c] x[b, source(o stride - low + t dilation),
 * c]
 *
 * axis by axis, in any number of taps, with margins of every kind (window.h). Direct: for each pair
 * of lines of outputs the lines of inputs they see are known from the start; along the last axis
 * eight outputs stay in registers. The gradient of the input is the same sum over the outputs that
 * see an input; with stride u it splits into u sums without stride. Where that costs less, large
 * windows go by transforms of tiles (depthwise_tiles.h). */
#ifndef RITZ_KERNELS_DEPTHWISE_H
#define RITZ_KERNELS_DEPTHWISE_H

#include "kernels/halo.h"
#include "kernels/window.h"

typedef struct ritz_depthwise_shape {
  ritz_dtype dtype;
  ritz_index batch, channels;
  ritz_window window;
  bool direct; /* no transforms */
} ritz_depthwise_shape;

typedef struct ritz_depthwise ritz_depthwise;

/**
 * @param gradients  Plan the gradient of the weight as well.
 * @param threads    At most this many run; they change no result.
 * @param out        NULL on failure (RITZ_ERR_MEMORY).
 */
ritz_status ritz_depthwise_create(const ritz_depthwise_shape *shape, bool gradients, int threads,
                                  ritz_depthwise **out);
void ritz_depthwise_destroy(ritz_depthwise **plan);

/** @return  Bytes of scratch that each of the runs below needs, aligned to RITZ_ALIGNMENT. */
size_t ritz_depthwise_scratch(const ritz_depthwise *plan);

/**
 * @param x     [B, X0, ..., C]
 * @param w     [K0, ..., C]
 * @param bias  [C] or NULL
 * @param y     [B, Y0, ..., C], added to where @p add.
 *
 * @param halo  Around what is read, where it arrives, or written, where it leaves; NULL: none.
 *
 * Cost: 2 B Y0 ... K0 ... C flops, one sweep over x and y.
 */
void ritz_depthwise_forward(const ritz_depthwise *plan, bool add, const void *x, const void *w,
                            const void *bias, void *y, void *scratch, const ritz_halo *halo);

/** x (+)= the transpose of the forward map without bias applied to y, + bias; the same cost. */
void ritz_depthwise_adjoint(const ritz_depthwise *plan, bool add, const void *y, const void *w,
                            const void *bias, void *x, void *scratch, const ritz_halo *halo);

/**
 * gw[t, c] (+)= sum over b, o of x[b, source, c] gy[b, o, c], gbias (+)= sum of gy; either may
 * be NULL. Sums run in the field's format over at most a few thousand points, then in double, in
 * an order that depends on the shape alone. The same cost.
 */
void ritz_depthwise_weight_gradient(const ritz_depthwise *plan, const void *x, const void *gy,
                                    void *gw, bool add_weight, void *gbias, bool add_bias,
                                    void *scratch);

/** @return  Flops of one forward run. */
double ritz_depthwise_flops(const ritz_depthwise *plan);

#endif
