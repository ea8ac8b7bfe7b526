/* SPDX-License-Identifier: BSD-3-Clause
 * Transfer by weights for one PACK; no include guard. */

/* Whether offset q leads to a point that is black on the finest grid, or to any. */
static ALWAYS_INLINE bool OF(has_part)(int q, bool black) {
  return q != 13 && (!black || q % 2 == 0);
}

/* b of coarse plane I from residuals of fine planes 2I - 1, 2I, 2I + 1, P^T r; `black`: r is zero
 * elsewhere, and not read. */
static ALWAYS_INLINE void OF(gather_plane)(const pack_cuboid *v, const pack_cuboid *w, ritz_index I,
                                           const real *const r[3], bool black, real *b) {
  const ritz_index u = v->step[1], s = v->step[2];
  for (ritz_index J = 1; J <= w->n[1]; J++)
    for (ritz_index K = 1; K <= w->n[2]; K++) {
      const ritz_index k = 2 * (J * u + K * s);
      const ritz_index at = I * w->step[0] + J * w->step[1] + K * w->step[2];
      PACK sum[3];
      for (int t = 0; t < 3; t++) sum[t] = (PACK){0};
      if (!black) sum[1] = LOAD(r[1] + k);
#pragma GCC unroll 27
      for (int q = 0; q < ritz_cuboid_offsets; q++)
        if (OF(has_part)(q, black))
          sum[q / 9] +=
              LOAD(w->weight[q] + at) * LOAD(r[q / 9] + k + (q / 3 % 3 - 1) * u + (q % 3 - 1) * s);
      STORE(b + at, (sum[0] + sum[2]) + sum[1]);
    }
}

/* P e at a point that is odd along the axes of `odd`, the first coarse one around it at `at`. */
static ALWAYS_INLINE PACK OF(spread)(const pack_cuboid *w, int odd, ritz_index at, const real *e) {
  if (!odd) return LOAD(e + at);
  PACK sum = {0};
#pragma GCC unroll 8
  for (int far = 0; far < 8; far++) {
    if (far & ~odd) continue;
    const ritz_index C =
        at + (far & 1 ? w->step[0] : 0) + (far & 2 ? w->step[1] : 0) + (far & 4 ? w->step[2] : 0);
    const int q = 13 + (odd & 1 ? (far & 1 ? -9 : 9) : 0) + (odd & 2 ? (far & 2 ? -3 : 3) : 0) +
                  (odd & 4 ? (far & 4 ? -1 : 1) : 0);
    sum += LOAD(w->weight[q] + C) * LOAD(e + C);
  }
  return sum;
}

/* x += P e along a row, odd along the axes of `odd` but the last, at points k0, k0 + step, ... that
 * are `last` along that. */
static ALWAYS_INLINE void OF(correct_points)(const pack_cuboid *v, const pack_cuboid *w, int odd,
                                             ritz_index last, ritz_index at, const real *e,
                                             real *x) {
  const ritz_index s = v->step[2];
  for (ritz_index k = last ? 1 : 2; k <= v->n[2]; k += 2)
    STORE(x + k * s, LOAD(x + k * s) + OF(spread)(w, odd | (last ? 4 : 0), at + k / 2 * s, e));
}

/* x += P e in plane i; `black`: at points with an odd sum of coordinates. */
static ALWAYS_INLINE void OF(spread_plane)(const pack_cuboid *v, const pack_cuboid *w, ritz_index i,
                                           bool black, const real *e, real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++) {
    const ritz_index at = i / 2 * w->step[0] + j / 2 * w->step[1];
    real *row = x + j * v->step[1];
    const bool odd = (i + j) % 2;
    const bool even_too = !black || odd, odd_too = !black || !odd;
    switch (i % 2 + 2 * (j % 2)) {
      case 0:
        if (even_too) OF(correct_points)(v, w, 0, 0, at, e, row);
        if (odd_too) OF(correct_points)(v, w, 0, 1, at, e, row);
        break;
      case 1:
        if (even_too) OF(correct_points)(v, w, 1, 0, at, e, row);
        if (odd_too) OF(correct_points)(v, w, 1, 1, at, e, row);
        break;
      case 2:
        if (even_too) OF(correct_points)(v, w, 2, 0, at, e, row);
        if (odd_too) OF(correct_points)(v, w, 2, 1, at, e, row);
        break;
      default:
        if (even_too) OF(correct_points)(v, w, 3, 0, at, e, row);
        if (odd_too) OF(correct_points)(v, w, 3, 1, at, e, row);
    }
  }
}
