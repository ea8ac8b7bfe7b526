/* SPDX-License-Identifier: BSD-3-Clause
 * Losses to test, in a graph of their own. */
#ifndef RITZ_TESTS_LOSS_CASES_H
#define RITZ_TESTS_LOSS_CASES_H

#include "one_graph.h"
#include "train/loss.h"

typedef ritz_var loss_constructor(ritz_graph *, const ritz_loss_type *, ritz_var, ritz_var,
                                  const ritz_loss_options *);

typedef struct loss_case {
  const char *name;
  ritz_loss_options options;
  ritz_shape shape, truth_shape;
  double truth_scale;
  loss_constructor *construct;
} loss_case;

/** ritz_loss() of two fields of one shape, with default options. */
loss_case loss_case_of(const char *name, ritz_shape shape);

const ritz_loss_type *loss_named(const char *name);

/** A gradient_builder; its config is a loss_case, whose truth is a constant of the graph. */
ritz_var build_loss(ritz_graph *graph, ritz_params *params, ritz_var x, const void *config);

/** The truth that build_loss() takes, in double. */
void fill_truth(const loss_case *c, double *truth);

/** A loss of two inputs, planned. */
typedef struct loss_graph {
  one_graph g;
  ritz_plan *plan; /**< Of g. */
  ritz_var prediction, truth, loss;
} loss_graph;

/** @return  The status of the plan; the message stays. Release with loss_graph_release(). */
ritz_status loss_graph_plan(const loss_case *c, ritz_dtype dtype, bool gradients, loss_graph *out);
void loss_graph_release(loss_graph *graph);

#endif
