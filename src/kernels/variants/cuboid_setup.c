/* SPDX-License-Identifier: BSD-3-Clause
 * Black-box multigrid in three dimensions: operator-dependent interpolation and Galerkin coarse
 * operators (Dendy 1982, doi:10.1016/0021-9991(82)90057-2; in three dimensions Dendy 1987, SIAM J.
 * Sci. Stat. Comput. 8, 673; for two dimensions box_setup.c).
 *
 * A point on the line between two coarse ones takes the sums of its couplings towards either, over
 * nine neighbours each, as weights; one in the middle of four the equation with couplings across
 * their plane added to those within, in which points on lines are given by theirs; one in the
 * middle of eight its own equation. All divide by what they have summed, not by the diagonal, so
 * that weights add up to one. */
#include "kernels/variants/cuboid_pack.h"

enum { galerkin_points = 125, galerkin_links = 1088, galerkin_parts = 316 };

/* A coupling of a fine point, and the point it leads to; a weight, and the point it belongs to. */
typedef struct galerkin_link {
  const real *coupling;
  int to;
} galerkin_link;
typedef struct galerkin_part {
  const real *weight;
  int at;
} galerkin_part;

/* The product P^T A P about a coarse point, as lists that are the same for all of them: the column
 * p of P reaches as far as the 27 points around it, A p another one, of which are needed first
 * those in which coarse points after it have a part. Points about it are numbered as in a box of
 * five. */
typedef struct galerkin_plan {
  int near[ritz_cuboid_offsets]; /* points in which it has a part */
  int points, after;             /* with a product; and with points after it in the coarse order */
  int point[galerkin_points], first[galerkin_points + 1];
  galerkin_link link[galerkin_links];
  /* Coarse neighbours: those of the links, then those opposite. */
  int centre[2 * ritz_cuboid_links], begin[2 * ritz_cuboid_links + 1];
  galerkin_part part[galerkin_parts];
} galerkin_plan;

static int place(const int o[3]) { return 25 * (o[0] + 2) + 5 * (o[1] + 2) + o[2] + 2; }

static bool within(const int o[3], int reach) {
  return o[0] >= -reach && o[0] <= reach && o[1] >= -reach && o[1] <= reach && o[2] >= -reach &&
         o[2] <= reach;
}

/* The coupling of fine point o about the coarse one with that at a link from it, or against it. */
static void plan_link(const ritz_cuboid *fine, const int o[3], int m, int sign, galerkin_plan *plan,
                      int *count) {
  int d[3], to[3];
  ritz_cuboid_link(m, d);
  for (int axis = 0; axis < 3; axis++) to[axis] = o[axis] + sign * d[axis];
  if (!within(to, 2) || (!within(o, 1) && !within(to, 1))) return;
  const int *from = sign > 0 ? o : to;
  plan->link[(*count)++] =
      (galerkin_link){.coupling = (const real *)fine->coupling[m] + from[0] * fine->plane +
                                  from[1] * fine->row + from[2] * fine->lanes,
                      .to = place(to)};
}

/* Whether a coarse point after the one in the middle has a part in fine point o. */
static bool is_after(const int o[3]) {
  return o[0] > 0 || (o[0] > -2 && (o[1] > 0 || (o[1] > -2 && o[2] > 0)));
}

static void plan_products(const ritz_cuboid *fine, galerkin_plan *plan) {
  int count = 0, o[3];
  const int links = fine->coupling[3] ? ritz_cuboid_links : 3;
  plan->points = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (o[0] = -2; o[0] <= 2; o[0]++)
      for (o[1] = -2; o[1] <= 2; o[1]++)
        for (o[2] = -2; o[2] <= 2; o[2]++) {
          if (is_after(o) != (pass == 0)) continue;
          plan->point[plan->points] = place(o);
          plan->first[plan->points++] = count;
          for (int m = 0; m < links; m++) {
            plan_link(fine, o, m, -1, plan, &count);
            plan_link(fine, o, m, 1, plan, &count);
          }
        }
    if (pass == 0) plan->after = plan->points;
  }
  plan->first[plan->points] = count;
}

static void plan_parts(const ritz_cuboid *coarse, galerkin_plan *plan) {
  int count = 0, d[3], o[3], at[3];
  for (int n = 0; n < 2 * ritz_cuboid_links; n++) {
    ritz_cuboid_link(n % ritz_cuboid_links, d);
    for (int axis = 0; axis < 3; axis++) d[axis] *= n < ritz_cuboid_links ? 1 : -1;
    plan->begin[n] = count;
    for (int q = 0; q < ritz_cuboid_offsets; q++) {
      ritz_cuboid_offset(q, o);
      for (int axis = 0; axis < 3; axis++) at[axis] = 2 * d[axis] + o[axis];
      if (q == 13) plan->centre[n] = place(at);
      if (q == 13 || !within(at, 2)) continue;
      plan->part[count++] =
          (galerkin_part){.weight = (const real *)coarse->weight[q] + d[0] * coarse->plane +
                                    d[1] * coarse->row + d[2] * coarse->lanes,
                          .at = place(at)};
    }
  }
  plan->begin[2 * ritz_cuboid_links] = count;
}

/* Whether the neighbour of coarse unknown `at` against a link is on the boundary. */
static bool on_boundary(const pack_cuboid *w, const ritz_index at[3], int link) {
  int d[3];
  ritz_cuboid_link(link, d);
  bool is = false;
  for (int axis = 0; axis < 3; axis++)
    is = is || at[axis] - d[axis] < 1 || at[axis] - d[axis] > w->n[axis];
  return is;
}

#define BODY "kernels/variants/cuboid_setup_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(cuboid_weights)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse) {
  EACH_PACK(fine->lanes, weights, fine, coarse, l);
}

RITZ_KERNEL_DEFINE(cuboid_galerkin)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse) {
  galerkin_plan plan;
  plan_products(fine, &plan);
  plan_parts(coarse, &plan);
  int o[3];
  for (int q = 0; q < ritz_cuboid_offsets; q++) {
    ritz_cuboid_offset(q, o);
    plan.near[q] = place(o);
  }
  EACH_PACK(fine->lanes, galerkin, &plan, fine, coarse, l);
}
