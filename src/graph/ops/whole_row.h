/* SPDX-License-Identifier: BSD-3-Clause
 * Where a row of this rank's part stands in the whole field. */
#ifndef RITZ_GRAPH_OPS_WHOLE_ROW_H
#define RITZ_GRAPH_OPS_WHOLE_ROW_H

#include "dist/layout.h"
#include "graph/op.h"

/** @param node  Planned, with a layout. @return  Row of the whole field that row @p row is. */
static inline ritz_index ritz_whole_row(const ritz_node *node, ritz_index row) {
  ritz_index out = 0, stride = 1;
  for (int a = node->layout->dim - 1; a >= 0; a--) {
    out += (row % node->shape.n[a + 1] + ritz_first_point(node, a)) * stride;
    row /= node->shape.n[a + 1];
    stride *= ritz_extent(node, a);
  }
  return out + row * stride;
}

#endif
