/* SPDX-License-Identifier: BSD-3-Clause
 * Products of bases whose columns do not lie one behind the other. */
#include "kernels/variants/combine.h"
#include "kernels/variants/solver_kernel.h"

enum { LISTED_MOST = 64 };

RITZ_KERNEL_DEFINE(basis_combine_listed)
(ritz_index n, int a, const void *const *list, int b, const double *c, ritz_index ldc, void *y,
 ritz_index ldy) {
  const real *from[LISTED_MOST];
  for (int first = 0; first < a; first += LISTED_MOST) {
    const int count = a - first < LISTED_MOST ? a - first : LISTED_MOST;
    for (int p = 0; p < count; p++) from[p] = list[first + p];
    combine_columns(n, count, (columns){NULL, 0, from}, b, c + first, ldc, y, ldy);
  }
}
