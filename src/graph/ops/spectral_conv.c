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
 * Of a split field each rank transforms its part, mixes its share of the modes with its share of W
 * (spectral_weights.h), and transforms all modes back to its part (mode_share.h); gW is nonzero for
 * the own share. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/mode_share.h"
#include "graph/ops/ops.h"
#include "graph/ops/spectral_modes.h"
#include "graph/ops/spectral_weights.h"
#include "kernels/spectral_chain.h"

typedef struct spectral_state {
  ritz_axis_modes axis[3];
  ritz_index modes;
  ritz_mode_share share;    /* what is mixed here: all modes unless the field is split */
  ritz_weight_rows rows;    /* of W */
  ritz_transform *in, *out; /* NULL: no points here */
  ritz_mode_chain *chain;
  ritz_index block_in, block_out; /* numbers of a row block of a mode */
  size_t rows_in, rows_out;       /* bytes of one of the two or three row blocks of all modes */
  size_t own_in, own_out;         /* of the own modes */
  size_t blocks, planes;          /* of a mode that a transform gives, and that it takes; real: 1 */
} spectral_state;

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

static ritz_status plan_transform(const ritz_node *node, const ritz_node *field,
                                  const spectral_state *state, bool out,
                                  ritz_transform **transform) {
  ritz_transform_shape shape = {.dtype = node->graph->dtype,
                                .dim = ritz_grid_dim(node),
                                .batch = node->shape.n[0],
                                .channels = ritz_channels(field)};
  if (ritz_rows(field) == 0) return RITZ_OK;
  ritz_mode_share_grid(field, &shape);
  for (int a = 0; a < shape.dim; a++) {
    shape.modes[a] = state->axis[a].count;
    shape.frequency[a] = out ? state->axis[a].out : state->axis[a].in;
    shape.transform[a] = ((const ritz_spectral_options *)node->attr)->transform[a];
  }
  return ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, node->graph->context->threads,
                               transform);
}

static ritz_status plan_mixing(const ritz_node *node, spectral_state *state) {
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

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }
/* Of the own Y, or G and then GX. */
static size_t own_bytes(const spectral_state *s) {
  return ritz_aligned(s->blocks * s->own_out) + ritz_aligned(s->planes * s->own_in);
}

static void ask_for_ends(ritz_node *node, const ritz_transform *transform, int end) {
  if (!transform || !ritz_transform_staged(transform)) return;
  node->need.row[end] = ritz_transform_row_bytes(transform);
  node->need.rows[end] = ritz_transform_rows_bytes(transform);
  node->need.slab[end] = ritz_transform_slab_lines(transform);
  node->need.units[end] = ritz_transform_units_bytes(transform);
  node->need.end_scratch = larger(node->need.end_scratch, ritz_transform_stage_scratch(transform));
}

static size_t scratch_of(const ritz_transform *transform) {
  return transform ? ritz_transform_scratch(transform) : 0;
}

/* Of a split field what is carried holds all modes, once on their way in and once on their way out;
 * the own ones of Y, or of G and GX, lie in front of the scratch. */
static void ask_for_buffers(ritz_node *node, bool gradients) {
  spectral_state *s = node->state;
  const size_t size = ritz_number_size(node);
  s->block_in = node->shape.n[0] * ritz_channels(node->in[0]);
  s->block_out = node->shape.n[0] * ritz_channels(node);
  s->rows_in = (size_t)(s->modes * s->block_in) * size;
  s->rows_out = (size_t)(s->modes * s->block_out) * size;
  s->own_in = (size_t)(s->share.count * s->block_in) * size;
  s->own_out = (size_t)(s->share.count * s->block_out) * size;
  node->need.saved = ritz_aligned(s->blocks * s->own_in) + ritz_mode_chain_saved(s->chain);
  node->need.scratch =
      larger(larger(scratch_of(s->in), scratch_of(s->out)), ritz_mode_chain_scratch(s->chain));
  if (!node->layout) {
    node->need.carried[0] = ritz_aligned(s->planes * s->rows_out);
    if (gradients)
      node->need.carried[1] = ritz_aligned(s->blocks * s->rows_out) + s->planes * s->rows_in;
    return;
  }
  node->need.carried[0] = larger(s->blocks * s->rows_in, s->planes * s->rows_out);
  if (gradients) node->need.carried[1] = larger(s->blocks * s->rows_out, s->planes * s->rows_in);
  const ritz_index block = s->block_in > s->block_out ? s->block_in : s->block_out;
  node->need.scratch =
      own_bytes(s) + larger(node->need.scratch, ritz_mode_share_work(&s->share, node, block));
}

