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

/* Channels as an axis and back, in a shape of its own. */
ritz_var sample_reshape(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_shape shape = ritz_var_shape(x);
  const ritz_index numbers = ritz_shape_count(&shape) / shape.n[0];
  ritz_var y = ritz_tanh(g, ritz_reshape(g, x, RITZ_SHAPE(shape.n[0], numbers, 1)));
  return ritz_add(g, ritz_reshape(g, y, shape), x);
}

/* One channel as a field of three axes, whatever x is. */
ritz_var sample_space_time_encoding(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_shape shape = ritz_var_shape(x);
  const ritz_index last = shape.n[shape.rank - 2] * channels(x);
  const ritz_index rest = ritz_shape_count(&shape) / shape.n[0] / last;
  ritz_var v = ritz_reshape(g, x, RITZ_SHAPE(shape.n[0], rest, 1, last, 1));
  return ritz_tanh(g, ritz_space_time_encoding(g, ritz_tanh(g, v), 6, 0.5));
}
