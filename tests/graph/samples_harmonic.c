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

/* Stencils of a convolution: three taps of two functions, and a kernel with a vanishing sum. */
ritz_var sample_combine(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  const ritz_index c = channels(x);
  static const double taps[6] = {0.5, -1, 0.25, 2, 0, 0.75};
  static const double centred[9] = {1, 0, 0, -1, 0, -1, 0, 0, 1};
  ritz_shape shape = {.rank = d + 2, .n = {1, 1, 1, 1, 1}};
  shape.n[d - 1] = 3;
  shape.n[d] = c;
  shape.n[d + 1] = 4;
  ritz_var w =
      ritz_combine(g, random_parameter(g, p, "w", RITZ_SHAPE(2, c, 4), -1), 1, shape, taps);
  w = ritz_add(g, w, ritz_combine(g, w, d, shape, centred));
  ritz_conv_options options = {.groups = 1};
  options.window.low[d - 1] = options.window.high[d - 1] = 1;
  return ritz_conv(g, ritz_tanh(g, x), w, RITZ_NO_VAR, &options);
}

/* Some modes, and all of them. */
static void modes_of(ritz_var x, bool all, ritz_index *out) {
  const int d = ritz_grid_dim(x);
  for (int a = 0; a < d; a++) {
    const ritz_index n = ritz_var_shape(x).n[a + 1];
    out[a] = a == d - 1 ? n / 2 + (all ? 1 : 0) : all ? n : n - 1;
  }
}
ritz_var sample_fourier_modes(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_index some[3], all[3];
  modes_of(x, false, some);
  modes_of(x, true, all);
  const ritz_shape shape = ritz_var_shape(x);
  ritz_var y = ritz_fourier_modes(g, ritz_tanh(g, x), some, 3);
  ritz_var back = ritz_fourier_field(
      g, ritz_tanh(g, ritz_fourier_modes(g, ritz_add(g, x, ritz_gelu(g, x)), all, 2)), shape.n + 1,
      1);
  return ritz_add(g, ritz_tanh(g, y), ritz_fourier_modes(g, back, some, 1));
}
ritz_var sample_fourier_field(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_index grid[3];
  ritz_var z = ritz_linear(g, x, weight(g, p, "w", channels(x), 4), RITZ_NO_VAR);
  for (int a = 0; a < ritz_grid_dim(x); a++) grid[a] = 2 * ritz_var_shape(x).n[a + 1] - 1 + a % 2;
  ritz_var y = ritz_fourier_field(g, z, grid, 0.5);
  return ritz_add(g, y, ritz_fourier_field(g, ritz_tanh(g, z), grid, 1));
}

ritz_var sample_complex_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var z = ritz_linear(g, x, weight(g, p, "w", channels(x), 12), RITZ_NO_VAR);
  ritz_var w1 = random_parameter(g, p, "w1", RITZ_SHAPE(2, 3, 2, 5), 0);
  ritz_var w2 = random_parameter(g, p, "w2", RITZ_SHAPE(2, 1, 15, 2), 0);
  ritz_var b = random_parameter(g, p, "b", RITZ_SHAPE(2, 15), 0);
  ritz_var y = ritz_complex_linear(g, ritz_add(g, z, ritz_tanh(g, z)), w1, b);
  return ritz_complex_linear(g, ritz_gelu(g, y), w2, RITZ_NO_VAR);
}

/* Full and partial kernels, causal or around the ends, and few modes. */
ritz_var sample_long_conv(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_shape shape = ritz_var_shape(x);
  const ritz_index n = shape.n[shape.rank - 2], c = channels(x);
  ritz_long_conv_options options = {.causal = true};
  ritz_var y = ritz_long_conv(g, ritz_tanh(g, x), weight(g, p, "k1", n, c), &options);
  y = ritz_add(g, y, ritz_long_conv(g, x, weight(g, p, "k2", (n + 1) / 2, c), NULL));
  options.modes = 3;
  return ritz_long_conv(g, ritz_gelu(g, y), weight(g, p, "k3", n, c), &options);
}
