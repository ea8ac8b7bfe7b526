/* SPDX-License-Identifier: BSD-3-Clause
 * A field on another grid by its spectrum: forward transform, the frequencies both grids have,
 * inverse transform. As neuraloperator's resample does for 3-D skips: with m the smaller extent, an
 * axis keeps 0 ... m/2 - 1 and -m/2 ... -1 (for odd m that loses the frequency +m/2), the last axis
 * 0 ... m/2.
 *
 * vjp: gx += F^T (F^-1)^T gy.
 *
 * Of split fields the ranks' parts of the spectrum are added. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/mode_share.h"
#include "graph/ops/ops.h"
#include "graph/ops/regrid.h"
#include "kernels/spectral.h"

typedef struct resize_state {
  ritz_transform *in, *out; /* NULL: no points here */
  ritz_index modes;
  size_t row_block; /* bytes of one row block [modes, B, C] */
} resize_state;

static ritz_status resize_infer(ritz_node *node) { return ritz_regrid_infer(node, node->attr); }

/* Frequencies of an axis; room for m / 2 + 1 + m / 2 of them. @return their number. */
static ritz_index common_frequencies(ritz_index n, ritz_index m, bool last, ritz_index *f) {
  const ritz_index half = (n < m ? n : m) / 2;
  ritz_index count = 0;
  if (last || half == 0) {
    for (ritz_index i = 0; i <= half; i++) f[count++] = i;
    return count;
  }
  for (ritz_index i = -half; i < half; i++) f[count++] = i;
  return count;
}

static ritz_status create_transform(const ritz_node *node, const ritz_node *field,
                                    ritz_transform_shape *shape, ritz_transform **transform) {
  if (ritz_rows(field) == 0) return RITZ_OK;
  ritz_mode_share_grid(field, shape);
  return ritz_transform_create(shape, RITZ_SPECTRAL_AUTO, node->graph->context->threads, transform);
}

static ritz_status create_transforms(const ritz_node *node, resize_state *state) {
  const int d = ritz_grid_dim(node);
  ritz_transform_shape shape = {.dtype = node->graph->dtype,
                                .dim = d,
                                .batch = node->shape.n[0],
                                .channels = ritz_channels(node)};
  ritz_index *f = NULL, room = 0;
  ritz_status status;
  for (int a = 0; a < d; a++) room += ritz_extent(node, a) + 2;
  RITZ_TRY(RITZ_NEW(room, &f));
  state->modes = 1;
  for (int a = 0, used = 0; a < d; a++) {
    shape.frequency[a] = f + used;
    shape.modes[a] =
        common_frequencies(ritz_extent(node->in[0], a), ritz_extent(node, a), a == d - 1, f + used);
    used += (int)shape.modes[a];
    state->modes *= shape.modes[a];
  }
  RITZ_TRY_DONE(create_transform(node, node->in[0], &shape, &state->in));
  RITZ_TRY_DONE(create_transform(node, node, &shape, &state->out));
done:
  ritz_free(f);
  return status;
}

static ritz_status resize_plan(ritz_node *node, bool gradients) {
  resize_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  RITZ_TRY(create_transforms(node, state));
  const size_t a = state->in ? ritz_transform_scratch(state->in) : 0;
  const size_t b = state->out ? ritz_transform_scratch(state->out) : 0;
  const size_t rows = (size_t)(state->modes * node->shape.n[0] * ritz_channels(node));
  state->row_block = ritz_aligned(rows * ritz_number_size(node));
  node->need.scratch = 5 * state->row_block + (a > b ? a : b);
  return RITZ_OK;
}

static void resize_destroy(ritz_node *node) {
  resize_state *state = node->state;
  if (!state) return;
  ritz_transform_destroy(&state->in);
  ritz_transform_destroy(&state->out);
  ritz_free(state);
}

static void move(const ritz_node *node, bool adjoint, const void *from, void *to, bool add) {
  const resize_state *state = node->state;
  const ritz_transform *first = adjoint ? state->out : state->in;
  const ritz_transform *second = adjoint ? state->in : state->out;
  const ritz_index block = node->shape.n[0] * ritz_channels(node);
  char *three = node->scratch.data, *two = three + 3 * state->row_block;
  char *work = two + 2 * state->row_block;
  if (first)
    ritz_transform_to_modes(first, adjoint, false, from, three, work);
  else
    memset(three, 0, 3 * state->row_block);
  /* (-Im, Re, Im) -> (Re, Im) of every mode */
  node->graph->kernels->row_copy(state->modes, 2 * block,
                                 three + (size_t)block * ritz_number_size(node), 3 * block, two,
                                 2 * block, false);
  if (node->layout) ritz_add_over_ranks(node, node->layout, 2 * state->modes * block, two);
  if (second) ritz_transform_from_modes(second, adjoint, add, two, to, work);
}

static void resize_forward(const ritz_node *node) {
  move(node, false, ritz_in(node, 0), node->value.data, false);
}

static void resize_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) move(node, true, node->gradient.data, ritz_gin(node, 0), node->add[0]);
}

static double resize_flops(const ritz_node *node) {
  const resize_state *state = node->state;
  return (state->in ? ritz_transform_flops(state->in) : 0) +
         (state->out ? ritz_transform_flops(state->out) : 0);
}

static void resize_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const resize_state *state = node->state;
  const ritz_index numbers = 2 * state->modes * node->shape.n[0] * ritz_channels(node);
  if (node->layout)
    ritz_traffic_add_sum(traffic, ritz_layout_comm(node->layout), node->graph->dtype, numbers);
}

const ritz_op ritz_op_spectral_resize = {
    .name = "spectral_resize",
    .distribution = RITZ_SPECTRAL,
    .infer = resize_infer,
    .add_split = ritz_add_on_modes,
    .plan = resize_plan,
    .destroy = resize_destroy,
    .forward = resize_forward,
    .vjp = resize_vjp,
    .flops = resize_flops,
    .traffic = resize_traffic,
};

ritz_var ritz_spectral_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid) {
  const ritz_regrid_grid copy = ritz_regrid_copy(x, grid);
  return ritz_graph_add(graph, &ritz_op_spectral_resize, 1, &x, &copy, sizeof copy);
}
