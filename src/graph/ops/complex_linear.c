/* SPDX-License-Identifier: BSD-3-Clause
 * Pointwise complex linear map within groups of channels, y = x W + b, in real arithmetic. Rows
 * hold real parts and then imaginary parts, x = (p, q), W = U + i V:
 *     y = (p U - q V,  p V + q U) + b,   U, V [groups, Ci/groups, Co/groups].
 *
 * vjp, g = (r, s) the cotangent: gp += r U^T + s V^T,  gq += s U^T - r V^T,
 *     gU += p^T r + q^T s,  gV += p^T s - q^T r,  gb += sum over rows of g. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct complex_state {
  ritz_index groups, ci, co;                /* of a group */
  ritz_gemm whole[2], turned[2], weight[2]; /* of rows of 2 C numbers, [tile, last tile] */
  ritz_gemm negated[2], negated_turned[2], negated_weight[2]; /* one side is packed in scratch */
} complex_state;

static ritz_status complex_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  char have[128], want[128];
  const bool fits = w->shape.rank == 4 && w->shape.n[0] == 2 &&
                    ritz_channels(x) == 2 * w->shape.n[1] * w->shape.n[2];
  RITZ_REQUIRE(
      fits, RITZ_ERR_SHAPE,
      "complex_linear: x is %s, weight is %s; weight wants [2, groups, Ci/groups, any] for "
      "2 Ci channels",
      ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want));
  node->shape = x->shape;
  ritz_index *channels = &node->shape.n[x->shape.rank - 1];
  *channels = 2 * w->shape.n[1] * w->shape.n[3];
  RITZ_REQUIRE(node->arity == 2 || ritz_shape_count(&node->in[2]->shape) == *channels,
               RITZ_ERR_SHAPE, "complex_linear: bias is %s, wanted %td numbers",
               ritz_shape_text(&node->in[2]->shape, have), *channels);
  return RITZ_OK;
}

static ritz_status complex_plan(ritz_node *node, bool gradients) {
  const ritz_shape *w = &node->in[1]->shape;
  const ritz_dtype dtype = node->graph->dtype;
  complex_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->groups = w->n[1];
  s->ci = w->n[2];
  s->co = w->n[3];
  const ritz_index ci = s->ci, co = s->co, in = s->groups * ci, out = s->groups * co;
  for (int t = 0; t < 2; t++) {
    const ritz_index rows = node->tile_rows[t];
    s->whole[t] = ritz_gemm_plan(dtype, false, true, rows, co, ci, 2 * in, co, 2 * out);
    s->negated[t] = ritz_gemm_plan(dtype, false, true, rows, co, ci, in, co, 2 * out);
    if (!gradients) continue;
    s->turned[t] = ritz_gemm_plan(dtype, false, true, rows, ci, co, 2 * out, ci, 2 * in);
    s->negated_turned[t] = ritz_gemm_plan(dtype, false, true, rows, ci, co, out, ci, 2 * in);
    s->weight[t] = ritz_gemm_plan(dtype, true, true, ci, co, rows, 2 * in, 2 * out, co);
    s->negated_weight[t] = ritz_gemm_plan(dtype, true, true, ci, co, rows, 2 * in, out, co);
  }
  const ritz_index widest = in > out ? in : out;
  node->need.tile_scratch = (size_t)(RITZ_TILE_ROWS * widest) * ritz_number_size(node);
  if (gradients) node->need.scratch = (size_t)ritz_shape_count(w) * ritz_number_size(node);
  return RITZ_OK;
}

static void complex_destroy(ritz_node *node) { ritz_free(node->state); }

/* to[r, :] = -from[r, :] for rows of c numbers, `step` apart in from. */
static void negate(const ritz_node *node, ritz_index rows, ritz_index c, const char *from,
                   ritz_index step, char *to) {
  const size_t size = ritz_number_size(node);
  for (ritz_index r = 0; r < rows; r++)
    node->graph->kernels->scale(c, -1, from + (size_t)(r * step) * size,
                                to + (size_t)(r * c) * size, false);
}

