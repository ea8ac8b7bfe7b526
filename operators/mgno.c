/* SPDX-License-Identifier: BSD-3-Clause
 * MgNO: neural operator whose linear maps are multigrid V-cycles.
 * He, Liu & Xu 2024, arXiv:2310.19809.
 *
 *     u_(i+1) = sigma( N( Mg_i u_i ) + K_i u_i + b_i ),   i = 0 ... L-1,   y = Q u_L (+ x)
 *
 * Mg a V-cycle (vcycle.h), K pointwise, N maybe a norm, Q pointwise or one more cycle. No lifting:
 * the first cycle maps the input's channels. Kernels act on grid points; with reference_grid the
 * cycles run on that grid whatever the field's, so that they keep their physical size. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/layers.h"
#include "operators/operator.h"
#include "operators/vcycle.h"

enum { activation_gelu, activation_relu, activation_tanh, activation_silu };
enum { boundary_zero, boundary_periodic, boundary_reflect };
enum { head_linear, head_cycle };

typedef struct mgno_config {
  ritz_ints pre_smoothing, post_smoothing, up_kernel, reference_grid;
  ritz_index in_channels, out_channels, hidden_channels, n_layers, transfer_margin;
  int non_linearity, boundary, skip, cycle_norm, layer_norm, head, transfer_init;
  bool smoother_bias, restrict_residual, widening, wrap_prolongation, add_input;
} mgno_config;

static const ritz_option mgno_options[] = {
    RITZ_OPTION_INTS(mgno_config, pre_smoothing, 0, 1000, NULL,
                     "steps on the way down, one number per level, finest first"),
    RITZ_OPTION_INTS(mgno_config, post_smoothing, 0, 1000, "null",
                     "steps on the way up, one number per level"),
    RITZ_OPTION_INT(mgno_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(mgno_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(mgno_config, hidden_channels, 1, 1 << 20, "24", "width of all layers"),
    RITZ_OPTION_INT(mgno_config, n_layers, 1, 1000, "4", "number of layers"),
    RITZ_OPTION_CHOICE(mgno_config, non_linearity, "gelu|relu|tanh|silu", "gelu",
                       "activation after every layer"),
    RITZ_OPTION_CHOICE(mgno_config, boundary, "zero|periodic|reflect", "zero",
                       "what 3-point kernels see beyond the grid"),
    RITZ_OPTION_CHOICE(mgno_config, skip, "null|linear", "linear",
                       "K and b, the pointwise map beside the cycle"),
    RITZ_OPTION_BOOL(mgno_config, smoother_bias, "false", "biases in the smoothing steps"),
    RITZ_OPTION_BOOL(mgno_config, restrict_residual, "false",
                     "restrict f - A u, as multigrid does, rather than f"),
    RITZ_OPTION_CHOICE(mgno_config, cycle_norm, "null|plain|affine", "null",
                       "norm over grid and channels after every prolongation"),
    RITZ_OPTION_CHOICE(mgno_config, layer_norm, "null|plain|affine", "null",
                       "N, the same after every cycle; affine: for one grid only"),
    RITZ_OPTION_INT(mgno_config, transfer_margin, 0, 1, "1",
                    "coarse points are the even fine ones (1) or the odd ones (0)"),
    RITZ_OPTION_INTS(mgno_config, up_kernel, 3, 4, "4",
                     "extent of the prolongation's kernel, one for all or one per transfer"),
    RITZ_OPTION_BOOL(mgno_config, wrap_prolongation, "false",
                     "periodic prolongation where the boundary is periodic"),
    RITZ_OPTION_BOOL(mgno_config, widening, "false", "level l has l + 1 times the channels"),
    RITZ_OPTION_CHOICE(mgno_config, head, "linear|cycle", "linear",
                       "Q: a pointwise map without bias, or one more cycle"),
    RITZ_OPTION_BOOL(mgno_config, add_input, "false",
                     "the network gives the output less the input"),
    RITZ_OPTION_CHOICE(mgno_config, transfer_init, "uniform|textbook", "uniform",
                       "textbook: full weighting and multilinear interpolation"),
    RITZ_OPTION_INTS(mgno_config, reference_grid, 2, 1 << 20, "null",
                     "grid of the cycles, one for all axes or one per axis; null: the field's"),
    RITZ_OPTION_END,
};

/* -- Options ---------------------------------------------------------------------------------- */

