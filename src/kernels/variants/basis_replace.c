/* SPDX-License-Identifier: BSD-3-Clause
 * Bases whose columns give way to combinations of them. */
#include "kernels/variants/combine.h"
#include "kernels/variants/solver_kernel.h"

enum {
  LINES = SUMS / 4,
  ROWS = LINES * lanes, /* of all columns a time, in the nearest cache */
  AHEAD = 512 / sizeof(real)
};
_Static_assert((int)ROWS <= (int)RITZ_REPLACE_ROWS, "a panel holds what is summed up at a time");

/* Terms of the columns before `end`. */
static ALWAYS_INLINE int terms(int a, int end, bool upper) { return upper && end < a ? end : a; }

/* Rows i ... of all sums, a few sums at a time, by way of the panel: all of them read what some of
 * them write. */
static ALWAYS_INLINE void replace_lines(int lines, ritz_index i, ritz_index ahead, int a, columns x,
                                        int b, const void *const *start, const double *c,
                                        ritz_index ldc, bool upper, void *const *y, real *panel) {
  int q = 0;
#define BLOCK(count, first)                                                                    \
  combine_lines(lines, i, terms(a, q + count, upper), x,                                       \
                (columns){.list = start ? start + q : NULL}, ahead, first, count, c + q * ldc, \
                ldc, panel + q * ROWS, ROWS)
#define COLUMNS(count)                 \
  for (; q + count <= b; q += count) { \
    if (q == 0)                        \
      BLOCK(count, true);              \
    else                               \
      BLOCK(count, upper);             \
  }
  COLUMNS(4)
  COLUMNS(2)
  COLUMNS(1)
#undef COLUMNS
#undef BLOCK
  for (q = 0; q < b; q++)
    for (int h = 0; h < lines; h++)
      vec_store((real *)y[q] + i + h * lanes, vec_load(panel + q * ROWS + h * lanes));
}

RITZ_KERNEL_DEFINE(basis_replace)
(ritz_index n, int a, const void *const *list, int b, const void *const *start, const double *c,
 ritz_index ldc, bool upper, void *const *y, void *panel) {
  const columns x = {.list = list};
  real *const row = panel;
  ritz_index i = 0;
  for (; i + ROWS <= n; i += ROWS)
    replace_lines(LINES, i, i + AHEAD + ROWS <= n ? AHEAD : 0, a, x, b, start, c, ldc, upper, y,
                  panel);
  for (; i + lanes <= n; i += lanes)
    replace_lines(1, i, 0, a, x, b, start, c, ldc, upper, y, panel);
  for (; i < n; i++) {
    for (int q = 0; q < b; q++) row[q] = combine_row(i, a, x, start ? start[q] : NULL, c + q * ldc);
    for (int q = 0; q < b; q++) ((real *)y[q])[i] = row[q];
  }
}
