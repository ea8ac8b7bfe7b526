/* SPDX-License-Identifier: BSD-3-Clause
 * Graph -> plan -> run.
 *
 * A graph is built once for a grid and a batch. Constructors (ops.h) return a variable; an error
 * latches in the graph and comes out of ritz_graph_plan(), so that an operator reads like its
 * equations. Planning infers nothing new: it differentiates, groups ops that act on each grid point
 * alone into tiles, chooses algorithms and places every buffer in one block by its lifetime.
 * Running allocates nothing. */
#ifndef RITZ_GRAPH_H
#define RITZ_GRAPH_H

#include <ritz/layout.h>
#include <ritz/params.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_graph ritz_graph;
typedef struct ritz_plan ritz_plan;
/** A value in a graph, owned by it. */
typedef struct ritz_node *ritz_var;
/** No variable: an optional operand left out, or the result of a failed graph. */
#define RITZ_NO_VAR ((ritz_var)0)

/** An empty graph. @param out  NULL on failure. Keeps the context alive; ritz_graph_plan() takes
 * it, else release it with ritz_graph_destroy(). */
RITZ_API ritz_status ritz_graph_create(ritz_context *context, ritz_dtype dtype, ritz_graph **out);
/** Frees a graph that was not planned (a plan owns its graph); accepts NULL and clears the pointer.
 */
RITZ_API void ritz_graph_destroy(ritz_graph **graph);

/** @return  The latched error, RITZ_OK if none; its sentence is in ritz_error_message(). */
RITZ_API ritz_status ritz_graph_status(const ritz_graph *graph);

/**
 * Ops added from now on behave as in training: dropout drops, batch norm uses (and updates) the
 * statistics of the batch. Default: as in evaluation.
 *
 * @param seed  Dropout is a function of (seed, run number, op, element).
 */
RITZ_API void ritz_graph_set_training(ritz_graph *graph, bool training, uint64_t seed);

/** A value the caller fills before each run, in ritz_plan_value(). @param name  Copied. */
RITZ_API ritz_var ritz_input(ritz_graph *graph, const char *name, ritz_shape shape);

/**
 * A field of which each rank holds a part. What is computed from it is split alike, as far as it
 * lives on the same grid; the operators need not know. All ranks of the layout build the same graph
 * and run it together. Planning sends nothing: ranks whose planning succeeded make sure that it did
 * on all before the first run, which waits for every rank.
 *
 * Values of which each rank holds all (parameters, losses) have cotangents that are *partial*: the
 * true one is the sum over the ranks. So are parameter gradients: add those of all ranks.
 *
 * @param shape   Of the whole field, [B, X0, ..., C].
 * @param layout  Of X0, ..., over the ranks of the graph's context; retained.
 */
RITZ_API ritz_var ritz_input_split(ritz_graph *graph, const char *name, ritz_shape shape,
                                   ritz_layout *layout);

/**
 * A parameter by name: found in @p params, or added there with @p init.
 *
 * @param complex_axis  Axis of extent 2 that holds (re, im); -1: real.
 * @param format        printf-style name, "block.%d.skip.weight".
 *
 * Latches RITZ_ERR_SHAPE if the set holds another shape under this name.
 */
RITZ_API ritz_var ritz_parameter(ritz_graph *graph, ritz_params *params, ritz_init init,
                                 ritz_shape shape, int complex_axis, const char *format, ...)
    RITZ_PRINTF(6, 7);

/** Marks a parameter as state that no optimizer changes (running statistics). @return @p parameter.
 */
RITZ_API ritz_var ritz_untrained(ritz_var parameter);

/** @return  Shape of @p var, of the whole field where it is split; rank 0 for RITZ_NO_VAR. */
RITZ_API ritz_shape ritz_var_shape(ritz_var var);
/** @return  Shape of what this rank holds of @p var. */
RITZ_API ritz_shape ritz_var_part(ritz_var var);
/** @return  How @p var is split; NULL: each rank holds all of it. */
RITZ_API const ritz_layout *ritz_var_layout(ritz_var var);

