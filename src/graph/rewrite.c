/* SPDX-License-Identifier: BSD-3-Clause
 * Sums with a linear map become one op: y = z + (x W + b) is a product that accumulates onto z + b,
 * and one sweep over a tile instead of three. Operators need not know. */
#include "graph/ops/ops.h"
#include "graph/plan.h"

/* Whether only `user` reads the value, so that it need not exist by itself. */
static bool used_by_one(const ritz_plan *plan, const ritz_node *value) {
  const ritz_graph *g = plan->graph;
  int users = 0;
  for (int i = value->id + 1; i < g->count; i++)
    for (int j = 0; g->node[i]->needed && j < g->node[i]->arity; j++)
      users += g->node[i]->in[j] == value;
  for (int i = 0; i < plan->outputs; i++) users += plan->output[i] == value;
  return users == 1;
}

static bool is_spare(const ritz_plan *plan, const ritz_node *value, const ritz_op *op) {
  return value->op == op && used_by_one(plan, value);
}

/* sum = z + x W + b, with b from the linear map, or from z where that is a biased field. */
static void merge(const ritz_plan *plan, ritz_node *sum, ritz_node *linear, ritz_node *z) {
  ritz_node *b = linear->arity > 2 ? linear->in[2] : NULL;
  if (!b && is_spare(plan, z, &ritz_op_bias)) {
    z->needed = false;
    b = z->in[1];
    z = z->in[0];
  }
  linear->needed = false;
  sum->op = &ritz_op_linear_onto;
  sum->arity = b ? 4 : 3;
  sum->in[0] = linear->in[0];
  sum->in[1] = linear->in[1];
  sum->in[2] = z;
  sum->in[3] = b;
}

void ritz_plan_rewrite(ritz_plan *plan) {
  for (int i = 0; i < plan->graph->count; i++) {
    ritz_node *node = plan->graph->node[i];
    if (!node->needed || node->op != &ritz_op_add) continue;
    if (is_spare(plan, node->in[1], &ritz_op_linear))
      merge(plan, node, node->in[1], node->in[0]);
    else if (is_spare(plan, node->in[0], &ritz_op_linear))
      merge(plan, node, node->in[0], node->in[1]);
  }
}
