/* SPDX-License-Identifier: BSD-3-Clause
 * When buffers are in use, and which of them are one. */
#ifndef RITZ_GRAPH_LIFETIMES_H
#define RITZ_GRAPH_LIFETIMES_H

#include "graph/plan.h"

/* First write and last read of a buffer, in steps, and within its step in nodes. Never used: end is
 * negative. */
typedef struct ritz_lifetime {
  int start, end;
  int first_node, last_node;
} ritz_lifetime;

/* Of all buffers of a plan; arrays by node. */
typedef struct ritz_lifetimes {
  const ritz_plan *plan;
  int *step_of; /* forward step of an op */
  ritz_lifetime *value, *again, *gradient;
  ritz_node **shares; /* whose gradient buffer this node's gradient lives in */
} ritz_lifetimes;

/** Finds them, and marks the buffers that are grouped. Release with ritz_lifetimes_clear(), also
 * after a failure. */
ritz_status ritz_lifetimes_of(const ritz_plan *plan, ritz_lifetimes *out);
void ritz_lifetimes_clear(ritz_lifetimes *lifetimes);

/** The node in whose place the value of @p node lies: its own, or that of what took it over. */
ritz_node *ritz_value_place(ritz_node *node);

/* When an op reads and writes: attached ends do so in the steps before and after its own. */
typedef struct ritz_moments {
  int input, output;     /* forward steps that read in[0] and write the output */
  int gout, gin;         /* backward steps that read the cotangent and write that of in[0] */
  int forward, backward; /* the op's own steps: everything else */
} ritz_moments;

ritz_moments ritz_moments_of(const ritz_lifetimes *lifetimes, const ritz_node *node);

#endif
