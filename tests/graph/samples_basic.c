/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of the row ops, of norms, dropout, padding and everything spectral. */
#include "samples.h"

ritz_var sample_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_linear(g, x, weight(g, p, "w1", channels(x), 7), vector(g, p, "b1", 7));
  return ritz_linear(g, y, weight(g, p, "w2", 7, 1), RITZ_NO_VAR);
}
/* Sums that the planner merges: linear right, left, with a bias on either side, and one it must not
 * touch, since the linear map has two users. */
ritz_var sample_linear_onto(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var h = ritz_bias(g, ritz_tanh(g, x), vector(g, p, "b1", c));
  ritz_var y = ritz_add(g, h, ritz_linear(g, x, weight(g, p, "w1", c, c), RITZ_NO_VAR));
  y = ritz_add(g, ritz_linear(g, y, weight(g, p, "w2", c, c), vector(g, p, "b2", c)), x);
  ritz_var twice = ritz_linear(g, y, weight(g, p, "w3", c, c), RITZ_NO_VAR);
  return ritz_add(g, ritz_gelu(g, twice), ritz_add(g, twice, twice));
}
/* A gate on one side of a sum, with a bias on either side or none. */
ritz_var sample_linear_gated(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var h = ritz_gate(g, ritz_tanh(g, x), vector(g, p, "v1", c));
  ritz_var y = ritz_add(g, h, ritz_linear(g, x, weight(g, p, "w1", c, c), vector(g, p, "b1", c)));
  h = ritz_bias(g, ritz_gate(g, x, vector(g, p, "v2", c)), vector(g, p, "b2", c));
  y = ritz_add(g, ritz_linear(g, y, weight(g, p, "w2", c, c), RITZ_NO_VAR), h);
  h = ritz_gate(g, y, vector(g, p, "v3", c));
  return ritz_add(g, ritz_linear(g, x, weight(g, p, "w3", c, c), RITZ_NO_VAR), h);
}
ritz_var sample_gelu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_gelu(g, x);
}
ritz_var sample_tanh(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, x);
}
ritz_var sample_relu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_relu(g, x);
}
/* x is used three times: gradients of all users add up. */
ritz_var sample_add(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_add(g, ritz_add(g, x, ritz_gelu(g, x)), x);
}
ritz_var sample_gate(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var w = vector(g, p, "w", channels(x)); /* one parameter in two ops */
  return ritz_gate(g, ritz_tanh(g, ritz_gate(g, x, w)), w);
}
ritz_var sample_bias(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, ritz_bias(g, x, vector(g, p, "b", channels(x))));
}
/* Biases of a linear map, of one onto another field, and by themselves move into GELU. */
ritz_var sample_bias_gelu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var h = ritz_linear(g, x, weight(g, p, "w1", c, 19), vector(g, p, "b1", 19));
  h = ritz_linear(g, ritz_gelu(g, h), weight(g, p, "w2", 19, c), RITZ_NO_VAR);
  h = ritz_gelu(g, ritz_bias(g, ritz_add(g, x, h), vector(g, p, "b2", c)));
  return ritz_add(g, h, ritz_gelu(g, ritz_bias(g, x, vector(g, p, "b3", c))));
}
ritz_var sample_grid_embedding(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_grid_embedding(g, x, RITZ_GRID_PERIODIC, NULL);
  return ritz_linear(g, y, weight(g, p, "w", channels(y), 3), RITZ_NO_VAR);
}
ritz_var sample_pad(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, ritz_pad(g, x, (ritz_index[]){1, 0, 2}, (ritz_index[]){2, 3, 0}));
}
ritz_var sample_crop(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var wide = ritz_pad(g, ritz_gelu(g, x), (ritz_index[]){2, 1, 1}, (ritz_index[]){2, 1, 1});
  return ritz_crop(g, wide, (ritz_index[]){1, 2, 1}, (ritz_index[]){3, 0, 1});
}

