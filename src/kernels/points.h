/* SPDX-License-Identifier: BSD-3-Clause
 * What kernels on modes at scattered points are told. */
#ifndef RITZ_KERNELS_POINTS_H
#define RITZ_KERNELS_POINTS_H

#include <ritz/types.h>

/** Most modes along an axis. */
#define RITZ_POINT_MODES 64

/** Kept modes of the plane, and how an exponential and its neighbour along axis 0 count,
 * [neighbour][k1 > 0]. */
typedef struct ritz_point_modes {
  ritz_index modes[2];
  double weight[2][2];
} ritz_point_modes;

#endif