typedef struct ritz_plan_options {
  bool gradients;       /**< Also plan the backward pass. Default false. */
  bool input_gradients; /**< With gradients: also with respect to the inputs. Default false. */
  bool only_inputs;     /**< With input_gradients: not to the parameters. Default false. */
  bool own_gradients;   /**< Where fields are split: no room for gradients of weights that other
                             ranks alone use, see ritz_plan_gradient_part(). Default false. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_plan_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_plan_options_defaults(ritz_plan_options *options);

/**
 * Plans a graph; allocates all memory a run needs. A graph can be planned once.
 *
 * @param graph    Taken by the plan on success; the caller's own on failure.
 * @param output   Values to keep readable after a forward run; the last one is differentiated.
 * @param options  NULL: the defaults.
 * @param out      NULL on failure.
 *                 The latched error of the graph, or RITZ_ERR_MEMORY
 */
RITZ_API ritz_status ritz_graph_plan(ritz_graph *graph, int outputs, const ritz_var *output,
                                     const ritz_plan_options *options, ritz_plan **out);
/** Frees the plan and its graph; accepts NULL and clears the pointer. */
RITZ_API void ritz_plan_destroy(ritz_plan **plan);

/** Buffer of an input (to fill) or an output (to read), numbers of the graph's dtype: this rank's
 * part of one that is split. */
RITZ_API void *ritz_plan_value(ritz_plan *plan, ritz_var var);

/** Cotangent of the differentiated output, same shape; starts as all ones. The caller may write it
 * before ritz_plan_forward(), which does part of the backward work where that output is a loss.
 * Where fields are split and that output is not, the ranks' cotangents add up: it starts as ones on
 * the first rank and zeros on the others. */
RITZ_API void *ritz_plan_cotangent(ritz_plan *plan);

/** Gradient with respect to an input; NULL unless planned with input_gradients. Partial where
 * fields are split and the input is not. */
RITZ_API const void *ritz_plan_input_gradient(ritz_plan *plan, ritz_var input);

/** Gradients of all parameters, laid out as ritz_params_data() unless planned with own_gradients;
 * padding is zero. NULL without gradients. A complex entry holds dS/dRe, dS/dIm. Partial where
 * fields are split. */
RITZ_API void *ritz_plan_parameter_gradient(ritz_plan *plan);
/** @return  What it holds of tensor @p i: all, or of weights whose modes the ranks share out this
 * rank's, for which no other rank has a gradient. */
RITZ_API ritz_param_part ritz_plan_gradient_part(const ritz_plan *plan, int i);

/** Number of the next runs (default 0): what keys the random numbers of dropout. */
RITZ_API void ritz_plan_set_run(ritz_plan *plan, uint64_t number);

/** Computes the outputs from inputs and parameters. Allocates nothing (but FFTW, chosen for long
 * axes with nearly all modes kept, may take a buffer of its own). */
RITZ_API void ritz_plan_forward(ritz_plan *plan);
/** Computes all gradients; follows a forward run with the same values. Allocates nothing. */
RITZ_API void ritz_plan_backward(ritz_plan *plan);

/** @return  RITZ_OK, or the failure of a communication in a run, which leaves values undefined;
 * only plans with split fields can fail. */
RITZ_API ritz_status ritz_plan_status(const ritz_plan *plan);

/** @return  Bytes held by the plan. */
RITZ_API size_t ritz_plan_memory(const ritz_plan *plan);
/** Floating-point operations of one forward and, if planned, one backward run. */
RITZ_API double ritz_plan_flops(const ritz_plan *plan);

/** The plan as text, one line per step: ops, flops, bytes. Release with ritz_text_free(). */
RITZ_API ritz_status ritz_plan_describe(const ritz_plan *plan, char **out);

/** What one step of a plan costs: a chain of row ops, or another op. */
typedef struct ritz_step_cost {
  bool backward;
  const char *ops; /**< Names in the order they run, "linear gelu linear". */
  double flops;
  double bytes;                     /**< Of whole buffers read and written, parameters included. */
  double seconds;                   /**< Median over the runs; 0 without any. */
  double messages, sent;            /**< Of split fields: to other ranks, and their bytes. */
  uint64_t reserved[RITZ_RESERVED]; /**< Room for fields to come. */
} ritz_step_cost;

typedef struct ritz_plan_cost {
  int steps;
  ritz_step_cost *step;
  double flops, bytes, seconds, messages, sent; /**< Sums over the steps. */
} ritz_plan_cost;

/**
 * Counts the cost of every step and, with @p runs > 0, times the steps within that many whole
 * runs (forward and, if planned, backward) after one that warms up.
 *
 * Runs use inputs and parameters as they are and count as any other run: outputs are overwritten,
 * and a training graph with batch norm moves its running statistics.
 *
 * @param out  Release with ritz_plan_cost_destroy(); NULL on failure. RITZ_ERR_ARGUMENT  runs < 0
 */
RITZ_API ritz_status ritz_plan_measure(ritz_plan *plan, int runs, ritz_plan_cost **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_plan_cost_destroy(ritz_plan_cost **cost);

/** Releases a text returned by the library; NULL-safe. */
RITZ_API void ritz_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
