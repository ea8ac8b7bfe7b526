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
 * ..., C].   vjp: gu += gz_u + D_0^T gz_0 + D_1^T gz_1 + ... */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/op.h"
#include "graph/ops/axis_pass.h"
#include "graph/ops/harmonic.h"
#include "train/loss_norm.h"

typedef struct slopes_state {
  int dim;
  ritz_index points;       /* of a sample */
  ritz_index first[3];     /* row of z where D_a u begins */
  ritz_axis_pass slope[3]; /* D_a */
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

static ritz_status slopes_infer(ritz_node *node) {
  const ritz_index cut = *(const ritz_index *)node->attr;
  const ritz_shape *x = &node->in[0]->shape;
  const int d = ritz_grid_dim(node->in[0]);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE,
               "frequencies of a loss: the field is %s, wanted [B, 1 to 3 grid axes, C]",
               ritz_shape_text(x, text));
  node->shape = *x;
  ritz_index points = 1, rows;
  for (int a = 1; a <= d; a++) points *= x->n[a], node->shape.n[a] = 1;
  rows = points;
  for (int a = 1; a <= d && points > 0; a++)
    rows += points / x->n[a] * functions_below(cut, x->n[a]);
  node->shape.n[1] = rows;
  return RITZ_OK;
}

static ritz_status slopes_plan(ritz_node *node, bool gradients) {
  const ritz_index cut = *(const ritz_index *)node->attr, channels = ritz_channels(node);
  const ritz_shape *x = &node->in[0]->shape;
  slopes_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->dim = ritz_grid_dim(node);
  s->points = 1;
  for (int a = 1; a <= s->dim; a++) s->points *= x->n[a];
  ritz_index row = s->points;
  for (int a = 0; a < s->dim && s->points > 0; a++) {
    ritz_axis_pass *p = &s->slope[a];
    p->samples = x->n[0];
    p->slabs = 1;
    p->points = x->n[a + 1];
    p->modes = functions_below(cut, p->points);
    p->inner = channels;
    for (int i = 0; i < a; i++) p->slabs *= x->n[i + 1];
    for (int i = a + 1; i < s->dim; i++) p->inner *= x->n[i + 1];
    p->mode_sample = node->shape.n[1] * channels;
    RITZ_TRY(ritz_axis_pass_plan(node->graph->dtype, entry, &p->points, p));
    s->first[a] = row;
    row += s->points / p->points * p->modes;
  }
  return RITZ_OK;
}

static void slopes_destroy(ritz_node *node) {
  slopes_state *s = node->state;
  if (!s) return;
  for (int a = 0; a < 3; a++) ritz_axis_pass_clear(&s->slope[a]);
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
  const int threads = node->graph->context->threads;
  ritz_parallel(threads, node->shape.n[0], field_forward, (void *)node);
  for (int a = 0; a < s->dim; a++)
    ritz_axis_pass_run(&s->slope[a], threads, true, false, ritz_in(node, 0),
                       part_of(node, node->value.data, a));
}

static void slopes_vjp(const ritz_node *node) {
  const slopes_state *s = node->state;
  const int threads = node->graph->context->threads;
  if (!ritz_gin(node, 0)) return;
  ritz_parallel(threads, node->shape.n[0], field_vjp, (void *)node);
  for (int a = 0; a < s->dim; a++)
    ritz_axis_pass_run(&s->slope[a], threads, false, true, part_of(node, node->gradient.data, a),
                       ritz_gin(node, 0));
}

static double slopes_flops(const ritz_node *node) {
  const slopes_state *s = node->state;
  double flops = 0;
  for (int a = 0; a < s->dim; a++) flops += ritz_axis_pass_flops(&s->slope[a]);
  return flops;
}

static const ritz_op slopes_op = {
    .name = "h1_fourier",
    .distribution = RITZ_SPECTRAL,
    .infer = slopes_infer,
    .plan = slopes_plan,
    .destroy = slopes_destroy,
    .forward = slopes_forward,
    .vjp = slopes_vjp,
    .flops = slopes_flops,
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
