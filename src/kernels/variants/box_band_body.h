/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_band.c for one PACK; no include guard. */
#include "kernels/variants/band_body.h"
#include "kernels/variants/box_entry_body.h"

/* Entry of unknowns k and k - o. */
static PACK OF(entry)(const pack_box *v, const band_order *at, ritz_index k, ritz_index o) {
  const ritz_index m = at->n[0], along = (k - o + m) % m - k % m;
  const ritz_index across = (k - o + m) / m - 1 - k / m, here = band_place(at, k);
  if (k < o || along > 1 || along < -1 || across < -1) return OF(constant)(0);
  const bool by_row = at->step[1] == v->row;
  const int r = (int)(by_row ? across : along), c = (int)(by_row ? along : across);
  if (o > 0) {
    if (r != 0 && c != 0 && !v->southeast) return OF(constant)(0);
    return -OF(coupling)(v, here, r, c);
  }
  if (v->centre) return LOAD(v->centre + here);
  return (OF(coupling)(v, here, 0, -1) + OF(coupling)(v, here, 0, 1)) +
         (OF(coupling)(v, here, -1, 0) + OF(coupling)(v, here, 1, 0));
}

static void OF(factor)(const ritz_box *box, void *bandv, ritz_index l) {
  const band_order at = band_order_of(box);
  const ritz_index step = box->lanes;
  const pack_box v = pack_of(box, l);
  real *band = (real *)bandv + l;
  for (ritz_index k = 0; k < at.count; k++)
    for (ritz_index o = 0; o <= at.width; o++)
      STORE(band + (k * (at.width + 1) + o) * step, OF(entry)(&v, &at, k, o));
  OF(band_factor)(&at, step, band);
}

static void OF(solve)(const ritz_box *box, const void *band, const void *b, void *x, double *dot,
                      ritz_index l) {
  const band_order at = band_order_of(box);
  OF(band_solve)
  (&at, box->lanes, (const real *)band + l, (const real *)b + l, (real *)x + l,
   dot ? dot + l : NULL);
}
