/* SPDX-License-Identifier: BSD-3-Clause
 * Maxima over windows of fields [B, X0, ..., C], channel by channel, with the place of each.
 *
 * Points outside the grid that a zero boundary would add take no part. Of equal numbers the first
 * in the window counts (last axis fastest); NaN wins over every number. */
#ifndef RITZ_KERNELS_POOLING_H
#define RITZ_KERNELS_POOLING_H

#include "kernels/halo.h"
#include "kernels/window.h"

typedef struct ritz_pooling_shape {
  ritz_dtype dtype;
  ritz_index batch, channels;
  ritz_window window; /* every output sees a point */
} ritz_pooling_shape;

typedef struct ritz_pooling ritz_pooling;

/** @param out  NULL on failure (RITZ_ERR_MEMORY). */
ritz_status ritz_pooling_create(const ritz_pooling_shape *shape, int threads, ritz_pooling **out);
void ritz_pooling_destroy(ritz_pooling **plan);

/**
 * @param place  NULL, or like y: the tap of each maximum, t = (t0 K1 + t1) K2 + t2, as numbers of
 *               the field's format.
 * @param halo   Around x, arrives; NULL: none.
 */
void ritz_pooling_forward(const ritz_pooling *plan, const void *x, void *y, void *place,
                          const ritz_halo *halo);

/** gx (+)= gy at the places of the maxima, 0 elsewhere. @param halo  Around gx, leaves. */
void ritz_pooling_vjp(const ritz_pooling *plan, const void *gy, const void *place, void *gx,
                      bool add, const ritz_halo *halo);

#endif
