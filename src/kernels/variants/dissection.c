/* SPDX-License-Identifier: BSD-3-Clause
 * Small dense matrices of a direct solver, double in both tables. */
#include <math.h>

#include "kernels/variants/solver_kernel.h"

enum { most = 16 };

/* Gauss and Jordan, rows exchanged for the largest pivot of a column (Higham 2002, Sec. 14.4); the
 * exchanges are undone in the columns of the inverse. */
RITZ_KERNEL_DEFINE(invert)(ritz_index n, double *a, ritz_index ld, int *regular) {
  ritz_index from[most];
  *regular = 0;
  for (ritz_index k = 0; k < n; k++) {
    ritz_index best = k;
    for (ritz_index i = k + 1; i < n; i++)
      if (fabs(a[i * ld + k]) > fabs(a[best * ld + k])) best = i;
    from[k] = best;
    const double pivot = a[best * ld + k];
    if (!(fabs(pivot) > 0) || !(fabs(pivot) <= 1e300)) return;
    double row[most];
    for (ritz_index j = 0; j < n; j++) {
      row[j] = a[best * ld + j] / pivot;
      a[best * ld + j] = a[k * ld + j];
    }
    row[k] = 1 / pivot;
    for (ritz_index i = 0; i < n; i++) {
      const double factor = a[i * ld + k];
      a[i * ld + k] = 0;
#pragma omp simd
      for (ritz_index j = 0; j < n; j++) a[i * ld + j] -= factor * row[j];
    }
    for (ritz_index j = 0; j < n; j++) a[k * ld + j] = row[j];
  }
  for (ritz_index k = n - 1; k >= 0; k--)
    for (ritz_index i = 0; i < n && from[k] != k; i++) {
      const double swap = a[i * ld + k];
      a[i * ld + k] = a[i * ld + from[k]];
      a[i * ld + from[k]] = swap;
    }
  *regular = 1;
}

static void add_row(int runs, const int32_t (*run)[3], const double *x, double *y) {
  for (int r = 0; r < runs; r++) {
    const double *from = x + run[r][0];
    double *to = y + run[r][1];
#pragma omp simd
    for (int32_t k = 0; k < run[r][2]; k++) to[k] += from[k];
  }
}

RITZ_KERNEL_DEFINE(front_add)
(int runs, const int32_t (*run)[3], const double *rest, ritz_index ld, double *frame,
 ritz_index ldf) {
  for (int r = 0; r < runs; r++)
    for (int32_t k = 0; k < run[r][2]; k++)
      add_row(runs, run, rest + (run[r][0] + k) * ld, frame + (run[r][1] + k) * ldf);
}

RITZ_KERNEL_DEFINE(front_product)
(ritz_index m, ritz_index n, const double *a, ritz_index ld, const double *x, double *y) {
  for (ritz_index i = 0; i < m; i++) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (ritz_index j = 0; j < n; j++) sum += a[i * ld + j] * x[j];
    y[i] = sum;
  }
}
