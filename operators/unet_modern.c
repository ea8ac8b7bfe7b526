/* SPDX-License-Identifier: BSD-3-Clause
 * The modern U-net of Gupta & Brandstetter 2022, arXiv:2209.15616, with group norm: residual
 * blocks, convolutions that halve and double the grid, and a skip from each of them.
 *
 *     R(v) = K2 sigma( N2 K1 sigma( N1 v ) ) + S v        S: identity or, to other channels, linear
 *
 * Down: two blocks R per level, then a convolution 3 x 3 with stride 2; two blocks in the middle;
 * up: three blocks R per level, each over the channels of its skip too, then a transposed
 * convolution 4 x 4; output K sigma( N v ). */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/operator.h"

enum { blocks = 2, most_skips = (blocks + 1) * RITZ_OPTION_LIST, output_groups = 8 };

typedef struct modern_config {
  ritz_ints multipliers;
  ritz_index dim, in_channels, out_channels, width;
  int norm, activation, boundary;
} modern_config;

static const ritz_option modern_options[] = {
    RITZ_OPTION_INT(modern_config, dim, 1, 3, "2", "grid axes"),
    RITZ_OPTION_INT(modern_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(modern_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(modern_config, width, 1, 1 << 16, "64", "channels of the first layer"),
    RITZ_OPTION_INTS(modern_config, multipliers, 1, 64, "[1, 2, 2, 4]",
                     "one per level: its channels / those of the level before"),
    RITZ_OPTION_CHOICE(modern_config, norm, "null|group_norm", "group_norm",
                       "norm in front of each activation: over all channels of a sample, at the "
                       "output in 8 groups"),
    RITZ_OPTION_CHOICE(modern_config, activation, RITZ_LAYER_ACTIVATIONS, "gelu", "sigma"),
    RITZ_OPTION_CHOICE(modern_config, boundary, RITZ_LAYER_BOUNDARIES, "zero",
                       "what convolutions see beyond the grid"),
    RITZ_OPTION_END,
};

static ritz_status modern_check(const void *config) {
  const modern_config *c = config;
  RITZ_REQUIRE(c->multipliers.count >= 1, RITZ_ERR_CONFIG, "multipliers is empty, wanted a level");
  double width = (double)c->width;
  for (int l = 0; l < c->multipliers.count; l++) width *= (double)c->multipliers.n[l];
  RITZ_REQUIRE(width <= 1 << 20, RITZ_ERR_CONFIG, "multipliers lead to %g channels", width);
  RITZ_REQUIRE(!c->norm || c->width % output_groups == 0, RITZ_ERR_CONFIG,
               "width is %td, group_norm wants a multiple of %d", c->width, output_groups);
  return RITZ_OK;
}

static ritz_status modern_check_grid(const void *config, int dim, const ritz_index *grid) {
  const modern_config *c = config;
  const ritz_index unit = (ritz_index)1 << (c->multipliers.count - 1);
  for (int a = 0; a < dim; a++)
    RITZ_REQUIRE(grid[a] % unit == 0, RITZ_ERR_CONFIG,
                 "unet_modern with %d levels: %td points along axis %d are not a multiple of %td",
                 c->multipliers.count, grid[a], a, unit);
  return RITZ_OK;
}

/* What the builders hand on. */
typedef struct network {
  ritz_graph *g;
  ritz_params *p;
  const modern_config *c;
  ritz_conv_style style;
  int count; /* of blocks so far: their names */
  int kept;
  ritz_var skip[most_skips];
} network;

static ritz_var activate(const network *n, ritz_var v, ritz_index groups, const char *name) {
  const ritz_norm_kind kind = n->c->norm ? RITZ_NORM_GROUP : RITZ_NORM_NONE;
  return n->style.sigma(n->g, ritz_layer_norm_of(n->g, n->p, v, kind, groups, name));
}

static ritz_var conv(const network *n, ritz_var v, ritz_index out, ritz_index stride,
                     const char *name) {
  return ritz_layer_conv(n->g, n->p, v, out, 3, stride, 1, &n->style, name);
}

static ritz_var residual(network *n, ritz_var v, ritz_index out) {
  const int number = n->count++;
  char name[48];
  ritz_var u = v;
  for (int k = 0; k < 2; k++) {
    snprintf(name, sizeof name, "block.%d.norm.%d", number, k);
    u = activate(n, u, 1, name);
    snprintf(name, sizeof name, "block.%d.conv.%d", number, k);
    u = conv(n, u, out, 1, name);
  }
  snprintf(name, sizeof name, "block.%d.skip", number);
  if (v && ritz_channels(v) != out) v = ritz_layer_linear(n->g, n->p, v, out, true, name);
  return ritz_add(n->g, u, v);
}

static ritz_var keep(network *n, ritz_var v) { return n->skip[n->kept++] = v; }

static ritz_var descend(network *n, ritz_var v, ritz_index *width) {
  const ritz_ints *m = &n->c->multipliers;
  char name[32];
  for (int l = 0; l < m->count; l++) {
    *width *= m->n[l];
    for (int k = 0; k < blocks; k++) v = keep(n, residual(n, v, *width));
    snprintf(name, sizeof name, "halve.%d", l);
    if (l < m->count - 1) v = keep(n, conv(n, v, *width, 2, name));
  }
  return v;
}

static ritz_var ascend(network *n, ritz_var v, ritz_index *width) {
  const ritz_ints *m = &n->c->multipliers;
  char name[32];
  for (int l = m->count - 1; l >= 0; l--) {
    for (int k = 0; k <= blocks; k++) {
      if (k == blocks) *width /= m->n[l];
      v = residual(n, ritz_concat(n->g, 2, (ritz_var[]){v, n->skip[--n->kept]}), *width);
    }
    snprintf(name, sizeof name, "double.%d", l);
    if (l > 0) v = ritz_layer_conv_transpose(n->g, n->p, v, *width, 4, 2, name);
  }
  return v;
}

static ritz_var modern_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const modern_config *c = config;
  network n = {.g = g,
               .p = p,
               .c = c,
               .style = {.boundary = (ritz_boundary)c->boundary,
                         .bias = true,
                         .sigma = ritz_layer_activation(c->activation)}};
  ritz_index width = c->width;
  if (!ritz_layer_check_field(g, x, "unet_modern", (int)c->dim, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = modern_check_grid(c, (int)c->dim, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  ritz_var v = descend(&n, keep(&n, conv(&n, x, c->width, 1, "lifting")), &width);
  for (int k = 0; k < 2; k++) v = residual(&n, v, width);
  v = activate(&n, ascend(&n, v, &width), output_groups, "output.norm");
  return conv(&n, v, c->out_channels, 1, "output");
}

const ritz_operator_type ritz_operator_unet_modern = {
    .name = "unet_modern",
    .summary = "modern U-net: residual blocks with group norm, a skip from each",
    .paper = "Gupta & Brandstetter 2022, arXiv:2209.15616",
    .config_size = sizeof(modern_config),
    .options = modern_options,
    .check = modern_check,
    .check_grid = modern_check_grid,
    .build = modern_build,
};