static ritz_status mgno_check(const void *config) {
  const mgno_config *c = config;
  const int levels = c->pre_smoothing.count, ups = c->up_kernel.count;
  RITZ_REQUIRE(levels >= 1 && c->pre_smoothing.n[0] >= 1, RITZ_ERR_CONFIG,
               "pre_smoothing wants one number per level, 1 or more on the finest");
  RITZ_REQUIRE(c->post_smoothing.count == 0 || c->post_smoothing.count == levels, RITZ_ERR_CONFIG,
               "post_smoothing has %d levels, pre_smoothing has %d", c->post_smoothing.count,
               levels);
  RITZ_REQUIRE(ups == 1 || ups == levels - 1, RITZ_ERR_CONFIG,
               "up_kernel has %d numbers, wanted 1 or one for each of %d transfers", ups,
               levels - 1);
  RITZ_REQUIRE(c->reference_grid.count <= 3, RITZ_ERR_CONFIG,
               "reference_grid has %d axes, wanted 1 to 3", c->reference_grid.count);
  RITZ_REQUIRE(!c->add_input || c->in_channels == c->out_channels, RITZ_ERR_CONFIG,
               "add_input wants in_channels %td equal to out_channels %td", c->in_channels,
               c->out_channels);
  RITZ_REQUIRE(!c->wrap_prolongation || c->boundary == boundary_periodic, RITZ_ERR_CONFIG,
               "wrap_prolongation is for boundary: periodic");
  RITZ_REQUIRE(c->transfer_margin == 1 || c->boundary != boundary_periodic, RITZ_ERR_CONFIG,
               "transfer_margin 0 leaves out the ends of the grid: not for boundary: periodic");
  return RITZ_OK;
}

static ritz_vcycle_options cycle_options(const mgno_config *c, ritz_index up[RITZ_OPTION_LIST]) {
  static const ritz_boundary boundary[] = {RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_PERIODIC,
                                           RITZ_BOUNDARY_REFLECT};
  const int levels = c->pre_smoothing.count;
  for (int l = 0; l < levels - 1; l++) up[l] = ritz_ints_at(&c->up_kernel, l, 0);
  return (ritz_vcycle_options){
      .levels = levels,
      .pre = c->pre_smoothing.n,
      .post = c->post_smoothing.count ? c->post_smoothing.n : NULL,
      .up_kernel = up,
      .channels = c->hidden_channels,
      .widening = c->widening,
      .boundary = boundary[c->boundary],
      .wrapped_up = c->wrap_prolongation,
      .margin = c->transfer_margin,
      .bias = c->smoother_bias,
      .residual = c->restrict_residual,
      .textbook = c->transfer_init,
      .norm = (ritz_field_norm)c->cycle_norm,
  };
}

/* Grid of the cycles. */
static ritz_status cycle_grid(const mgno_config *c, int dim, const ritz_index *grid,
                              ritz_index out[3]) {
  const int given = c->reference_grid.count;
  RITZ_REQUIRE(given <= 1 || given == dim, RITZ_ERR_SHAPE,
               "mgno: reference_grid has %d axes, the field has %d", given, dim);
  for (int a = 0; a < dim; a++) out[a] = given ? c->reference_grid.n[given == 1 ? 0 : a] : grid[a];
  return RITZ_OK;
}

static ritz_status mgno_check_grid(const void *config, int dim, const ritz_index *grid) {
  ritz_index up[RITZ_OPTION_LIST], own[3];
  const ritz_vcycle_options options = cycle_options(config, up);
  if (dim > 3) return RITZ_OK; /* refused when it is built */
  RITZ_TRY(cycle_grid(config, dim, grid, own));
  return ritz_vcycle_check_grid(&options, "mgno", dim, own);
}

/* -- The network ------------------------------------------------------------------------------ */

