/* SPDX-License-Identifier: BSD-3-Clause
 * Dropout, y = x mask / (1 - rate). Srivastava et al. 2014, JMLR 15:1929.
 *
 * The mask is a function of (seed, run, op, element of the whole batch), so the vjp draws it again
 * instead of storing it, and no split of the work over threads or ranks changes it. */
#include <ritz/random.h>

#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

static ritz_status dropout_infer(ritz_node *node) {
  const double rate = *(const double *)node->attr;
  RITZ_REQUIRE(rate >= 0 && rate < 1, RITZ_ERR_ARGUMENT, "dropout: rate is %g, wanted [0, 1)",
               rate);
  return ritz_infer_same(node);
}

/* to (+)= from * mask over @p count numbers, the first of which is element @p first of the whole
 * batch; four elements share one random draw. */
static void mask_run(const ritz_node *node, uint64_t first, ritz_index count, const void *from,
                     void *to, bool add) {
  const double rate = *(const double *)node->attr, keep = 1 / (1 - rate);
  const uint32_t threshold = (uint32_t)(rate * 4294967296.0);
  const ritz_random stream = {.seed = node->graph->seed ^ node->graph->step << 32,
                              .purpose = RITZ_RANDOM_NOISE,
                              .sample = (uint32_t)node->number};
  uint32_t words[4];
  for (ritz_index i = 0; i < count; i++) {
    const uint64_t element = first + (uint64_t)i;
    if (i == 0 || element % 4 == 0) ritz_random_words(stream, element / 4, words);
    const double factor = words[element % 4] < threshold ? 0 : keep;
    if (node->graph->dtype == RITZ_FLOAT64) {
      double *y = (double *)to + i;
      const double value = factor * ((const double *)from)[i];
      *y = add ? *y + value : value;
    } else {
      float *y = (float *)to + i;
      const float value = (float)factor * ((const float *)from)[i];
      *y = add ? *y + value : value;
    }
  }
}

static void apply_mask(const ritz_node *node, const ritz_tile *tile, const void *from, void *to,
                       bool add) {
  const ritz_index c = ritz_channels(node);
  for (ritz_index r = 0, rows; r < tile->count; r += rows) {
    const size_t at = (size_t)(r * c) * ritz_number_size(node);
    const ritz_index row = ritz_whole_rows(node, tile->first + r, tile->count - r, &rows);
    mask_run(node, (uint64_t)(row * c), rows * c, (const char *)from + at, (char *)to + at, add);
  }
}

static void dropout_rows(const ritz_node *node, const ritz_tile *tile) {
  apply_mask(node, tile, tile->in[0], tile->out, false);
}

static void dropout_vjp(const ritz_node *node, const ritz_tile *tile) {
  if (tile->gin[0]) apply_mask(node, tile, tile->gout, tile->gin[0], tile->add[0]);
}

const ritz_op ritz_op_dropout = {
    .name = "dropout",
    .distribution = RITZ_LOCAL,
    .infer = dropout_infer,
    .rows = dropout_rows,
    .rows_vjp = dropout_vjp,
};

ritz_var ritz_dropout(ritz_graph *graph, ritz_var x, double rate) {
  if (!graph->training) return x;
  return ritz_graph_add(graph, &ritz_op_dropout, 1, &x, &rate, sizeof rate);
}
