/* SPDX-License-Identifier: BSD-3-Clause
 * The real DFT of some columns along one axis: rows of a field <-> pairs of cosine and sine sums.
 *
 * A column of complex numbers counts as two real ones, so that both kinds of axis share this. */
#ifndef RITZ_KERNELS_SPECTRAL_COLUMNS_H
#define RITZ_KERNELS_SPECTRAL_COLUMNS_H

#include "kernels/kernels.h"
#include "kernels/spectral_axis.h"
#include "kernels/spectral_fold.h"
#include "kernels/spectral_product.h"

/** The folds and products of an axis that is not done in steps. */
typedef struct ritz_spectral_fold {
  const ritz_spectral_axis *axis;
  ritz_index width, ld;           /* columns; numbers between rows of the field */
  size_t row, sum_row;            /* bytes between rows of the field, and between pairs */
  ritz_product to[RITZ_BLOCKS];   /* table x folded rows */
  ritz_product from[RITZ_BLOCKS]; /* transposed table x sums */
  ritz_product from_add;          /* plain axes: from[0], accumulating */
  ritz_fold_task task;            /* fused axes: instead of the products */
} ritz_spectral_fold;

/** The second step of one residue. */
typedef struct ritz_spectral_mix {
  size_t table, between, sums; /* bytes to its table, its first step's sums, its pairs */
  ritz_product to, from;
} ritz_spectral_mix;

typedef struct ritz_spectral_columns {
  const ritz_spectral_axis *axis;
  const ritz_kernels *kernels;
  size_t sine;             /* bytes from a cosine sum to its sine sum; pairs follow each other */
  ritz_spectral_fold fold; /* the axis, or its first step over all h2 at once or one by one: */
  ritz_index repeats;
  size_t field_step, between_step; /* bytes from one h2 to the next */
  size_t between;                  /* bytes of the sums between the steps; 0 without steps */
  ritz_spectral_mix *mix;          /* [residues] */
} ritz_spectral_columns;

/**
 * @param axis   With its tables; must outlive the plan.
 * @param ld     Numbers between rows of the field.
 * @param pitch  Numbers between the cosine sums and the sine sums of a pair, at least width; pairs
 *               are two of them apart.
 * @param out    Clear it after a failure too.
 */
ritz_status ritz_spectral_columns_plan(ritz_dtype dtype, const ritz_spectral_axis *axis,
                                       ritz_index width, ritz_index ld, ritz_index pitch,
                                       ritz_spectral_columns *out);
void ritz_spectral_columns_clear(ritz_spectral_columns *columns);

/**
 * x -> sums.
 *
 * @param next     Rows like those of x to fetch meanwhile, or NULL.
 * @param folded   Scratch like x; may be x, which is then lost.
 * @param between  Scratch, columns->between bytes.
 */
void ritz_spectral_columns_to(const ritz_spectral_columns *columns, ritz_spectral_scale scale,
                              const char *x, const char *next, char *folded, char *between,
                              char *sums);

/** x (+)= transposed tables x sums; scratch and rows to fetch as above. */
void ritz_spectral_columns_from(const ritz_spectral_columns *columns, ritz_spectral_scale scale,
                                const char *sums, const char *next, char *folded, char *between,
                                char *x, bool add);

#endif
