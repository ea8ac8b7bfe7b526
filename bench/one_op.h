/* SPDX-License-Identifier: BSD-3-Clause
 * A graph of one op in single precision, timed forward and with all its gradients. */
#ifndef RITZ_BENCH_ONE_OP_H
#define RITZ_BENCH_ONE_OP_H

#include <ritz/graph.h>

#include "bench/bench.h"

typedef struct one_op {
  ritz_params *params;
  ritz_graph *graph; /* until it is planned */
  ritz_plan *plan;
  int inputs;
  ritz_var in[3], out; /* set by the caller */
} one_op;

/** An empty graph to build the op in; one_op_end() after success and failure. */
ritz_status one_op_begin(ritz_context *context, one_op *out);
void one_op_end(one_op *op);

/** Plans, gradients of all inputs and parameters included, and fills the inputs. */
ritz_status one_op_plan(one_op *op);

/** Fills the cotangent with random numbers. */
void one_op_fill_cotangent(one_op *op);

/** Runs forward and backward. */
void one_op_run(one_op *op);

/**
 * Prints two lines, "direction": "forward", and "both" for the run with all gradients.
 *
 * @param both   Flops of "both" over those of forward. Bytes are those of the inputs, the
 * parameters and the output; of "both" these and twice again, for gradients and what they need.
 * @param error  Of the answer, into the lines; below @p tolerance, or RITZ_ERR_NUMERIC.
 * @param more   Further fields: "\"heads\": 4, "; "" for none.
 */
ritz_status one_op_measure(one_op *op, const bench_case *of, const bench_call *call, double both,
                           double error, double tolerance, const char *more);

#endif
