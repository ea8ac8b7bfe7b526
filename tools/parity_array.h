/* SPDX-License-Identifier: BSD-3-Clause
 * Tensors of a fixture of ritz-parity. */
#ifndef RITZ_TOOLS_PARITY_ARRAY_H
#define RITZ_TOOLS_PARITY_ARRAY_H

#include <ritz/types.h>

#include "io/h5.h"

/** A tensor in double, complex ones as pairs. */
typedef struct ritz_parity_array {
  int rank;
  ritz_index n[RITZ_MAX_RANK];
  ritz_index count; /**< Doubles. */
  double *v;        /**< Release with ritz_free(). */
} ritz_parity_array;

/**
 * The data set @p path below @p where.
 *
 * @param out  Set also after a failure, for ritz_free() of its numbers.
 */
ritz_status ritz_parity_read(hid_t where, const char *path, ritz_parity_array *out);

/**
 * The same of a field, as [B, d1, ..., C] whatever the file has.
 *
 * @param channels_last  The file has that; otherwise [B, C, d1, ...].
 *                       RITZ_ERR_SHAPE  it has no axis of space
 */
ritz_status ritz_parity_read_field(hid_t where, bool channels_last, const char *path,
                                   ritz_parity_array *out);

#endif
