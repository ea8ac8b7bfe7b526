/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of what roll-outs need. */
#include "samples.h"

/* Central differences see through a constant, so its two uses cancel; that its gradient is zero is
 * tested in model/test_rollout.c. */
ritz_var sample_detach(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var h = ritz_detach(g, ritz_gate(g, x, vector(g, p, "w", channels(x))));
  return ritz_add(g, ritz_tanh(g, x), ritz_subtract(g, h, h));
}

ritz_var sample_noise(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_graph_set_training(g, true, 3);
  return ritz_noise(g, ritz_tanh(g, ritz_noise(g, x, 0.3)), 0.1);
}
