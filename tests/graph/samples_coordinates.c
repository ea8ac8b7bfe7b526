/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops on coordinates, and of functions paired with coefficients. */
#include "samples.h"

/* One point a sample. */
static ritz_var coefficients(ritz_graph *g, ritz_params *p, ritz_var x, const char *name,
                             ritz_index width) {
  ritz_var f = ritz_patchify(g, x, ritz_var_shape(x).n + 1);
  return ritz_linear(g, f, weight(g, p, name, channels(f), width), RITZ_NO_VAR);
}

/* Functions of each sample and of all; one channel and several, which share functions,
 * coefficients or neither. */
ritz_var sample_pairing(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var small = coefficients(g, p, ritz_tanh(g, x), "f1", 5);
  ritz_var large = coefficients(g, p, x, "f3", 15);
  ritz_var t = ritz_tanh(g, ritz_linear(g, x, weight(g, p, "t1", channels(x), 5), RITZ_NO_VAR));
  ritz_var wide = ritz_linear(g, x, weight(g, p, "t3", channels(x), 15), RITZ_NO_VAR);
  ritz_var one = ritz_pairing(g, small, ritz_select(g, t, 0), 1);
  one = ritz_add(g, one, ritz_pairing(g, ritz_gelu(g, small), t, 1));
  ritz_var y = ritz_add(g, ritz_pairing(g, large, wide, 3), ritz_pairing(g, small, wide, 3));
  y = ritz_add(g, y, ritz_pairing(g, large, t, 3));
  t = ritz_select(g, t, 1 % ritz_var_shape(x).n[0]);
  wide = ritz_select(g, wide, 0);
  y = ritz_add(g, y, ritz_pairing(g, ritz_tanh(g, large), wide, 3));
  y = ritz_add(g, y, ritz_pairing(g, small, wide, 3));
  return ritz_concat(g, 3, (ritz_var[]){one, y, ritz_pairing(g, large, t, 3)});
}

ritz_var sample_harmonics(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  static const double f[3] = {0.5, 1, 1.7};
  ritz_var y = ritz_harmonics(g, ritz_tanh(g, x), 3, f);
  return ritz_add(g, y, ritz_gelu(g, ritz_harmonics(g, ritz_add(g, x, ritz_tanh(g, x)), 3, f)));
}

/* Far from the centre, and from where the angle jumps. */
ritz_var sample_polar(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_sigmoid(g, ritz_linear(g, x, weight(g, p, "w", channels(x), 2), RITZ_NO_VAR));
  return ritz_add(g, ritz_polar(g, y, -0.5, -0.25),
                  ritz_polar(g, ritz_add(g, y, ritz_tanh(g, y)), -0.1, -1));
}
