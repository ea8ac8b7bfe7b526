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
#include "operators/t1.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"

typedef struct t1_config {
  ritz_t1_config base; /* first, as its options want it */
  ritz_index width, n_layers, head_channels;
  double head_std;
} t1_config;

static const ritz_option t1_options[] = {
    RITZ_T1_OPTIONS("gelu"),
    RITZ_OPTION_INT(t1_config, width, 1, 1 << 20, "48", "channels of all layers"),
    RITZ_OPTION_INT(t1_config, n_layers, 1, 1000, "8", "number of layers"),
    RITZ_OPTION_INT(t1_config, head_channels, 1, 1 << 20, "128", "hidden channels of the head"),
    RITZ_OPTION_REAL(t1_config, head_std, 0, 1000, "1e-8", "deviation of the head's weights"),
    RITZ_OPTION_END,
};

ritz_status ritz_t1_check(const void *config) {
  const ritz_t1_config *c = config;
  const int d = c->modes.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "modes has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->signal_resolution.count == d, RITZ_ERR_CONFIG,
               "signal_resolution has %d axes, modes has %d", c->signal_resolution.count, d);
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == d, RITZ_ERR_CONFIG,
               "padding has %d axes, modes has %d", c->padding.count, d);
  return RITZ_OK;
}

ritz_status ritz_t1_check_grid(const void *config, int dim, const ritz_index *grid) {
  const ritz_t1_config *c = config;
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
static double coefficient_scale(const ritz_t1_config *c, const ritz_shape *x) {
  double points = 1;
  for (int a = 0; a < c->modes.count; a++) points *= (double)x->n[a + 1];
  return sqrt(product(&c->signal_resolution) / points);
}

static double deviation(const ritz_t1_config *c, double w) {
  enum { vp, naive, tiny, fan_in };
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

static ritz_var activate(ritz_graph *g, ritz_var t, const ritz_t1_config *c) {
  ritz_activation *const sigma[] = {ritz_gelu, ritz_sine, ritz_tanh};
  return sigma[c->non_linearity](g, t);
}

ritz_var ritz_t1_layer(ritz_graph *g, ritz_params *p, ritz_var z, const ritz_t1_config *c,
                       int number) {
  if (!z) return RITZ_NO_VAR;
  const int d = c->modes.count;
  const ritz_index width = ritz_channels(z);
  ritz_shape shape = {.rank = d + 2};
  char name[48];
  for (int a = 0; a < d; a++) shape.n[a] = c->modes.n[a];
  shape.n[d] = shape.n[d + 1] = width;
  snprintf(name, sizeof name, "layer.%d.channels", number);
  ritz_var t =
      ritz_point_linear(g, z, normal(g, p, deviation(c, (double)width), shape, name)); /* W z */
  t = activate(g, t, c);
  for (int a = 0; a < d; a++) { /* S_a */
    const ritz_index m = c->modes.n[a];
    snprintf(name, sizeof name, "layer.%d.axis.%d", number, a);
    t = ritz_axis_linear(g, t, normal(g, p, sqrt(1 / (double)m), RITZ_SHAPE(m, m, width), name), a);
  }
  return ritz_add(g, z, t);
}

ritz_var ritz_t1_lift(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_t1_config *c,
                      ritz_index width, const char *owner) {
  static const double ones[3][2] = {{1, 1}, {1, 1}, {1, 1}};
  const ritz_index none[3] = {0}, in = c->in_channels + c->modes.count;
  ritz_index after[3];
  if (!ritz_layer_check_field(g, x, owner, c->modes.count, c->in_channels)) return RITZ_NO_VAR;
  const double scale = coefficient_scale(c, &x->shape);
  for (int a = 0; a < c->modes.count; a++) after[a] = ritz_ints_at(&c->padding, a, 0);
  x = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  x = ritz_slice(g, ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, ones), 0, in + 1);
  if (c->padding.count) x = ritz_pad(g, x, none, after);
  ritz_var z = ritz_harmonic_analysis(g, x, (ritz_basis)c->basis, c->modes.n, scale);
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)in)};
  return ritz_linear(g, z, /* the last row of P is the bias */
                     ritz_parameter(g, p, init, RITZ_SHAPE(in + 1, width), -1, "lifting.weight"),
                     RITZ_NO_VAR);
}

ritz_var ritz_t1_expand(ritz_graph *g, ritz_var z, const ritz_t1_config *c, ritz_var x) {
  ritz_index none[3] = {0}, after[3], grid[3], behind[3];
  if (!z) return RITZ_NO_VAR;
  for (int a = 0; a < c->modes.count; a++) {
    after[a] = ritz_ints_at(&c->padding, a, 0);
    grid[a] = x->shape.n[a + 1] + after[a];
    behind[a] = grid[a] - c->modes.n[a];
  }
  z = c->perform_inverse ? ritz_harmonic_synthesis(g, z, (ritz_basis)c->basis, grid,
                                                   1 / coefficient_scale(c, &x->shape))
                         : ritz_pad(g, z, none, behind);
  return c->padding.count ? ritz_crop(g, z, none, after) : z;
}

static ritz_var t1_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const t1_config *c = config;
  const ritz_index width = c->width, hidden = c->head_channels, out = c->base.out_channels;
  ritz_var z = ritz_t1_lift(g, p, x, &c->base, width, "t1");
  for (int i = 0; i < c->n_layers; i++) z = ritz_t1_layer(g, p, z, &c->base, i);
  ritz_var q = normal(g, p, c->head_std, RITZ_SHAPE(width, hidden), "head.0");
  z = ritz_sine(g, ritz_linear(g, z, q, RITZ_NO_VAR));
  q = normal(g, p, c->head_std, RITZ_SHAPE(hidden, out), "head.1");
  return ritz_t1_expand(g, ritz_linear(g, z, q, RITZ_NO_VAR), &c->base, x);
}

const ritz_operator_type ritz_operator_t1 = {
    .name = "t1",
    .summary = "transform once: a network on the lowest coefficients of one cosine transform",
    .paper = "Poli et al. 2022, arXiv:2211.14453",
    .config_size = sizeof(t1_config),
    .options = t1_options,
    .check = ritz_t1_check,
    .check_grid = ritz_t1_check_grid,
    .build = t1_build,
};
