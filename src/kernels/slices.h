/* SPDX-License-Identifier: BSD-3-Clause
 * A triangle of a sparse matrix as the kernels slices_* solve with it.
 *
 * Rows stand level by level (rows of a level depend on earlier levels only), each level cut into
 * slices of as many rows as fit into 64 bytes: one row in each lane. The unknowns live in a working
 * vector in this order, its first slice being zeros, so that row `lane` of slice s is number
 * (s + 1) lanes + lane. A term of a slice is one entry of each of its rows, zeros where a row has
 * none; a row's terms keep the order of its entries. On grids the unknowns of a term mostly follow
 * each other too and are one load; elsewhere they are gathered.
 *
 * A place is where the numbers of a slice's lanes stand: from `place` on if it is not negative, at
 * the positions index[~place][lane] otherwise. */
#ifndef RITZ_KERNELS_SLICES_H
#define RITZ_KERNELS_SLICES_H

#include <ritz/types.h>

/** Complex numbers are split into parts: values [terms][2][lanes], factors [slices][2][lanes], a
 * working vector [2][room]. */
typedef struct ritz_slices {
  ritz_index count, room; /* slices; numbers of a working vector */
  ritz_index *first;      /* [count + 1], of terms */
  int32_t *source;        /* [count], places in the right-hand side */
  int32_t *place;         /* [terms], of the unknowns in the working vector */
  int32_t *index;         /* [][lanes] */
  void *values;           /* [terms][lanes] */
  void *before,
      *after; /* [count][lanes]: factors of the right-hand side and of the result; NULL: 1 */
} ritz_slices;

#endif
