/* SPDX-License-Identifier: BSD-3-Clause
 * Windows that slide over a grid: what convolutions and pooling have in common. */
#ifndef RITZ_WINDOW_H
#define RITZ_WINDOW_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What lies beyond the ends of an axis of N points. */
typedef enum ritz_boundary {
  RITZ_BOUNDARY_ZERO,     /**< nothing: x_i = 0 */
  RITZ_BOUNDARY_PERIODIC, /**< x_i = x_(i mod N) */
  RITZ_BOUNDARY_REFLECT,  /**< mirrored about the end points, x_-1 = x_1, x_N = x_(N-2) */
  RITZ_BOUNDARY_REPLICATE /**< the end points again, x_-1 = x_0, x_N = x_(N-1) */
} ritz_boundary;

/**
 * Steps and margins by grid axis. With a window of K points an axis of N gives
 *     N' = floor((N + low + high - dilation (K - 1) - 1) / stride) + 1
 * outputs; output o sees the inputs o stride - low + t dilation, t = 0 ... K - 1.
 * All zeros: stride and dilation 1, no margins.
 */
typedef struct ritz_window_options {
  ritz_index stride[3], dilation[3]; /**< 0 means 1 (pooling: a stride of the window's extent) */
  ritz_index low[3], high[3];        /**< margins before and after the axis, >= 0 */
  ritz_boundary boundary[3];         /**< what the margins hold */
  uint64_t reserved[RITZ_RESERVED];  /**< Zeros: room for fields to come. */
} ritz_window_options;

#ifdef __cplusplus
}
#endif
#endif
