/* SPDX-License-Identifier: BSD-3-Clause
 * Difference matrices of an axis: D, and D^T D row by row.
 *
 * D is (u_{i+1} - u_{i-1}) / 2h, around the ends when periodic; otherwise the ends have
 * (-11 u_0 + 18 u_1 - 9 u_2 + 2 u_3) / 6h and its mirror image. */
#include "core/fail.h"
#include "core/memory.h"
#include "train/loss_norm.h"

static ritz_loss_row difference_row(ritz_index i, ritz_index n, double h, bool periodic) {
  const bool first = i == 0, last = i == n - 1;
  ritz_loss_row row = {0};
  if (periodic || (!first && !last)) {
    row.from = (i + n - 1) % n;
    row.to[0] = (i + 1) % n;
    row.weight[0] = 0.5 / h;
    row.terms = row.to[0] != row.from; /* one or two points: the neighbours are the same */
    return row;
  }
  static const double weight[3] = {18, -9, 2}; /* -11 is minus their sum */
  row.from = i;
  row.terms = 3;
  for (int t = 0; t < 3; t++) {
    row.to[t] = first ? t + 1 : i - t - 1;
    row.weight[t] = (first ? weight[t] : -weight[t]) / (6 * h);
  }
  return row;
}

/* D[r, column]. */
static double entry(const ritz_loss_row *row, ritz_index column) {
  double value = 0;
  for (int t = 0; t < row->terms; t++) {
    if (row->to[t] == column) value += row->weight[t];
    if (row->from == column) value -= row->weight[t];
  }
  return value;
}

static void add_term(ritz_loss_row *row, ritz_index to, double weight) {
  if (to == row->from || weight == 0) return;
  int t = 0;
  while (t < row->terms && row->to[t] != to) t++;
  if (t == row->terms) {
    row->to[t] = to;
    row->weight[t] = 0;
    row->terms++;
  }
  row->weight[t] += weight;
}

/* Row i: minus the entries of D^T D off the diagonal. Only the rows i - 1 and i + 1 of D and those
 * at the ends reach column i: 2 + 4 + 4 columns at most beside i itself. */
static ritz_loss_row normal_row(const ritz_loss_row *difference, ritz_index i, ritz_index n) {
  const ritz_index near[4] = {(i + n - 1) % n, (i + 1) % n, 0, n - 1};
  ritz_loss_row row = {.from = i};
  for (int k = 0; k < 4; k++) {
    bool seen = false;
    for (int j = 0; j < k; j++) seen = seen || near[j] == near[k];
    const ritz_loss_row *d = &difference[near[k]];
    const double factor = entry(d, i);
    if (seen || factor == 0) continue;
    double sum = 0;
    for (int t = 0; t < d->terms; t++) {
      add_term(&row, d->to[t], -factor * d->weight[t]);
      sum += d->weight[t];
    }
    add_term(&row, d->from, factor * sum);
  }
  return row;
}

/* From point i to point k; around the ends, if there is a margin, where that is shorter. */
static ritz_index distance(const ritz_loss_plan *plan, int a, ritz_index i, ritz_index k) {
  const ritz_index n = plan->whole[a], d = k - i;
  const bool around = plan->options.periodic && plan->margin[a] > 0;
  return around && 2 * d > n ? d - n : around && 2 * d < -n ? d + n : d;
}

static bool same(const ritz_loss_row *a, const ritz_loss_row *b) {
  if (a->terms != b->terms || a->from != b->from) return false;
  for (int t = 0; t < a->terms; t++)
    if (a->to[t] != b->to[t] || a->weight[t] != b->weight[t]) return false;
  return true;
}

/* Places from the rows' own points, and runs within the part. */
static void place_rows(const ritz_loss_plan *plan, int a, ritz_loss_row *row) {
  const ritz_index first = plan->first[a], end = first + plan->grid[a];
  for (ritz_index i = end - 1; i >= first; i--) {
    row[i].from = distance(plan, a, i, row[i].from);
    for (int t = 0; t < row[i].terms; t++) row[i].to[t] = distance(plan, a, i, row[i].to[t]);
    row[i].run = i < end - 1 && same(&row[i], &row[i + 1]) ? row[i + 1].run + 1 : 1;
  }
}

static ritz_status plan_axis(ritz_loss_plan *plan, int a) {
  const ritz_index n = plan->whole[a];
  const double h = plan->length[a] / (double)n;
  RITZ_TRY(RITZ_NEW(n, &plan->difference[a]));
  RITZ_TRY(RITZ_NEW(n, &plan->normal[a]));
  for (ritz_index i = 0; i < n; i++)
    plan->difference[a][i] = difference_row(i, n, h, plan->options.periodic);
  for (ritz_index i = 0; i < n; i++) plan->normal[a][i] = normal_row(plan->difference[a], i, n);
  place_rows(plan, a, plan->difference[a]);
  place_rows(plan, a, plan->normal[a]);
  return RITZ_OK;
}

ritz_status ritz_loss_plan_differences(ritz_loss_plan *plan) {
  for (int a = 3 - plan->dim; a < 3; a++) RITZ_TRY(plan_axis(plan, a));
  return RITZ_OK;
}

void ritz_loss_free_differences(ritz_loss_plan *plan) {
  for (int a = 0; a < 3; a++) {
    ritz_free(plan->difference[a]);
    ritz_free(plan->normal[a]);
  }
}
