/* SPDX-License-Identifier: BSD-3-Clause
 * Gradients of graphs against central differences, in double. */
#ifndef RITZ_TESTS_GRADIENT_H
#define RITZ_TESTS_GRADIENT_H

#include <ritz/graph.h>
#include <ritz/ops.h>

#include "support.h"

/** A graph to check: adds ops to @p x and returns the output. */
typedef ritz_var gradient_builder(ritz_graph *graph, ritz_params *params, ritz_var x,
                                  const void *config);

/** A uniform random parameter in [-1, 1). */
ritz_var random_parameter(ritz_graph *graph, ritz_params *params, const char *name,
                          ritz_shape shape, int complex_axis);

/**
 * s = sum(y r) with random r: compares ds/dx and ds/d(parameter) with central differences entry by
 * entry (up to 60 entries of each, evenly spread), and <J v, r> with <v, J^T r>.
 *
 * Tolerance: differences of fourth order with h = 1e-4 err by h^4 s^(5) / 30 plus eps |s| / h ~
 * 1e-12 |s|; relative to the largest gradient entry 1e-7 leaves room for sums over a few hundred
 * points.
 */
void check_gradients(ritz_shape x, gradient_builder *build, const void *config);

/**
 * The same for functions with kinks (ReLU, maxima): random directions of x and of every
 * eighth tensor, central
 * differences with h = 1e-8: so short a step seldom meets one of 1e5 kinks. Rounding leaves some
 * eps / h of the sum of |y r|.
 */
void check_directions(ritz_shape x, gradient_builder *build, const void *config);

/** Runs @p build forward and backward in the number format @p dtype with @p threads threads on the
 * same random input; y and the parameter gradients go to malloc'ed double arrays of the caller. */
typedef struct graph_result {
  ritz_index y_count, gradient_count, x_count;
  double *y, *gradient, *gx;
} graph_result;
graph_result run_graph(ritz_dtype dtype, int threads, ritz_shape x, gradient_builder *build,
                       const void *config);
void graph_result_free(graph_result *result);

/** 1 and 2 threads give the same bits in both number formats: y and all gradients. */
void check_thread_counts(ritz_shape x, gradient_builder *build, const void *config);

/** Float on 1 thread agrees with double on 3, relative to the largest numbers: y to @p rounding,
 * gradients to @p gradient_rounding. */
void check_formats(ritz_shape x, gradient_builder *build, const void *config, double rounding,
                   double gradient_rounding);

/** Output of @p build in double for the input @p x, with initial values of seed 5 but @p w in the
 * parameter @p name (NULL: none); malloc'ed. */
double *evaluate_graph(ritz_shape shape, gradient_builder *build, const void *config,
                       const double *x, const char *name, const double *w);

/** An operator as the graph to check: build_operator is the builder for a config of this type. */
typedef struct operator_case {
  const char *type;
  const char *options; /* YAML */
  ritz_shape x;
  bool training; /* dropout with seed 3 */
} operator_case;
ritz_var build_operator(ritz_graph *graph, ritz_params *params, ritz_var x, const void *config);

#endif