typedef struct network {
  ritz_graph *g;
  ritz_params *p;
  const mgno_config *config;
  ritz_vcycle_options cycle;
  ritz_index field[3], own[3]; /* grids of the field and of the cycles */
} network;

/* Another grid over the same domain: nodes on both ends, or none at the far end. */
static ritz_var regrid(const network *n, ritz_var x, const ritz_index *grid) {
  bool equal = true;
  for (int a = 0; x && a < ritz_grid_dim(x); a++) equal = equal && x->shape.n[a + 1] == grid[a];
  if (equal) return x;
  return n->config->boundary == boundary_periodic
             ? ritz_spectral_resize(n->g, x, grid)
             : ritz_interpolate(n->g, x, grid, RITZ_INTERPOLATE_LINEAR, true);
}

static ritz_var apply_cycle(const network *n, ritz_var u, const ritz_vcycle_options *o,
                            const char *name) {
  return regrid(n, ritz_vcycle(n->g, n->p, regrid(n, u, n->own), o, name), n->field);
}

static ritz_var activate(const network *n, ritz_var x) {
  switch (n->config->non_linearity) {
    case activation_relu: return ritz_relu(n->g, x);
    case activation_tanh: return ritz_tanh(n->g, x);
    case activation_silu: return ritz_silu(n->g, x);
    default: return ritz_gelu(n->g, x);
  }
}

static ritz_var layer(const network *n, ritz_var u, int i) {
  const mgno_config *c = n->config;
  char name[32], norm[32], skip[32];
  snprintf(name, sizeof name, "layer.%d", i);
  snprintf(norm, sizeof norm, "layer.%d.norm", i);
  snprintf(skip, sizeof skip, "layer.%d.skip", i);
  ritz_var v = apply_cycle(n, u, &n->cycle, name);
  v = ritz_layer_field_norm(n->g, n->p, v, (ritz_field_norm)c->layer_norm, norm);
  if (c->skip)
    v = ritz_add(n->g, v, ritz_layer_linear(n->g, n->p, u, c->hidden_channels, true, skip));
  return activate(n, v);
}

static ritz_var mgno_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const mgno_config *c = config;
  ritz_index up[RITZ_OPTION_LIST];
  if (!x) return RITZ_NO_VAR;
  const int dim = ritz_grid_dim(x);
  if (!ritz_layer_check_field(g, x, "mgno", dim < 1 ? 1 : dim > 3 ? 3 : dim, c->in_channels))
    return RITZ_NO_VAR;
  network n = {.g = g, .p = p, .config = c, .cycle = cycle_options(c, up)};
  for (int a = 0; a < dim; a++) n.field[a] = x->shape.n[a + 1];
  ritz_status status = cycle_grid(c, dim, n.field, n.own);
  if (status == RITZ_OK) status = ritz_vcycle_check_grid(&n.cycle, "mgno", dim, n.own);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);

  ritz_var u = x;
  for (int i = 0; i < c->n_layers; i++) u = layer(&n, u, i);
  if (c->head == head_linear) {
    u = ritz_layer_linear(g, p, u, c->out_channels, false, "head");
  } else {
    ritz_vcycle_options last = n.cycle;
    last.channels = c->out_channels;
    u = apply_cycle(&n, u, &last, "head");
  }
  return c->add_input ? ritz_add(g, u, x) : u;
}

/* -- Names of the published implementation ---------------------------------------------------- */

