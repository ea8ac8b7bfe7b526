/* SPDX-License-Identifier: BSD-3-Clause
 * A field on another grid by its spectrum: forward transform, the frequencies both grids have,
 * inverse transform. As neuraloperator's resample does for 3-D skips: with m the smaller extent, an
 * axis keeps 0 ... m/2 - 1 and -m/2 ... -1 (for odd m that loses the frequency +m/2), the last axis
 * 0 ... m/2.
 *
 * vjp: gx += F^T (F^-1)^T gy.
 *
 * Of split fields each rank has its share of the spectrum between the two (mode_share.h,
 * mode_lines.h). */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/mode_end.h"
#include "graph/ops/ops.h"
#include "graph/ops/regrid.h"
#include "kernels/spectral.h"

typedef struct resize_state {
  ritz_mode_end end[2];  /* of x, of y */
  ritz_mode_share share; /* the modes between them: all unless the field is split */
  size_t all, own;       /* bytes of all modes where they are, and of the own ones */
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

static ritz_status plan_ends(const ritz_node *node, resize_state *state) {
  const int d = ritz_grid_dim(node);
  ritz_transform_shape shape = {.dtype = node->graph->dtype,
                                .dim = d,
                                .batch = node->shape.n[0],
                                .channels = ritz_channels(node),
                                .plain = true};
  ritz_index *f = NULL, room = 0, modes = 1;
  ritz_status status;
  for (int a = 0; a < d; a++) room += ritz_extent(node, a) + 2;
  RITZ_TRY(RITZ_NEW(room, &f));
  for (int a = 0, used = 0; a < d; a++) {
    shape.frequency[a] = f + used;
    shape.modes[a] =
        common_frequencies(ritz_extent(node->in[0], a), ritz_extent(node, a), a == d - 1, f + used);
    used += (int)shape.modes[a];
    modes *= shape.modes[a];
  }
  state->share = ritz_mode_share_of(node->layout, modes);
  state->share.plain = true;
  RITZ_TRY_DONE(ritz_mode_end_plan(node->in[0], &state->share, &shape, &state->end[0]));
  RITZ_TRY_DONE(ritz_mode_end_plan(node, &state->share, &shape, &state->end[1]));
done:
  ritz_free(f);
  return status;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static ritz_status resize_plan(ritz_node *node, bool gradients) {
  resize_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  RITZ_TRY(plan_ends(node, state));
  size_t all = 0, work = 0;
  for (int i = 0; i < 2; i++) {
    all = larger(all, ritz_mode_end_all(&state->end[i]));
    work = larger(work, ritz_mode_end_work(&state->end[i], &state->share, node));
  }
  state->all = ritz_aligned(2 * all);
  state->own = node->layout ? ritz_aligned(2 * state->end[0].own) : 0;
  node->need.scratch = state->all + state->own + work;
  return RITZ_OK;
}

static void resize_destroy(ritz_node *node) {
  resize_state *state = node->state;
  if (!state) return;
  for (int i = 0; i < 2; i++) ritz_mode_end_clear(&state->end[i]);
  ritz_free(state);
}

/* The modes of a field: all of them, or of a split one the own ones behind the room for all. */
static void take(const ritz_node *node, const ritz_mode_end *end, bool adjoint, const void *from,
                 char *all, char *own, char *work) {
  const resize_state *state = node->state;
  if (end->lines) {
    ritz_mode_lines_to_own(end->lines, adjoint, from, own, work);
    return;
  }
  if (end->transform)
    ritz_transform_to_modes(end->transform, adjoint, false, from, all, work);
  else
    memset(all, 0, state->all);
  if (node->layout) ritz_mode_share_sum(&state->share, node, false, end->block, all, own, NULL);
}

static void give(const ritz_node *node, const ritz_mode_end *end, bool adjoint, bool add, char *all,
                 const char *own, void *to, char *work) {
  const resize_state *state = node->state;
  if (end->lines) {
    ritz_mode_lines_from_own(end->lines, adjoint, add, own, to, work);
    return;
  }
  if (node->layout) ritz_mode_share_gather(&state->share, node, end->block, own, all);
  if (end->transform) ritz_transform_from_modes(end->transform, adjoint, add, all, to, work);
}

static void move(const ritz_node *node, bool adjoint, const void *from, void *to, bool add) {
  const resize_state *state = node->state;
  char *all = node->scratch.data, *own = all + state->all, *work = own + state->own;
  take(node, &state->end[adjoint], adjoint, from, all, own, work);
  give(node, &state->end[!adjoint], adjoint, add, all, own, to, work);
}

static void resize_forward(const ritz_node *node) {
  move(node, false, ritz_in(node, 0), node->value.data, false);
}

static void resize_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) move(node, true, node->gradient.data, ritz_gin(node, 0), node->add[0]);
}

static const char *resize_label(const ritz_node *node) {
  const resize_state *state = node->state;
  return state->end[0].lines || state->end[1].lines ? "spectral_resize(lines)" : "spectral_resize";
}

static double resize_flops(const ritz_node *node) {
  const resize_state *state = node->state;
  return ritz_mode_end_flops(&state->end[0]) + ritz_mode_end_flops(&state->end[1]);
}

static void resize_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const resize_state *state = node->state;
  ritz_mode_end_traffic(&state->end[backward], &state->share, node, false, traffic);
  ritz_mode_end_traffic(&state->end[!backward], &state->share, node, true, traffic);
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
    .label = resize_label,
    .flops = resize_flops,
    .traffic = resize_traffic,
};

ritz_var ritz_spectral_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid) {
  const ritz_regrid_grid copy = ritz_regrid_copy(x, grid);
  return ritz_graph_add(graph, &ritz_op_spectral_resize, 1, &x, &copy, sizeof copy);
}
