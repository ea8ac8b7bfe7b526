/* SPDX-License-Identifier: BSD-3-Clause
 * Gradient descent with momentum, in PyTorch's form:
 *   g += wd p;  b = momentum b + g;  p -= lr b,  or with Nesterov's look-ahead
 *   p -= lr (g + momentum b).
 * Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning". */
#include "core/fail.h"
#include "train/optimizer.h"

typedef struct sgd_config {
  ritz_reals clip_norm;
  double momentum, weight_decay;
  bool nesterov;
} sgd_config;

static const ritz_option options[] = {
    RITZ_OPTION_REAL(sgd_config, momentum, 0, 1, "0.9", "share of the last direction that is kept"),
    RITZ_OPTION_REAL(sgd_config, weight_decay, 0, 1e300, "0",
                     "weight_decay p is added to the gradient"),
    RITZ_OPTION_BOOL(sgd_config, nesterov, "false", "look ahead along the momentum"),
    RITZ_OPTIMIZER_CLIP_NORM(sgd_config),
    RITZ_OPTION_END,
};

static ritz_status check(const void *config_) {
  const sgd_config *config = config_;
  RITZ_REQUIRE(!config->nesterov || config->momentum > 0, RITZ_ERR_CONFIG,
               "optimizer sgd: nesterov wants a momentum above 0");
  return RITZ_OK;
}

static void update(const void *config_, const ritz_optimizer_part *part) {
  const sgd_config *config = config_;
  part->kernels->sgd(part->count, part->rate, part->scale, config->weight_decay, config->momentum,
                     config->nesterov, part->gradient, part->p, part->slot[0]);
}

const ritz_optimizer_type ritz_optimizer_sgd = {
    .name = "sgd",
    .formula = "g += wd p, b = momentum b + g, p -= lr b (nesterov: p -= lr (g + momentum b))",
    .source = "PyTorch, SGD; Sutskever et al. 2013",
    .config_size = sizeof(sgd_config),
    .options = options,
    .check = check,
    .slots = 1,
    .slot_name = {"momentum"},
    .update = update,
};
