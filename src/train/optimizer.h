/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers: one step of the parameters along a gradient.
 *
 * They work in place on ritz_params_data(), on fixed chunks: results do not depend on the number of
 * threads. Parameters that are not trainable are never touched, nor is padding.
 *
 * The ranks of the context share the work: each has a part of the numbers, whole chunks, sums the
 * gradient of those, keeps their state, steps them, and gives them to all. Rajbhandari, Rasley,
 * Ruwase & He 2020, arXiv:1910.02054, stage 1. What travels is what a sum of the gradients would
 * send, and the parameters are the same bits as with the state whole on every rank.
 *
 * Where a grid is split there are parameters of which a rank uses a share only (the modes it
 * mixes). It owns that share together with its siblings, the ranks of the same number in other
 * domains: what is said above is then done among siblings, and nothing of it travels within a
 * domain. */
#ifndef RITZ_TRAIN_OPTIMIZER_H
#define RITZ_TRAIN_OPTIMIZER_H

#include <ritz/graph.h>
#include <ritz/params.h>

#include "core/options.h"
#include "dist/traffic.h"
#include "kernels/kernels.h"

/** Who uses what, where ranks split a grid. */
typedef struct ritz_optimizer_owners {
  ritz_context *domain;     /* of the ranks that share a grid */
  ritz_context *siblings;   /* of the ranks of the same number, one of each domain; NULL: alone */
  const ritz_index *shares; /* [parameters], ritz_plan_shares(); the same on all ranks */
} ritz_optimizer_owners;

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
 * @param context  Of the ranks that share the work; all create it alike. Nothing is sent.
 * @param params   Kept by reference; complete: none may be added later. The same on all ranks.
 * @param type     A name of optimizers.def.
 * @param options  Map of its options; NULL: defaults.
 * @param owners   Contexts are retained, shares copied; NULL: every rank uses everything.
 * @param out      NULL on failure. State starts at zero.
 *                 RITZ_ERR_NOT_FOUND, RITZ_ERR_CONFIG, RITZ_ERR_MEMORY
 */
ritz_status ritz_optimizer_create(ritz_context *context, ritz_params *params, const char *type,
                                  const ritz_value *options, const ritz_optimizer_owners *owners,
                                  ritz_optimizer **out);
void ritz_optimizer_destroy(ritz_optimizer **optimizer);

/** @return  Numbers of a gradient here, laid out as ritz_params_parts() says. */
ritz_index ritz_optimizer_numbers(const ritz_optimizer *optimizer);

/**
 * Runs the backward pass and sums the gradients over the ranks: each gets the numbers of its part,
 * with which the functions below work. Work of both that can be done in the shadow of the pass is:
 *
 * - Several ranks send and add up what is final while the rest is computed (graph/plan.h).
 * - One rank without clip_norm steps large parameters as their gradients come, which then never go
 *   to memory: those that one op alone uses (ritz_plan_streamed()). ritz_optimizer_check() and
 *   ritz_optimizer_step(), which is to follow with the same rate, do the rest.
 *
 * All numbers are those of ritz_plan_backward(), ritz_optimizer_sum() and a step, to the bit.
 * Collective: a rank whose pass has failed takes part in the sum with whatever its gradient holds,
 * one that has no pass calls ritz_optimizer_sum(); both tell the others afterwards
 * (ritz_status_agree()). Nobody goes on once a communication has failed.
 *
 * @param rate  As for the step. RITZ_ERR_ARGUMENT as there, before anything is stepped.
 * @return      RITZ_ERR_COMMUNICATION of either, otherwise ritz_plan_status().
 */
ritz_status ritz_optimizer_backward(ritz_optimizer *optimizer, ritz_plan *plan, double rate);

/** Sums gradients over the ranks, in double in rank order; each gets the numbers of its part.
 * Collective. RITZ_ERR_COMMUNICATION */
ritz_status ritz_optimizer_sum(ritz_optimizer *optimizer, void *gradient);

/** The parts of that sum: begins it, and sends nothing yet. From then to the end @p gradient must
 * stay. */
void ritz_optimizer_begin_sum(ritz_optimizer *optimizer, void *gradient);
/** Between steps of a backward pass: sends what is final after @p steps of them, and adds up what
 * has arrived. Never waits; a failure comes out at the end.
 * @param final  [parameters], ritz_plan_final_steps(); NULL without parameters. */
