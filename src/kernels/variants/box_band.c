/* SPDX-License-Identifier: BSD-3-Clause
 * The coarsest level in two dimensions, exactly. */
#include <assert.h>

#include "kernels/variants/band_order.h"

static inline band_order band_order_of(const ritz_box *box) {
  const bool by_row = box->n1 <= box->n0;
  const ritz_index m = by_row ? box->n1 : box->n0;
  assert(m > 0);
  return (band_order){.n = {m, by_row ? box->n0 : box->n1, 1},
                      .step = {by_row ? box->lanes : box->row, by_row ? box->row : box->lanes, 0},
                      .count = box->n0 * box->n1,
                      .width = m + 1};
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
