/* SPDX-License-Identifier: BSD-3-Clause
 * Attention over keys that are spread over ranks; no rank ever has all of them.
 *
 * Where queries are split, too, each rank has its own meet the keys and values of one rank after
 * the other (ring attention; Liu, Zaharia & Abbeel 2023, arXiv:2310.01889): out and the softmax's
 * peak and sum are merged as they are from tile to tile within a rank. The gradient goes the same
 * round, and what a rank finds for the keys of another goes back to it. While one block is worked
 * on the next one travels, so two blocks of others are here at a time.
 *
 * Where all ranks have the same queries, each meets its own keys, and out is summed over ranks. */
#ifndef RITZ_GRAPH_ATTENTION_SPLIT_H
#define RITZ_GRAPH_ATTENTION_SPLIT_H

#include "dist/transfer.h"
#include "graph/ops/attention_op.h"

typedef struct ritz_attention_split {
  ritz_comm *comm;
  int ranks, own, blocks;    /* blocks of keys that queries here meet: all ranks', or the own one */
  ritz_attention_plan *plan; /* [blocks], the own one first, then those before it */
  size_t *bytes[2];          /* [blocks] of keys, of values */
  size_t room, out_bytes;    /* of the largest block, both; of the result here */
  ritz_transfer *transfer;
} ritz_attention_split;

/** @param shape  Of the own queries and keys. Sets what @p node needs. */
ritz_status ritz_attention_split_plan(ritz_node *node, const ritz_attention_shape *shape,
                                      bool gradients, ritz_attention_split **out);
void ritz_attention_split_destroy(ritz_attention_split **split);

/** A failure latches in the graph. */
void ritz_attention_split_forward(const ritz_attention_split *split, const ritz_node *node,
                                  ritz_attention_fields fields);
void ritz_attention_split_vjp(const ritz_attention_split *split, const ritz_node *node,
                              ritz_attention_fields fields);
void ritz_attention_split_traffic(const ritz_attention_split *split, const ritz_node *node,
                                  bool backward, struct ritz_traffic *traffic);

#endif
