/* SPDX-License-Identifier: BSD-3-Clause
 * Few numbers that stand for a field of parameters. */
#ifndef RITZ_SOLVERS_SEQUENCE_COORDINATES_H
#define RITZ_SOLVERS_SEQUENCE_COORDINATES_H

#include <ritz/status.h>

/** Coordinates along which samples are told apart, at most; bits of each on a curve. */
enum { RITZ_COORDINATES = 4, RITZ_CURVE_BITS = 15 };

/**
 * The coordinates of greatest variance among samples: cosine coefficients of the lowest @p modes
 * frequencies per axis, or the numbers themselves where @p modes is 0 or not fewer.
 *
 * @param fields  [count, nodes].
 * @param out     [count][*used], released with ritz_free(); @p used at most RITZ_COORDINATES.
 */
ritz_status ritz_sequence_coordinates(ritz_index count, int dim, const ritz_index *nodes, int modes,
                                      const double *fields, int *used, double **out);

/** Place of a point on the Hilbert curve through [0, 2^RITZ_CURVE_BITS)^dim. */
uint64_t ritz_hilbert_place(int dim, const uint32_t *point);

#endif
