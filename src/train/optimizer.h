/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers: one step of the parameters along a gradient.
 *
 * They work in place on ritz_params_data(), on fixed chunks: results do not depend on the number of
 * threads. Parameters that are not trainable are never touched, nor is padding. */
#ifndef RITZ_TRAIN_OPTIMIZER_H
#define RITZ_TRAIN_OPTIMIZER_H

#include <ritz/params.h>

#include "core/options.h"
#include "kernels/kernels.h"

/** The numbers of one chunk, for an optimizer's update. */
typedef struct ritz_optimizer_part {
  const ritz_kernels *kernels;
  ritz_index step;  /* 1 in the first step */
  double rate;      /* learning rate */
  double scale;     /* of the gradient, below 1 when it is clipped */
  ritz_index count; /* numbers */
  ritz_index inner; /* > 0: complex numbers in blocks of [2, inner]; 0: real */
  const void *gradient;
  void *p, *slot[2];
} ritz_optimizer_part;

typedef struct ritz_optimizer_type {
  const char *name;
  const char *formula; /* one line, as printed by `ritz list optimizers` */
  const char *source;
  size_t config_size; /* of a struct that starts with `ritz_reals clip_norm` */
  const ritz_option *options;
  ritz_status (*check)(const void *config); /* optional: what no single option can see */
  int slots;                                /* arrays of state, at most 2 */
  const char *slot_name[2];
  void (*update)(const void *config, const ritz_optimizer_part *part);
} ritz_optimizer_type;

/** All types, in the order of optimizers.def. @param count  Their number. */
const ritz_optimizer_type *const *ritz_optimizer_types(int *count);

/** Finds a type; RITZ_ERR_NOT_FOUND names the nearest. */
ritz_status ritz_optimizer_type_find(const char *name, const ritz_optimizer_type **out);

typedef struct ritz_optimizer ritz_optimizer;

/**
 * @param params   Kept by reference; complete: none may be added later.
 * @param type     A name of optimizers.def.
 * @param options  Map of its options; NULL: defaults.
 * @param out      NULL on failure. State starts at zero.
 *                 RITZ_ERR_NOT_FOUND, RITZ_ERR_CONFIG, RITZ_ERR_MEMORY
 */
ritz_status ritz_optimizer_create(ritz_context *context, ritz_params *params, const char *type,
                                  const ritz_value *options, ritz_optimizer **out);
void ritz_optimizer_destroy(ritz_optimizer **optimizer);

/**
 * One step. Allocates nothing; cost: one sweep over parameters, gradient and state, two over the
 * gradient with clip_norm.
 *
 * @param rate      Learning rate, >= 0.
 * @param gradient  As ritz_plan_parameter_gradient(): dtype and layout of the parameters. Must be
 *                  finite, see ritz_optimizer_check().
 *                  RITZ_ERR_ARGUMENT  a rate that is negative or not finite; parameters were added
 *                                     since creation. Nothing has changed then.
 */
ritz_status ritz_optimizer_step(ritz_optimizer *optimizer, double rate, const void *gradient);

/** RITZ_ERR_NUMERIC, with the name of the parameter, where the gradient of a trainable parameter
 * is not finite. One sweep. */
ritz_status ritz_optimizer_check(ritz_optimizer *optimizer, const void *gradient);

/** @return  Euclidean norm of the gradient of all trainable parameters. */
double ritz_optimizer_norm(ritz_optimizer *optimizer, const void *gradient);

/** All options, defaults included, as a tree for the resolved configuration. */
ritz_status ritz_optimizer_options(const ritz_optimizer *optimizer, ritz_value **out);

/* State, for checkpoints: the arrays have dtype and length of the parameters. */
int ritz_optimizer_slots(const ritz_optimizer *optimizer);
const char *ritz_optimizer_slot_name(const ritz_optimizer *optimizer, int slot);
void *ritz_optimizer_slot(ritz_optimizer *optimizer, int slot);
/** @return  Steps done. */
ritz_index ritz_optimizer_steps(const ritz_optimizer *optimizer);
void ritz_optimizer_set_steps(ritz_optimizer *optimizer, ritz_index steps);

/* Row of every option table. */
#define RITZ_OPTIMIZER_CLIP_NORM(type)                      \
  RITZ_OPTION_REALS(type, clip_norm, 1e-300, 1e300, "null", \
                    "largest norm of the gradient of all parameters; null: any")

#endif
