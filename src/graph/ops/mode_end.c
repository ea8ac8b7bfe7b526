/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/mode_end.h"

#include "core/context.h"
#include "core/fail.h"

ritz_status ritz_mode_end_plan(const ritz_node *field, const ritz_mode_share *share,
                               ritz_transform_shape *shape, ritz_mode_end *end) {
  const size_t number = ritz_number_size(field);
  end->block = shape->batch * shape->channels;
  end->all = (size_t)(share->modes * end->block) * number;
  end->own = (size_t)(share->count * end->block) * number;
  ritz_mode_share_grid(field, shape);
  RITZ_TRY(ritz_mode_lines_create(field, shape, share, &end->lines));
  if (end->lines || ritz_rows(field) == 0) return RITZ_OK;
  return ritz_transform_create(shape, RITZ_SPECTRAL_AUTO, field->graph->context->threads,
                               &end->transform);
}

void ritz_mode_end_clear(ritz_mode_end *end) {
  ritz_transform_destroy(&end->transform);
  ritz_mode_lines_destroy(&end->lines);
}

size_t ritz_mode_end_all(const ritz_mode_end *end) { return end->lines ? 0 : end->all; }

size_t ritz_mode_end_work(const ritz_mode_end *end, const ritz_mode_share *share,
                          const ritz_node *node) {
  if (end->lines) return ritz_mode_lines_work(end->lines);
  const size_t sums = node->layout ? ritz_mode_share_work(share, node, end->block) : 0;
  const size_t transform = end->transform ? ritz_transform_scratch(end->transform) : 0;
  return sums > transform ? sums : transform;
}

double ritz_mode_end_flops(const ritz_mode_end *end) {
  if (end->lines) return ritz_mode_lines_flops(end->lines);
  return end->transform ? ritz_transform_flops(end->transform) : 0;
}

void ritz_mode_end_traffic(const ritz_mode_end *end, const ritz_mode_share *share,
                           const ritz_node *node, bool back, ritz_traffic *traffic) {
  if (end->lines)
    ritz_mode_lines_traffic(end->lines, back, traffic);
  else if (node->layout)
    (back ? ritz_mode_share_gather_traffic : ritz_mode_share_sum_traffic)(share, node, end->block,
                                                                          traffic);
}
