/* SPDX-License-Identifier: BSD-3-Clause
 * The mean of magnitudes. */
#include "train/loss_norm.h"

static const ritz_option none[] = {RITZ_OPTION_END};

const ritz_loss_type ritz_loss_mae = {
    .name = "mae",
    .formula = "mean of |e| over points and channels",
    .source = "an example",
    .options = none,
    .norm = &ritz_loss_norm_l1,
    .value = ritz_loss_mean,
};
