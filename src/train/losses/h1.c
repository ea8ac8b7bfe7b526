/* SPDX-License-Identifier: BSD-3-Clause
 * Losses of values and first differences, A(u) = sum u^2 + sum_j (D_j u)^2.
 *
 * dA/du = 2 (u + sum_j D_j^T D_j u), computed at each point from its neighbours: every number of
 * the gradient is written once. */
#include "train/loss_norm.h"

/* Numbers from one point to the next along each axis, of fields with `around` points around the
 * part on either side. */
static void strides(const ritz_loss_plan *plan, const ritz_index around[3], ritz_index stride[3]) {
  stride[2] = plan->channels;
  stride[1] = stride[2] * (plan->grid[2] + 2 * around[2]);
  stride[0] = stride[1] * (plan->grid[1] + 2 * around[1]);
}

/* A line of the part, and where it begins in the fields. */
typedef struct line {
  ritz_index place[2];
  ritz_index stride[3], at;
} line;

static line line_of(const ritz_loss_plan *plan, const ritz_loss_part *part, ritz_index number) {
  const ritz_index *m = plan->margin;
  line l = {.place = {number / plan->grid[1], number % plan->grid[1]}};
  strides(plan, m, l.stride);
  l.at = part->sample * l.stride[0] * (plan->grid[0] + 2 * m[0]);
  l.at += (l.place[0] + m[0]) * l.stride[0] + (l.place[1] + m[1]) * l.stride[1];
  l.at += m[2] * l.stride[2];
  return l;
}

/* The differences of one axis for `points` points from number `at` on, all with the row `row`. */
static void add_row(const ritz_loss_plan *plan, const ritz_loss_part *part,
                    const ritz_loss_row *row, ritz_index at, ritz_index stride, ritz_index points,
                    double *error, double *truth) {
  ritz_index to[ritz_loss_row_terms];
  for (int t = 0; t < row->terms; t++) to[t] = (row->to[t] - row->from) * stride;
  at += row->from * stride;
  plan->kernels->loss_difference_squares(points * plan->channels, plan->period, row->terms, to,
                                         row->weight, ritz_loss_at(plan, part->prediction, at),
                                         ritz_loss_at(plan, part->truth, at), error, truth);
}

static void line_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, ritz_index number,
                      double *error, double *truth) {
  const line l = line_of(plan, part, number);
  plan->kernels->loss_squares(plan->grid[2] * plan->channels, plan->period,
                              ritz_loss_at(plan, part->prediction, l.at),
                              ritz_loss_at(plan, part->truth, l.at), error, truth);
  for (int a = 0; a < 2; a++)
    if (plan->difference[a])
      add_row(plan, part, &plan->difference[a][plan->first[a] + l.place[a]], l.at, l.stride[a],
              plan->grid[2], error, truth);
  const ritz_loss_row *row = plan->difference[2] + plan->first[2];
  for (ritz_index i = 0; i < plan->grid[2]; i += row[i].run)
    add_row(plan, part, &row[i], l.at + i * l.stride[2], l.stride[2], row[i].run, error, truth);
}

static void h1_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
                    double *truth) {
  for (ritz_index r = part->first; r < part->first + part->count; r += plan->grid[2])
    line_sums(plan, part, r / plan->grid[2], error, truth);
}

/* Weights and distances of D^T D at a point, of several axes one after the other. */
typedef struct neighbours {
  int terms;
  ritz_index to[3 * ritz_loss_row_terms];
  double weight[3 * ritz_loss_row_terms];
} neighbours;

static void append(neighbours *all, const ritz_loss_row *row, ritz_index stride) {
  for (int t = 0; t < row->terms; t++) {
    all->to[all->terms] = row->to[t] * stride;
    all->weight[all->terms++] = row->weight[t];
  }
}

static void line_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part, ritz_index number,
                          const double *coefficient, void *gradient, bool add) {
  const line l = line_of(plan, part, number);
  ritz_index own = (part->sample * plan->points + number * plan->grid[2]) * plan->channels;
  neighbours all = {0};
  for (int a = 0; a < 2; a++)
    if (plan->normal[a]) append(&all, &plan->normal[a][plan->first[a] + l.place[a]], l.stride[a]);
  const int across = all.terms;
  const ritz_loss_row *row = plan->normal[2] + plan->first[2];
  for (ritz_index i = 0, count; i < plan->grid[2]; i += row[i].run, own += count) {
    const ritz_index at = l.at + i * l.stride[2];
    count = row[i].run * plan->channels;
    all.terms = across;
    append(&all, &row[i], l.stride[2]);
    plan->kernels->loss_squares_vjp(count, plan->period, coefficient, all.terms, all.to, all.weight,
                                    ritz_loss_at(plan, part->prediction, at),
                                    ritz_loss_at(plan, part->truth, at),
                                    (void *)ritz_loss_at(plan, gradient, own), add);
  }
}

static void h1_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part,
                        const double *coefficient, void *gradient, bool add) {
  for (ritz_index r = part->first; r < part->first + part->count; r += plan->grid[2])
    line_gradient(plan, part, r / plan->grid[2], coefficient, gradient, add);
}

const ritz_loss_norm ritz_loss_norm_h1 = {
    .derivatives = true, .flops = 24, .sums = h1_sums, .gradient = h1_gradient};

static const ritz_option relative[] = {RITZ_LOSS_EPS, RITZ_LOSS_LENGTHS, RITZ_LOSS_PERIODIC,
                                       RITZ_OPTION_END};
static const ritz_option absolute[] = {RITZ_LOSS_LENGTHS, RITZ_LOSS_PERIODIC, RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_h1 = {
    .name = "rel_h1",
    .formula =
        "sqrt(S(e)) / (sqrt(S(y)) + eps), S(u) = sum u^2 + sum_j (D_j u)^2 over points and "
        "channels, D_j central differences with h_j = length_j / N_j",
    .source = "neuraloperator, H1Loss, over all channels at once",
    .options = relative,
    .norm = &ritz_loss_norm_h1,
    .value = ritz_loss_relative_root,
};

const ritz_loss_type ritz_loss_h1_per_channel = {
    .name = "h1_per_channel",
    .formula = "sum over channels of sqrt(S(e)) / (sqrt(S(y)) + eps), S as in rel_h1 over points",
    .source = "neuraloperator, H1Loss",
    .options = relative,
    .norm = &ritz_loss_norm_h1,
    .value = ritz_loss_per_channel_root,
};

const ritz_loss_type ritz_loss_h1 = {
    .name = "h1",
    .formula = "sqrt(h0 h1 ... S(e)), S and h_j as in rel_h1",
    .source = "neuraloperator, H1Loss.abs, over all channels at once",
    .options = absolute,
    .norm = &ritz_loss_norm_h1,
    .value = ritz_loss_absolute_root,
};
