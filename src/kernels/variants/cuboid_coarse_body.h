/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid_coarse.c for one PACK; no include guard. */

#include "kernels/variants/cuboid_transfer_body.h"

enum { OF(along) = 2 }; /* the link within a row */

/* Sum of coupling times neighbour over those before the point in the order of unknowns, but the one
 * within its row; over those after it. */
static ALWAYS_INLINE PACK OF(before)(const pack_cuboid *v, ritz_index at, const real *x) {
  PACK sum[2];
  for (int t = 0; t < 2; t++) sum[t] = (PACK){0};
#pragma GCC unroll 13
  for (int m = 0; m < ritz_cuboid_links; m++)
    if (m != OF(along))
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): 27 points have all of them */
      sum[m % 2] += LOAD(v->coupling[m] + at - v->link[m]) * LOAD(x + at - v->link[m]);
  return sum[0] + sum[1];
}

static ALWAYS_INLINE PACK OF(after)(const pack_cuboid *v, ritz_index at, const real *x) {
  PACK sum[2];
  for (int t = 0; t < 2; t++) sum[t] = (PACK){0};
#pragma GCC unroll 13
  for (int m = 0; m < ritz_cuboid_links; m++)
    if (m != OF(along)) sum[m % 2] += LOAD(v->coupling[m] + at) * LOAD(x + at + v->link[m]);
  return sum[0] + sum[1];
}

/* Plane i of a sweep from x = 0: neighbours to come are still zero. */
static ALWAYS_INLINE void OF(forward_plane)(const pack_cuboid *v, ritz_index i, const real *b,
                                            real *x) {
  const ritz_index s = v->step[2];
  for (ritz_index j = 1; j <= v->n[1]; j++) {
    const ritz_index row = i * v->step[0] + j * v->step[1];
    PACK last = {0};
    for (ritz_index k = row + s; k <= row + v->n[2] * s; k += s) {
      const PACK sum = LOAD(b + k) + OF(before)(v, k, x), inverse = LOAD(v->inverse + k);
      last = inverse * sum + (inverse * LOAD(v->coupling[OF(along)] + k - s)) * last;
      STORE(x + k, last);
    }
  }
}

/* Gauss-Seidel in plane i in the order of unknowns (way 1) or against it (-1). */
static ALWAYS_INLINE void OF(sweep_plane)(const pack_cuboid *v, ritz_index i, int way,
                                          const real *b, real *x) {
  const ritz_index s = v->step[2], ahead = way > 0 ? 0 : -s, behind = -s - ahead;
  for (ritz_index n = 1; n <= v->n[1]; n++) {
    const ritz_index j = way > 0 ? n : v->n[1] + 1 - n, row = i * v->step[0] + j * v->step[1];
    ritz_index k = row + (way > 0 ? s : v->n[2] * s);
    PACK last = LOAD(x + k - way * s);
    for (ritz_index c = 1; c <= v->n[2]; c++, k += way * s) {
      const PACK next = LOAD(v->coupling[OF(along)] + k + ahead) * LOAD(x + k + way * s);
      const PACK sum = (LOAD(b + k) + next) + (OF(before)(v, k, x) + OF(after)(v, k, x));
      const PACK inverse = LOAD(v->inverse + k);
      last = inverse * sum + (inverse * LOAD(v->coupling[OF(along)] + k + behind)) * last;
      STORE(x + k, last);
    }
  }
}

/* r = b - A x in plane i, by differences as in two dimensions (box_cycle_body.h). */
static ALWAYS_INLINE void OF(rest_plane)(const pack_cuboid *v, ritz_index i, const real *b,
                                         const real *x, real *r) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = 1; k <= v->n[2]; k++) {
      const ritz_index to = j * v->step[1] + k * v->step[2], at = i * v->step[0] + to;
      const PACK here = LOAD(x + at);
      PACK sum[2];
      for (int t = 0; t < 2; t++) sum[t] = (PACK){0};
#pragma GCC unroll 13
      for (int m = 0; m < ritz_cuboid_links; m++) {
        const ritz_index d = v->link[m];
        sum[0] += LOAD(v->coupling[m] + at - d) * (LOAD(x + at - d) - here);
        sum[1] += LOAD(v->coupling[m] + at) * (LOAD(x + at + d) - here);
      }
      STORE(r + to, LOAD(b + at) + (sum[0] + sum[1]));
    }
}

static ALWAYS_INLINE void OF(wipe_plane)(const pack_cuboid *v, real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = 1; k <= v->n[2]; k++) STORE(x + j * v->step[1] + k * v->step[2], (PACK){0});
}

static ALWAYS_INLINE bool OF(inside)(const pack_cuboid *v, ritz_index i) {
  return i >= 1 && i <= v->n[0];
}

/* Sweep t is t planes behind the first; the residual of plane i is in ring[i % 4]. */
static void OF(descend27)(const ritz_cuboid *fine, const ritz_cuboid *coarse, int sweeps,
                          bool guess, const void *bv, void *xv, void *planes, void *bcv,
                          ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l, *bc = (real *)bcv + l, *ring[4];
  for (int t = 0; t < 4; t++) ring[t] = (real *)planes + (4 + t) * v.step[0] + l;
  for (ritz_index i = 1; i <= v.n[0] + 1 + sweeps; i++) {
    if (i <= v.n[0] && !guess) OF(forward_plane)(&v, i, b, x);
    for (int t = guess ? 0 : 1; t < sweeps; t++)
      if (OF(inside)(&v, i - t)) OF(sweep_plane)(&v, i - t, 1, b, x);
    const ritz_index done = i - sweeps;
    if (OF(inside)(&v, done)) OF(rest_plane)(&v, done, b, x, ring[done % 4]);
    if (done == v.n[0] + 1) OF(wipe_plane)(&v, ring[done % 4]);
    if (done < 3 || done % 2 == 0 || done / 2 > w.n[0]) continue;
    const real *const r[] = {ring[(done - 2) % 4], ring[(done - 1) % 4], ring[done % 4]};
    OF(gather_plane)(&v, &w, done / 2, r, false, bc);
  }
}

static void OF(ascend27)(const ritz_cuboid *fine, const ritz_cuboid *coarse, int sweeps,
                         const void *bv, const void *ev, void *xv, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  for (ritz_index i = v.n[0]; i > -sweeps; i--) {
    if (i >= 1) OF(spread_plane)(&v, &w, i, false, e, x + i * v.step[0]);
    for (int t = 1; t <= sweeps; t++)
      if (OF(inside)(&v, i + t)) OF(sweep_plane)(&v, i + t, -1, b, x);
  }
}

/* A coarsest level that is too large for a factor. */
static void OF(bottom27)(const ritz_cuboid *box, int sweeps, const void *bv, void *xv,
                         ritz_index l) {
  const pack_cuboid v = cuboid_of(box, l);
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l;
  for (ritz_index i = 1; i <= v.n[0]; i++) OF(forward_plane)(&v, i, b, x);
  for (int t = 1; t < sweeps; t++)
    for (ritz_index i = 1; i <= v.n[0]; i++) OF(sweep_plane)(&v, i, 1, b, x);
  for (int t = 0; t < sweeps; t++)
    for (ritz_index i = v.n[0]; i >= 1; i--) OF(sweep_plane)(&v, i, -1, b, x);
}
