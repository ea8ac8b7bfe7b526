/* SPDX-License-Identifier: BSD-3-Clause
 * Layers: parameters and ops together. */
#include "operators/layers.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"

ritz_activation *ritz_layer_activation(int choice) {
  static ritz_activation *const activations[] = {ritz_relu, ritz_gelu, ritz_silu, ritz_tanh,
                                                 ritz_sine};
  return activations[choice];
}

static ritz_status check_field(ritz_var x, const char *owner, int dim, ritz_index channels) {
  char text[128];
  RITZ_REQUIRE(x->shape.rank == dim + 2 && ritz_channels(x) == channels, RITZ_ERR_SHAPE,
               "%s: x is %s, wanted [B, %d grid axes, %td channels] by the operator's options: dim "
               "or a list with a number per axis (n_modes, modes ...), and in_channels",
               owner, ritz_shape_text(&x->shape, text), dim, channels);
  return RITZ_OK;
}

bool ritz_layer_check_field(ritz_graph *g, ritz_var x, const char *owner, int dim,
                            ritz_index channels) {
  if (!x) return false;
  const ritz_status status = check_field(x, owner, dim, channels);
  if (status != RITZ_OK) ritz_graph_latch(g, status);
  return status == RITZ_OK;
}

static ritz_index width(ritz_var x) { return x ? ritz_channels(x) : 1; }

ritz_var ritz_layer_linear(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out, bool bias,
                           const char *name) {
  const ritz_index in = width(x);
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)in)};
  ritz_var w = ritz_parameter(g, p, init, RITZ_SHAPE(in, out), -1, "%s.weight", name);
  ritz_var b = bias ? ritz_parameter(g, p, init, RITZ_SHAPE(out), -1, "%s.bias", name) : NULL;
  return ritz_linear(g, x, w, b);
}

ritz_var ritz_layer_mlp(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index hidden,
                        ritz_index out, ritz_activation *sigma, double dropout, const char *name) {
  char layer[64];
  snprintf(layer, sizeof layer, "%s.0", name);
  if (hidden == 0) return ritz_layer_linear(g, p, x, out, true, layer);
  x = ritz_layer_linear(g, p, x, hidden, true, layer);
  x = sigma(g, x);
  if (dropout > 0) x = ritz_dropout(g, x, dropout);
  snprintf(layer, sizeof layer, "%s.1", name);
  x = ritz_layer_linear(g, p, x, out, true, layer);
  return dropout > 0 ? ritz_dropout(g, x, dropout) : x;
}

ritz_var ritz_layer_corner_conv(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_index *modes,
                                ritz_index out, const ritz_index *grid, ritz_init init,
                                const char *name) {
  if (!x) return RITZ_NO_VAR;
  const int d = ritz_grid_dim(x);
  ritz_spectral_options options = {0};
  ritz_shape shape = {.rank = d + 3};
  for (int a = 0; a < d; a++) {
    options.modes[a] = shape.n[a] = a == d - 1 ? modes[a] : 2 * modes[a];
    options.grid[a] = grid ? grid[a] : 0;
  }
  shape.n[d] = 2;
  shape.n[d + 1] = ritz_channels(x);
  shape.n[d + 2] = out;
  return ritz_spectral_conv(g, x, ritz_parameter(g, p, init, shape, d, "%s.weight", name),
                            &options);
}

static ritz_status check_skip(ritz_var x, ritz_index out, const char *name) {
  RITZ_REQUIRE(width(x) == out, RITZ_ERR_CONFIG,
               "%s: from %td to %td channels leads only a linear skip", name, width(x), out);
  return RITZ_OK;
}

ritz_var ritz_layer_skip(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                         ritz_skip_kind kind, const char *name) {
  if (!x || kind == RITZ_SKIP_NONE) return RITZ_NO_VAR;
  if (kind == RITZ_SKIP_LINEAR) return ritz_layer_linear(g, p, x, out, false, name);
  const ritz_status status = check_skip(x, out, name);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  if (kind == RITZ_SKIP_IDENTITY) return x;
  return ritz_gate(g, x,
                   ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 1}, RITZ_SHAPE(out), -1,
                                  "%s.gate", name));
}

ritz_var ritz_layer_add(ritz_graph *g, ritz_var x, ritz_var y) { return y ? ritz_add(g, x, y) : x; }

ritz_var ritz_layer_resize(ritz_graph *g, ritz_var x, const ritz_index *grid) {
  bool same = true;
  for (int a = 0; x && a < ritz_grid_dim(x); a++) same = same && x->shape.n[a + 1] == grid[a];
  return same ? x : ritz_resize(g, x, grid);
}

ritz_index ritz_padding_points(const ritz_reals *fraction, int axis, ritz_index n) {
  return (ritz_index)rint(ritz_reals_at(fraction, axis, 0) * (double)n);
}

ritz_var ritz_layer_pad(ritz_graph *g, ritz_var x, const ritz_reals *fraction, ritz_padding *out) {
  *out = (ritz_padding){.points = {0}};
  for (int a = 0; x && a < ritz_grid_dim(x); a++) {
    out->plain[a] = x->shape.n[a + 1];
    out->points[a] = ritz_padding_points(fraction, a, out->plain[a]);
  }
  return fraction->count ? ritz_pad(g, x, out->points, out->points) : x;
}

ritz_var ritz_layer_unpad(ritz_graph *g, ritz_var x, const ritz_padding *padding) {
  ritz_index before[3], after[3];
  bool padded = false;
  for (int a = 0; x && a < ritz_grid_dim(x); a++) {
    const double n = (double)padding->plain[a], side = (double)padding->points[a];
    const double scale = (double)x->shape.n[a + 1] / (n + 2 * side);
    padded = padded || side > 0;
    before[a] = (ritz_index)rint(scale * side);
    after[a] = x->shape.n[a + 1] - before[a] - (ritz_index)rint(scale * n);
  }
  return padded ? ritz_crop(g, x, before, after) : x;
}

static ritz_var constant(ritz_graph *g, ritz_params *p, ritz_var x, double value, const char *name,
                         const char *what) {
  return ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, value}, RITZ_SHAPE(width(x)), -1,
                        "%s.%s", name, what);
}

ritz_var ritz_layer_instance_norm(ritz_graph *g, ritz_var x) {
  return ritz_group_norm(g, x, width(x), 1e-5, NULL, NULL);
}

ritz_status ritz_layer_check_groups(ritz_index groups, ritz_index channels) {
  RITZ_REQUIRE(channels % groups == 0, RITZ_ERR_CONFIG,
               "norm_groups %td does not divide the %td channels", groups, channels);
  return RITZ_OK;
}

ritz_var ritz_layer_norm_of(ritz_graph *g, ritz_params *p, ritz_var x, ritz_norm_kind kind,
                            ritz_index groups, const char *name) {
  if (kind == RITZ_NORM_NONE) return x;
  ritz_var w = constant(g, p, x, 1, name, "weight");
  ritz_var b = constant(g, p, x, 0, name, "bias");
  if (kind == RITZ_NORM_LAYER) return ritz_layer_norm(g, x, 1e-5, w, b);
  if (kind != RITZ_NORM_BATCH)
    return ritz_group_norm(g, x, kind == RITZ_NORM_GROUP ? groups : width(x), 1e-5, w, b);
  ritz_var mean = ritz_untrained(constant(g, p, x, 0, name, "running_mean"));
  ritz_var var = ritz_untrained(constant(g, p, x, 1, name, "running_var"));
  return ritz_batch_norm(g, x, 1e-5, 0.1, w, b, mean, var);
}
