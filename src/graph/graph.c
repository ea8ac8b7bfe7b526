/* SPDX-License-Identifier: BSD-3-Clause
 * Building a graph: nodes in the order of construction, errors latched. */
#include "core/arena.h"
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/distribute.h"
#include "graph/op.h"
#include "graph/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ritz_status ritz_graph_create(ritz_context *context, ritz_dtype dtype, ritz_graph **out) {
  ritz_graph *graph;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &graph));
  ritz_status status = RITZ_NEW(1, &graph->arena);
  if (status != RITZ_OK) {
    ritz_free(graph);
    return status;
  }
  graph->context = ritz_context_retain(context);
  graph->dtype = dtype;
  graph->kernels = ritz_kernels_get(dtype);
  *out = graph;
  return RITZ_OK;
}

void ritz_graph_destroy(ritz_graph **graph) {
  if (!graph || !*graph) return;
  ritz_graph *g = *graph;
  *graph = NULL;
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    if (node->op && node->op->destroy) node->op->destroy(node);
    ritz_params_destroy(&node->params);
    ritz_layout_destroy(&node->layout);
  }
  ritz_arena_clear(g->arena);
  ritz_free(g->arena);
  ritz_free(g->node);
  ritz_context_destroy(&g->context);
  ritz_free(g);
}

ritz_status ritz_graph_status(const ritz_graph *graph) {
  if (graph->status == RITZ_OK) return RITZ_OK;
  return RITZ_FAIL(graph->status, "%s", graph->message);
}

ritz_var ritz_graph_latch(ritz_graph *graph, ritz_status status) {
  if (graph->status == RITZ_OK && status != RITZ_OK) {
    graph->status = status;
    snprintf(graph->message, sizeof graph->message, "%s", ritz_error_message());
  }
  return RITZ_NO_VAR;
}

static ritz_status append(ritz_graph *graph, ritz_node **out) {
  if (graph->count == graph->capacity) {
    const int capacity = graph->capacity ? 2 * graph->capacity : 64;
    RITZ_TRY(ritz_grow(graph->count, capacity, sizeof *graph->node, (void **)&graph->node));
    graph->capacity = capacity;
  }
  RITZ_TRY(ritz_arena_take(graph->arena, sizeof **out, (void **)out));
  (*out)->graph = graph;
  (*out)->id = graph->count;
  return RITZ_OK;
}

static ritz_status check_parameters(const ritz_node *node) {
  char shape[128];
  for (int i = 0; i < node->arity; i++)
    RITZ_REQUIRE(!(node->op->parameters & 1u << i) || node->in[i]->kind == RITZ_NODE_PARAMETER,
                 RITZ_ERR_ARGUMENT,
                 "%s: operand %d is an input or computed, %s, wanted a parameter", node->op->name,
                 i, ritz_shape_text(&node->in[i]->shape, shape));
  return RITZ_OK;
}

static ritz_status add_op(ritz_graph *graph, const ritz_op *op, int arity, const ritz_var *in,
                          const void *attr, size_t attr_bytes, ritz_node **out) {
  ritz_node *node;
  RITZ_TRY(append(graph, &node));
  node->kind = RITZ_NODE_OP;
  node->op = op;
  node->arity = arity;
  for (int i = 0; i < arity; i++) {
    RITZ_REQUIRE(in[i], RITZ_ERR_ARGUMENT, "%s: operand %d is missing", op->name, i);
    RITZ_REQUIRE(in[i]->graph == graph, RITZ_ERR_ARGUMENT,
                 "%s: operand %d belongs to another graph", op->name, i);
    node->in[i] = in[i];
  }
  if (attr_bytes) {
    RITZ_TRY(ritz_arena_take(graph->arena, attr_bytes, &node->attr));
    memcpy(node->attr, attr, attr_bytes);
  }
  RITZ_TRY(op->infer(node));
  RITZ_TRY(check_parameters(node));
  graph->node[graph->count++] = node;
  *out = node;
  return RITZ_OK;
}

ritz_var ritz_graph_append(ritz_graph *graph, const ritz_op *op, int arity, const ritz_var *in,
                           const void *attr, size_t attr_bytes) {
  if (graph->status != RITZ_OK) return RITZ_NO_VAR;
  ritz_node *node = NULL;
  const ritz_status status = add_op(graph, op, arity, in, attr, attr_bytes, &node);
  return status == RITZ_OK ? node : ritz_graph_latch(graph, status);
}

ritz_var ritz_graph_add(ritz_graph *graph, const ritz_op *op, int arity, const ritz_var *in,
                        const void *attr, size_t attr_bytes) {
  const ritz_addition addition = {graph, op, arity, in, attr, attr_bytes};
  if (ritz_any_split(arity, in)) return ritz_add_distributed(&addition);
  return ritz_graph_append(graph, op, arity, in, attr, attr_bytes);
}

