/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/spectral_weights.h"

#include <string.h>

#include "core/fail.h"

/* ---- operands ------------------------------------------------------------------------------ */

const ritz_node *ritz_map_in(const ritz_node *node) {
  return ((const ritz_spectral_attr *)node->attr)->map_in ? node->in[2] : NULL;
}
const ritz_node *ritz_map_out(const ritz_node *node) {
  return ((const ritz_spectral_attr *)node->attr)->map_out ? node->in[node->arity - 1] : NULL;
}

/* Checks a map [planes, from, to], 0: any; and gives its ends. */
static ritz_status check_map(const ritz_node *map, int planes, const char *name, ritz_index *from,
                             ritz_index *to) {
  char text[128];
  const ritz_index *n = map->shape.n;
  const ritz_index have[2] = {n[1], n[2]}, *want[2] = {from, to};
  bool fits = map->shape.rank == 3 && n[0] == planes;
  for (int i = 0; i < 2; i++) fits = fits && (*want[i] == 0 || *want[i] == have[i]);
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE,
               "spectral_conv: map %s is %s, wanted [%d, %td, %td] (0: any extent)", name,
               ritz_shape_text(&map->shape, text), planes, *from, *to);
  *from = have[0];
  *to = have[1];
  return RITZ_OK;
}

ritz_status ritz_spectral_weights_check(const ritz_node *node, int planes, ritz_index *co) {
  const ritz_node *x = node->in[0], *w = node->in[1], *a = ritz_map_in(node);
  const ritz_spectral_options *options = node->attr;
  const int d = ritz_grid_dim(x), rank = d + (options->separable ? 2 : 3);
  char have[128], want[128];
  ritz_index ci = ritz_channels(x), inner = 0;
  if (a) RITZ_TRY(check_map(a, planes, "A", &ci, &inner));
  if (!a) inner = ci;
  RITZ_REQUIRE(w->shape.rank == rank && w->shape.n[d] == planes && w->shape.n[d + 1] == inner,
               RITZ_ERR_SHAPE, "spectral_conv: x is %s, weight is %s, wanted [%d axes, %d, %td%s]",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want), d, planes, inner,
               options->separable ? "" : ", Co");
  ritz_index last = w->shape.n[rank - 1];
  *co = 0;
  if (ritz_map_out(node)) return check_map(ritz_map_out(node), planes, "C", &last, co);
  *co = last;
  return RITZ_OK;
}

/* ---- rows of W ----------------------------------------------------------------------------- */

ritz_weight_rows ritz_weight_rows_of(const ritz_node *node, ritz_index modes,
                                     const ritz_mode_share *share) {
  ritz_weight_rows rows = {.all = 1};
  for (int a = 0; a < ritz_grid_dim(node->in[0]); a++) rows.all *= node->in[1]->shape.n[a];
  rows.own = node->layout && modes == rows.all; /* as many modes as rows: mode m has row m */
  rows.first = rows.own ? share->first : 0;
  rows.count = rows.own ? share->count : rows.all;
  return rows;
}

static size_t row_bytes(const ritz_node *node, const ritz_weight_rows *rows, ritz_index count) {
  return (size_t)(count * (ritz_shape_count(&node->in[1]->shape) / rows->all)) *
         ritz_number_size(node);
}

ritz_mode_weights ritz_spectral_weights(const ritz_node *node, const ritz_weight_rows *rows) {
  const ritz_node *a = ritz_map_in(node), *c = ritz_map_out(node);
  return (ritz_mode_weights){
      .in = a ? a->value.data : NULL,
      .mixing = (const char *)ritz_in(node, 1) + row_bytes(node, rows, rows->first),
      .out = c ? c->value.data : NULL};
}

/* ---- gradients ----------------------------------------------------------------------------- */

/* gW of the own rows: all that there is room for, or else zeros on both sides of it. */
static char *own_gradient(const ritz_node *node, const ritz_weight_rows *rows) {
  char *gw = ritz_gin(node, 1);
  if (!gw || node->in[1]->owned) return gw;
  const size_t before = row_bytes(node, rows, rows->first);
  const size_t end = before + row_bytes(node, rows, rows->count);
  if (rows->own && !node->add[1]) {
    memset(gw, 0, before);
    memset(gw + end, 0, row_bytes(node, rows, rows->all) - end);
  }
  return gw + before;
}

/* A row of gW, complete; that row of W has been read. */
static void hand_on(void *arg, ritz_index row, void *gw) {
  const ritz_node *node = arg, *w = node->in[1];
  const int d = ritz_grid_dim(node->in[0]);
  ritz_index count = 1;
  for (int i = d; i < w->shape.rank; i++) count *= w->shape.n[i];
  node->sink->take(node->sink->arg, w->param, row * count, count, gw);
}

bool ritz_spectral_streams(const ritz_node *node, int i) {
  return i == 1 && node->arity == 2 && !node->layout;
}

ritz_mode_gradients ritz_spectral_gradients(const ritz_node *node, const ritz_weight_rows *rows) {
  if (node->sink)
    return (ritz_mode_gradients){
        .weight_modes = rows->count, .take = hand_on, .taker = (void *)node};
  ritz_mode_gradients g = {
      .mixing = own_gradient(node, rows), .add_mixing = node->add[1], .weight_modes = rows->count};
  if (ritz_map_in(node)) g.in = ritz_gin(node, 2), g.add_in = node->add[2];
  if (ritz_map_out(node))
    g.out = ritz_gin(node, node->arity - 1), g.add_out = node->add[node->arity - 1];
  return g;
}
