/* SPDX-License-Identifier: BSD-3-Clause
 * What attention over all tokens (attention.c) and within windows (attention_windows.c) share.
 *
 * Operands: q, k, v, then bias and log_scale where given. q of rank 2 is one set of queries for all
 * samples (and windows). */
#ifndef RITZ_GRAPH_ATTENTION_OP_H
#define RITZ_GRAPH_ATTENTION_OP_H

#include "graph/ops/ops.h"
#include "kernels/attention.h"
#include "kernels/windows.h"

struct ritz_addition;

typedef struct ritz_attention_attr {
  ritz_index heads;
  double scale;
  bool bias, cosine;
  ritz_attention_windows windows; /* attention within windows */
} ritz_attention_attr;

static inline bool ritz_attention_is_shared(const ritz_node *query) {
  return query->shape.rank == 2;
}

/** What holds for both: channels, heads, batch; k and v side by side. */
ritz_status ritz_attention_check(const ritz_node *node);
/** A bias has a row for each of @p pairs; log_scale one number for each head. */
ritz_status ritz_attention_check_bias(const ritz_node *node, ritz_index pairs);

ritz_status ritz_window_attention_infer(ritz_node *node);
/** Adds the windows of a planned node to @p shape, which was made for all tokens.
 * @param windows  Kept by the caller, ritz_windows_release(). */
ritz_status ritz_window_attention_plan(const ritz_node *node, ritz_windows *windows,
                                       ritz_attention_shape *shape);
ritz_var ritz_window_attention_add_split(const struct ritz_addition *addition);

#endif
