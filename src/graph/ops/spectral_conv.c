/* SPDX-License-Identifier: BSD-3-Clause
 * Spectral convolution, y = F^-1( W . F x ). Li et al. 2021, arXiv:2010.08895, Sec. 4.
 *
 * Symbols: B batch, Ci/Co channels, N grid of x, M grid of y, K rows of W per axis, k modes used.
 *
 * vjp, with G = (F^-1)^T gy the gradient spectrum (dS/dRe + i dS/dIm per mode):
 *     gW += sum over samples of conj(X) G,     gx += F^T ( G conj(W)^T ).
 * The spectrum X of x is kept from the forward run; it is small.
 *
 * With maps A and C that all modes share the weight of a mode is A W C (kernels/spectral_chain.h):
 * Tucker, CP and tensor-train weights without their dense form, Kossaifi et al. 2023,
 * arXiv:2310.00120.
 *
 * Axes may have sines or cosines instead (ritz/transform.h); without a Fourier axis all is real.
 *
 * Of a split field each rank gets its share of the modes of its part and the others'
 * (spectral_ends.h), mixes them with its share of W (spectral_weights.h), and gets its part back;
 * gW is nonzero for the own share. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "graph/ops/spectral_ends.h"

/* The last Fourier axis, which has the half spectrum; -1 where the spectrum is real. */
static int half_axis(const ritz_node *node) {
  const ritz_axis_transform *transform =
      ((const ritz_spectral_attr *)node->attr)->options.transform;
  int half = ritz_grid_dim(node->in[0]) - 1;
  while (half >= 0 && transform[half] != RITZ_TRANSFORM_FOURIER) half--;
  return half;
}
static int planes_of(const ritz_node *node) { return half_axis(node) < 0 ? 1 : 2; }

static ritz_status spectral_infer(ritz_node *node) {
  const ritz_node *x = node->in[0];
  const ritz_spectral_options *options = node->attr;
  const int d = ritz_grid_dim(x);
  char have[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE,
               "spectral_conv: x is %s, wanted [B, 1 to 3 grid axes, C]",
               ritz_shape_text(&x->shape, have));
  ritz_index co;
  RITZ_TRY(ritz_spectral_weights_check(node, planes_of(node), &co));
  node->shape = x->shape;
  node->shape.n[d + 1] = co;
  for (int a = 0; a < d; a++) {
    RITZ_REQUIRE(options->modes[a] >= 1 && options->grid[a] >= 0, RITZ_ERR_ARGUMENT,
                 "spectral_conv: axis %d: %td modes, output size %td", a, options->modes[a],
                 options->grid[a]);
    RITZ_REQUIRE((unsigned)options->transform[a] < RITZ_AXIS_TRANSFORMS, RITZ_ERR_ARGUMENT,
                 "spectral_conv: axis %d: no transform has number %d", a,
                 (int)options->transform[a]);
    if (options->grid[a]) node->shape.n[a + 1] = options->grid[a];
  }
  return RITZ_OK;
}

static ritz_status choose_modes(const ritz_node *node, int a, ritz_axis_modes *axis) {
  const ritz_spectral_options *options = node->attr;
  return ritz_axis_modes_choose(&(ritz_axis_choice){.transform = options->transform[a],
                                                    .resample = options->resample,
                                                    .half = a == half_axis(node),
                                                    .most = options->modes[a],
                                                    .rows = node->in[1]->shape.n[a],
                                                    .in = ritz_extent(node->in[0], a),
                                                    .out = ritz_extent(node, a)},
                                axis);
}

static ritz_status plan_mixing(const ritz_node *node, ritz_spectral_state *state) {
  const ritz_spectral_options *options = node->attr;
  const int d = ritz_grid_dim(node);
  ritz_index *row;
  RITZ_TRY(RITZ_NEW(state->modes, &row));
  for (ritz_index m = 0; m < state->modes; m++) {
    ritz_index rest = m, stride = 1;
    row[m] = -state->rows.first;
    for (int a = d - 1; a >= 0; a--) {
      row[m] += stride * state->axis[a].row[rest % state->axis[a].count];
      rest /= state->axis[a].count;
      stride *= node->in[1]->shape.n[a];
    }
  }
  const ritz_mixing_shape shape = {.dtype = node->graph->dtype,
                                   .modes = state->share.count,
                                   .batch = node->shape.n[0],
                                   .channels_in = node->in[1]->shape.n[d + 1],
                                   .channels_out = ritz_channels(node->in[1]),
                                   .separable = options->separable,
                                   .real = state->planes == 1,
                                   .weight_row = row + state->share.first};
  const ritz_status status = ritz_mode_chain_create(
      &shape, ritz_map_in(node) ? ritz_channels(node->in[0]) : 0,
      ritz_map_out(node) ? ritz_channels(node) : 0, node->graph->context->threads, &state->chain);
  ritz_free(row);
  return status;
}

