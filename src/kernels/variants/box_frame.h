/* SPDX-License-Identifier: BSD-3-Clause
 * Strips: columns beyond the last unknown. */
#ifndef RITZ_KERNELS_VARIANTS_BOX_FRAME_H
#define RITZ_KERNELS_VARIANTS_BOX_FRAME_H

#include "kernels/variants/box_pack.h"

/* In rows i0 ... i1 of a field of strips: `value` in the grid's columns from `first` on, edges
 * included. Nothing where lanes are samples. */
static inline void box_frame(const ritz_box *box, void *field, ritz_index first, ritz_index i0,
                             ritz_index i1, real value) {
  for (ritz_index l = 0; box->columns && l < box->lanes; l++) {
    const ritz_index own = first - l * box->n1; /* its number within lane l */
    for (ritz_index i = i0; own <= box->n1 + 1 && i <= i1; i++)
      for (ritz_index j = own > 0 ? own : 0; j <= box->n1 + 1; j++)
        ((real *)field)[i * box->row + j * box->lanes + l] = value;
  }
}

#endif
