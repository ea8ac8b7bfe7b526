/* SPDX-License-Identifier: BSD-3-Clause
 * How a grid is cut into strips, and rows of nodes into rows of strips. */
#include "solvers/multigrid/strips.h"

#include <math.h>
#include <string.h>

#include "solvers/multigrid/levels.h"

static ritz_index larger(ritz_index a, ritz_index b) { return a > b ? a : b; }
static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }

/* Time of a point of all lanes on all visits of a cycle, as measured; eight lanes are one. */
static double point_cost(ritz_index lanes) {
  return lanes == 1 ? 0.5 : lanes <= 4 ? 0.8 : lanes == 8 ? 1 : 1.6;
}

/* Of a row the edges and the ends of loops cost as much as `row_cost` points, of a copied unknown
 * both ways `copy_cost`. */
static const double row_cost = 4, copy_cost = 0.05;

static double cheapest(ritz_index n0, ritz_index n1, ritz_index least, ritz_index most, bool whole,
                       ritz_strips_plan *plan) {
  *plan = (ritz_strips_plan){.lanes = 1, .width = n1};
  const bool small = smaller(n0, n1) < ritz_multigrid_bottom;
  const double alone = point_cost(1) * (double)(n0 * n1) * 4 / 3;
  double best = whole || small ? alone : INFINITY;
  if (small || most < least) return isinf(best) ? alone : best;
  for (ritz_index lanes = most; lanes >= larger(least, 1); lanes /= 2) {
    double cost = 0;
    for (int depth = 1; smaller(n0, n1) >> (depth - 1) >= ritz_multigrid_bottom; depth++) {
      const ritz_index unit = (ritz_index)1 << depth; /* even as often; never less than four */
      const ritz_index width = larger(((n1 + lanes - 1) / lanes + unit - 1) / unit, 2) * unit;
      cost = 0;
      for (int k = 0; k < depth; k++)
        cost += point_cost(lanes) * (double)(n0 >> k) * ((double)(width >> k) + row_cost);
      ritz_strips_plan below;
      cost += copy_cost * (double)((n0 >> depth) * (n1 >> depth)) +
              cheapest(n0 >> depth, n1 >> depth, least, lanes / 2, true, &below);
      if (cost >= best) continue;
      best = cost;
      *plan = (ritz_strips_plan){.lanes = lanes, .width = width, .levels = depth + 1};
    }
  }
  return best;
}

ritz_strips_plan ritz_strips_choose(ritz_index n0, ritz_index n1, ritz_index least, ritz_index most,
                                    bool whole) {
  ritz_strips_plan plan;
  ritz_index lanes = 1; /* a power of two */
  while (2 * lanes <= most) lanes *= 2;
  cheapest(n0, n1, least, lanes, whole, &plan);
  return plan;
}

/* Lanes read a row where it is, but for those it ends in. */
void ritz_strips_row(const ritz_box *box, const double *row, double beyond, double *padded,
                     double *out) {
  const double *lane[ritz_multigrid_most_lanes];
  const ritz_index nodes = box->columns + 2, all = box->lanes * box->n1 + 2;
  const ritz_index whole = smaller((nodes - 2) / box->n1, box->lanes); /* lanes before the end */
  const ritz_index first = smaller(whole * box->n1, nodes);
  for (ritz_index l = 0; l < whole; l++) lane[l] = row + l * box->n1;
  if (first < nodes) memcpy(padded + first, row + first, (size_t)(nodes - first) * sizeof *row);
  for (ritz_index j = nodes; j < all; j++) padded[j] = beyond;
  for (ritz_index l = whole; l < box->lanes; l++) lane[l] = padded + l * box->n1;
  ritz_box_gather(box->lanes, box->n1 + 2, lane, out);
}

void ritz_strips_take_row(const ritz_box *box, const double *x, double *row) {
  enum { strip = 8 };
  for (ritz_index from = 1; from <= box->n1; from += strip)
    for (ritz_index l = 0; l < box->lanes; l++) {
      const ritz_index first = l * box->n1;
      const ritz_index end = smaller(smaller(box->columns - first, box->n1), from + strip - 1);
      for (ritz_index j = from; j <= end; j++) row[first + j] = x[j * box->lanes + l];
    }
}
