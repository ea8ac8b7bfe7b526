/* SPDX-License-Identifier: BSD-3-Clause
 * From graph to steps: what is needed, what is differentiated, what runs tile by tile. */
#include "graph/plan.h"
#include "graph/distribute.h"

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "graph/params.h"

void ritz_plan_options_defaults(ritz_plan_options *options) { *options = (ritz_plan_options){0}; }

static bool is_row_op(const ritz_node *node) { return node->op->rows != NULL; }

/* Is this an op on parameters alone? `weight` says so of all nodes before. */
static bool is_weight_op(const ritz_node *node, const bool *weight) {
  bool all = node->kind == RITZ_NODE_OP && node->arity > 0 && !is_row_op(node);
  for (int j = 0; all && j < node->arity; j++) all = weight[node->in[j]->id];
  return all;
}

/* Ops on parameters alone move to the front with all parameters: between a chain and the op that
 * takes its lines (attach.c) no other step may stand. Graphs without such ops stay as they are. */
static ritz_status weights_first(ritz_graph *g) {
  bool *weight;
  ritz_node **sorted;
  int count = 0;
  bool any = false;
  RITZ_TRY(RITZ_NEW(g->count, &weight));
  const ritz_status status = RITZ_NEW(g->count, &sorted);
  for (int i = 0; status == RITZ_OK && i < g->count; i++) {
    const bool op = is_weight_op(g->node[i], weight);
    any = any || (op && !g->node[i]->moves);
    weight[i] = op || g->node[i]->kind == RITZ_NODE_PARAMETER;
    if (weight[i]) sorted[count++] = g->node[i];
  }
  for (int i = 0; any && i < g->count; i++)
    if (!weight[i]) sorted[count++] = g->node[i];
  for (int i = 0; any && i < g->count; i++) {
    g->node[i] = sorted[i];
    g->node[i]->id = i;
  }
  ritz_free(weight);
  ritz_free(sorted);
  return status;
}

/* From here on shapes are those of the parts. */
static void take_parts(ritz_graph *g) {
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    node->whole = node->shape;
    if (node->layout) node->shape = node->part;
  }
}

/* Numbers that do not depend on how the fields are split. */
static void count_nodes(ritz_graph *g) {
  for (int i = 0, number = 0; i < g->count; i++) {
    g->node[i]->number = number;
    number += !g->node[i]->moves;
  }
}

/* Users come after their operands, so one sweep from the end finds all ancestors. */
static void mark_needed(ritz_plan *plan) {
  ritz_graph *g = plan->graph;
  for (int i = 0; i < plan->outputs; i++) plan->output[i]->needed = true;
  for (int i = g->count - 1; i >= 0; i--)
    for (int j = 0; g->node[i]->needed && j < g->node[i]->arity; j++)
      g->node[i]->in[j]->needed = true;
}

static bool is_constant(const ritz_node *node) { return node->op && node->op->constant; }

/* A gradient is wanted of what depends on a wanted leaf and leads to the target. */
static ritz_status mark_gradients(ritz_plan *plan) {
  ritz_graph *g = plan->graph;
  if (!plan->options.gradients) return RITZ_OK;
  bool *leads;
  RITZ_TRY(RITZ_NEW(g->count, &leads));
  leads[plan->target->id] = true;
  for (int i = g->count - 1; i >= 0; i--)
    for (int j = 0; leads[i] && !is_constant(g->node[i]) && j < g->node[i]->arity; j++)
      leads[g->node[i]->in[j]->id] = true;
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    bool wants = (node->kind == RITZ_NODE_PARAMETER && !plan->options.only_inputs &&
                  ritz_params_info(node->params, node->param)->trainable) ||
                 (node->kind == RITZ_NODE_INPUT && plan->options.input_gradients);
    for (int j = 0; j < node->arity; j++) wants = wants || node->in[j]->wants_gradient;
    node->wants_gradient = wants && leads[i] && !is_constant(node);
  }
  ritz_free(leads);
  return RITZ_OK;
}

/* The backward pass visits users from last to first: the first one writes, the others add. */
static ritz_status mark_additions(ritz_plan *plan) {
  ritz_graph *g = plan->graph;
  bool *written;
  RITZ_TRY(RITZ_NEW(g->count, &written));
  for (int i = g->count - 1; i >= 0; i--) {
    ritz_node *node = g->node[i];
    for (int j = 0; node->kind == RITZ_NODE_OP && ritz_is_active(node) && j < node->arity; j++) {
      node->add[j] = written[node->in[j]->id];
      written[node->in[j]->id] = true;
    }
  }
  ritz_free(written);
  return RITZ_OK;
}

/* A box that is read by the next op alone, which can work while the halo travels: one step. */
static bool comes_ahead(const ritz_plan *plan, const ritz_node *user) {
  const ritz_node *box = plan->ordered > 0 ? plan->order[plan->ordered - 1] : NULL;
  return box && box->op == &ritz_op_fetch && user->op->meets_halo && user->in[0] == box &&
         ritz_plan_reads_once(plan, box);
}

