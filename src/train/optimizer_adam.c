/* SPDX-License-Identifier: BSD-3-Clause
 * Adam in three forms. With g the gradient, m = beta1 m + (1 - beta1) g and
 * v = beta2 v + (1 - beta2) |g|^2, c1 = 1 - beta1^t and c2 = 1 - beta2^t:
 *
 *   adamw        p -= lr sqrt(c2) / c1 m / (sqrt(v) + eps);  then p -= lr wd p
 *   adamw_torch  p -= lr wd p;  then p -= lr / c1 m / (sqrt(v / c2) + eps)
 *   adam         g += wd p first;    p -= lr / c1 m / (sqrt(v / c2) + eps)
 *
 * Kingma & Ba 2015, arXiv:1412.6980; decay apart from the gradient: Loshchilov & Hutter 2019,
 * arXiv:1711.05101. For a complex parameter |g|^2 is one number, or that of each part. */
#include <math.h>

#include "core/fail.h"
#include "train/optimizer.h"

typedef struct adam_config {
  ritz_reals clip_norm;
  ritz_reals betas;
  double eps, weight_decay;
  int complex; /* 0 modulus, 1 parts */
} adam_config;

enum { modulus = 0 };

#define ADAM_OPTIONS(default_eps, default_decay, decay_help)                                      \
  {                                                                                               \
    RITZ_OPTION_REALS(adam_config, betas, 0, 1, "[0.9, 0.999]",                                   \
                      "decay rates of the two moments, 0 <= beta < 1"),                           \
        RITZ_OPTION_REAL(adam_config, eps, 0, 1, default_eps, "added to the root of the moment"), \
        RITZ_OPTION_REAL(adam_config, weight_decay, 0, 1e300, default_decay, decay_help),         \
        RITZ_OPTION_CHOICE(adam_config, complex, "modulus|parts", "modulus",                      \
                           "second moment of a complex parameter: of |g|, or of each part"),      \
        RITZ_OPTIMIZER_CLIP_NORM(adam_config), RITZ_OPTION_END,                                   \
  }

static const ritz_option adamw_options[] =
    ADAM_OPTIONS("1e-6", "0", "p -= lr weight_decay p after the step");
static const ritz_option adamw_torch_options[] =
    ADAM_OPTIONS("1e-8", "0.01", "p -= lr weight_decay p before the step");
static const ritz_option adam_options[] =
    ADAM_OPTIONS("1e-8", "0", "weight_decay p is added to the gradient");

static ritz_status check_betas(const void *config) {
  const ritz_reals *betas = &((const adam_config *)config)->betas;
  RITZ_REQUIRE(betas->count == 2 && betas->v[0] < 1 && betas->v[1] < 1, RITZ_ERR_CONFIG,
               "optimizer: betas has %d numbers, wanted two from 0 to below 1", betas->count);
  return RITZ_OK;
}

static void run(const adam_config *config, const ritz_adam_step *adam,
                const ritz_optimizer_part *part) {
  if (part->inner && config->complex == modulus)
    part->kernels->adam_complex(part->count / (2 * part->inner), part->inner, adam, part->gradient,
                                part->p, part->slot[0], part->slot[1]);
  else
    part->kernels->adam(part->count, adam, part->gradient, part->p, part->slot[0], part->slot[1]);
}

/* 1 - beta^t; through expm1, because beta^t is near 1 in the first steps. */
static double correction(double beta, ritz_index t) {
  return beta > 0 ? -expm1((double)t * log(beta)) : 1;
}

static ritz_adam_step common(const adam_config *config, const ritz_optimizer_part *part) {
  return (ritz_adam_step){.rate = part->rate / correction(config->betas.v[0], part->step),
                          .beta1 = config->betas.v[0],
                          .beta2 = config->betas.v[1],
                          .eps = config->eps,
                          .root = 1 / sqrt(correction(config->betas.v[1], part->step)),
                          .scale = part->scale};
}

static void adamw_update(const void *config_, const ritz_optimizer_part *part) {
  const adam_config *config = config_;
  ritz_adam_step adam = common(config, part);
  adam.rate /= adam.root;
  adam.root = 1;
  adam.decay_after = part->rate * config->weight_decay;
  run(config, &adam, part);
}

static void adamw_torch_update(const void *config_, const ritz_optimizer_part *part) {
  const adam_config *config = config_;
  ritz_adam_step adam = common(config, part);
  adam.decay_before = part->rate * config->weight_decay;
  run(config, &adam, part);
}

static void adam_update(const void *config_, const ritz_optimizer_part *part) {
  const adam_config *config = config_;
  ritz_adam_step adam = common(config, part);
  adam.coupled = config->weight_decay;
  run(config, &adam, part);
}

const ritz_optimizer_type ritz_optimizer_adamw = {
    .name = "adamw",
    .formula = "p -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps), then p -= lr wd p",
    .source = "neuraloperator, AdamW; Loshchilov & Hutter 2019, arXiv:1711.05101",
    .config_size = sizeof(adam_config),
    .options = adamw_options,
    .check = check_betas,
    .slots = 2,
    .slot_name = {"m", "v"},
    .update = adamw_update,
};

const ritz_optimizer_type ritz_optimizer_adamw_torch = {
    .name = "adamw_torch",
    .formula = "p -= lr wd p, then p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)",
    .source = "PyTorch, AdamW; Loshchilov & Hutter 2019, arXiv:1711.05101",
    .config_size = sizeof(adam_config),
    .options = adamw_torch_options,
    .check = check_betas,
    .slots = 2,
    .slot_name = {"m", "v"},
    .update = adamw_torch_update,
};

const ritz_optimizer_type ritz_optimizer_adam = {
    .name = "adam",
    .formula = "g += wd p, then p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)",
    .source = "Kingma & Ba 2015, arXiv:1412.6980",
    .config_size = sizeof(adam_config),
    .options = adam_options,
    .check = check_betas,
    .slots = 2,
    .slot_name = {"m", "v"},
    .update = adam_update,
};
