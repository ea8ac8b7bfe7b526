/* SPDX-License-Identifier: BSD-3-Clause
 * Products of bases whose columns do not lie one behind the other. */
#include "kernels/variants/combine.h"
#include "kernels/variants/solver_kernel.h"

enum { LISTED_MOST = 64, STARTED_MOST = 64 };

static void combine_started(ritz_index n, int a, const real *const *list, ritz_index ahead, int b,
                            const void *const *start, const double *c, ritz_index ldc, real *y,
                            ritz_index ldy) {
  const real *from[STARTED_MOST];
  for (int first = 0; first < b; first += STARTED_MOST) {
    const int count = b - first < STARTED_MOST ? b - first : STARTED_MOST;
    for (int q = 0; q < count && start; q++) from[q] = start[first + q];
    combine_columns(n, a, (columns){NULL, 0, list}, first ? 0 : ahead,
                    (origin){false, start ? from : NULL}, count, c + first * ldc, ldc,
                    y + first * ldy, ldy);
  }
}

RITZ_KERNEL_DEFINE(basis_combine_listed)
(ritz_index n, int a, const void *const *list, ritz_index ahead, int b, const void *const *start,
 const double *c, ritz_index ldc, void *y, ritz_index ldy) {
  const real *from[LISTED_MOST];
  for (int first = 0; first < a || first == 0; first += LISTED_MOST) {
    const int count = a - first < LISTED_MOST ? a - first : LISTED_MOST;
    for (int p = 0; p < count; p++) from[p] = list[first + p];
    if (first == 0)
      combine_started(n, count, from, ahead, b, start, c, ldc, y, ldy);
    else
      combine_columns(n, count, (columns){NULL, 0, from}, ahead, (origin){true, NULL}, b, c + first,
                      ldc, y, ldy);
  }
}
