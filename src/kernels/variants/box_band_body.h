/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_band.c for one PACK; no include guard. */
#include "kernels/variants/box_entry_body.h"

/* Entry of unknowns k and k - o. */
static PACK OF(entry)(const pack_box *v, const band_order *at, ritz_index k, ritz_index o) {
  const ritz_index m = at->shorter, along = (k - o + m) % m - k % m;
  const ritz_index across = (k - o + m) / m - 1 - k / m, here = band_place(at, k);
  if (k < o || along > 1 || along < -1 || across < -1) return OF(constant)(0);
  const bool by_row = at->stride == v->row;
  const int r = (int)(by_row ? across : along), c = (int)(by_row ? along : across);
  if (o > 0) {
    if (r != 0 && c != 0 && !v->southeast) return OF(constant)(0);
    return -OF(coupling)(v, here, r, c);
  }
  if (v->centre) return LOAD(v->centre + here);
  return (OF(coupling)(v, here, 0, -1) + OF(coupling)(v, here, 0, 1)) +
         (OF(coupling)(v, here, -1, 0) + OF(coupling)(v, here, 1, 0));
}

/* L D L^T of the band matrix: entry (k, k - o) at band[k][o]; 1 / D in band[k][0]. */
static void OF(factor)(const ritz_box *box, void *bandv, ritz_index l) {
  const band_order at = band_order_of(box);
  const ritz_index step = box->lanes, width = (at.width + 1) * step;
  const pack_box v = pack_of(box, l);
  real *band = (real *)bandv + l;
  for (ritz_index k = 0; k < at.count; k++) {
    real *row = band + k * width;
    for (int o = 0; o <= at.width; o++) STORE(row + o * step, OF(entry)(&v, &at, k, o));
    PACK pivot = LOAD(row);
    for (ritz_index o = at.width; o >= 1; o--) {
      if (o > k) continue;
      const real *other = row - o * width;
      PACK u = LOAD(row + o * step);
      for (ritz_index c = o + 1; c <= at.width && c <= k; c++)
        if (c - o <= at.width) u -= LOAD(row + c * step) * LOAD(other + (c - o) * step);
      STORE(row + o * step, u); /* of L D; the next loop divides */
    }
    for (ritz_index o = 1; o <= at.width && o <= k; o++) {
      const PACK u = LOAD(row + o * step), ratio = u * LOAD(row - o * width);
      pivot -= u * ratio;
      STORE(row + o * step, ratio);
    }
    STORE(row, 1 / pivot);
  }
}

static void OF(solve)(const ritz_box *box, const void *bandv, const void *bv, void *xv, double *dot,
                      ritz_index l) {
  const band_order at = band_order_of(box);
  const ritz_index step = box->lanes, width = (at.width + 1) * step;
  const real *band = (const real *)bandv + l, *b = (const real *)bv + l;
  real *x = (real *)xv + l;
  for (ritz_index k = 0; k < at.count; k++) {
    PACK sum = LOAD(b + band_place(&at, k));
    for (ritz_index o = 1; o <= at.width && o <= k; o++)
      sum -= LOAD(band + k * width + o * step) * LOAD(x + band_place(&at, k - o));
    STORE(x + band_place(&at, k), sum);
  }
  PACK total = {0};
  for (ritz_index k = at.count - 1; k >= 0; k--) {
    PACK sum = LOAD(x + band_place(&at, k)) * LOAD(band + k * width);
    for (ritz_index o = 1; o <= at.width && o < at.count - k; o++)
      sum -= LOAD(band + (k + o) * width + o * step) * LOAD(x + band_place(&at, k + o));
    STORE(x + band_place(&at, k), sum);
    total += LOAD(b + band_place(&at, k)) * sum;
  }
  real sums[sizeof(PACK) / sizeof(real)];
  STORE(sums, total);
  for (size_t t = 0; dot && t < sizeof(PACK) / sizeof(real); t++)
    dot[l + (ritz_index)t] = (double)sums[t];
}
