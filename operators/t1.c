/* SPDX-License-Identifier: BSD-3-Clause
 * T1, "transform once": the network lives on the lowest coefficients of one orthonormal transform.
 * Poli et al. 2022, arXiv:2211.14453.
 *
 *     z_0 = T (a, x, 1) P,    z_{l+1} = z_l + S2 S1 sigma( W z_l ),    u = T^-1 Q2 sin( Q1 z_L )
 *
 * T the first modes of a basis along each axis; P the lifting, which commutes with T, so that only
 * the input is transformed; W a matrix of channels for every coefficient, S_a a matrix along axis a
 * for every channel. Coefficients outside the modes are zero from the first layer on and stay so:
 * sin(0) = 0 and Q1, Q2 have no bias. Parseval: the relative L2 error of u is that of its
 * coefficients, which the authors train on. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/layers.h"
#include "operators/operator.h"

typedef struct t1_config {
  ritz_ints modes, padding, signal_resolution;
  ritz_index in_channels, out_channels, width, n_layers, head_channels;
  double head_std;
  int non_linearity, weight_init, basis;
  bool perform_inverse;
} t1_config;

static const ritz_option t1_options[] = {
    RITZ_OPTION_INTS(t1_config, modes, 1, 1 << 20, NULL, "coefficients kept along each axis"),
    RITZ_OPTION_INTS(t1_config, signal_resolution, 1, 1 << 30, NULL,
                     "points per axis of the training grid: the scale of the coefficients"),
    RITZ_OPTION_INT(t1_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(t1_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(t1_config, width, 1, 1 << 20, "48", "channels of all layers"),
    RITZ_OPTION_INT(t1_config, n_layers, 1, 1000, "8", "number of layers"),
    RITZ_OPTION_INT(t1_config, head_channels, 1, 1 << 20, "128", "hidden channels of the head"),
    RITZ_OPTION_CHOICE(t1_config, non_linearity, "gelu|sine|tanh", "gelu",
                       "activation of the coefficients in a layer"),
    RITZ_OPTION_CHOICE(t1_config, basis, "cosine|fourier", "cosine",
                       "DCT-II, or real Fourier series for periodic fields"),
    RITZ_OPTION_CHOICE(
        t1_config, weight_init, "vp|naive|tiny|fan_in", "vp",
        "deviation of W: sqrt(N/(w m)), 1/w^2, 1e-8 or sqrt(1/w); N points, m modes"),
    RITZ_OPTION_REAL(t1_config, head_std, 0, 1000, "1e-8", "deviation of the head's weights"),
    RITZ_OPTION_INTS(t1_config, padding, 0, 1 << 20, "null", "zeros after the end of each axis"),
    RITZ_OPTION_BOOL(t1_config, perform_inverse, "true",
                     "give a field; false: its coefficients, zero beyond the modes"),
    RITZ_OPTION_END,
};

static ritz_status t1_check(const void *config) {
  const t1_config *c = config;
  const int d = c->modes.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "modes has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->signal_resolution.count == d, RITZ_ERR_CONFIG,
               "signal_resolution has %d axes, modes has %d", c->signal_resolution.count, d);
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == d, RITZ_ERR_CONFIG,
               "padding has %d axes, modes has %d", c->padding.count, d);
  return RITZ_OK;
}

static ritz_status t1_check_grid(const void *config, int dim, const ritz_index *grid) {
  const t1_config *c = config;
  for (int a = 0; a < dim && a < c->modes.count; a++) {
    const ritz_index n = grid[a] + ritz_ints_at(&c->padding, a, 0);
    RITZ_REQUIRE(
        c->modes.n[a] <= n, RITZ_ERR_CONFIG,
        "modes keeps %td coefficients along axis %d, the training grid has only %td points",
        c->modes.n[a], a, n);
  }
  return RITZ_OK;
}

/* Points of the configured grid, and coefficients, of all axes. */
static double product(const ritz_ints *n) {
  double all = 1;
  for (int a = 0; a < n->count; a++) all *= (double)n->n[a];
  return all;
}

/* Orthonormal coefficients grow like the root of the number of points: what they are multiplied
 * with so that those of all grids are as large as on the configured one. */
static double coefficient_scale(const t1_config *c, const ritz_shape *x) {
  double points = 1;
  for (int a = 0; a < c->modes.count; a++) points *= (double)x->n[a + 1];
  return sqrt(product(&c->signal_resolution) / points);
}

static double deviation(const t1_config *c) {
  enum { vp, naive, tiny, fan_in };
  const double w = (double)c->width;
  switch (c->weight_init) {
    case vp: return sqrt(product(&c->signal_resolution) / (w * product(&c->modes)));
    case naive: return 1 / (w * w);
    case tiny: return 1e-8;
    default: return sqrt(1 / w);
  }
}

