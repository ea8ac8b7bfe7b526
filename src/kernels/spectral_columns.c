/* SPDX-License-Identifier: BSD-3-Clause
 * Folding, and the four products of a folded axis. */
#include "kernels/spectral_columns.h"

ritz_spectral_columns ritz_spectral_columns_plan(ritz_dtype dtype, const ritz_spectral_axis *a,
                                                 ritz_index width, ritz_index ld,
                                                 ritz_index sum_ld) {
  const size_t size = ritz_dtype_size(dtype);
  ritz_spectral_columns c = {.axis = a,
                             .kernels = ritz_kernels_get(dtype),
                             .width = width,
                             .ld = ld,
                             .row = (size_t)ld * size,
                             .sum_row = (size_t)sum_ld * size};
  if (a->plain) sum_ld /= 2; /* cosine and sine rows in turns are the rows of one table */
  for (int b = 0; b < RITZ_BLOCKS; b++) {
    const ritz_index rows = a->rows[b], points = a->points[b];
    c.to[b] = ritz_product_plan(dtype, false, false, rows, width, points, points, ld, sum_ld);
    c.from[b] = ritz_product_plan(dtype, true, false, points, width, rows, points, sum_ld, ld);
  }
  if (a->plain)
    c.from_add = ritz_product_plan(dtype, true, true, a->points[0], width, a->rows[0], a->points[0],
                                   sum_ld, ld);
  return c;
}

static void fold(const ritz_spectral_columns *c, const void *x, void *y, const void *next,
                 bool add) {
  (c->axis->twice ? c->kernels->fold_twice : c->kernels->fold_once)(c->axis->n, c->width, x, c->ld,
                                                                    y, c->ld, next, add);
}

/* Bytes to block b among the sums of its kind: the even frequencies come first. */
static size_t sums_of(const ritz_spectral_columns *c, int b) {
  const bool odd = b == RITZ_COSINE_ODD || b == RITZ_SINE_ODD;
  return odd ? (size_t)c->axis->rows[b - 1] * c->sum_row : 0;
}

void ritz_spectral_columns_to(const ritz_spectral_columns *c, ritz_spectral_scale scale,
                              const char *x, const char *next, char *folded, char *cosines,
                              char *sines) {
  const ritz_spectral_axis *a = c->axis;
  if (a->plain) {
    ritz_product_run(&c->to[0], a->table[scale][0], x, cosines);
    return;
  }
  fold(c, x, folded, next, false);
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&c->to[b], a->table[scale][b], folded + (size_t)a->start[b] * c->row,
                     (b < RITZ_SINE_EVEN ? cosines : sines) + sums_of(c, b));
}

void ritz_spectral_columns_from(const ritz_spectral_columns *c, ritz_spectral_scale scale,
                                const char *cosines, const char *sines, char *folded, char *x,
                                bool add) {
  const ritz_spectral_axis *a = c->axis;
  if (a->plain) {
    ritz_product_run(add ? &c->from_add : &c->from[0], a->table[scale][0], cosines, x);
    return;
  }
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&c->from[b], a->table[scale][b],
                     (b < RITZ_SINE_EVEN ? cosines : sines) + sums_of(c, b),
                     folded + (size_t)a->start[b] * c->row);
  fold(c, folded, x, NULL, add);
}
