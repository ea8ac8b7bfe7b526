/* SPDX-License-Identifier: BSD-3-Clause
 * Pointwise linear map, y = x W + b, x [P, Ci], W [Ci, Co], b [Co], and the same onto another
 * field, y = z + x W + b: what the sum of a field and a linear map is rewritten to (rewrite.c).
 *
 * vjp: gx += gy W^T,  gW += x^T gy,  gb += sum over rows of gy,  gz += gy. W^T is a scratch copy,
 * made once per run: small products with a transposed right operand have no fast kernel. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct linear_state {
  ritz_gemm forward[2], input[2][2], weight[2]; /* [tile, last tile], input also by [write, add] */
} linear_state;

/* Operands: x, W, then z where there is one, then b. */
static int onto(const ritz_node *node) { return node->op == &ritz_op_linear_onto ? 2 : 0; }
static int bias(const ritz_node *node) {
  const int last = onto(node) ? 3 : 2;
  return node->arity > last ? last : 0;
}

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

static void linear_rows(const ritz_node *node, const ritz_tile *tile) {
  const linear_state *state = node->state;
  const ritz_kernels *k = node->graph->kernels;
  const ritz_index c = ritz_channels(node);
  const int b = bias(node), z = onto(node);
  if (b && z)
    k->row_add(tile->count, c, tile->in[z], tile->in[b], tile->out);
  else if (b)
    k->row_fill(tile->count, c, tile->in[b], tile->out);
  else if (z)
    k->scale(tile->count * c, 1, tile->in[z], tile->out, false);
  ritz_gemm_run(&state->forward[tile->count != node->tile_rows[0]], tile->in[0], tile->in[1],
                tile->out);
}

static void linear_before_vjp(const ritz_node *node) {
  if (!node->in[0]->wants_gradient) return;
  node->graph->kernels->transpose(ritz_channels(node->in[0]), ritz_channels(node), ritz_in(node, 1),
                                  node->scratch.data);
}

static void linear_vjp(const ritz_node *node, const ritz_tile *tile) {
  const linear_state *state = node->state;
  const ritz_kernels *k = node->graph->kernels;
  const ritz_index c = ritz_channels(node);
  const int t = tile->count != node->tile_rows[0], b = bias(node), z = onto(node);
  if (tile->gin[0])
    ritz_gemm_run(&state->input[t][tile->add[0]], tile->gout, node->scratch.data, tile->gin[0]);
  if (tile->gin[1]) ritz_gemm_run(&state->weight[t], tile->in[0], tile->gout, tile->gin[1]);
  if (b && tile->gin[b]) k->row_sum(tile->count, c, tile->gout, tile->gin[b]);
  if (z && tile->gin[z] && tile->gin[z] != tile->gout)
    k->scale(tile->count * c, 1, tile->gout, tile->gin[z], tile->add[z]);
}

static double linear_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_rows(node) * (double)ritz_shape_count(&node->in[1]->shape);
}

const ritz_op ritz_op_linear = {
    .name = "linear",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = linear_infer,
    .plan = linear_plan,
    .destroy = linear_destroy,
    .rows = linear_rows,
    .rows_vjp = linear_vjp,
    .before_vjp = linear_before_vjp,
    .flops = linear_flops,
};

const ritz_op ritz_op_linear_onto = {
    .name = "linear_onto",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .passes = 1u << 2,
    .infer = linear_infer,
    .plan = linear_plan,
    .destroy = linear_destroy,
    .rows = linear_rows,
    .rows_vjp = linear_vjp,
    .before_vjp = linear_before_vjp,
    .flops = linear_flops,
};

ritz_var ritz_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_linear, b ? 3 : 2, (ritz_var[]){x, w, b}, NULL, 0);
}