/* Parameters of the cycles `theirs`; steps of coarse levels count the transfer before them. */
#define CYCLE(theirs, ours)                                                                       \
  {theirs "layer0.%d.S.weight", ours "level.0.pre.%d.S.weight", RITZ_REFERENCE_KERNEL, 0},        \
      {theirs "layer0.%d.S.bias", ours "level.0.pre.%d.S.bias", RITZ_REFERENCE_SAME, 0},          \
      {theirs "layer0.%d.A.weight", ours "level.0.pre.%d.A.weight", RITZ_REFERENCE_KERNEL, 0},    \
      {theirs "layer0.%d.A.bias", ours "level.0.pre.%d.A.bias", RITZ_REFERENCE_SAME, 0},          \
      {theirs "layer%d.0.Pi.weight", ours "level.%d.Pi.weight", RITZ_REFERENCE_KERNEL, 0},        \
      {theirs "layer%d.0.R.weight", ours "level.%d.R.weight", RITZ_REFERENCE_KERNEL, 0},          \
      {theirs "layer%d.0.A.weight", ours "level.%d.A.weight", RITZ_REFERENCE_KERNEL, 0},          \
      {theirs "layer%d.0.A.bias", ours "level.%d.A.bias", RITZ_REFERENCE_SAME, 0},                \
      {theirs "layer%d.%+d.S.weight", ours "level.%d.pre.%d.S.weight", RITZ_REFERENCE_KERNEL, 0}, \
      {theirs "layer%d.%+d.S.bias", ours "level.%d.pre.%d.S.bias", RITZ_REFERENCE_SAME, 0},       \
      {theirs "layer%d.%+d.A.weight", ours "level.%d.pre.%d.A.weight", RITZ_REFERENCE_KERNEL, 0}, \
      {theirs "layer%d.%+d.A.bias", ours "level.%d.pre.%d.A.bias", RITZ_REFERENCE_SAME, 0},       \
      {theirs "post_smooth_layer%d.%d.S.weight", ours "level.%d.post.%d.S.weight",                \
       RITZ_REFERENCE_KERNEL, 0},                                                                 \
      {theirs "post_smooth_layer%d.%d.S.bias", ours "level.%d.post.%d.S.bias",                    \
       RITZ_REFERENCE_SAME, 0},                                                                   \
      {theirs "post_smooth_layer%d.%d.A.weight", ours "level.%d.post.%d.A.weight",                \
       RITZ_REFERENCE_KERNEL, 0},                                                                 \
      {theirs "post_smooth_layer%d.%d.A.bias", ours "level.%d.post.%d.A.bias",                    \
       RITZ_REFERENCE_SAME, 0},                                                                   \
      {theirs "RTlayers.%d.weight", ours "level.%d.up.weight", RITZ_REFERENCE_KERNEL, 0},         \
      {theirs "norm_layer_list.%d.weight", ours "level.%d.norm.weight", RITZ_REFERENCE_FIELD, 0}, \
  {                                                                                               \
    theirs "norm_layer_list.%d.bias", ours "level.%d.norm.bias", RITZ_REFERENCE_FIELD, 0          \
  }

static const ritz_reference_name mgno_names[] = {
    CYCLE("conv_list.%d.", "layer.%d."),
    CYCLE("last_layer.", "head."),
    {"linear_list.%d.weight", "layer.%d.skip.weight", RITZ_REFERENCE_LINEAR, 0},
    {"linear_list.%d.bias", "layer.%d.skip.bias", RITZ_REFERENCE_SAME, 0},
    {"norm_layer_list.%d.weight", "layer.%d.norm.weight", RITZ_REFERENCE_FIELD, 0},
    {"norm_layer_list.%d.bias", "layer.%d.norm.bias", RITZ_REFERENCE_FIELD, 0},
    {"linear.weight", "head.weight", RITZ_REFERENCE_LINEAR, 0},
    {"last_layer.weight", "head.weight", RITZ_REFERENCE_LINEAR, 0},
    /* A of the first step of all, which starts from u = 0: never used */
    {"conv_list.%d.layer0.0.A.weight", NULL, RITZ_REFERENCE_UNUSED, 0},
    {"conv_list.%d.layer0.0.A.bias", NULL, RITZ_REFERENCE_UNUSED, 0},
    {"last_layer.layer0.0.A.weight", NULL, RITZ_REFERENCE_UNUSED, 0},
    {"last_layer.layer0.0.A.bias", NULL, RITZ_REFERENCE_UNUSED, 0},
    {0},
};

const ritz_operator_type ritz_operator_mgno = {
    .name = "mgno",
    .summary = "multigrid neural operator: every linear map is a V-cycle of convolutions",
    .paper = "He, Liu & Xu 2024, arXiv:2310.19809",
    .config_size = sizeof(mgno_config),
    .options = mgno_options,
    .check = mgno_check,
    .check_grid = mgno_check_grid,
    .build = mgno_build,
    .reference = "mgno",
    .names = mgno_names,
};
