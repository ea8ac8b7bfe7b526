/* SPDX-License-Identifier: BSD-3-Clause
 * Proper orthogonal decomposition of a set of fields. */
#ifndef RITZ_OPERATORS_POD_H
#define RITZ_OPERATORS_POD_H

#include <ritz/status.h>

/**
 * Mean and leading modes of @p n fields, by the smaller of the two eigenproblems Y^T Y (method of
 * Lumley) and Y Y^T (of snapshots, Sirovich 1987).
 *
 * @param y      [n, count] fields; the mean is taken off in place.
 * @param mean   [count].
 * @param basis  [count, modes] orthogonal columns with mean square 1, by falling variance.
 * @param rest   Share of the variance that the modes leave.
 *               RITZ_ERR_NUMERIC  fewer than @p modes directions have any variance
 */
ritz_status ritz_pod(ritz_index n, ritz_index count, ritz_index modes, double *y, double *mean,
                     double *basis, double *rest);

#endif
