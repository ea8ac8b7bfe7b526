/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of an optimizer, shared by its steps (optimizer.c) and its state for checkpoints
 * (optimizer_state.c). */
#ifndef RITZ_TRAIN_OPTIMIZER_INSIDE_H
#define RITZ_TRAIN_OPTIMIZER_INSIDE_H

#include "dist/comm.h"
#include "train/optimizer.h"
#include "train/param_section.h"

struct ritz_optimizer {
  ritz_context *context, *domain, *siblings; /* NULL: one rank, or nothing is owned */
  ritz_params *params;
  const ritz_kernels *kernels;
  const ritz_optimizer_type *type;
  void *config;
  ritz_index length, steps;
  ritz_index *shares;         /* [parameters]; 0: common */
  ritz_section common, owned; /* of all ranks, and of the siblings */

  /* Between a backward pass and its step: common.done, and */
  double rate;        /* of the pass */
  _Atomic double bad; /* code of the first number that was not finite, or -INFINITY */
};

static inline ritz_section *ritz_optimizer_section_of(ritz_optimizer *o, int param) {
  return o->shares[param] > 0 ? &o->owned : &o->common;
}
static inline ritz_comm *ritz_optimizer_comm_of(const ritz_context *context) {
  return context ? context->comm : NULL;
}
/* Numbers of one of the blocks that ranks share out. */
static inline ritz_index ritz_optimizer_block_of(const ritz_optimizer *o, int param) {
  return ritz_params_info(o->params, param)->count / o->shares[param];
}

#endif
