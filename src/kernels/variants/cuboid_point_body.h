/* SPDX-License-Identifier: BSD-3-Clause
 * The operator of a cuboid at one point, for one PACK; no include guard. */

/* (A u) at `at` as a sum of differences. */
static ALWAYS_INLINE PACK OF(applied)(const pack_cuboid *v, ritz_index at, const real *u) {
  const PACK here = LOAD(u + at);
  PACK sum = {0};
#pragma GCC unroll 3
  for (int axis = 0; axis < 3; axis++) {
    const ritz_index d = v->step[axis];
    const real *c = v->coupling[axis] + at;
    sum += LOAD(c - d) * (here - LOAD(u + at - d)) + LOAD(c) * (here - LOAD(u + at + d));
  }
  return sum;
}
