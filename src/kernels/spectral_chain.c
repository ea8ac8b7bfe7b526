/* SPDX-License-Identifier: BSD-3-Clause
 * Up to three mixings in a row: T = X A, Z = T W, Y = Z C. */
#include "kernels/spectral_chain.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

struct ritz_mode_chain {
  ritz_mixing *in, *mixing, *out; /* A and C share one weight for all modes; may be NULL */
  size_t t, z;                    /* bytes of [modes, 3, B, Ri] and [.., Ro]; 0: none */
  size_t scratch;                 /* of any one mixing */
  double flops;
};

static ritz_status plan_stage(ritz_mode_chain *chain, const ritz_mixing_shape *shape, int threads,
                              ritz_mixing **stage) {
  RITZ_TRY(ritz_mixing_create(shape, threads, stage));
  const size_t scratch = ritz_aligned(ritz_mixing_scratch(*stage));
  if (scratch > chain->scratch) chain->scratch = scratch;
  chain->flops += (shape->real ? 2.0 : 8.0) *
                  (double)(shape->modes * shape->batch * shape->channels_in) *
                  (double)(shape->separable ? 1 : shape->channels_out);
  return RITZ_OK;
}

static ritz_status plan_stages(ritz_mode_chain *chain, const ritz_mixing_shape *mixing,
                               ritz_index channels_in, ritz_index channels_out, int threads) {
  const int blocks = mixing->real ? 1 : 3;
  const size_t row =
      (size_t)(blocks * mixing->modes * mixing->batch) * ritz_dtype_size(mixing->dtype);
  ritz_mixing_shape inner = *mixing;
  inner.third_in = channels_in > 0 && !mixing->real;
  inner.third_out = channels_out > 0 && !mixing->real;
  ritz_mixing_shape map = {
      .dtype = mixing->dtype, .modes = mixing->modes, .batch = mixing->batch, .real = mixing->real};
  RITZ_TRY(plan_stage(chain, &inner, threads, &chain->mixing));
  if (channels_in > 0) {
    chain->t = ritz_aligned(row * (size_t)mixing->channels_in);
    map.channels_in = channels_in;
    map.channels_out = mixing->channels_in;
    map.third_out = !mixing->real;
    RITZ_TRY(plan_stage(chain, &map, threads, &chain->in));
  }
  if (channels_out > 0) {
    chain->z = ritz_aligned(row * (size_t)mixing->channels_out);
    map.channels_in = mixing->channels_out;
    map.channels_out = channels_out;
    map.third_out = false;
    map.third_in = !mixing->real;
    RITZ_TRY(plan_stage(chain, &map, threads, &chain->out));
  }
  return RITZ_OK;
}

ritz_status ritz_mode_chain_create(const ritz_mixing_shape *mixing, ritz_index channels_in,
                                   ritz_index channels_out, int threads, ritz_mode_chain **out) {
  *out = NULL;
  RITZ_REQUIRE(channels_in >= 0 && channels_out >= 0, RITZ_ERR_ARGUMENT,
               "maps from %td and to %td channels, at least 0 expected", channels_in, channels_out);
  ritz_mode_chain *chain;
  RITZ_TRY(RITZ_NEW(1, &chain));
  const ritz_status status = plan_stages(chain, mixing, channels_in, channels_out, threads);
  if (status == RITZ_OK)
    *out = chain;
  else
    ritz_mode_chain_destroy(&chain);
  return status;
}

void ritz_mode_chain_destroy(ritz_mode_chain **chain) {
  if (!*chain) return;
  ritz_mixing_destroy(&(*chain)->in);
  ritz_mixing_destroy(&(*chain)->mixing);
  ritz_mixing_destroy(&(*chain)->out);
  ritz_free(*chain);
  *chain = NULL;
}

size_t ritz_mode_chain_saved(const ritz_mode_chain *chain) { return chain->t + chain->z; }
/* Of the cotangents of T and Z too. */
size_t ritz_mode_chain_scratch(const ritz_mode_chain *chain) {
  return chain->t + chain->z + chain->scratch;
}
double ritz_mode_chain_flops(const ritz_mode_chain *chain) { return chain->flops; }

void ritz_mode_chain_forward(const ritz_mode_chain *chain, const void *x,
                             const ritz_mode_weights *weights, void *saved, void *y,
                             void *scratch) {
  char *t = saved, *z = t + chain->t;
  if (chain->in) ritz_mixing_forward(chain->in, x, weights->in, t, scratch);
  ritz_mixing_forward(chain->mixing, chain->in ? t : x, weights->mixing, chain->out ? z : y,
                      scratch);
  if (chain->out) ritz_mixing_forward(chain->out, z, weights->out, y, scratch);
}

void ritz_mode_chain_vjp(const ritz_mode_chain *chain, const void *x, const void *saved,
                         const void *gy, const ritz_mode_weights *weights,
                         const ritz_mode_gradients *gradients, void *gx, void *scratch) {
  const char *t = saved, *z = t + chain->t;
  char *gt = scratch, *gz = gt + chain->t, *work = gz + chain->z;
  if (gradients->take) {
    ritz_mixing_vjp_rows(chain->mixing, x, gy, weights->mixing, gradients->weight_modes,
                         gradients->take, gradients->taker, gx, work);
    return;
  }
  if (chain->out) {
    if (gradients->out)
      ritz_mixing_vjp_weight(chain->out, z, gy, 1, gradients->add_out, gradients->out, work);
    ritz_mixing_vjp_input(chain->out, gy, weights->out, gz, work);
    gy = gz;
  }
  if (gradients->mixing)
    ritz_mixing_vjp_weight(chain->mixing, chain->in ? t : x, gy, gradients->weight_modes,
                           gradients->add_mixing, gradients->mixing, work);
  if (!chain->in) {
    if (gx) ritz_mixing_vjp_input(chain->mixing, gy, weights->mixing, gx, work);
    return;
  }
  if (!gradients->in && !gx) return;
  ritz_mixing_vjp_input(chain->mixing, gy, weights->mixing, gt, work);
  if (gradients->in)
    ritz_mixing_vjp_weight(chain->in, x, gt, 1, gradients->add_in, gradients->in, work);
  if (gx) ritz_mixing_vjp_input(chain->in, gt, weights->in, gx, work);
}
