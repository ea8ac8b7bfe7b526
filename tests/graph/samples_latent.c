/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of broadcast sums and of series. */
#include "samples.h"

/* A parameter over channels alone, one over the last grid axis as well, and a computed one. */
ritz_var sample_add_broadcast(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index n = x->shape.n[x->shape.rank - 2];
  ritz_var y = ritz_add_broadcast(g, ritz_tanh(g, x), vector(g, p, "b", channels(x)));
  ritz_var table = weight(g, p, "t", n, channels(x));
  y = ritz_tanh(g, ritz_add_broadcast(g, ritz_add(g, y, x), table));
  ritz_var grown =
      ritz_linear(g, ritz_gelu(g, table), weight(g, p, "w", channels(x), channels(x)), RITZ_NO_VAR);
  return ritz_add(g, x, ritz_add_broadcast(g, y, grown));
}
ritz_var sample_trigonometric_series(ritz_graph *g, ritz_params *p, ritz_var x,
                                     const void *config) {
  ritz_var y = ritz_trigonometric_series(g, x, weight(g, p, "w1", 10, channels(x)));
  y = ritz_add(g, ritz_tanh(g, y), x);
  return ritz_trigonometric_series(g, y, weight(g, p, "w2", 2, channels(x)));
}
