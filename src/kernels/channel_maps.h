/* SPDX-License-Identifier: BSD-3-Clause
 * Both channel axes of a complex tensor mapped, W[m] = A T[m] C for each mode m, with planes
 * (Re, Im) in front of the channels: A [2, Ci, Ri], T [modes, 2, Ri, Ro] or diagonal
 * [modes, 2, R], C [2, Ro, Co], W [modes, 2, Ci, Co]. */
#ifndef RITZ_KERNELS_CHANNEL_MAPS_H
#define RITZ_KERNELS_CHANNEL_MAPS_H

#include <ritz/status.h>

typedef struct ritz_channel_maps_shape {
  ritz_dtype dtype;
  ritz_index modes, ci, ri, ro, co; /* co = 0: no C, W has Ro columns (T not diagonal) */
  bool diagonal;                    /* ri = ro */
} ritz_channel_maps_shape;

typedef struct ritz_channel_maps ritz_channel_maps;

/**
 * @param threads  Threads the runs may use; results do not depend on it.
 * @param out      NULL on failure.
 */
ritz_status ritz_channel_maps_create(const ritz_channel_maps_shape *shape, int threads,
                                     ritz_channel_maps **out);
void ritz_channel_maps_destroy(ritz_channel_maps **maps);
/** @return  Bytes of scratch each run needs; the caller provides it, 64-byte aligned. */
size_t ritz_channel_maps_scratch(const ritz_channel_maps *maps);
/** @return  Flops of a forward run. */
double ritz_channel_maps_flops(const ritz_channel_maps *maps);

void ritz_channel_maps_forward(const ritz_channel_maps *maps, const void *a, const void *t,
                               const void *c, void *w, void *scratch);

/** GT, GA, GC (+)= ...; NULL: not wanted. */
typedef struct ritz_channel_maps_gradients {
  void *a, *t, *c;
  bool add_a, add_t, add_c;
} ritz_channel_maps_gradients;

void ritz_channel_maps_vjp(const ritz_channel_maps *maps, const void *a, const void *t,
                           const void *c, const void *gw,
                           const ritz_channel_maps_gradients *gradients, void *scratch);

#endif
