/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/mode_share.h"

ritz_mode_share ritz_mode_share_of(const ritz_layout *layout, ritz_index modes) {
  ritz_mode_share share = {.modes = modes, .count = modes};
  if (!layout) return share;
  share.comm = ritz_layout_comm(layout);
  ritz_comm_share(share.comm, modes, &share.first, &share.count);
  return share;
}

ritz_var ritz_add_on_modes(const ritz_addition *a) {
  ritz_layout *layout = a->in[0] ? a->in[0]->layout : NULL, *out;
  if (!layout) return ritz_add_gathered(a);
  ritz_var y = ritz_add_as(a, a->in, a->attr);
  if (!y) return RITZ_NO_VAR;
  const ritz_status status = ritz_layout_for(a->graph, layout, &y->shape, &out);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  y = ritz_split_node(y, out, 1);
  ritz_layout_destroy(&out);
  return y;
}

void ritz_mode_share_grid(const ritz_node *field, ritz_transform_shape *shape) {
  for (int a = 0; a < shape->dim; a++) {
    shape->grid[a] = ritz_extent(field, a);
    shape->first[a] = shape->count[a] = 0;
    if (field->layout && ritz_layout_ranks(field->layout, a) > 1)
      ritz_layout_part(field->layout, a, &shape->first[a], &shape->count[a]);
  }
}

static bool has_three(const ritz_mode_share *share) { return !share->real && !share->plain; }

/* Numbers of a mode that is given back. */
static ritz_index mode_numbers(const ritz_mode_share *share, ritz_index block) {
  return (share->real ? 1 : 2) * block;
}

size_t ritz_mode_share_work(const ritz_mode_share *share, const ritz_node *node, ritz_index block) {
  const ritz_index modes = has_three(share) ? share->modes + share->count : 0;
  return (size_t)(modes * mode_numbers(share, block)) * ritz_number_size(node);
}

void ritz_mode_share_sum(const ritz_mode_share *share, const ritz_node *node, bool gradient,
                         ritz_index block, const void *parts, void *sums, void *work) {
  const ritz_kernels *k = node->graph->kernels;
  const size_t bytes = (size_t)block * ritz_number_size(node);
  const size_t pair = gradient ? 0 : bytes; /* to (Re, Im) in three row blocks */
  if (!has_three(share)) {
    const ritz_status status = ritz_comm_sum_share(share->comm, node->graph->dtype, share->modes,
                                                   mode_numbers(share, block), parts, sums);
    if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
    return;
  }
  char *packed = work, *own = packed + 2 * (size_t)share->modes * bytes;
  k->row_copy(share->modes, 2 * block, (const char *)parts + pair, 3 * block, packed, 2 * block,
              false);
  const ritz_status status =
      ritz_comm_sum_share(share->comm, node->graph->dtype, share->modes, 2 * block, packed, own);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
  k->row_copy(share->count, 2 * block, own, 2 * block, (char *)sums + pair, 3 * block, false);
  ritz_mode_share_complete(share, node, gradient, block, sums);
}

void ritz_mode_share_complete(const ritz_mode_share *share, const ritz_node *node, bool gradient,
                              ritz_index block, void *own) {
  const ritz_kernels *k = node->graph->kernels;
  const size_t bytes = (size_t)block * ritz_number_size(node);
  for (ritz_index m = 0; has_three(share) && m < share->count; m++) {
    char *three = (char *)own + (size_t)(3 * m) * bytes;
    if (gradient)
      k->scale(block, -1, three, three + 2 * bytes, false);
    else
      k->scale(block, -1, three + 2 * bytes, three, false);
  }
}

void ritz_mode_share_sum_traffic(const ritz_mode_share *share, const ritz_node *node,
                                 ritz_index block, ritz_traffic *traffic) {
  ritz_traffic_add_sum_share(traffic, share->comm, node->graph->dtype, share->modes,
                             mode_numbers(share, block));
}

static ritz_index mode_bytes(const ritz_mode_share *share, const ritz_node *node,
                             ritz_index block) {
  return mode_numbers(share, block) * (ritz_index)ritz_number_size(node);
}

void ritz_mode_share_gather_traffic(const ritz_mode_share *share, const ritz_node *node,
                                    ritz_index block, ritz_traffic *traffic) {
  ritz_traffic_add_gather_shares(traffic, share->comm, share->modes,
                                 mode_bytes(share, node, block));
}

void ritz_mode_share_gather(const ritz_mode_share *share, const ritz_node *node, ritz_index block,
                            const void *own, void *all) {
  const ritz_status status =
      ritz_comm_gather_shares(share->comm, share->modes, mode_bytes(share, node, block), own, all);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}
