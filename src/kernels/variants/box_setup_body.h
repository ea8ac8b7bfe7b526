/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_setup.c for one PACK; no include guard. */
#include "kernels/variants/box_entry_body.h"

/* Sums of the couplings of point k towards one side. */
static ALWAYS_INLINE PACK OF(side)(const pack_box *v, ritz_index k, int r, int c) {
  const ritz_index u = v->row, s = v->step;
  PACK sum = r == 0 ? LOAD(v->east + k - (c < 0 ? s : 0)) : LOAD(v->south + k - (r < 0 ? u : 0));
  if (!v->southeast) return sum;
  if (r < 0 || c < 0) sum += LOAD(v->southeast + k - u - s); /* northwest */
  if (r > 0 || c > 0) sum += LOAD(v->southeast + k);
  if (r < 0 || c > 0) sum += LOAD(v->southwest + k - u + s); /* northeast */
  if (r > 0 || c < 0) sum += LOAD(v->southwest + k);
  return sum;
}

static ALWAYS_INLINE void OF(edge_shares)(const pack_box *v, const pack_box *w) {
  for (ritz_index I = 0; I <= w->n0 + 1; I++)
    for (ritz_index J = 0; J <= w->n1 + 1; J++) {
      const ritz_index k = 2 * I * v->row + 2 * J * v->step, K = I * w->row + J * w->step;
      const bool ghost_row = I == 0 || I == w->n0 + 1;
      const bool ghost_column = !w->strips && (J == 0 || J == w->n1 + 1);
      PACK share = OF(constant)(ghost_row ? (real)0.5 : 0);
      if (!ghost_row && 2 * J + 1 <= v->last) {
        const PACK west = OF(side)(v, k + v->step, 0, -1), east = OF(side)(v, k + v->step, 0, 1);
        share = west / (west + east);
      }
      STORE(w->west_share + K, share);
      share = OF(constant)(ghost_column ? (real)0.5 : 0);
      if (!ghost_column && 2 * I + 1 <= v->n0) {
        const PACK north = OF(side)(v, k + v->row, -1, 0), south = OF(side)(v, k + v->row, 1, 0);
        share = north / (north + south);
      }
      STORE(w->north_share + K, share);
    }
}

/* The equation of point (2I + 1, 2J + 1) at k, its neighbours on edges given by theirs. */
static ALWAYS_INLINE void OF(cell)(const pack_box *v, const pack_box *w, ritz_index k,
                                   ritz_index K) {
  const ritz_index u = v->row, s = v->step;
  const PACK north = LOAD(v->south + k - u), south = LOAD(v->south + k);
  const PACK west = LOAD(v->east + k - s), east = LOAD(v->east + k);
  PACK nw = {0}, ne = {0}, sw = {0}, se = {0};
  if (v->southeast) {
    nw = LOAD(v->southeast + k - u - s), se = LOAD(v->southeast + k);
    ne = LOAD(v->southwest + k - u + s), sw = LOAD(v->southwest + k);
  }
  const PACK factor = 1 / (((north + south) + (west + east)) + ((nw + se) + (ne + sw)));
  const PACK top = LOAD(w->west_share + K), bottom = LOAD(w->west_share + K + w->row);
  const PACK left = LOAD(w->north_share + K), right = LOAD(w->north_share + K + w->step);
  STORE(w->corner[0] + K, (nw + north * top + west * left) * factor);
  STORE(w->corner[1] + K, (ne + north * (1 - top) + east * right) * factor);
  STORE(w->corner[2] + K, (sw + south * bottom + west * (1 - left)) * factor);
  STORE(w->corner[3] + K, (se + south * (1 - bottom) + east * (1 - right)) * factor);
}

/* Cells with a centre on the boundary hand its coupling to the coarse boundary. */
static ALWAYS_INLINE void OF(corner_shares)(const pack_box *v, const pack_box *w) {
  for (ritz_index I = 0; I <= w->n0; I++)
    for (ritz_index J = 0; J <= w->n1; J++) {
      const ritz_index K = I * w->row + J * w->step;
      const bool below = 2 * I + 1 > v->n0, right = 2 * J + 1 > v->last;
      if (!below && !right) {
        OF(cell)(v, w, (2 * I + 1) * v->row + (2 * J + 1) * v->step, K);
        continue;
      }
      STORE(w->corner[0] + K, OF(constant)(0));
      STORE(w->corner[1] + K, OF(constant)(below ? 0 : (real)0.5));
      STORE(w->corner[2] + K, OF(constant)(right ? 0 : (real)0.5));
      STORE(w->corner[3] + K, OF(constant)(below && right ? 1 : (real)0.5));
    }
}

static void OF(weights)(const ritz_box *fine, const ritz_box *coarse, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  OF(edge_shares)(&v, &w);
  if (w.strips) frame_shares(fine, coarse);
  OF(corner_shares)(&v, &w);
  if (w.strips) frame_corners(fine, coarse);
}

/* Minus A p at the point (r, c) from the coarse point at k, p [3][3] about it: differences are zero
 * where p is constant, whatever the couplings there. */