static ritz_status make_steps(ritz_plan *plan) {
  ritz_graph *g = plan->graph;
  RITZ_TRY(RITZ_NEW(g->count, &plan->order));
  RITZ_TRY(RITZ_NEW(2 * g->count, &plan->step));
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    if (node->kind != RITZ_NODE_OP || !node->needed) continue;
    const bool tiled = is_row_op(node);
    ritz_step *next = plan->step + plan->forward_steps;
    if (plan->forward_steps && tiled && next[-1].tiled && next[-1].rows == ritz_rows(node)) {
      next[-1].count++;
    } else if (comes_ahead(plan, node)) {
      node->in[0]->ahead = true;
      next[-1].count++;
    } else {
      *next =
          (ritz_step){.first = plan->ordered, .count = 1, .tiled = tiled, .rows = ritz_rows(node)};
      plan->forward_steps++;
    }
    plan->order[plan->ordered++] = node;
  }
  plan->steps = plan->forward_steps;
  for (int s = plan->forward_steps - 1; plan->options.gradients && s >= 0; s--) {
    plan->step[plan->steps] = plan->step[s];
    plan->step[plan->steps++].backward = true;
  }
  return RITZ_OK;
}

static ritz_status plan_ops(ritz_plan *plan, bool row_ops) {
  for (int i = 0; i < plan->ordered; i++) {
    ritz_node *node = plan->order[i];
    if (is_row_op(node) != row_ops) continue;
    if (node->op->plan) RITZ_TRY(node->op->plan(node, ritz_is_active(node)));
    const double flops = node->op->flops ? node->op->flops(node) : 0;
    plan->forward_flops += flops;
    if (ritz_is_active(node)) plan->backward_flops += 2 * flops;
    if (node->recomputed) plan->backward_flops += flops;
  }
  return RITZ_OK;
}

static ritz_status take_params(ritz_plan *plan) {
  const ritz_graph *g = plan->graph;
  for (int i = 0; i < g->count; i++) {
    ritz_params *params = g->node[i]->params;
    if (!params || params == plan->params) continue;
    RITZ_REQUIRE(!plan->params, RITZ_ERR_ARGUMENT, "a graph can use one parameter set only");
    plan->params = ritz_params_retain(params);
  }
  return RITZ_OK;
}

/* What all its readers say, 0 where they do not agree; what is not trained is state of all. */
static ritz_index shares_of(const ritz_plan *plan, int i) {
  ritz_index shares = 0;
  bool read = !ritz_params_info(plan->params, i)->trainable;
  for (int n = 0; n < plan->ordered; n++) {
    const ritz_node *node = plan->order[n];
    for (int j = 0; j < node->arity; j++) {
      if (node->in[j]->kind != RITZ_NODE_PARAMETER || node->in[j]->param != i) continue;
      const ritz_index said = node->op->shares ? node->op->shares(node, j) : 0;
      if (read && said != shares) return 0;
      shares = said;
      read = true;
    }
  }
  return shares;
}

/* The last step that adds to each parameter's gradient; the vjp of a node is work of the backward
 * step that mirrors its own, or of the one that this was merged into. */
static void find_final_steps(const ritz_plan *plan) {
  for (int s = 0; plan->options.gradients && s < plan->forward_steps; s++) {
    const int done = ritz_time_of(plan, plan->steps - 1 - s) - plan->forward_steps + 1;
    for (int j = 0; j < plan->step[s].count; j++) {
      const ritz_node *node = plan->order[plan->step[s].first + j];
      for (int i = 0; ritz_is_active(node) && i < node->arity; i++) {
        if (node->in[i]->kind != RITZ_NODE_PARAMETER) continue;
        int *final = &plan->final[node->in[i]->param];
        if (*final < done) *final = done;
      }
    }
  }
}

/* Ops are planned: they know what they use of a parameter. */
static ritz_status share_out(ritz_plan *plan) {
  const int count = plan->params ? ritz_params_count(plan->params) : 0;
  ritz_index common;
  if (count == 0) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(count, &plan->shares));
  RITZ_TRY(RITZ_NEW(count, &plan->part));
  RITZ_TRY(RITZ_NEW(count, &plan->final));
  find_final_steps(plan);
  for (int i = 0; i < count; i++) plan->shares[i] = shares_of(plan, i);
  const ritz_index numbers =
      ritz_params_parts(plan->params, plan->options.own_gradients ? plan->shares : NULL,
                        plan->graph->context->comm, plan->part, &common);
  if (plan->options.gradients)
    plan->gradient_bytes = (size_t)numbers * ritz_dtype_size(plan->graph->dtype);
  return RITZ_OK;
}