static void complex_rows(const ritz_node *node, const ritz_tile *tile) {
  const complex_state *s = node->state;
  const size_t size = ritz_number_size(node);
  const ritz_index in = s->groups * s->ci, out = s->groups * s->co, square = s->ci * s->co;
  const int t = tile->count != node->tile_rows[0];
  const char *x = tile->in[0], *w = tile->in[1];
  char *y = tile->out, *minus = tile->scratch;
  if (node->arity == 3)
    node->graph->kernels->row_fill(tile->count, 2 * out, tile->in[2], y);
  else
    memset(y, 0, (size_t)(tile->count * 2 * out) * size);
  negate(node, tile->count, in, x + (size_t)in * size, 2 * in, minus);
  for (ritz_index g = 0; g < s->groups; g++) {
    const char *p = x + (size_t)(g * s->ci) * size, *q = p + (size_t)in * size;
    const char *u = w + (size_t)(g * square) * size, *v = u + (size_t)(s->groups * square) * size;
    char *re = y + (size_t)(g * s->co) * size, *im = re + (size_t)out * size;
    ritz_gemm_run(&s->whole[t], p, u, re);
    ritz_gemm_run(&s->negated[t], minus + (size_t)(g * s->ci) * size, v, re);
    ritz_gemm_run(&s->whole[t], p, v, im);
    ritz_gemm_run(&s->whole[t], q, u, im);
  }
}

static void complex_before_vjp(const ritz_node *node) {
  const complex_state *s = node->state;
  const size_t square = (size_t)(s->ci * s->co) * ritz_number_size(node);
  for (ritz_index g = 0; g < 2 * s->groups; g++)
    node->graph->kernels->transpose(s->ci, s->co,
                                    (const char *)ritz_in(node, 1) + g * (ritz_index)square,
                                    (char *)node->scratch.data + g * (ritz_index)square);
}

static void complex_vjp(const ritz_node *node, const ritz_tile *tile) {
  const complex_state *s = node->state;
  const size_t size = ritz_number_size(node);
  const ritz_index in = s->groups * s->ci, out = s->groups * s->co, square = s->ci * s->co;
  const int t = tile->count != node->tile_rows[0];
  const char *x = tile->in[0], *gy = tile->gout, *turned = node->scratch.data;
  char *gx = tile->gin[0], *gw = tile->gin[1], *minus = tile->scratch;
  const size_t half = (size_t)(s->groups * square) * size;
  if (gx && !tile->add[0]) memset(gx, 0, (size_t)(tile->count * 2 * in) * size);
  negate(node, tile->count, out, gy, 2 * out, minus);
  for (ritz_index g = 0; g < s->groups; g++) {
    const size_t from = (size_t)(g * s->ci) * size, to = (size_t)(g * s->co) * size;
    const char *p = x + from, *q = p + (size_t)in * size;
    const char *r = gy + to, *i = r + (size_t)out * size, *minus_r = minus + to;
    const char *u = turned + (size_t)(g * square) * size;
    if (gx) {
      char *gp = gx + from, *gq = gp + (size_t)in * size;
      ritz_gemm_run(&s->turned[t], r, u, gp);
      ritz_gemm_run(&s->turned[t], i, u + half, gp);
      ritz_gemm_run(&s->turned[t], i, u, gq);
      ritz_gemm_run(&s->negated_turned[t], minus_r, u + half, gq);
    }
    if (gw) {
      char *gu = gw + (size_t)(g * square) * size, *gv = gu + half;
      ritz_gemm_run(&s->weight[t], p, r, gu);
      ritz_gemm_run(&s->weight[t], q, i, gu);
      ritz_gemm_run(&s->weight[t], p, i, gv);
      ritz_gemm_run(&s->negated_weight[t], q, minus_r, gv);
    }
  }
  if (node->arity == 3 && tile->gin[2])
    node->graph->kernels->row_sum(tile->count, 2 * out, gy, tile->gin[2]);
}

static double complex_flops(const ritz_node *node) {
  return 4.0 * (double)ritz_rows(node) * (double)ritz_shape_count(&node->in[1]->shape);
}

const ritz_op ritz_op_complex_linear = {
    .name = "complex_linear",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .parameters = 1u << 1 | 1u << 2,
    .infer = complex_infer,
    .plan = complex_plan,
    .destroy = complex_destroy,
    .rows = complex_rows,
    .rows_vjp = complex_vjp,
    .before_vjp = complex_before_vjp,
    .flops = complex_flops,
};

ritz_var ritz_complex_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_complex_linear, b ? 3 : 2, (ritz_var[]){x, w, b}, NULL, 0);
}