static ritz_status check_shape(const char *name, ritz_shape shape) {
  RITZ_REQUIRE(shape.rank >= 1 && shape.rank <= RITZ_MAX_RANK, RITZ_ERR_SHAPE,
               "%s: rank is %d, wanted 1 to %d", name, shape.rank, RITZ_MAX_RANK);
  for (int i = 0; i < shape.rank; i++) {
    char text[128];
    RITZ_REQUIRE(shape.n[i] >= 1, RITZ_ERR_SHAPE, "%s: shape %s has an extent below 1", name,
                 ritz_shape_text(&shape, text));
  }
  return RITZ_OK;
}

static ritz_status add_input(ritz_graph *graph, const char *name, ritz_shape shape,
                             ritz_node **out) {
  RITZ_TRY(check_shape(name, shape));
  RITZ_TRY(append(graph, out));
  (*out)->kind = RITZ_NODE_INPUT;
  (*out)->shape = shape;
  char *copy;
  RITZ_TRY(ritz_arena_take(graph->arena, strlen(name) + 1, (void **)&copy));
  strcpy(copy, name);
  (*out)->name = copy;
  graph->node[graph->count++] = *out;
  return RITZ_OK;
}

ritz_var ritz_input(ritz_graph *graph, const char *name, ritz_shape shape) {
  if (graph->status != RITZ_OK) return RITZ_NO_VAR;
  ritz_node *node = NULL;
  const ritz_status status = add_input(graph, name, shape, &node);
  return status == RITZ_OK ? node : ritz_graph_latch(graph, status);
}

ritz_var ritz_input_split(ritz_graph *graph, const char *name, ritz_shape shape,
                          ritz_layout *layout) {
  graph->split = true;
  return ritz_split_node(ritz_input(graph, name, shape), layout, 1);
}

/* A weight that is used twice is one node, so that its gradient is one sum. */
static ritz_node *known_parameter(const ritz_graph *graph, const ritz_params *params,
                                  int position) {
  for (int i = 0; i < graph->count; i++) {
    ritz_node *node = graph->node[i];
    if (node->params == params && node->param == position) return node;
  }
  return NULL;
}

static ritz_status add_parameter(ritz_graph *graph, ritz_params *params, ritz_init init,
                                 ritz_shape shape, int complex_axis, const char *name,
                                 ritz_node **out) {
  int position;
  RITZ_TRY(check_shape(name, shape));
  RITZ_REQUIRE(ritz_params_dtype(params) == graph->dtype, RITZ_ERR_ARGUMENT,
               "%s: parameters and graph have different number formats", name);
  RITZ_TRY(ritz_params_require(params, name, shape, complex_axis, init, &position));
  *out = known_parameter(graph, params, position);
  if (*out) return RITZ_OK;
  RITZ_TRY(append(graph, out));
  (*out)->kind = RITZ_NODE_PARAMETER;
  (*out)->shape = shape;
  (*out)->name = ritz_params_info(params, position)->name;
  (*out)->params = ritz_params_retain(params);
  (*out)->param = position;
  graph->node[graph->count++] = *out;
  return RITZ_OK;
}

ritz_var ritz_parameter(ritz_graph *graph, ritz_params *params, ritz_init init, ritz_shape shape,
                        int complex_axis, const char *format, ...) {
  if (graph->status != RITZ_OK) return RITZ_NO_VAR;
  char name[256];
  va_list args;
  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  ritz_node *node = NULL;
  const ritz_status status = add_parameter(graph, params, init, shape, complex_axis, name, &node);
  return status == RITZ_OK ? node : ritz_graph_latch(graph, status);
}

ritz_var ritz_untrained(ritz_var parameter) {
  if (parameter) ritz_params_freeze(parameter->params, parameter->param);
  return parameter;
}

void ritz_graph_set_training(ritz_graph *graph, bool training, uint64_t seed) {
  graph->training = training;
  graph->seed = seed;
}

/* Of a part, until the graph is planned: see ritz_node.layout. */
ritz_shape ritz_var_shape(ritz_var var) {
  if (!var) return (ritz_shape){0};
  return var->graph->planned ? var->whole : var->shape;
}

ritz_shape ritz_var_part(ritz_var var) {
  if (!var) return (ritz_shape){0};
  return var->layout && !var->graph->planned ? var->part : var->shape;
}

const ritz_layout *ritz_var_layout(ritz_var var) { return var ? var->layout : NULL; }

void ritz_text_free(char *text) { ritz_free(text); }