static ritz_status spectral_plan(ritz_node *node, bool gradients) {
  const int d = ritz_grid_dim(node);
  spectral_state *state;
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
  RITZ_TRY(plan_transform(node, node->in[0], state, false, &state->in));
  RITZ_TRY(plan_transform(node, node, state, true, &state->out));
  RITZ_TRY(plan_mixing(node, state));
  ask_for_buffers(node, gradients);
  ask_for_ends(node, state->in, 0);
  ask_for_ends(node, state->out, 1);
  return RITZ_OK;
}

static void spectral_destroy(ritz_node *node) {
  spectral_state *state = node->state;
  if (!state) return;
  for (int a = 0; a < 3; a++) ritz_free(state->axis[a].in);
  ritz_transform_destroy(&state->in);
  ritz_transform_destroy(&state->out);
  ritz_mode_chain_destroy(&state->chain);
  ritz_free(state);
}

/* Spectra: X (signal order) is saved, and what the chain wants to see again behind it; Y is carried
 * forward; G (gradient order) and GX backward. Of a split field, X, G and GX of all modes are
 * carried too. */
static char *saved_by_chain(const ritz_node *node) {
  const spectral_state *state = node->state;
  return (char *)node->saved.data + ritz_aligned(state->blocks * state->own_in);
}
static char *spectrum_x(const ritz_node *node) {
  return node->layout ? node->carried[0].data : node->saved.data;
}
static char *spectrum_y(const ritz_node *node) { return node->carried[0].data; }
static char *spectrum_g(const ritz_node *node) { return node->carried[1].data; }
static char *spectrum_gx(const ritz_node *node) {
  const spectral_state *state = node->state;
  return spectrum_g(node) + (node->layout ? 0 : ritz_aligned(state->blocks * state->rows_out));
}
static char *own_gx(const ritz_node *node) {
  const spectral_state *state = node->state;
  return (char *)node->scratch.data + ritz_aligned(state->blocks * state->own_out);
}
/* Free for all. */
static char *work(const ritz_node *node) {
  return (char *)node->scratch.data + (node->layout ? own_bytes(node->state) : 0);
}

/* To modes at the end where fields come in, from modes where they go out, as far as no chain does
 * it. The transform of either end, of the input or of the output, serves both directions. */
static void take(const ritz_node *node, const ritz_transform *t, bool backward, const void *field,
                 void *spectrum) {
  const spectral_state *s = node->state;
  if (!t)
    memset(spectrum, 0, s->blocks * (backward ? s->rows_out : s->rows_in));
  else if (node->take[backward] == RITZ_END_OWN)
    ritz_transform_to_modes(t, backward, backward, field, spectrum, work(node));
  else if (node->take[backward] == RITZ_END_ROWS)
    ritz_transform_rows_to_modes(t, backward, backward, node->rows[backward].data, spectrum,
                                 work(node));
}

static void give(const ritz_node *node, const ritz_transform *t, bool backward,
                 const void *spectrum, void *field) {
  if (t && node->give[backward] == RITZ_END_OWN)
    ritz_transform_from_modes(t, backward, backward && node->add[0], spectrum, field, work(node));
  else if (t && node->give[backward] == RITZ_END_ROWS)
    ritz_transform_modes_to_rows(t, backward, spectrum, node->rows[backward].data, work(node));
}

static void spectral_forward(const ritz_node *node) {
  const spectral_state *state = node->state;
  const ritz_mode_weights w = ritz_spectral_weights(node, &state->rows);
  char *y = node->layout ? node->scratch.data : spectrum_y(node);
  take(node, state->in, false, ritz_in(node, 0), spectrum_x(node));
  if (node->layout)
    ritz_mode_share_sum(&state->share, node, false, state->block_in, spectrum_x(node),
                        node->saved.data, work(node));
  ritz_mode_chain_forward(state->chain, node->saved.data, &w, saved_by_chain(node), y, work(node));
  if (node->layout)
    ritz_mode_share_gather(&state->share, node, state->block_out, y, spectrum_y(node));
  give(node, state->out, false, spectrum_y(node), node->value.data);
}

