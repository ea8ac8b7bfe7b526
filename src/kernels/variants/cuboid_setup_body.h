/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid_setup.c for one PACK; no include guard. */

/* -- Weights: points that are odd along the axes of `odd`, a bit each ----------------------------
 */

/* Number of the offset that is sign[axis] along the axes of `within`, else zero. */
static ALWAYS_INLINE int OF(number)(int within, const int sign[3]) {
  return 13 + (within & 1 ? 9 * sign[0] : 0) + (within & 2 ? 3 * sign[1] : 0) +
         (within & 4 ? sign[2] : 0);
}

/* Couplings of the point at `at` with all neighbours, collapsed along the axes that are not odd. */
static ALWAYS_INLINE void OF(collapse)(const pack_cuboid *v, ritz_index at, int odd,
                                       PACK side[ritz_cuboid_offsets]) {
  for (int q = 0; q < ritz_cuboid_offsets; q++) side[q] = (PACK){0};
#pragma GCC unroll 13
  for (int m = 0; m < v->links; m++) {
    int o[3];
    ritz_cuboid_link(m, o);
    const int there = OF(number)(odd, o), back = 26 - there;
    side[there] += LOAD(v->coupling[m] + at);
    side[back] += LOAD(v->coupling[m] + at - v->link[m]);
  }
}

/* Weights of the coarse points around fine point `at`, the first of them at K, from its collapsed
 * equation: neighbours that are no coarse points are given by their own weights. */
static ALWAYS_INLINE void OF(weigh)(const pack_cuboid *v, const pack_cuboid *w, ritz_index at,
                                    ritz_index K, int odd) {
  PACK side[ritz_cuboid_offsets], total = {0};
  OF(collapse)(v, at, odd, side);
  for (int q = 0; q < ritz_cuboid_offsets; q++)
    if (q != 13) total += side[q];
  const PACK factor = 1 / total;
  for (int far = odd;; far = (far - 1) & odd) { /* axes along which the coarse point is behind */
    int toward[3], from[3];                     /* the coarse point, and from there to `at` */
    ritz_index C = K;
    for (int axis = 0; axis < 3; axis++) {
      const bool behind = far & 1 << axis;
      toward[axis] = behind ? 1 : -1;
      from[axis] = -toward[axis];
      C += behind ? w->step[axis] : 0;
    }
    PACK sum = side[OF(number)(odd, toward)];
    for (int part = (odd - 1) & odd; part > 0; part = (part - 1) & odd)
      sum += side[OF(number)(part, toward)] * LOAD(w->weight[OF(number)(odd & ~part, from)] + C);
    STORE(w->weight[OF(number)(odd, from)] + C, sum * factor);
    if (far == 0) break;
  }
}

/* Points on the boundary keep the weights they were made with. */
static ALWAYS_INLINE void OF(weigh_all)(const pack_cuboid *v, const pack_cuboid *w, int odd) {
  ritz_index from[3], end[3];
  for (int axis = 0; axis < 3; axis++) {
    const bool is = odd & 1 << axis;
    from[axis] = is ? 0 : 1;
    end[axis] = is ? (v->n[axis] + 1) / 2 : w->n[axis] + 1;
  }
  const ritz_index first =
      (odd & 1 ? v->step[0] : 0) + (odd & 2 ? v->step[1] : 0) + (odd & 4 ? v->step[2] : 0);
  for (ritz_index I = from[0]; I < end[0]; I++)
    for (ritz_index J = from[1]; J < end[1]; J++)
      for (ritz_index K = from[2]; K < end[2]; K++) OF(weigh)
  (v, w, first + 2 * (I * v->step[0] + J * v->step[1] + K * v->step[2]),
   I * w->step[0] + J * w->step[1] + K * w->step[2], odd);
}

static void OF(weights)(const ritz_cuboid *fine, const ritz_cuboid *coarse, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  OF(weigh_all)(&v, &w, 1);
  OF(weigh_all)(&v, &w, 2);
  OF(weigh_all)(&v, &w, 4);
  OF(weigh_all)(&v, &w, 3);
  OF(weigh_all)(&v, &w, 5);
  OF(weigh_all)(&v, &w, 6);
  OF(weigh_all)(&v, &w, 7);
}

/* -- P^T A P ------------------------------------------------------------------------------------
 */

/* T = -A p at points [from, end) of the plan about the coarse point at fine point k: differences
 * are zero where p is constant, whatever the couplings there. */
static ALWAYS_INLINE void OF(products)(const galerkin_plan *plan, ritz_index k, ritz_index l,
                                       int from, int end, const PACK *p, PACK *T) {
  for (int f = from; f < end; f++) {
    const PACK here = p[plan->point[f]];
    PACK sum = {0};
    for (int e = plan->first[f]; e < plan->first[f + 1]; e++)
      sum += LOAD(plan->link[e].coupling + k + l) * (p[plan->link[e].to] - here);
    T[plan->point[f]] = sum;
  }
}

/* Its coupling with the coarse neighbour number `d` of the plan, whose p at K + step is. */
static ALWAYS_INLINE PACK OF(coupling_with)(const galerkin_plan *plan, ritz_index K, ritz_index l,
                                            int d, const PACK *T) {
  PACK sum = T[plan->centre[d]];
  for (int e = plan->begin[d]; e < plan->begin[d + 1]; e++)
    sum += LOAD(plan->part[e].weight + K + l) * T[plan->part[e].at];
  return sum;
}

/* Couplings of the unknown (I, J, K) with those after it, and with the boundary before it. */
static void OF(galerkin_point)(const galerkin_plan *plan, const pack_cuboid *v,
                               const pack_cuboid *w, const ritz_index at[3], ritz_index l) {
  enum { links = ritz_cuboid_links };
  const ritz_index k = 2 * (at[0] * v->step[0] + at[1] * v->step[1] + at[2] * v->step[2]);
  const ritz_index K = at[0] * w->step[0] + at[1] * w->step[1] + at[2] * w->step[2];
  bool rim = false;
  for (int axis = 0; axis < 3; axis++) rim = rim || at[axis] == 1 || at[axis] == w->n[axis];
  const PACK one = (PACK){0} + 1;
  PACK p[galerkin_points], T[galerkin_points];
  for (int f = 0; f < galerkin_points; f++) p[f] = (PACK){0};
  for (int q = 0; q < ritz_cuboid_offsets; q++)
    p[plan->near[q]] = q == 13 ? one : LOAD(w->weight[q] + K);
  OF(products)(plan, k, l, 0, plan->after, p, T);
  for (int m = 0; m < links; m++) STORE(w->coupling[m] + K, OF(coupling_with)(plan, K, l, m, T));
  if (!rim) return;
  OF(products)(plan, k, l, plan->after, plan->points, p, T);
  for (int m = 0; m < links; m++)
    if (on_boundary(w, at, m))
      STORE(w->coupling[m] + K - w->link[m], OF(coupling_with)(plan, K, l, links + m, T));
}

static void OF(galerkin)(const galerkin_plan *plan, const ritz_cuboid *fine,
                         const ritz_cuboid *coarse, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  ritz_index at[3];
  for (at[0] = 1; at[0] <= w.n[0]; at[0]++)
    for (at[1] = 1; at[1] <= w.n[1]; at[1]++)
      for (at[2] = 1; at[2] <= w.n[2]; at[2]++) OF(galerkin_point)(plan, &v, &w, at, l);
}
