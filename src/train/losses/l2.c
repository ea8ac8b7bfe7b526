/* SPDX-License-Identifier: BSD-3-Clause
 * Losses of sums of squares, A(u) = sum u^2, dA/du = 2 u. */
#include "train/loss_norm.h"

static void l2_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
                    double *truth) {
  const ritz_index at = (part->sample * plan->points + part->first) * plan->channels;
  plan->kernels->loss_squares(part->count * plan->channels, plan->period,
                              ritz_loss_at(plan, part->prediction, at),
                              ritz_loss_at(plan, part->truth, at), error, truth);
}

static void l2_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part,
                        const double *coefficient, void *gradient, bool add) {
  const ritz_index at = (part->sample * plan->points + part->first) * plan->channels;
  plan->kernels->loss_squares_vjp(part->count * plan->channels, plan->period, coefficient, 0, NULL,
                                  NULL, ritz_loss_at(plan, part->prediction, at),
                                  ritz_loss_at(plan, part->truth, at),
                                  (void *)ritz_loss_at(plan, gradient, at), add);
}

const ritz_loss_norm ritz_loss_norm_l2 = {.flops = 5, .sums = l2_sums, .gradient = l2_gradient};

static const ritz_option relative[] = {RITZ_LOSS_EPS, RITZ_OPTION_END};
static const ritz_option absolute[] = {RITZ_LOSS_LENGTHS, RITZ_OPTION_END};
static const ritz_option none[] = {RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_l2 = {
    .name = "rel_l2",
    .formula = "sqrt(sum e^2) / (sqrt(sum y^2) + eps), over points and channels",
    .source = "Li et al. 2021, arXiv:2010.08895",
    .options = relative,
    .norm = &ritz_loss_norm_l2,
    .value = ritz_loss_relative_root,
};

const ritz_loss_type ritz_loss_l2_per_channel = {
    .name = "l2_per_channel",
    .formula = "sum over channels of sqrt(sum e^2) / (sqrt(sum y^2) + eps), over points",
    .source = "neuraloperator, LpLoss with p = 2",
    .options = relative,
    .norm = &ritz_loss_norm_l2,
    .value = ritz_loss_per_channel_root,
};

const ritz_loss_type ritz_loss_l2 = {
    .name = "l2",
    .formula = "sqrt(h0 h1 ... sum e^2), over points and channels, h_j = length_j / N_j",
    .source = "L2 norm of the error by the rectangle rule",
    .options = absolute,
    .norm = &ritz_loss_norm_l2,
    .value = ritz_loss_absolute_root,
};

const ritz_loss_type ritz_loss_mse = {
    .name = "mse",
    .formula = "mean of e^2 over points and channels",
    .source = "neuraloperator, MSELoss",
    .options = none,
    .norm = &ritz_loss_norm_l2,
    .value = ritz_loss_mean,
};
