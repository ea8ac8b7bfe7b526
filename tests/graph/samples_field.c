/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops on whole fields. */
#include "samples.h"

ritz_var sample_subtract(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_subtract(g, ritz_tanh(g, x), ritz_gate(g, x, vector(g, p, "w", channels(x))));
}

ritz_var sample_affine(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_shape sample = ritz_var_shape(x);
  for (int a = 1; a < sample.rank; a++) sample.n[a - 1] = sample.n[a];
  if (sample.rank) sample.rank--;
  return ritz_affine(g, x, random_parameter(g, p, "w", sample, -1),
                     random_parameter(g, p, "b", sample, -1));
}

ritz_var sample_weigh(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  enum { most = 20000 };
  static double weights[most];
  const ritz_shape shape = ritz_var_shape(x);
  assert_true(ritz_shape_count(&shape) <= most);
  for (int i = 0; i < most; i++) weights[i] = 0.5 + i % 7 - 0.25 * (i % 3);
  ritz_var y = ritz_weigh(g, ritz_tanh(g, x), weights);
  return ritz_add(g, y, ritz_gelu(g, ritz_add(g, ritz_weigh(g, x, weights), x)));
}
