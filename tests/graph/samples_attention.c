/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of attention, softmax and the norms of rows. */
#include "samples.h"

static ritz_var project(ritz_graph *g, ritz_params *p, const char *name, ritz_var x,
                        ritz_index to) {
  return ritz_linear(g, x, weight(g, p, name, channels(x), to), RITZ_NO_VAR);
}
static ritz_index points(ritz_var x) { return ritz_rows(x) / x->shape.n[0]; }

/* Self-attention with values of their own width, x as q and k at once; then learned queries and a
 * bias over its result, then the field asks those tokens with cosines. */
ritz_var sample_attention(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_attention_options o = {.heads = 1};
  ritz_var y = ritz_attention(g, x, x, project(g, p, "v1", x, 10), &o);
  o = (ritz_attention_options){
      .heads = 2,
      .scale = 1,
      .bias = random_parameter(g, p, "bias", RITZ_SHAPE(3, points(x), 2), -1)};
  ritz_var tokens =
      ritz_attention(g, weight(g, p, "latent", 3, 6), project(g, p, "k2", y, 6), y, &o);
  o = (ritz_attention_options){.heads = 2, .log_scale = vector(g, p, "tau", 2)};
  return ritz_attention(g, project(g, p, "q3", x, 10), tokens, tokens, &o);
}

/* The largest window, at most three points, that divides each axis, shifted by one. */
static ritz_attention_windows windows_of(ritz_var x) {
  ritz_attention_windows w = {.periodic = false};
  for (int a = 0; a < ritz_grid_dim(x); a++) {
    w.window[a] = x->shape.n[a + 1] % 3 == 0 ? 3 : x->shape.n[a + 1] % 2 == 0 ? 2 : 1;
    w.shift[a] = w.window[a] > 1;
  }
  return w;
}
/* Shifted windows with bias by position and cosines; then tokens of periodic ones, both ways. Most
 * grids here are prime: padded to multiples of 6. */
ritz_var sample_window_attention(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_index before[3] = {0}, after[3] = {0}, offsets = 1;
  for (int a = 0; a < ritz_grid_dim(x); a++) after[a] = (6 - x->shape.n[a + 1] % 6) % 6;
  x = ritz_pad(g, project(g, p, "in", x, 6), before, after);
  ritz_attention_windows w = windows_of(x);
  for (int a = 0; a < ritz_grid_dim(x); a++) offsets *= 2 * w.window[a] - 1;
  ritz_attention_options o = {
      .heads = 2, .bias = weight(g, p, "bias", offsets, 2), .log_scale = vector(g, p, "tau", 2)};
  ritz_var y = ritz_window_attention(g, x, project(g, p, "k1", x, 6), x, &o, &w);
  w.periodic = true;
  o = (ritz_attention_options){.heads = 3};
  ritz_var tokens = ritz_window_attention(g, weight(g, p, "latent", 2, 6), y, y, &o, &w);
  o = (ritz_attention_options){.heads = 1};
  return ritz_window_attention(g, y, tokens, tokens, &o, &w);
}

ritz_var sample_layer_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_layer_norm(g, x, 1e-2, RITZ_NO_VAR, RITZ_NO_VAR);
  y = ritz_tanh(g, ritz_add(g, x, y));
  return ritz_layer_norm(g, y, 1e-1, vector(g, p, "w", c), vector(g, p, "b", c));
}
ritz_var sample_rms_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_tanh(g, ritz_add(g, x, ritz_rms_norm(g, x, 1e-1, RITZ_NO_VAR)));
  return ritz_rms_norm(g, y, 1e-1, vector(g, p, "w", channels(x)));
}
ritz_var sample_softmax(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_add(g, ritz_softmax(g, ritz_gelu(g, x)), ritz_softmax(g, x));
}
ritz_var sample_softshrink(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_add(g, ritz_tanh(g, ritz_softshrink(g, x, 0.3)), ritz_softshrink(g, x, 0.1));
}
