/* SPDX-License-Identifier: BSD-3-Clause
 * Pointwise linear map, y = x W + b, x [P, Ci], W [Ci, Co], b [Co], and the same onto another
 * field, y = z + x W + b, or onto a gated one, y = z v + x W + b: what the sum of a field and a
 * linear map is rewritten to (rewrite.c).
 *
 * vjp: gx += gy W^T,  gW += x^T gy,  gb += sum over rows of gy,  gz += gy v,  gv += sum of z gy.
 * W^T is a scratch copy, made once per run: small products with a transposed right operand have no
 * fast kernel. Nor have products with one column: they are sums over channels. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct linear_state {
  ritz_gemm forward[2], input[2][2], weight[2]; /* [tile, last tile], input also by [write, add] */
} linear_state;

/* Operands: x, W, then z and v where they are, then b. */
static int gate(const ritz_node *node) { return node->op == &ritz_op_linear_gated ? 3 : 0; }
static int onto(const ritz_node *node) {
  return gate(node) || node->op == &ritz_op_linear_onto ? 2 : 0;
}
static int bias(const ritz_node *node) {
  const int last = 2 + (onto(node) > 0) + (gate(node) > 0);
  return node->arity > last ? last : 0;
}
static bool is_thin(const ritz_node *node) { return ritz_channels(node) == 1; }

static ritz_status linear_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  char have[128], want[128];
  RITZ_REQUIRE(w->shape.rank == 2 && ritz_channels(x) == w->shape.n[0], RITZ_ERR_SHAPE,
               "linear: x is %s, weight is %s; weight wants [channels of x, any]",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want));
  RITZ_REQUIRE(node->arity == 2 || ritz_shape_count(&node->in[2]->shape) == w->shape.n[1],
               RITZ_ERR_SHAPE, "linear: weight is %s, bias is %s", ritz_shape_text(&w->shape, have),
               ritz_shape_text(&node->in[2]->shape, want));
  node->shape = x->shape;
  node->shape.n[x->shape.rank - 1] = w->shape.n[1];
  return RITZ_OK;
}

static ritz_status linear_plan(ritz_node *node, bool gradients) {
  const ritz_index ci = ritz_channels(node->in[0]), co = ritz_channels(node);
  const ritz_dtype dtype = node->graph->dtype;
  linear_state *state;
  if (is_thin(node)) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  for (int t = 0; t < 2; t++) {
    const ritz_index rows = node->tile_rows[t];
    const bool started = bias(node) || onto(node); /* y holds z + b already */
    state->forward[t] = ritz_gemm_plan(dtype, false, started, rows, co, ci, ci, co, co);
    if (!gradients) continue;
    for (int add = 0; add < 2; add++)
      state->input[t][add] = ritz_gemm_plan(dtype, false, add, rows, ci, co, co, ci, ci);
    state->weight[t] = ritz_gemm_plan(dtype, true, true, ci, co, rows, ci, co, co);
  }
  if (gradients) node->need.scratch = (size_t)(ci * co) * ritz_number_size(node);
  return RITZ_OK;
}

static void linear_destroy(ritz_node *node) { ritz_free(node->state); }

/* What the product adds to: nothing to do where the planner lets y take the place of z. */
static void start_rows(const ritz_node *node, const ritz_tile *tile) {
  const ritz_kernels *k = node->graph->kernels;
  const ritz_index c = ritz_channels(node);
  const int b = bias(node), z = onto(node), v = gate(node);
  if (v)
    k->row_gate(tile->count, c, tile->in[z], tile->in[v], b ? tile->in[b] : NULL, tile->out);
  else if (b && z)
    k->row_add(tile->count, c, tile->in[z], tile->in[b], tile->out);
  else if (b)
    k->row_fill(tile->count, c, tile->in[b], tile->out);
  else if (z && tile->in[z] != tile->out)
    k->scale(tile->count * c, 1, tile->in[z], tile->out, false);
}

static void linear_rows(const ritz_node *node, const ritz_tile *tile) {
  const linear_state *state = node->state;
  start_rows(node, tile);
  if (gate(node)) ritz_fetch_ahead(tile->ahead);
  if (is_thin(node))
    node->graph->kernels->row_weigh(tile->count, ritz_channels(node->in[0]), tile->in[0],
                                    tile->in[1], tile->out, bias(node) || onto(node));
  else
    ritz_gemm_run(&state->forward[tile->count != node->tile_rows[0]], tile->in[0], tile->in[1],
                  tile->out);
}

static void linear_before_vjp(const ritz_node *node) {
  if (!node->in[0]->wants_gradient || is_thin(node)) return;
  node->graph->kernels->transpose(ritz_channels(node->in[0]), ritz_channels(node), ritz_in(node, 1),
                                  node->scratch.data);
}

static void product_vjp(const ritz_node *node, const ritz_tile *tile) {
  const linear_state *state = node->state;
  const int t = tile->count != node->tile_rows[0];
  if (is_thin(node)) {
    node->graph->kernels->row_weigh_vjp(tile->count, ritz_channels(node->in[0]), tile->in[0],
                                        tile->in[1], tile->gout, tile->gin[0], tile->add[0],
                                        tile->gin[1]);
    return;
  }
  if (tile->gin[0])
    ritz_gemm_run(&state->input[t][tile->add[0]], tile->gout, node->scratch.data, tile->gin[0]);
  if (tile->gin[0] && tile->gin[1]) ritz_fetch_ahead(tile->ahead);
  if (tile->gin[1]) ritz_gemm_run(&state->weight[t], tile->in[0], tile->gout, tile->gin[1]);
}

static void linear_vjp(const ritz_node *node, const ritz_tile *tile) {
  const ritz_kernels *k = node->graph->kernels;
  const ritz_index c = ritz_channels(node);
  const int b = bias(node), z = onto(node), v = gate(node);
  product_vjp(node, tile);
  if (v) {
    ritz_fetch_ahead(tile->ahead);
    k->row_gate_vjp(tile->count, c, tile->in[z], tile->in[v], tile->gout, tile->gin[z],
                    tile->add[z], tile->gin[v], b ? tile->gin[b] : NULL);
    return;
  }
  if (b && tile->gin[b]) k->row_sum(tile->count, c, tile->gout, tile->gin[b]);
  if (z) ritz_pass_gradient(node, tile, z);
}

static double linear_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_rows(node) * (double)ritz_shape_count(&node->in[1]->shape);
}

/* The three differ in what the product adds to. */
#define RITZ_LINEAR(form, given, read, passed) \
  const ritz_op ritz_op_##form = {             \
      .name = #form,                           \
      .distribution = RITZ_LOCAL,              \
      .reads_in = (read),                      \
      .passes = (passed),                      \
      .in_place = (passed),                    \
      .parameters = (given),                   \
      .infer = linear_infer,                   \
      .plan = linear_plan,                     \
      .destroy = linear_destroy,               \
      .rows = linear_rows,                     \
      .rows_vjp = linear_vjp,                  \
      .before_vjp = linear_before_vjp,         \
      .flops = linear_flops,                   \
  };

RITZ_LINEAR(linear, 1u << 1 | 1u << 2, 1u << 0 | 1u << 1, 0)
RITZ_LINEAR(linear_onto, 1u << 1 | 1u << 3, 1u << 0 | 1u << 1, 1u << 2)
RITZ_LINEAR(linear_gated, 1u << 1 | 1u << 3 | 1u << 4, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 3, 0)

ritz_var ritz_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_linear, b ? 3 : 2, (ritz_var[]){x, w, b}, NULL, 0);
}