static ritz_status build(ritz_plan *plan, int outputs, const ritz_var *output) {
  RITZ_TRY(ritz_graph_status(plan->graph));
  RITZ_REQUIRE(outputs >= 1, RITZ_ERR_ARGUMENT, "a plan needs at least one output");
  RITZ_REQUIRE(!plan->graph->planned, RITZ_ERR_ARGUMENT, "a graph can be planned once");
  RITZ_TRY(RITZ_NEW(outputs, &plan->output));
  plan->outputs = outputs;
  for (int i = 0; i < outputs; i++) {
    RITZ_REQUIRE(output[i] && output[i]->graph == plan->graph && output[i]->kind == RITZ_NODE_OP,
                 RITZ_ERR_ARGUMENT, "output %d is not the result of an op of this graph", i);
    plan->output[i] = output[i];
  }
  plan->target = output[outputs - 1];
  plan->graph->planned = true;
  take_parts(plan->graph);
  RITZ_TRY(take_params(plan));
  RITZ_TRY(weights_first(plan->graph));
  count_nodes(plan->graph);
  mark_needed(plan);
  ritz_plan_rewrite(plan);
  RITZ_TRY(mark_gradients(plan));
  RITZ_TRY(mark_additions(plan));
  RITZ_TRY(make_steps(plan));
  ritz_plan_choose_turn(plan);
  RITZ_TRY(ritz_plan_choose_recomputed(plan));
  ritz_plan_choose_in_place(plan);
  RITZ_TRY(plan_ops(plan, false));
  ritz_plan_attach_ends(plan);
  RITZ_TRY(plan_ops(plan, true));
  RITZ_TRY(share_out(plan));
  RITZ_TRY(ritz_plan_find_streamed(plan));
  RITZ_TRY(ritz_plan_allocate(plan));
  if (plan->outline) return RITZ_OK;
  RITZ_TRY(ritz_plan_list_calls(plan));
  return ritz_plan_find_streams(plan);
}

static ritz_status create_plan(bool outline, ritz_graph *graph, int outputs, const ritz_var *output,
                               const ritz_plan_options *options, ritz_plan **out) {
  ritz_plan *plan;
  *out = NULL;
  if (options) RITZ_TRY(ritz_reserved_check(options->reserved, "plan options"));
  RITZ_TRY(RITZ_NEW(1, &plan));
  plan->outline = outline;
  if (options) plan->options = *options;
  plan->graph = graph;
  const ritz_status status = build(plan, outputs, output);
  if (status != RITZ_OK) {
    plan->graph = NULL; /* stays the caller's */
    ritz_plan_destroy(&plan);
    return status;
  }
  *out = plan;
  return RITZ_OK;
}

ritz_status ritz_graph_plan(ritz_graph *graph, int outputs, const ritz_var *output,
                            const ritz_plan_options *options, ritz_plan **out) {
  return create_plan(false, graph, outputs, output, options, out);
}

ritz_status ritz_graph_outline(ritz_graph *graph, int outputs, const ritz_var *output,
                               const ritz_plan_options *options, ritz_plan **out) {
  return create_plan(true, graph, outputs, output, options, out);
}

void ritz_plan_destroy(ritz_plan **plan) {
  if (!plan || !*plan) return;
  ritz_plan *p = *plan;
  *plan = NULL;
  ritz_graph_destroy(&p->graph);
  ritz_params_destroy(&p->params);
  ritz_free(p->output);
  ritz_free(p->order);
  for (int i = 0; i < p->steps; i++) ritz_free(p->step[i].stream), ritz_free(p->step[i].call);
  ritz_free(p->step);
  ritz_free(p->block);
  ritz_free(p->tiles);
  ritz_free(p->shares);
  ritz_free(p->final);
  ritz_free(p->streamed);
  ritz_free(p->part);
  ritz_free(p->gradient);
  ritz_free(p);
}

void *ritz_plan_value(ritz_plan *plan, ritz_var var) { return var->value.data; }
void *ritz_plan_cotangent(ritz_plan *plan) { return plan->target->gradient.data; }
const void *ritz_plan_input_gradient(ritz_plan *plan, ritz_var input) {
  return input->wants_gradient ? input->gradient.data : NULL;
}
void *ritz_plan_parameter_gradient(ritz_plan *plan) { return plan->gradient; }

ritz_param_part ritz_plan_gradient_part(const ritz_plan *plan, int i) { return plan->part[i]; }
const ritz_index *ritz_plan_shares(const ritz_plan *plan) { return plan->shares; }
const int *ritz_plan_final_steps(const ritz_plan *plan) { return plan->final; }

void ritz_plan_set_run(ritz_plan *plan, uint64_t number) { plan->graph->step = number; }

ritz_status ritz_plan_status(const ritz_plan *plan) { return ritz_graph_status(plan->graph); }

size_t ritz_plan_memory(const ritz_plan *plan) {
  return plan->block_bytes + plan->gradient_bytes +
         plan->tile_bytes * (size_t)plan->graph->context->threads;
}
double ritz_plan_flops(const ritz_plan *plan) { return plan->forward_flops + plan->backward_flops; }