static void spectral_vjp(const ritz_node *node) {
  const spectral_state *state = node->state;
  const ritz_mode_weights w = ritz_spectral_weights(node, &state->rows);
  const ritz_mode_gradients gradients = ritz_spectral_gradients(node, &state->rows);
  const bool wants_x = node->in[0]->wants_gradient;
  char *g = node->layout ? node->scratch.data : spectrum_g(node);
  char *gx = node->layout ? own_gx(node) : spectrum_gx(node);
  take(node, state->out, true, node->gradient.data, spectrum_g(node));
  if (node->layout)
    ritz_mode_share_sum(&state->share, node, true, state->block_out, spectrum_g(node), g,
                        work(node));
  ritz_mode_chain_vjp(state->chain, node->saved.data, saved_by_chain(node), g, &w, &gradients,
                      wants_x ? gx : NULL, work(node));
  if (!wants_x) return;
  if (node->layout)
    ritz_mode_share_gather(&state->share, node, state->block_in, gx, spectrum_gx(node));
  give(node, state->in, true, spectrum_gx(node), ritz_gin(node, 0));
}

static const ritz_transform *end_transform(const ritz_node *node, bool input) {
  const spectral_state *state = node->state;
  return input ? state->in : state->out;
}

static void spectral_take_line(const ritz_node *node, bool backward, const void *line, void *row,
                               void *scratch) {
  ritz_transform_line_to_row(end_transform(node, !backward), backward, line, row, scratch);
}

static void spectral_take_slab(const ritz_node *node, bool backward, ritz_index u, void *rows,
                               void *units, void *scratch) {
  ritz_transform_slab_to_unit(end_transform(node, !backward), backward, u, rows, units, scratch);
}

static void spectral_take_sample(const ritz_node *node, bool backward, ritz_index sample,
                                 bool units, void *rows, void *scratch) {
  ritz_transform_sample_to_modes(end_transform(node, !backward), backward, backward, sample, units,
                                 rows, backward ? spectrum_g(node) : spectrum_x(node), scratch);
}

static void spectral_give_sample(const ritz_node *node, bool backward, ritz_index sample,
                                 bool units, void *rows, void *scratch) {
  ritz_transform_sample_from_modes(end_transform(node, backward), backward, sample, units,
                                   backward ? spectrum_gx(node) : spectrum_y(node), rows, scratch);
}

static void spectral_give_slab(const ritz_node *node, bool backward, ritz_index u, void *units,
                               void *rows, void *scratch) {
  ritz_transform_unit_to_slab(end_transform(node, backward), backward, u, units, rows, scratch);
}

static void spectral_give_line(const ritz_node *node, bool backward, bool add, const void *row,
                               void *line, void *scratch) {
  ritz_transform_row_to_line(end_transform(node, backward), backward, add, row, line, scratch);
}

static const ritz_line_ends spectral_ends = {
    .take_line = spectral_take_line,
    .take_sample = spectral_take_sample,
    .give_sample = spectral_give_sample,
    .take_slab = spectral_take_slab,
    .give_slab = spectral_give_slab,
    .give_line = spectral_give_line,
};

static double spectral_flops(const ritz_node *node) {
  const spectral_state *state = node->state;
  double flops = ritz_mode_chain_flops(state->chain);
  if (state->in) flops += ritz_transform_flops(state->in);
  if (state->out) flops += ritz_transform_flops(state->out);
  return flops;
}

/* As forward and vjp do it: the modes of one end in, those of the other out. */
static void spectral_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const spectral_state *s = node->state;
  const ritz_index taken = backward ? s->block_out : s->block_in;
  const ritz_index given = backward ? s->block_in : s->block_out;
  if (!node->layout) return;
  ritz_mode_share_sum_traffic(&s->share, node, taken, traffic);
  if (!backward || node->in[0]->wants_gradient)
    ritz_mode_share_gather_traffic(&s->share, node, given, traffic);
}

static ritz_index spectral_shares(const ritz_node *node, int i) {
  const spectral_state *s = node->state;
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
    .ends = &spectral_ends,
    .flops = spectral_flops,
    .traffic = spectral_traffic,
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
