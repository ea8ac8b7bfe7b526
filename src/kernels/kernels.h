/* SPDX-License-Identifier: BSD-3-Clause
 * The numeric kernels, one table per number format and instruction set.
 *
 * `void *` arguments are arrays of the table's number format. Each entry's meaning, shapes and cost
 * stand beside its line in kernels.def. */
#ifndef RITZ_KERNELS_KERNELS_H
#define RITZ_KERNELS_KERNELS_H

#include <ritz/status.h>

#include "core/dtype.h"

/** One step of Adam and its kin:
 *   p -= decay_before p;  g' = scale g + coupled p
 *   m = beta1 m + (1 - beta1) g';  v = beta2 v + (1 - beta2) |g'|^2
 *   p -= rate m / (root sqrt(v) + eps);  p -= decay_after p */
typedef struct ritz_adam_step {
  double rate, beta1, beta2, eps, root;
  double scale, coupled, decay_before, decay_after;
} ritz_adam_step;

struct ritz_depthwise_task; /* depthwise_task.h */
struct ritz_fold_task;      /* spectral_fold.h */
struct ritz_point_modes;    /* points.h */
struct ritz_sight;          /* window.h */

/** A line of a field that pooling sees: through taps tap + 0, 1, ...; of a gradient also the places
 * of the maxima. */
typedef struct ritz_pool_line {
  const void *data, *place;
  ritz_index tap;
} ritz_pool_line;

/** Extents and strides (in numbers) of matrix products by channel, x [rows, depth, channels],
 * y [depth, columns, channels], z [rows, columns, channels]; channels lie side by side. */
typedef struct ritz_channel_product {
  ritz_index rows, columns, depth, channels;
  ritz_index x_row, x_depth, y_depth, y_column, z_row, z_column;
} ritz_channel_product;

/** Extents and strides (in numbers) of a product A [m, k] times B [k, n] whose columns fill
 * a vector badly. */
typedef struct ritz_tail_product {
  ritz_index m, n, k, a_row, a_step, b_row, c_row;
  bool accumulate;
} ritz_tail_product;

typedef struct ritz_kernels {
  const char *isa; /* "avx512", "avx2", "base" or "native" */
#define RITZ_KERNEL(name, arguments) void(*name) arguments;
#include "kernels/kernels.def"
#undef RITZ_KERNEL
} ritz_kernels;

/**
 * The best table for this processor; RITZ_ISA=base|avx2|avx512 in the environment asks for less.
 * Reentrant, never NULL.
 */
const ritz_kernels *ritz_kernels_get(ritz_dtype dtype);

#endif
