/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution with large windows by Fourier transforms of square tiles (overlap and save:
 * Stockham 1966; Oppenheim & Schafer, Discrete-Time Signal Processing, Sec. 8.7.3).
 *
 * T x T points of a field hold what (T - K0 + 1) (T - K1 + 1) outputs see. Two tiles go through a
 * complex transform together, one as real and one as imaginary parts, since a real window acts on
 * both alike; channels are vector lanes. With k taps per output the sum costs 2 k flops, this about
 * 20 log2 T (T / (T - K + 1))^2. */
#ifndef RITZ_KERNELS_DEPTHWISE_TILES_H
#define RITZ_KERNELS_DEPTHWISE_TILES_H

#include "kernels/depthwise.h"

typedef struct ritz_depthwise_tiles ritz_depthwise_tiles;

/** @return  The tile that costs least, T; 0: the plain sum costs less, or tiles do not apply. */
ritz_index ritz_depthwise_tile(const ritz_depthwise_shape *shape, bool adjoint);

/**
 * @param tile     As above, not 0.
 * @param adjoint  For the transpose of the map; inputs are then its outputs.
 * @param out      NULL on failure (RITZ_ERR_MEMORY).
 */
ritz_status ritz_depthwise_tiles_create(const ritz_depthwise_shape *shape, ritz_index tile,
                                        bool adjoint, int threads, ritz_depthwise_tiles **out);
void ritz_depthwise_tiles_destroy(ritz_depthwise_tiles **tiles);

/** @return  Bytes, @p gradient: of the gradient of the weight. */
size_t ritz_depthwise_tiles_scratch(const ritz_depthwise_tiles *tiles, bool gradient);

/** y (+)= map of x, + bias; arrays as in depthwise.h. */
void ritz_depthwise_tiles_run(const ritz_depthwise_tiles *tiles, bool add, const void *x,
                              const void *w, const void *bias, void *y, void *scratch,
                              const ritz_halo *halo);
/** gw (+)= ..., gbias (+)= sum of gy; either may be NULL. Not for the transpose. */
void ritz_depthwise_tiles_gradient(const ritz_depthwise_tiles *tiles, const void *x, const void *gy,
                                   void *gw, bool add_weight, void *gbias, bool add_bias,
                                   void *scratch);

#endif
