/* SPDX-License-Identifier: BSD-3-Clause
 * A few weighted rows added up: the inner loop of resampling. */
#include "kernels/kernel.h"

/* y (+)= the next `count` (1 to 4) weighted rows of x: as many as fit one sweep over y. */
static inline void combine(int count, const ritz_index *column, const double *weight,
                           ritz_index inner, const real *x, real *restrict y, bool add) {
  const real *x0 = x + column[0] * inner, *x1 = x0, *x2 = x0, *x3 = x0;
  const real w0 = (real)weight[0];
  real w1 = 0, w2 = 0, w3 = 0;
  if (count > 1) x1 = x + column[1] * inner, w1 = (real)weight[1];
  if (count > 2) x2 = x + column[2] * inner, w2 = (real)weight[2];
  if (count > 3) x3 = x + column[3] * inner, w3 = (real)weight[3];
#pragma omp simd
  for (ritz_index i = 0; i < inner; i++) {
    real sum = add ? y[i] + w0 * x0[i] : w0 * x0[i];
    if (count > 1) sum += w1 * x1[i];
    if (count > 2) sum += w2 * x2[i];
    if (count > 3) sum += w3 * x3[i];
    y[i] = sum;
  }
}

static void combine_row(ritz_index count, const ritz_index *column, const double *weight,
                        ritz_index inner, const real *x, real *y, bool add) {
  if (count == 0 && !add)
    for (ritz_index i = 0; i < inner; i++) y[i] = 0;
  for (ritz_index k = 0; k < count; k += 4) {
    const ritz_index left = count - k;
    const bool more = add || k > 0;
    if (left >= 4)
      combine(4, column + k, weight + k, inner, x, y, more);
    else if (left == 3)
      combine(3, column + k, weight + k, inner, x, y, more);
    else if (left == 2)
      combine(2, column + k, weight + k, inner, x, y, more);
    else
      combine(1, column + k, weight + k, inner, x, y, more);
  }
}

RITZ_KERNEL_DEFINE(sparse_rows)
(ritz_index rows, const ritz_index *start, const ritz_index *column, const double *weight,
 ritz_index inner, const void *x, void *yv, bool add) {
  for (ritz_index i = 0; i < rows; i++) {
    const ritz_index k = start[i];
    combine_row(start[i + 1] - k, column + k, weight + k, inner, x, (real *)yv + i * inner, add);
  }
}
