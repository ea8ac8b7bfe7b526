/* SPDX-License-Identifier: BSD-3-Clause
 * The coarsest level, exactly: banded L D L^T with the shorter axis running fastest, so that thin
 * rectangles of any length are bottoms as well (Golub & Van Loan 2013, Alg. 4.3.5). */
#include <assert.h>

#include "kernels/variants/box_pack.h"

typedef struct band_order {
  ritz_index shorter, count, width; /* points along the shorter axis, of all, below the diagonal */
  ritz_index step, stride; /* numbers between neighbours along the shorter axis and the other */
} band_order;

static inline band_order band_order_of(const ritz_box *box) {
  const bool by_row = box->n1 <= box->n0;
  const ritz_index m = by_row ? box->n1 : box->n0;
  assert(m > 0);
  return (band_order){.shorter = m,
                      .count = box->n0 * box->n1,
                      .width = m + 1,
                      .step = by_row ? box->lanes : box->row,
                      .stride = by_row ? box->row : box->lanes};
}

static ALWAYS_INLINE ritz_index band_place(const band_order *at, ritz_index k) {
  return (k % at->shorter + 1) * at->step + (k / at->shorter + 1) * at->stride;
}

#define BODY "kernels/variants/box_band_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_band_factor)(const struct ritz_box *box, void *band) {
  EACH_PACK(box->lanes, factor, box, band, l);
}

RITZ_KERNEL_DEFINE(box_band_solve)
(const struct ritz_box *box, const void *band, const void *b, void *x, double *dot) {
  EACH_PACK(box->lanes, solve, box, band, b, x, dot, l);
}
