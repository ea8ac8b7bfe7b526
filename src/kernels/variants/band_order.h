/* SPDX-License-Identifier: BSD-3-Clause
 * Unknowns of a grid in the order of a band matrix: along the shortest axis first, so that thin
 * grids of any length have a narrow band. */
#ifndef RITZ_KERNELS_VARIANTS_BAND_ORDER_H
#define RITZ_KERNELS_VARIANTS_BAND_ORDER_H

#include "kernels/variants/box_pack.h"

typedef struct band_order {
  ritz_index n[3], step[3]; /* unknowns and numbers from one to the next, the fastest axis first */
  ritz_index count, width;  /* unknowns; numbers below the diagonal */
} band_order;

/* Where unknown k is in a field. */
static ALWAYS_INLINE ritz_index band_place(const band_order *at, ritz_index k) {
  const ritz_index line = k / at->n[0];
  return (k % at->n[0] + 1) * at->step[0] + (line % at->n[1] + 1) * at->step[1] +
         (line / at->n[1] + 1) * at->step[2];
}

#endif
