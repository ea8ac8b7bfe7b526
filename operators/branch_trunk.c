/* SPDX-License-Identifier: BSD-3-Clause
 * Branch and trunk. */
#include "operators/branch_trunk.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"

enum { sensors_field, sensors_repeated };

ritz_status ritz_branch_trunk_check(const ritz_branch_trunk_config *c) {
  RITZ_REQUIRE(c->coordinates < c->in_channels, RITZ_ERR_CONFIG,
               "%td of the %td in_channels are coordinates: none is left for the branch",
               c->coordinates, c->in_channels);
  RITZ_REQUIRE(c->branch_conv.count == 0 || (c->coordinates == 0 && c->sensors == sensors_field),
               RITZ_ERR_CONFIG, "branch_conv wants the field on a grid");
  RITZ_REQUIRE(!c->shared_points || c->coordinates > 0, RITZ_ERR_CONFIG,
               "shared_points is about coordinates, and there are none");
  RITZ_REQUIRE(c->frequencies.count <= RITZ_HARMONICS, RITZ_ERR_CONFIG,
               "frequencies has %d numbers, at most %d", c->frequencies.count, RITZ_HARMONICS);
  return RITZ_OK;
}

static ritz_var convolutions(ritz_graph *g, ritz_params *p, ritz_var x,
                             const ritz_branch_trunk_config *c) {
  const ritz_conv_style style = {.kernel = 5, .bias = true, .sigma = ritz_relu};
  char name[32];
  for (int i = 0; i < c->branch_conv.count; i++) {
    snprintf(name, sizeof name, "branch.conv.%d", i);
    x = style.sigma(
        g, ritz_layer_conv(g, p, x, c->branch_conv.n[i], style.kernel, 2, 1, &style, name));
  }
  return x;
}

ritz_var ritz_branch_input(ritz_graph *g, ritz_params *p, ritz_var x,
                           const ritz_branch_trunk_config *c, const char *owner) {
  const int dim = !x || ritz_grid_dim(x) < 1 ? 1 : c->coordinates ? 1 : ritz_grid_dim(x);
  if (!ritz_layer_check_field(g, x, owner, dim, c->in_channels)) return RITZ_NO_VAR;
  if (c->coordinates) x = ritz_slice(g, x, 0, c->in_channels - c->coordinates);
  if (c->sensors == sensors_field) {
    x = convolutions(g, p, x, c);
    return x ? ritz_patchify(g, x, x->shape.n + 1) : x;
  }
  ritz_index before[3] = {0}, after[3];
  for (int a = 0; x && a < dim; a++) after[a] = x->shape.n[a + 1] - 1;
  return ritz_crop(g, x, before, after);
}

ritz_var ritz_trunk_input(ritz_graph *g, ritz_var x, const ritz_branch_trunk_config *c) {
  double f[RITZ_OPTION_LIST];
  ritz_var y;
  if (!x) return x;
  if (c->coordinates) {
    y = ritz_slice(g, x, c->in_channels - c->coordinates, c->coordinates);
    if (c->shared_points) y = ritz_select(g, y, 0);
  } else {
    const ritz_grid_kind kind = c->grid ? RITZ_GRID_PERIODIC : RITZ_GRID_BOUNDED;
    y = ritz_select(g, ritz_grid_embedding(g, ritz_slice(g, x, 0, 1), kind, NULL), 0);
    y = ritz_slice(g, y, 1, ritz_grid_dim(x));
  }
  if (c->frequencies.count == 0) return y;
  for (int i = 0; i < c->frequencies.count; i++) f[i] = 2 * c->frequencies.v[i];
  return ritz_harmonics(g, y, c->frequencies.count, f);
}

ritz_var ritz_dense_layer(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out, bool active,
                          const ritz_branch_trunk_config *c, const char *name, int number) {
  const ritz_index in = x ? ritz_channels(x) : 1;
  const double spread = sqrt(2 / (double)(in + out));
  const ritz_init init = {c->initialization ? RITZ_INIT_SYMMETRIC : RITZ_INIT_NORMAL,
                          c->initialization ? sqrt(3) * spread : spread};
  const ritz_init zero = {RITZ_INIT_ZERO, 0};
  ritz_var w = ritz_parameter(g, p, init, RITZ_SHAPE(in, out), -1, "%s.%d.weight", name, number);
  ritz_var b = ritz_parameter(g, p, zero, RITZ_SHAPE(out), -1, "%s.%d.bias", name, number);
  x = ritz_linear(g, x, w, b);
  return active ? ritz_layer_activation(c->activation)(g, x) : x;
}

ritz_var ritz_dense_net(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_ints *hidden,
                        ritz_index out, bool active, const ritz_branch_trunk_config *c,
                        const char *name) {
  for (int i = 0; i < hidden->count; i++)
    x = ritz_dense_layer(g, p, x, hidden->n[i], true, c, name, i);
  return ritz_dense_layer(g, p, x, out, active, c, name, hidden->count);
}
