/* SPDX-License-Identifier: BSD-3-Clause
 * A triangle of a sparse pattern packed into slices (kernels/slices.h), in any number format:
 * levels (Anderson & Saad 1989, doi:10.1142/S0129053389000056), then terms. */
#ifndef RITZ_SOLVERS_PRECOND_PACKED_H
#define RITZ_SOLVERS_PRECOND_PACKED_H

#include <ritz/status.h>

#include "kernels/slices.h"

/** The pattern of a square matrix; diagonal[i] is the place of entry (i, i). */
typedef struct ritz_pattern {
  ritz_index n;
  const ritz_index *start, *diagonal;
  const int32_t *column;
} ritz_pattern;

/** Its arrays are the slices' and owned; values, before and after are made by who has numbers. */
typedef struct ritz_packed {
  ritz_slices slices;
  int lanes;
  ritz_index terms, levels;
  ritz_index *level; /* [levels + 1], of slices */
  int32_t *row;      /* [count][lanes]; -1: none */
  int32_t *position; /* [n], of a row in the working vector */
  int32_t *entry;    /* [terms][lanes], place of a value among those of the matrix; -1: zero */
} ritz_packed;

/**
 * Packs the entries below the diagonal, or above it.
 *
 * @param below   Where @p above: the packed triangle whose working vector is the right-hand side;
 *                NULL: row i of the right-hand side is number stride i.
 * @param out     slices.count is 0 where levels are so short that row after row is faster. Release
 *                with ritz_packed_clear(), also after a failure.
 *                RITZ_ERR_MEMORY
 * Cost: O(entries) and a sort by counting.
 */
ritz_status ritz_packed_create(const ritz_pattern *of, bool above, int lanes, int stride,
                               const ritz_packed *below, ritz_packed *out);
void ritz_packed_clear(ritz_packed *packed);

#endif
