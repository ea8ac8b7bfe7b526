/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of the moves between ranks, on as many as there are: here all of the grid lies on the
 * first one. */
#include "graph/distribute.h"
#include "samples.h"

static ritz_layout *one_part(ritz_graph *g, ritz_var x) {
  const int ranks[3] = {1, 1, 1};
  ritz_layout *layout;
  assert_ok(ritz_layout_create(g->context, ritz_grid_dim(x), x->shape.n + 1, ranks, NULL, &layout));
  return layout;
}

/* Margins of each kind, wider than the axis where that goes; some points left out; all of it. */
ritz_var sample_fetch(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  static const ritz_boundary boundaries[3] = {RITZ_BOUNDARY_PERIODIC, RITZ_BOUNDARY_REFLECT,
                                              RITZ_BOUNDARY_REPLICATE};
  ritz_layout *layout = one_part(g, x);
  ritz_reach margins[3], inner[3];
  ritz_var field = ritz_split(g, ritz_tanh(g, x), layout, 1);
  assert_ok(ritz_reach_all(g, layout, margins));
  assert_ok(ritz_reach_all(g, layout, inner));
  for (int a = 0; a < layout->dim; a++) {
    margins[a].boundary = boundaries[a];
    margins[a].first[0] = a == 0 ? -layout->grid[a] - 1 : -2;
    inner[a].first[0] = 1;
    inner[a].count[0] = margins[a].count[0] = layout->grid[a] - margins[a].first[0] + 1;
  }
  ritz_layout_destroy(&layout);
  return ritz_add(g, ritz_fetch(g, field, margins), ritz_fetch(g, field, inner));
}

ritz_var sample_split(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_layout *layout = x->layout ? ritz_layout_retain(x->layout) : one_part(g, x);
  ritz_var y = ritz_split(g, ritz_gather(g, ritz_gelu(g, x)), layout, 1);
  ritz_shape sample = ritz_var_shape(x);
  for (int a = 1; a < sample.rank; a++) sample.n[a - 1] = sample.n[a];
  sample.rank--;
  ritz_var w = random_parameter(g, p, "w", sample, -1);
  ritz_layout_destroy(&layout);
  return ritz_affine(g, ritz_add(g, x, y), w, w);
}
