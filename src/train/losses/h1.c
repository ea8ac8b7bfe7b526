/* SPDX-License-Identifier: BSD-3-Clause
 * Losses of values and first differences, A(u) = sum u^2 + sum_j (D_j u)^2.
 *
 * dA/du = 2 (u + sum_j D_j^T D_j u), computed at each point from its neighbours: every number of
 * the gradient is written once. */
#include "train/loss_norm.h"

/* Numbers from one point to the next along each axis. */
static void strides(const ritz_loss_plan *plan, ritz_index stride[3]) {
  stride[2] = plan->channels;
  stride[1] = stride[2] * plan->grid[2];
  stride[0] = stride[1] * plan->grid[1];
}

/* The differences of one axis for `points` points from number `at` on, all with the row `row`. */
static void add_row(const ritz_loss_plan *plan, const ritz_loss_part *part,
                    const ritz_loss_row *row, ritz_index from, ritz_index stride, ritz_index points,
                    double *error, double *truth) {
  ritz_index to[ritz_loss_row_terms];
  for (int t = 0; t < row->terms; t++) to[t] = (row->to[t] - row->from) * stride;
  plan->kernels->loss_difference_squares(points * plan->channels, plan->period, row->terms, to,
                                         row->weight, ritz_loss_at(plan, part->prediction, from),
                                         ritz_loss_at(plan, part->truth, from), error, truth);
}

static void line_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, ritz_index line,
                      double *error, double *truth) {
  ritz_index stride[3];
  strides(plan, stride);
  const ritz_index at = part->sample * plan->points * plan->channels + line * stride[1];
  const ritz_index place[2] = {line / plan->grid[1], line % plan->grid[1]};
  for (int a = 0; a < 2; a++) {
    if (!plan->difference[a]) continue;
    const ritz_loss_row *row = &plan->difference[a][place[a]];
    add_row(plan, part, row, at + (row->from - place[a]) * stride[a], stride[a], plan->grid[2],
            error, truth);
  }
  const ritz_loss_row *row = plan->difference[2];
  for (ritz_index i = 0; i < plan->grid[2]; i += row[i].run)
    add_row(plan, part, &row[i], at + row[i].from * stride[2], stride[2], row[i].run, error, truth);
}

static void h1_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
                    double *truth) {
  ritz_loss_norm_l2.sums(plan, part, error, truth);
  const ritz_index first = part->first / plan->grid[2], count = part->count / plan->grid[2];
  for (ritz_index line = first; line < first + count; line++)
    line_sums(plan, part, line, error, truth);
}

/* Weights and distances of D^T D at a point, of several axes one after the other. */
typedef struct neighbours {
  int terms;
  ritz_index to[3 * ritz_loss_row_terms];
  double weight[3 * ritz_loss_row_terms];
} neighbours;

static void append(neighbours *all, const ritz_loss_row *row, ritz_index stride) {
  for (int t = 0; t < row->terms; t++) {
    all->to[all->terms] = (row->to[t] - row->from) * stride;
    all->weight[all->terms++] = row->weight[t];
  }
}

static void line_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part, ritz_index line,
                          const double *coefficient, void *gradient, bool add) {
  ritz_index stride[3];
  strides(plan, stride);
  const ritz_index place[2] = {line / plan->grid[1], line % plan->grid[1]};
  neighbours all = {0};
  for (int a = 0; a < 2; a++)
    if (plan->normal[a]) append(&all, &plan->normal[a][place[a]], stride[a]);
  const int across = all.terms;
  const ritz_loss_row *row = plan->normal[2];
  for (ritz_index i = 0; i < plan->grid[2]; i += row[i].run) {
    const ritz_index at =
        part->sample * plan->points * plan->channels + line * stride[1] + i * stride[2];
    all.terms = across;
    append(&all, &row[i], stride[2]);
    plan->kernels->loss_squares_vjp(
        row[i].run * plan->channels, plan->period, coefficient, all.terms, all.to, all.weight,
        ritz_loss_at(plan, part->prediction, at), ritz_loss_at(plan, part->truth, at),
        (void *)ritz_loss_at(plan, gradient, at), add);
  }
}

static void h1_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part,
                        const double *coefficient, void *gradient, bool add) {
  const ritz_index first = part->first / plan->grid[2], count = part->count / plan->grid[2];
  for (ritz_index line = first; line < first + count; line++)
    line_gradient(plan, part, line, coefficient, gradient, add);
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