static ALWAYS_INLINE PACK OF(product)(const pack_box *v, ritz_index k, const PACK p[3][3], int r,
                                      int c, bool nine) {
  const ritz_index at = k + r * v->row + c * v->step;
  const bool within = r >= -1 && r <= 1 && c >= -1 && c <= 1;
  const PACK here = within ? p[r + 1][c + 1] : (PACK){0};
  PACK sum = {0};
#pragma GCC unroll 3
  for (int dr = -1; dr <= 1; dr++)
#pragma GCC unroll 3
    for (int dc = -1; dc <= 1; dc++) {
      const int i = r + dr, j = c + dc;
      const bool known = i >= -1 && i <= 1 && j >= -1 && j <= 1;
      if ((dr == 0 && dc == 0) || (!within && !known)) continue;
      if (!nine && dr != 0 && dc != 0) continue;
      sum += OF(coupling)(v, at, dr, dc) * ((known ? p[i + 1][j + 1] : (PACK){0}) - here);
    }
  return sum;
}

/* Weights of the coarse point at K in the points around it: column (I, J) of P. */
static ALWAYS_INLINE void OF(basis)(const pack_box *w, ritz_index K, PACK p[3][3]) {
  const ritz_index u = w->row, s = w->step;
  p[1][1] = OF(constant)(1);
  p[1][2] = LOAD(w->west_share + K);
  p[1][0] = 1 - LOAD(w->west_share + K - s);
  p[2][1] = LOAD(w->north_share + K);
  p[0][1] = 1 - LOAD(w->north_share + K - u);
  p[2][2] = LOAD(w->corner[0] + K);
  p[2][0] = LOAD(w->corner[1] + K - s);
  p[0][2] = LOAD(w->corner[2] + K - u);
  p[0][0] = LOAD(w->corner[3] + K - u - s);
}

/* Couplings P^T A P of the coarse point at K with its eastern and southern neighbours. T(r, c) is
 * -(A p) there: each is needed once or twice. */
static ALWAYS_INLINE void OF(galerkin_point)(const pack_box *v, const pack_box *w, ritz_index k,
                                             ritz_index K, bool nine) {
#define T(r, c) OF(product)(v, k, p, r, c, nine)
  const ritz_index u = w->row, s = w->step;
  PACK p[3][3];
  OF(basis)(w, K, p);
  const PACK se = LOAD(w->corner[3] + K), sw = LOAD(w->corner[2] + K - s);
  const PACK one = OF(constant)(1), east = one - p[1][2], south = one - p[2][1];
  PACK to_east =
      LOAD(w->corner[3] + K - u) * T(-1, 1) + (one - LOAD(w->north_share + K - u + s)) * T(-1, 2);
  to_east += east * T(0, 1) + T(0, 2);
  PACK t = T(1, -1);
  PACK to_south = LOAD(w->corner[3] + K - s) * t, to_southwest = sw * t;
  to_southwest += (one - LOAD(w->north_share + K - s)) * T(1, -2);
  to_south += south * T(1, 0);
  t = T(1, 1);
  to_east += LOAD(w->corner[1] + K) * t;
  to_south += LOAD(w->corner[2] + K) * t;
  PACK to_southeast = se * t;
  t = T(1, 2);
  const PACK north_share = LOAD(w->north_share + K + s);
  to_east += north_share * t;
  to_southeast += (one - north_share) * t;
  to_southwest += T(2, -2);
  t = T(2, -1);
  const PACK left = LOAD(w->west_share + K + u - s), right = LOAD(w->west_share + K + u);
  to_southwest += left * t;
  to_south += (one - left) * t + T(2, 0);
  t = T(2, 1);
  to_south += right * t;
  to_southeast += (one - right) * t + T(2, 2);
  STORE(w->east + K, to_east);
  STORE(w->south + K, to_south);
  STORE(w->southeast + K, to_southeast);
  STORE(w->southwest + K, to_southwest);
#undef T
}

/* Weights of a fine point add up to one, so rows of the coarse operator add up to zero as fine ones
 * do: the sum of its couplings is the centre without the cancellation of the product, which across
 * sharp jumps would cost float its definiteness. */
static ALWAYS_INLINE void OF(centre_point)(const pack_box *w, ritz_index K) {
  const PACK centre = (OF(side)(w, K, -1, 0) + OF(side)(w, K, 1, 0)) +
                      (LOAD(w->east + K - w->step) + LOAD(w->east + K));
  STORE(w->centre + K, centre);
  STORE(w->inverse + K, 1 / centre);
}

/* Row and column 0 and column n1 + 1 are coarse boundary: only their couplings with unknowns mean
 * anything, and only those are read. */
static void OF(galerkin)(const ritz_box *fine, const ritz_box *coarse, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  for (ritz_index I = 0; I <= w.n0; I++) {
    for (ritz_index J = 0; J <= w.n1 + 1; J++) {
      const ritz_index k = 2 * (I * v.row + J * v.step), K = I * w.row + J * w.step;
      if (v.southeast)
        OF(galerkin_point)(&v, &w, k, K, true);
      else
        OF(galerkin_point)(&v, &w, k, K, false);
    }
    for (ritz_index J = 1; I > 0 && J <= w.n1; J++) OF(centre_point)(&w, I * w.row + J * w.step);
  }
}
