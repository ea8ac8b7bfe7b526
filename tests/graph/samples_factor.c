/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops on complex tensors: each builds weights of a spectral convolution. */
#include "samples.h"

static ritz_var complex_parameter(ritz_graph *g, ritz_params *p, const char *name, int rank,
                                  const ritz_index *n, int planes) {
  ritz_shape shape = {.rank = rank};
  for (int i = 0; i < rank; i++) shape.n[i] = n[i];
  return random_parameter(g, p, name, shape, planes);
}

static ritz_spectral_options modes(bool separable) {
  return (ritz_spectral_options){.separable = separable, .modes = {3, 2, 3}};
}

/* A core of extents 2, 3, 2 expanded axis by axis to 3, 4, 3 modes, first one back to front; one
 * axis that a vector without further axes removes; a matrix used twice. */
ritz_var sample_mode_product(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  const ritz_index c = channels(x), core[] = {2, 3, 2}, rows[] = {3, 4, 3};
  ritz_index n[7] = {5};
  for (int a = 0; a < d; a++) n[a + 1] = core[a];
  n[d + 1] = 2, n[d + 2] = c, n[d + 3] = 3;
  ritz_var t = complex_parameter(g, p, "core", d + 4, n, d + 1);
  t = ritz_mode_product(g, t, complex_parameter(g, p, "row", 2, (ritz_index[]){2, 5}, 0), 0, 2);
  for (int a = d - 1; a >= 0; a--) {
    const char *name[] = {"u0", "u1", "u2"};
    t = ritz_mode_product(
        g, t, complex_parameter(g, p, name[a], 3, (ritz_index[]){rows[a], 2, core[a]}, 1), a, 2);
  }
  const ritz_spectral_options options = modes(false);
  ritz_var y = ritz_spectral_conv(g, x, t, &options);
  ritz_var square = complex_parameter(g, p, "square", 3, (ritz_index[]){rows[0], 2, rows[0]}, 1);
  for (int i = 0; i < 2; i++) t = ritz_mode_product(g, t, square, 0, 2);
  return ritz_add(g, y, ritz_spectral_conv(g, ritz_tanh(g, x), t, &options));
}

ritz_var sample_mode_scale(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  const ritz_index c = channels(x);
  const char *name[] = {"u0", "u1", "u2"};
  ritz_var t = complex_parameter(g, p, "weights", 2, (ritz_index[]){2, c}, 0);
  for (int a = 0; a < d; a++)
    t = ritz_mode_scale(g, t, complex_parameter(g, p, name[a], 3, (ritz_index[]){3 + a, 2, c}, 1));
  const ritz_spectral_options options = modes(true);
  return ritz_spectral_conv(g, ritz_spectral_conv(g, x, t, &options), t, &options);
}

/* Matrices with both maps and with the first one, then diagonals; the weight written down and the
 * spectrum sent through the maps are the same convolution. */
ritz_var sample_channel_maps(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  const ritz_index c = channels(x);
  ritz_index n[6] = {3, 2, 3};
  n[d] = 2, n[d + 1] = 5, n[d + 2] = 2;
  ritz_var a = complex_parameter(g, p, "a", 3, (ritz_index[]){2, c, 5}, 0);
  ritz_var b = complex_parameter(g, p, "b", 3, (ritz_index[]){2, 2, 3}, 0);
  ritz_var t = complex_parameter(g, p, "t", d + 3, n, d);
  ritz_var s = complex_parameter(g, p, "s", d + 2, n, d);
  ritz_var e = complex_parameter(g, p, "e", 3, (ritz_index[]){2, 5, 2}, 0);
  const ritz_spectral_options full = modes(false), diagonal = modes(true);
  ritz_var y = ritz_spectral_conv(g, x, ritz_map_channels(g, a, t, b, false), &full);
  y = ritz_add(g, y, ritz_mapped_spectral_conv(g, ritz_gelu(g, x), a, t, b, &full));
  ritz_var z = ritz_spectral_conv(g, x, ritz_map_channels(g, a, t, NULL, false), &full);
  z = ritz_add(g, z, ritz_mapped_spectral_conv(g, ritz_gelu(g, x), a, t, NULL, &full));
  z = ritz_add(g, z, ritz_spectral_conv(g, x, ritz_map_channels(g, a, s, e, true), &full));
  z = ritz_add(g, z, ritz_mapped_spectral_conv(g, ritz_tanh(g, x), a, s, e, &diagonal));
  n[d + 1] = 2;
  ritz_var u = complex_parameter(g, p, "u", d + 3, n, d);
  return ritz_add(g, y, ritz_mapped_spectral_conv(g, z, RITZ_NO_VAR, u, b, &full));
}

ritz_var sample_select(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  ritz_index n[6] = {3};
  for (int a = 0; a < d; a++) n[a + 1] = 2 + a;
  n[d + 1] = 2, n[d + 2] = channels(x);
  ritz_var w = complex_parameter(g, p, "w", d + 3, n, d + 1);
  const ritz_spectral_options options = modes(true);
  ritz_var y = ritz_spectral_conv(g, x, ritz_select(g, w, 2), &options);
  y = ritz_spectral_conv(g, y, ritz_select(g, w, 0), &options);
  return ritz_spectral_conv(g, y, ritz_select(g, w, 2), &options);
}