static ritz_var normal(ritz_graph *g, ritz_params *p, double sigma, ritz_shape shape,
                       const char *name) {
  return ritz_parameter(g, p, (ritz_init){RITZ_INIT_NORMAL, sigma}, shape, -1, "%s", name);
}

static ritz_var activate(ritz_graph *g, ritz_var t, const t1_config *c) {
  ritz_activation *const sigma[] = {ritz_gelu, ritz_sine, ritz_tanh};
  return sigma[c->non_linearity](g, t);
}

static ritz_var layer(ritz_graph *g, ritz_params *p, ritz_var z, const t1_config *c, int number) {
  const int d = c->modes.count;
  ritz_shape shape = {.rank = d + 2};
  char name[48];
  for (int a = 0; a < d; a++) shape.n[a] = c->modes.n[a];
  shape.n[d] = shape.n[d + 1] = c->width;
  snprintf(name, sizeof name, "layer.%d.channels", number);
  ritz_var t = ritz_point_linear(g, z, normal(g, p, deviation(c), shape, name)); /* W z */
  t = activate(g, t, c);
  for (int a = 0; a < d; a++) { /* S_a */
    const ritz_index m = c->modes.n[a];
    snprintf(name, sizeof name, "layer.%d.axis.%d", number, a);
    t = ritz_axis_linear(g, t, normal(g, p, sqrt(1 / (double)m), RITZ_SHAPE(m, m, c->width), name),
                         a);
  }
  return ritz_add(g, z, t);
}

/* T (a, x, 1) P: the last row of P is the bias. */
static ritz_var lift(ritz_graph *g, ritz_params *p, ritz_var x, const t1_config *c,
                     const ritz_index *after, double scale) {
  static const double ones[3][2] = {{1, 1}, {1, 1}, {1, 1}};
  const ritz_index none[3] = {0}, in = c->in_channels + c->modes.count;
  x = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  x = ritz_slice(g, ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, ones), 0, in + 1);
  if (c->padding.count) x = ritz_pad(g, x, none, after);
  ritz_var z = ritz_harmonic_analysis(g, x, (ritz_basis)c->basis, c->modes.n, scale);
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)in)};
  return ritz_linear(g, z,
                     ritz_parameter(g, p, init, RITZ_SHAPE(in + 1, c->width), -1, "lifting.weight"),
                     RITZ_NO_VAR);
}

/* The field of coefficients z on the padded grid, or the coefficients with zeros behind them. */
static ritz_var expand(ritz_graph *g, ritz_var z, const t1_config *c, const ritz_index *grid,
                       double scale) {
  ritz_index none[3] = {0}, after[3];
  if (c->perform_inverse)
    return ritz_harmonic_synthesis(g, z, (ritz_basis)c->basis, grid, 1 / scale);
  for (int a = 0; a < c->modes.count; a++) after[a] = grid[a] - c->modes.n[a];
  return ritz_pad(g, z, none, after);
}

static ritz_var t1_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const t1_config *c = config;
  const ritz_index none[3] = {0};
  ritz_index after[3], grid[3];
  if (!ritz_layer_check_field(g, x, "t1", c->modes.count, c->in_channels)) return RITZ_NO_VAR;
  for (int a = 0; a < c->modes.count; a++) {
    after[a] = ritz_ints_at(&c->padding, a, 0);
    grid[a] = x->shape.n[a + 1] + after[a];
  }
  const double scale = coefficient_scale(c, &x->shape);
  ritz_var z = lift(g, p, x, c, after, scale);
  for (int i = 0; i < c->n_layers; i++) z = layer(g, p, z, c, i);
  z = ritz_linear(g, z, normal(g, p, c->head_std, RITZ_SHAPE(c->width, c->head_channels), "head.0"),
                  RITZ_NO_VAR);
  z = ritz_linear(
      g, ritz_sine(g, z),
      normal(g, p, c->head_std, RITZ_SHAPE(c->head_channels, c->out_channels), "head.1"),
      RITZ_NO_VAR);
  z = expand(g, z, c, grid, scale);
  return c->padding.count ? ritz_crop(g, z, none, after) : z;
}

const ritz_operator_type ritz_operator_t1 = {
    .name = "t1",
    .summary = "transform once: a network on the lowest coefficients of one cosine transform",
    .paper = "Poli et al. 2022, arXiv:2211.14453",
    .config_size = sizeof(t1_config),
    .options = t1_options,
    .check = t1_check,
    .check_grid = t1_check_grid,
    .build = t1_build,
};
