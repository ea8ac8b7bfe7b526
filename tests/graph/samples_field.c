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
