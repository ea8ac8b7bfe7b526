/* SPDX-License-Identifier: BSD-3-Clause
 * The real DFT of some columns along one axis: rows of a field <-> cosine and sine sums.
 *
 * A column of complex numbers counts as two real ones, so that both kinds of axis share this. */
#ifndef RITZ_KERNELS_SPECTRAL_COLUMNS_H
#define RITZ_KERNELS_SPECTRAL_COLUMNS_H

#include "kernels/kernels.h"
#include "kernels/spectral_axis.h"
#include "kernels/spectral_product.h"

typedef struct ritz_spectral_columns {
  const ritz_spectral_axis *axis;
  const ritz_kernels *kernels;
  ritz_index width, ld;           /* columns; numbers between rows of the field */
  size_t row, sum_row;            /* bytes between rows of the field, and of either kind of sums */
  ritz_product to[RITZ_BLOCKS];   /* table x folded rows */
  ritz_product from[RITZ_BLOCKS]; /* transposed table x sums */
  ritz_product from_add;          /* plain axes: from[0], accumulating */
} ritz_spectral_columns;

/** @param axis  With its tables; must outlive what is returned, a value without resources. */
ritz_spectral_columns ritz_spectral_columns_plan(ritz_dtype dtype, const ritz_spectral_axis *axis,
                                                 ritz_index width, ritz_index ld,
                                                 ritz_index sum_ld);

/**
 * x -> sums.
 *
 * @param next             Rows like those of x to fetch meanwhile, or NULL.
 * @param folded           Scratch like x; may be x, which is then lost.
 * @param cosines, sines   [distinct |f|], rows sum_ld numbers apart. A plain axis has them in
 * turns: sines stands one row of the half distance behind.
 */
void ritz_spectral_columns_to(const ritz_spectral_columns *columns, ritz_spectral_scale scale,
                              const char *x, const char *next, char *folded, char *cosines,
                              char *sines);

/** x (+)= transposed tables x sums; @p folded as above. */
void ritz_spectral_columns_from(const ritz_spectral_columns *columns, ritz_spectral_scale scale,
                                const char *cosines, const char *sines, char *folded, char *x,
                                bool add);

#endif
