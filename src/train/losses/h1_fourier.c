/* SPDX-License-Identifier: BSD-3-Clause
 * The H1 norm of a periodic field by its frequencies k, A(u) = sum over k of
 * (1 + k_0'^2 + k_1'^2 + ...) |u_k|^2 in an orthonormal Fourier basis, k_a' = k_a below `cut`, else
 * 0.
 *
 * The weight is a sum over axes, so by Parseval's theorem no axis needs the transform of another:
 *     A(u) = |u|^2 + sum over a of |D_a u|^2,
 * D_a the rows of the basis of axis a with 0 < k < cut, times k: 2 (cut - 1) of N_a at the most.
 *
 * One op puts u, D_0 u, D_1 u, ... behind each other: z[b] = [rows][C], in the shape [B, rows, 1,
 * ..., C].   vjp: gu += gz_u + D_0^T gz_0 + D_1^T gz_1 + ...
 *
 * Of a split field each rank has its points u and, along an axis that R ranks share, a part of the
 * rows of D_a: each of the R makes the others' rows of its own points, and the sums, in rank order,
 * are the owners'. The norm is a sum over rows, whoever has them. Back, owners give their rows to
 * the R - 1 others (line_sums.h). */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/harmonic.h"
#include "graph/ops/line_sums.h"
#include "train/loss_norm.h"

typedef struct slopes_state {
  int dim;
  ritz_index points;       /* of a sample, here */
  ritz_index first[3];     /* row of z where D_a u begins */
  ritz_line_sums slope[3]; /* D_a */
} slopes_state;

/* Functions of the basis, which are 1, cos x, sin x, cos 2x, ..., with 0 < frequency < cut. */
static ritz_index functions_below(ritz_index cut, ritz_index points) {
  const ritz_index functions = 2 * (cut - 1);
  return functions < points - 1 ? functions : points - 1;
}

static double entry(const void *points, ritz_index mode, ritz_index point) {
  const double frequency = (double)((mode + 2) / 2);
  return frequency *
         ritz_basis_value(RITZ_BASIS_FOURIER, mode + 1, point, *(const ritz_index *)points);
}

/* Rows of z: of the whole field, or of the part of it that lies here. */
static ritz_index rows_of(const ritz_node *x, ritz_index cut, const ritz_layout *layout) {
  const ritz_shape *here = layout ? &x->part : &x->shape;
  const int d = ritz_grid_dim(x);
  ritz_index rows = 1;
  for (int a = 1; a <= d; a++) rows *= here->n[a];
  for (int a = 0; a < d; a++) {
    ritz_index lines = 1, first, modes = functions_below(cut, x->shape.n[a + 1]);
    for (int i = 0; i < d; i++) lines *= i == a ? 1 : here->n[i + 1];
    if (layout) ritz_share_of(layout->place[a], layout->ranks[a], modes, &first, &modes);
    rows += lines * modes;
  }
  return rows;
}

static ritz_shape shape_of(const ritz_node *x, ritz_index rows) {
  ritz_shape shape = x->shape;
  for (int a = 1; a <= ritz_grid_dim(x); a++) shape.n[a] = 1;
  shape.n[1] = rows;
  return shape;
}

static ritz_status slopes_infer(ritz_node *node) {
  const ritz_node *x = node->in[0];
  const int d = ritz_grid_dim(x);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE,
               "frequencies of a loss: the field is %s, wanted [B, 1 to 3 grid axes, C]",
               ritz_shape_text(&x->shape, text));
  node->shape = shape_of(x, rows_of(x, *(const ritz_index *)node->attr, x->layout));
  return RITZ_OK;
}

static ritz_var slopes_add_split(const ritz_addition *a) {
  const ritz_var x = a->in[0];
  const ritz_var z = ritz_add_as(a, a->in, a->attr);
  if (!z) return RITZ_NO_VAR;
  return ritz_boxes_as_parts(z, x->layout,
                             shape_of(x, rows_of(x, *(const ritz_index *)a->attr, NULL)));
}

static ritz_status slopes_plan(ritz_node *node, bool gradients) {
  const ritz_index cut = *(const ritz_index *)node->attr;
  const ritz_node *x = node->in[0];
  slopes_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->dim = ritz_grid_dim(node);
  s->points = 1;
  for (int a = 1; a <= s->dim; a++) s->points *= x->shape.n[a];
  ritz_index row = s->points;
  for (int a = 0; a < s->dim && ritz_shape_count(&x->whole) > 0; a++) {
    ritz_line_sums *p = &s->slope[a];
    const ritz_index points = ritz_extent(x, a);
    RITZ_TRY(ritz_line_sums_plan(x, a, functions_below(cut, points), entry, &points,
                                 node->shape.n[1] * ritz_channels(node), p));
    s->first[a] = row;
    row += ritz_line_sums_rows(p);
    if (ritz_line_sums_scratch(p) > node->need.scratch)
      node->need.scratch = ritz_line_sums_scratch(p);
  }
  return RITZ_OK;
}