ritz_var sample_group_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_group_norm(g, x, c, 1e-5, RITZ_NO_VAR, RITZ_NO_VAR);
  y = ritz_tanh(g, ritz_add(g, x, y));
  return ritz_group_norm(g, y, c % 2 ? 1 : 2, 1e-3, vector(g, p, "w", c), vector(g, p, "b", c));
}
ritz_var sample_response_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_response_norm(g, x, 1e-6, vector(g, p, "w1", c), vector(g, p, "b1", c));
  y = ritz_tanh(g, ritz_add(g, x, y));
  return ritz_response_norm(g, y, 0.5, vector(g, p, "w2", c), vector(g, p, "b2", c));
}
static ritz_var running(ritz_graph *g, ritz_params *p, const char *name, ritz_index c) {
  return ritz_untrained(
      ritz_parameter(g, p, (ritz_init){RITZ_INIT_UNIFORM, 2}, RITZ_SHAPE(c), -1, "%s", name));
}
/* Training form (its running statistics do not enter the result), then evaluation form. */
ritz_var sample_batch_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_graph_set_training(g, true, 0);
  ritz_var y = ritz_batch_norm(g, x, 1e-3, 0.1, vector(g, p, "w1", c), vector(g, p, "b1", c),
                               running(g, p, "m1", c), running(g, p, "v1", c));
  ritz_graph_set_training(g, false, 0);
  return ritz_batch_norm(g, ritz_gelu(g, y), 1e-3, 0.1, vector(g, p, "w2", c),
                         vector(g, p, "b2", c), running(g, p, "m2", c), running(g, p, "v2", c));
}
ritz_var sample_dropout(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_graph_set_training(g, true, 3);
  return ritz_dropout(g, ritz_tanh(g, ritz_dropout(g, x, 0.5)), 0.2);
}
static ritz_shape spectral_shape(ritz_var x, ritz_index modes, ritz_index planes, bool separable) {
  const int d = ritz_grid_dim(x);
  ritz_shape shape = {.rank = d + (separable ? 2 : 3)};
  for (int a = 0; a < d; a++) shape.n[a] = modes;
  shape.n[d] = planes;
  shape.n[d + 1] = channels(x);
  if (!separable) shape.n[d + 2] = 3;
  return shape;
}
/* Sines and cosines on each axis with separable weights, then besides a Fourier axis. */
static ritz_var bounded_spectral_conv(ritz_graph *g, ritz_params *p, ritz_var x) {
  const int d = ritz_grid_dim(x);
  ritz_spectral_options options = {
      .modes = {3, 4, 3},
      .separable = true,
      .transform = {RITZ_TRANSFORM_SINE, RITZ_TRANSFORM_COSINE, RITZ_TRANSFORM_CELL_SINE}};
  ritz_var y = ritz_spectral_conv(
      g, x, random_parameter(g, p, "b1", spectral_shape(x, 5, 1, true), d), &options);
  options = (ritz_spectral_options){.modes = {9, 9, 9}, .grid = {6, 9, 4}};
  options.transform[d - 1] = RITZ_TRANSFORM_CELL_COSINE;
  const int planes = d > 1 ? 2 : 1;
  y = ritz_gelu(g, ritz_add(g, x, y));
  ritz_var map = random_parameter(g, p, "b2", RITZ_SHAPE(planes, channels(y), 2), 0);
  ritz_shape shape = spectral_shape(y, 5, planes, false);
  shape.n[d + 1] = 2;
  return ritz_mapped_spectral_conv(g, y, map, random_parameter(g, p, "b3", shape, d),
                                   random_parameter(g, p, "b4", RITZ_SHAPE(planes, 3, 3), 0),
                                   &options);
}
/* Weights wider than the modes used, then separable ones on another grid in both ways. */
ritz_var sample_spectral_conv(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  ritz_spectral_options options = {.modes = {3, 4, 3}};
  ritz_var y = ritz_spectral_conv(
      g, x, random_parameter(g, p, "w1", spectral_shape(x, 5, 2, false), d), &options);
  options = (ritz_spectral_options){.modes = {9, 4, 3}, .grid = {6, 9, 4}, .separable = true};
  y = ritz_spectral_conv(g, ritz_gelu(g, y),
                         random_parameter(g, p, "w2", spectral_shape(y, 4, 2, true), d), &options);
  y = ritz_add(g, ritz_slice(g, y, 0, 3), bounded_spectral_conv(g, p, x));
  options = (ritz_spectral_options){
      .modes = {6, 5, 4}, .grid = {9, 5, 7}, .resample = RITZ_RESAMPLE_REFERENCE};
  return ritz_spectral_conv(g, ritz_tanh(g, y),
                            random_parameter(g, p, "w3", spectral_shape(y, 6, 2, false), d),
                            &options);
}
ritz_var sample_resize(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_resize(g, ritz_gelu(g, x), (ritz_index[]){9, 4, 5});
  return ritz_add(g, y, ritz_resize(g, x, (ritz_index[]){9, 4, 5}));
}
ritz_var sample_spectral_resize(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, ritz_spectral_resize(g, x, (ritz_index[]){9, 4, 5}));
}
