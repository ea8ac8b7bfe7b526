/* SPDX-License-Identifier: BSD-3-Clause
 * Fewer sweeps over a tile; operators need not know. Sums with a linear map become one op:
 * y = z + (x W + b) is a product that accumulates onto z + b. A bias in front of GELU becomes part
 * of it. And a value takes over the place of an operand that nobody else reads. */
#include "graph/ops/ops.h"
#include "graph/plan.h"

bool ritz_plan_reads_once(const ritz_plan *plan, const ritz_node *value) {
  const ritz_graph *g = plan->graph;
  int users = 0;
  for (int i = value->id + 1; i < g->count; i++)
    for (int j = 0; g->node[i]->needed && j < g->node[i]->arity; j++)
      users += g->node[i]->in[j] == value;
  for (int i = 0; i < plan->outputs; i++) users += plan->output[i] == value;
  return users == 1;
}

static bool is_spare(const ritz_plan *plan, const ritz_node *value, const ritz_op *op) {
  return value->op == op && ritz_plan_reads_once(plan, value);
}

/* sum = z + x W + b, with b from the linear map, or from z where that is a biased field; and what a
 * gate makes of z. */
static void merge(const ritz_plan *plan, ritz_node *sum, ritz_node *linear, ritz_node *z) {
  ritz_node *b = linear->arity > 2 ? linear->in[2] : NULL, *v = NULL;
  if (!b && is_spare(plan, z, &ritz_op_bias)) {
    z->needed = false;
    b = z->in[1];
    z = z->in[0];
  }
  if (is_spare(plan, z, &ritz_op_gate)) {
    z->needed = false;
    v = z->in[1];
    z = z->in[0];
  }
  linear->needed = false;
  sum->op = v ? &ritz_op_linear_gated : &ritz_op_linear_onto;
  sum->arity = 0;
  ritz_node *const operand[] = {linear->in[0], linear->in[1], z, v, b};
  for (int i = 0; i < 5; i++)
    if (operand[i]) sum->in[sum->arity++] = operand[i];
}

static void merge_sum(const ritz_plan *plan, ritz_node *sum) {
  if (is_spare(plan, sum->in[1], &ritz_op_linear))
    merge(plan, sum, sum->in[1], sum->in[0]);
  else if (is_spare(plan, sum->in[0], &ritz_op_linear))
    merge(plan, sum, sum->in[0], sum->in[1]);
}

/* gelu(x + b): the bias of a linear map costs nothing beside the activation, and a product that
 * starts from nothing or in place of z is the fastest. */
static void move_bias(const ritz_plan *plan, ritz_node *gelu) {
  ritz_node *x = gelu->in[0];
  if (is_spare(plan, x, &ritz_op_bias)) {
    x->needed = false;
    gelu->in[0] = x->in[0];
    gelu->in[1] = x->in[1];
  } else if ((is_spare(plan, x, &ritz_op_linear) && x->arity == 3) ||
             (is_spare(plan, x, &ritz_op_linear_onto) && x->arity == 4)) {
    gelu->in[1] = x->in[--x->arity];
  } else {
    return;
  }
  gelu->op = &ritz_op_bias_gelu;
  gelu->arity = 2;
}

void ritz_plan_rewrite(ritz_plan *plan) {
  for (int i = 0; i < plan->graph->count; i++) {
    ritz_node *node = plan->graph->node[i];
    if (!node->needed) continue;
    if (node->op == &ritz_op_add)
      merge_sum(plan, node);
    else if (node->op == &ritz_op_gelu)
      move_bias(plan, node);
  }
}

/* Whether a vjp reads the value from where the forward run left it. */
static bool stays(const ritz_node *value, const ritz_node *user, int operand) {
  if (value->recomputed) return false;
  return (value->op->reads_out && ritz_is_active(value)) ||
         (user->op->reads_in & 1u << operand && ritz_is_active(user));
}

void ritz_plan_choose_in_place(ritz_plan *plan) {
  for (int n = 0; n < plan->ordered; n++) {
    ritz_node *node = plan->order[n];
    for (int i = 0; i < node->arity; i++) {
      ritz_node *in = node->in[i];
      if (!(node->op->in_place & 1u << i) || in->kind != RITZ_NODE_OP ||
          !ritz_plan_reads_once(plan, in) || stays(in, node, i))
        continue;
      in->taken_over = node;
      break;
    }
  }
}
