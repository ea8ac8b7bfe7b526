/* SPDX-License-Identifier: BSD-3-Clause
 * Bases along one axis of a grid: how a field goes on beyond its ends. */
#ifndef RITZ_TRANSFORM_H
#define RITZ_TRANSFORM_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * With N points, h = 1/(N-1) for points on both ends x_i = i h, h = 1/N for points in the middle of
 * cells, x_i = (i + 1/2) h. Each spectrum is that of the periodic field which the extension gives;
 * the bases (k: the functions a grid has, lowest first) and the usual names of the transforms are
 *
 *     fourier       periodic, x_i = i/N   exp(2 pi i k x), k = -N/2 ... N/2   DFT
 *     sine          odd at both ends      sin(pi k x),     k = 1 ... N-2      DST-I
 *     cosine        even at both ends     cos(pi k x),     k = 0 ... N-1      DCT-I
 *     cell_sine     odd at both ends      sin(pi k x),     k = 1 ... N        DST-II
 *     cell_cosine   even at both ends     cos(pi k x),     k = 0 ... N-1      DCT-II
 *
 * Sines fit homogeneous Dirichlet conditions (a field on nodes is zero at both ends, whatever stood
 * there), cosines homogeneous Neumann conditions.
 */
typedef enum ritz_axis_transform {
  RITZ_TRANSFORM_FOURIER,
  RITZ_TRANSFORM_SINE,
  RITZ_TRANSFORM_COSINE,
  RITZ_TRANSFORM_CELL_SINE,
  RITZ_TRANSFORM_CELL_COSINE,
  RITZ_AXIS_TRANSFORMS
} ritz_axis_transform;

/** @return  The name in the table above. */
RITZ_API const char *ritz_axis_transform_name(ritz_axis_transform transform);

/** @return  Whether @p name is one of the table's; only then *out is written. */
RITZ_API bool ritz_axis_transform_parse(const char *name, ritz_axis_transform *out);

/** @return  Functions of the basis that an axis of @p n points has; for fourier the frequencies
 *           >= 0, n/2 + 1. */
RITZ_API ritz_index ritz_axis_transform_modes(ritz_axis_transform transform, ritz_index n);

#ifdef __cplusplus
}
#endif
#endif
