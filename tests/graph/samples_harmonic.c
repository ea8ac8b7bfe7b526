/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops that work on coefficients: bases along the axes, weights of each one. */
#include "samples.h"

ritz_var sample_sine(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_sine(g, ritz_add(g, ritz_sine(g, x), x));
}

/* Fewer, more and as many channels. */
ritz_var sample_point_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  ritz_shape shape = {.rank = d + 2};
  for (int a = 0; a < d; a++) shape.n[a] = ritz_var_shape(x).n[a + 1];
  shape.n[d] = channels(x);
  shape.n[d + 1] = 5;
  ritz_var y = ritz_point_linear(g, ritz_tanh(g, x), random_parameter(g, p, "w1", shape, -1));
  shape.n[d] = 5;
  ritz_var w = random_parameter(g, p, "w2", shape, -1);
  return ritz_add(g, y, ritz_point_linear(g, ritz_point_linear(g, y, w), w));
}

ritz_var sample_axis_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_tanh(g, x);
  for (int a = 0; a < ritz_grid_dim(x); a++) {
    static const char *const names[3] = {"w0", "w1", "w2"};
    const ritz_index n = ritz_var_shape(y).n[a + 1], m = a == 1 ? n : n / 2 + 3;
    y = ritz_axis_linear(g, y, random_parameter(g, p, names[a], RITZ_SHAPE(n, m, c), -1), a);
  }
  return ritz_add(g, y, ritz_gelu(g, y));
}

static void fewer(ritz_var x, ritz_index *out) {
  for (int a = 0; a < ritz_grid_dim(x); a++) out[a] = ritz_var_shape(x).n[a + 1] - a;
}
ritz_var sample_harmonic_analysis(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_index modes[3];
  fewer(x, modes);
  ritz_var y = ritz_harmonic_analysis(g, x, RITZ_BASIS_COSINE, modes, 1);
  return ritz_add(
      g, y,
      ritz_tanh(g, ritz_harmonic_analysis(g, ritz_gelu(g, x), RITZ_BASIS_FOURIER, modes, .5)));
}
ritz_var sample_harmonic_synthesis(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_index grid[3];
  for (int a = 0; a < ritz_grid_dim(x); a++) grid[a] = ritz_var_shape(x).n[a + 1] + 3 * a;
  ritz_var y = ritz_harmonic_synthesis(g, x, RITZ_BASIS_FOURIER, grid, 1);
  return ritz_add(
      g, y, ritz_tanh(g, ritz_harmonic_synthesis(g, ritz_gelu(g, x), RITZ_BASIS_COSINE, grid, 2)));
}
