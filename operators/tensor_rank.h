/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks of a factorised tensor, given as numbers or as a fraction of its entries. */
#ifndef RITZ_OPERATORS_TENSOR_RANK_H
#define RITZ_OPERATORS_TENSOR_RANK_H

#include "core/options.h"

typedef enum ritz_factorization {
  RITZ_DENSE,
  RITZ_TUCKER, /* core and one matrix per axis; a rank for each */
  RITZ_CP,     /* a sum of outer products; one rank */
  RITZ_TT      /* a tensor train; a rank between neighbouring axes */
} ritz_factorization;

enum { RITZ_TENSOR_AXES = 6 }; /* layers, two channels, three modes */

/**
 * Ranks of the factors of a tensor of extents @p n: Tucker @p order, CP one, train order - 1.
 *
 * A plain number up to 1, or one that is not whole, is the fraction of the dense tensor's entries
 * that the factors should have (Tucker: with all ranks in proportion to the extents; rounded half
 * to even, at least 1). A plain whole number above 1, or a list of one, is the rank of all axes; a
 * longer list gives every rank.
 *
 * @param fixed  Tucker: axes that keep their full rank.
 *               RITZ_ERR_CONFIG  too many or few numbers, a fraction that leaves no component
 */
ritz_status ritz_tensor_ranks(ritz_factorization kind, int order, const ritz_index *n,
                              const ritz_reals *rank, const ritz_ints *fixed, ritz_index *out);

/** @return  Complex numbers in the factors. */
ritz_index ritz_tensor_numbers(ritz_factorization kind, int order, const ritz_index *n,
                               const ritz_index *rank);

#endif