static ritz_status spectral_plan(ritz_node *node, bool gradients) {
  const int d = ritz_grid_dim(node);
  ritz_spectral_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  state->modes = 1;
  state->planes = (size_t)planes_of(node);
  state->blocks = state->planes == 1 ? 1 : 3;
  for (int a = 0; a < d; a++) {
    RITZ_TRY(choose_modes(node, a, &state->axis[a]));
    state->modes *= state->axis[a].count;
  }
  state->share = ritz_mode_share_of(node->layout, state->modes);
  state->share.real = state->planes == 1;
  state->rows = ritz_weight_rows_of(node, state->modes, &state->share);
  RITZ_TRY(plan_mixing(node, state));
  return ritz_spectral_ends_plan(node, gradients);
}

static void spectral_destroy(ritz_node *node) {
  ritz_spectral_state *state = node->state;
  if (!state) return;
  for (int a = 0; a < 3; a++) ritz_free(state->axis[a].in);
  ritz_spectral_ends_destroy(state);
  ritz_mode_chain_destroy(&state->chain);
  ritz_free(state);
}

static void spectral_forward(const ritz_node *node) {
  const ritz_spectral_state *state = node->state;
  const ritz_mode_weights w = ritz_spectral_weights(node, &state->rows);
  const void *x = ritz_spectral_take(node, false);
  void *y = ritz_spectral_room(node, false);
  ritz_mode_chain_forward(state->chain, x, &w, ritz_spectral_saved_by_chain(node), y,
                          ritz_spectral_work(node));
  ritz_spectral_give(node, false);
}

static void spectral_vjp(const ritz_node *node) {
  const ritz_spectral_state *state = node->state;
  const ritz_mode_weights w = ritz_spectral_weights(node, &state->rows);
  const ritz_mode_gradients gradients = ritz_spectral_gradients(node, &state->rows);
  const bool wants_x = node->in[0]->wants_gradient;
  const void *g = ritz_spectral_take(node, true), *x = node->saved.data;
  void *gx = wants_x ? ritz_spectral_room(node, true) : NULL;
  ritz_mode_chain_vjp(state->chain, x, ritz_spectral_saved_by_chain(node), g, &w, &gradients, gx,
                      ritz_spectral_work(node));
  if (wants_x) ritz_spectral_give(node, true);
}

static const char *spectral_label(const ritz_node *node) {
  const ritz_spectral_state *s = node->state;
  return s->end[0].lines || s->end[1].lines ? "spectral_conv(lines)" : "spectral_conv";
}

static double spectral_flops(const ritz_node *node) {
  const ritz_spectral_state *state = node->state;
  return ritz_mode_chain_flops(state->chain) + ritz_mode_end_flops(&state->end[0]) +
         ritz_mode_end_flops(&state->end[1]);
}

static ritz_index spectral_shares(const ritz_node *node, int i) {
  const ritz_spectral_state *s = node->state;
  return i == 1 && s->rows.own ? s->modes : 0;
}

const ritz_op ritz_op_spectral_conv = {
    .name = "spectral_conv",
    .distribution = RITZ_SPECTRAL,
    .reads_in = 1u << 1 | 1u << 2 | 1u << 3,
    .infer = spectral_infer,
    .add_split = ritz_add_on_modes,
    .plan = spectral_plan,
    .destroy = spectral_destroy,
    .forward = spectral_forward,
    .vjp = spectral_vjp,
    .ends = &ritz_spectral_line_ends,
    .label = spectral_label,
    .flops = spectral_flops,
    .traffic = ritz_spectral_traffic,
    .shares = spectral_shares,
    .streams = ritz_spectral_streams,
};

ritz_var ritz_spectral_conv(ritz_graph *graph, ritz_var x, ritz_var w,
                            const ritz_spectral_options *options) {
  return ritz_mapped_spectral_conv(graph, x, RITZ_NO_VAR, w, RITZ_NO_VAR, options);
}

ritz_var ritz_mapped_spectral_conv(ritz_graph *graph, ritz_var x, ritz_var a, ritz_var w,
                                   ritz_var c, const ritz_spectral_options *options) {
  const ritz_spectral_attr attr = {.options = *options, .map_in = a, .map_out = c};
  ritz_var in[4] = {x, w};
  int arity = 2;
  if (a) in[arity++] = a;
  if (c) in[arity++] = c;
  ritz_graph_latch(graph, ritz_reserved_check(options->reserved, "spectral options"));
  return ritz_graph_add(graph, &ritz_op_spectral_conv, arity, in, &attr, sizeof attr);
}
