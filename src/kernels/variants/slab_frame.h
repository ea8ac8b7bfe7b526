/* SPDX-License-Identifier: BSD-3-Clause
 * Where things are in a slab, slab.h. */
#ifndef RITZ_KERNELS_VARIANTS_SLAB_FRAME_H
#define RITZ_KERNELS_VARIANTS_SLAB_FRAME_H

#include <string.h>

#include "kernels/slab.h"
#include "kernels/variants/solver_kernel.h"
#include "kernels/variants/vector.h"

/* Number of row (i, j)'s even columns in a field. */
static inline ritz_index slab_row(const ritz_slab *s, ritz_index i, ritz_index j) {
  return (i - s->first) * s->plane + (j - s->origin) * s->row;
}

/* Unknowns of parity q: columns 2 m + q for m from begin to end - 1. */
static inline ritz_index slab_start(int q) { return 1 - q; }
static inline ritz_index slab_end(const ritz_slab *s, int q) { return (s->n[2] - q) / 2 + 1; }

/* Parity of the columns of a colour in row (i, j); red: i + j + k even, as coarse points are. */
static inline int slab_parity(ritz_index i, ritz_index j, int red) {
  return (int)((i + j + 1 - red) % 2);
}

/* out_K = t_2K + (t_2K-1 + t_2K+1) / 2 for a row of `fine` by parities, its boundary zero; `out`
 * by parities, too. natural: room for a fine row. */
static inline void slab_reduce_row(const ritz_slab *fine, const ritz_slab *coarse,
                                   const real *restrict t, real *restrict natural,
                                   real *restrict out) {
  const ritz_index n = coarse->n[2];
  if (fine->factor[2] == 1) {
    memcpy(out, t, (size_t)coarse->row * sizeof *out);
    return;
  }
  const real *odd = t + fine->half;
  natural[0] = natural[n + 1] = natural[n + 2] = 0;
  for (ritz_index K = 1; K <= n; K++) natural[K] = t[K] + (real)0.5 * (odd[K - 1] + odd[K]);
  for (ritz_index M = 0; M <= n / 2; M++) {
    out[M] = natural[2 * M];
    out[coarse->half + M] = natural[2 * M + 1];
  }
}

#endif