void ritz_optimizer_go_on(ritz_optimizer *optimizer, const int *final, int steps);
/** Sends the rest and waits for the sums. Collective. RITZ_ERR_COMMUNICATION */
ritz_status ritz_optimizer_finish_sum(ritz_optimizer *optimizer);

/**
 * One step; afterwards all ranks have all parameters that they use. Collective. Allocates nothing;
 * cost: one sweep over parameters, gradient and state of the own part, two over the gradient with
 * clip_norm.
 *
 * @param rate      Learning rate, >= 0.
 * @param gradient  ritz_plan_parameter_gradient(), with owners of a plan with own_gradients. Must
 *                  be finite, see ritz_optimizer_check().
 *                  RITZ_ERR_ARGUMENT  a rate that is negative or not finite; parameters were added
 *                                     since creation. Nothing has changed then.
 */
ritz_status ritz_optimizer_step(ritz_optimizer *optimizer, double rate, const void *gradient);

/** All ranks get all parameters: steps leave stale what only others use. Collective. */
ritz_status ritz_optimizer_complete(ritz_optimizer *optimizer);

/** RITZ_ERR_NUMERIC on all ranks, with the name of the parameter, where the gradient of a trainable
 * parameter is not finite; one that ritz_optimizer_backward() has stepped is not then either.
 * Collective. One sweep. */
ritz_status ritz_optimizer_check(ritz_optimizer *optimizer, const void *gradient);

/** Euclidean norm of the gradient of all trainable parameters. Collective. */
ritz_status ritz_optimizer_norm(ritz_optimizer *optimizer, const void *gradient, double *norm);

/** Adds what a step sends, sum and check included. */
void ritz_optimizer_traffic(const ritz_optimizer *optimizer, ritz_traffic *traffic);
/**
 * How long the sum goes on in the shadow of a backward pass.
 *
 * @param final  As for ritz_optimizer_go_on().
 * @param done   [steps + 1], seconds after which so many steps of the pass are done.
 * @return       Seconds of the sum that are over before the pass is.
 */
double ritz_optimizer_shadow(const ritz_optimizer *optimizer, ritz_network network,
                             const int *final, int steps, const double *done);
/** Bytes of this rank: state, and room for what travels. */
size_t ritz_optimizer_memory(const ritz_optimizer *optimizer);

/** All options, defaults included, as a tree for the resolved configuration. */
ritz_status ritz_optimizer_options(const ritz_optimizer *optimizer, ritz_value **out);

/* State, for checkpoints: arrays of the dtype of the parameters, which are whole tensors to those
 * who ask for them, whoever has what of them. */
int ritz_optimizer_slots(const ritz_optimizer *optimizer);
const char *ritz_optimizer_slot_name(const ritz_optimizer *optimizer, int slot);
/** @return  Numbers that ritz_optimizer_collect() wants room for: on rank 0 those of the largest
 * tensor, on others as many as they own. */
ritz_index ritz_optimizer_room(const ritz_optimizer *optimizer);
/** Brings what all ranks have of tensor @p param to rank 0, into its @p room. Collective. */
ritz_status ritz_optimizer_collect(ritz_optimizer *optimizer, int slot, int param, void *room);
/** @return  Pieces of tensor @p param in which this rank may have a part of its state. */
int ritz_optimizer_pieces(ritz_optimizer *optimizer, int param);
/** @return  The state that this rank has of one of the pieces, ascending in @p piece: of numbers
 * [*first, *first + *count) of the tensor; NULL: nothing. All ranks have every number once. A piece
 * of complex numbers is some whole blocks of (re, im) planes. */
void *ritz_optimizer_piece(ritz_optimizer *optimizer, int slot, int param, int piece,
                           ritz_index *first, ritz_index *count);
/** @return  Steps done. */
ritz_index ritz_optimizer_steps(const ritz_optimizer *optimizer);
void ritz_optimizer_set_steps(ritz_optimizer *optimizer, ritz_index steps);

/* Row of every option table. */
#define RITZ_OPTIMIZER_CLIP_NORM(type)                      \
  RITZ_OPTION_REALS(type, clip_norm, 1e-300, 1e300, "null", \
                    "largest norm of the gradient of all parameters; null: any")

#endif