static void slopes_destroy(ritz_node *node) {
  slopes_state *s = node->state;
  if (!s) return;
  for (int a = 0; a < 3; a++) ritz_line_sums_clear(&s->slope[a]);
  ritz_free(s);
}

/* The field itself, sample by sample: u to z, or gz onto gu. */
static void field_forward(void *arg, ritz_index sample, int thread) {
  const ritz_node *node = arg;
  const size_t row = (size_t)ritz_channels(node) * ritz_number_size(node);
  const size_t field = (size_t)((slopes_state *)node->state)->points * row;
  memcpy((char *)node->value.data + (size_t)(sample * node->shape.n[1]) * row,
         (const char *)ritz_in(node, 0) + (size_t)sample * field, field);
}

static void field_vjp(void *arg, ritz_index sample, int thread) {
  const ritz_node *node = arg;
  const ritz_index numbers = ((slopes_state *)node->state)->points * ritz_channels(node);
  const size_t row = (size_t)ritz_channels(node) * ritz_number_size(node);
  const char *gz = (const char *)node->gradient.data + (size_t)(sample * node->shape.n[1]) * row;
  char *gu = (char *)ritz_gin(node, 0) + (size_t)(sample * numbers) * ritz_number_size(node);
  if (node->add[0])
    node->graph->kernels->add(numbers, gu, gz, gu);
  else
    memcpy(gu, gz, (size_t)numbers * ritz_number_size(node));
}

/* Where D_a u of the first sample is among the numbers at @p rows. */
static void *part_of(const ritz_node *node, const void *rows, int axis) {
  const slopes_state *s = node->state;
  return (char *)rows + (size_t)(s->first[axis] * ritz_channels(node)) * ritz_number_size(node);
}

static void slopes_forward(const ritz_node *node) {
  const slopes_state *s = node->state;
  ritz_parallel(node->graph->context->threads, node->shape.n[0], field_forward, (void *)node);
  for (int a = 0; a < s->dim; a++)
    ritz_line_sums_forward(&s->slope[a], node, ritz_in(node, 0),
                           part_of(node, node->value.data, a));
}

static void slopes_vjp(const ritz_node *node) {
  const slopes_state *s = node->state;
  if (!ritz_gin(node, 0)) return;
  ritz_parallel(node->graph->context->threads, node->shape.n[0], field_vjp, (void *)node);
  for (int a = 0; a < s->dim; a++)
    ritz_line_sums_adjoint(&s->slope[a], node, part_of(node, node->gradient.data, a),
                           ritz_gin(node, 0));
}

static double slopes_flops(const ritz_node *node) {
  const slopes_state *s = node->state;
  double flops = 0;
  for (int a = 0; a < s->dim; a++) flops += ritz_line_sums_flops(&s->slope[a]);
  return flops;
}

static void slopes_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const slopes_state *s = node->state;
  for (int a = 0; a < s->dim; a++) ritz_line_sums_traffic(&s->slope[a], backward, traffic);
}

static const ritz_op slopes_op = {
    .name = "h1_fourier",
    .distribution = RITZ_SPECTRAL,
    .infer = slopes_infer,
    .add_split = slopes_add_split,
    .plan = slopes_plan,
    .destroy = slopes_destroy,
    .forward = slopes_forward,
    .vjp = slopes_vjp,
    .flops = slopes_flops,
    .traffic = slopes_traffic,
};

static ritz_var with_slopes(ritz_graph *graph, ritz_var field, const ritz_loss_options *options) {
  return ritz_graph_add(graph, &slopes_op, 1, &field, &options->cut, sizeof options->cut);
}

static const ritz_option options[] = {
    RITZ_LOSS_EPS,
    RITZ_OPTION_INT(ritz_loss_options, cut, 1, 1 << 30, "20",
                    "frequencies of an axis from this on count as 0"),
    RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_h1_fourier = {
    .name = "rel_h1_fourier",
    .formula =
        "sqrt(S(e)) / (sqrt(S(y)) + eps), S(u) = sum (1 + k0^2 + ...) |u_k|^2 over "
        "frequencies k, those of an axis from cut on taken as 0, and channels",
    .source = "He, Liu & Xu 2024, arXiv:2310.19809, as in the authors' code",
    .options = options,
    .norm = &ritz_loss_norm_l2,
    .map = with_slopes,
    .value = ritz_loss_relative_root,
};
