/* SPDX-License-Identifier: BSD-3-Clause
 * One block of FNO and its relatives; see the header for its equations. */
#include "operators/fno_block.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"

enum { activation_gelu, activation_relu, activation_tanh };
enum { norm_none, norm_instance, norm_group, norm_batch };

/* Rounds halves to even, as the reference does. */
static ritz_index mlp_width(const ritz_fno_block_config *c, ritz_index channels) {
  return (ritz_index)rint(c->channel_mlp_expansion * (double)channels);
}

ritz_status ritz_fno_block_check(const ritz_fno_block_config *c, ritz_index channels,
                                 bool use_channel_mlp) {
  if (c->norm == norm_group) RITZ_TRY(ritz_layer_check_groups(c->norm_groups, channels));
  RITZ_REQUIRE(!use_channel_mlp || mlp_width(c, channels) >= 1, RITZ_ERR_CONFIG,
               "channel_mlp_expansion %g leaves no channel", c->channel_mlp_expansion);
  return RITZ_OK;
}

ritz_status ritz_fno_check_modes(const ritz_ints *n_modes, int dim, const ritz_index *grid) {
  for (int a = 0; a < dim && a < n_modes->count; a++)
    RITZ_REQUIRE(n_modes->n[a] <= grid[a], RITZ_ERR_CONFIG,
                 "n_modes keeps %td modes along axis %d, the training grid has only %td points",
                 n_modes->n[a], a, grid[a]);
  return RITZ_OK;
}

ritz_status ritz_fno_check_ends(const char *modes, int dim, const ritz_reals *padding,
                                const ritz_reals *boundaries) {
  RITZ_REQUIRE(padding->count <= 1 || padding->count == dim, RITZ_ERR_CONFIG,
               "domain_padding has %d axes, %s has %d", padding->count, modes, dim);
  RITZ_REQUIRE(!boundaries || boundaries->count == 0 || boundaries->count == 2 * dim,
               RITZ_ERR_CONFIG,
               "grid_boundaries has %d numbers, wanted %d (start and end per axis)",
               boundaries->count, 2 * dim);
  return RITZ_OK;
}

ritz_activation *ritz_fno_block_activation(const ritz_fno_block_config *c) {
  switch (c->non_linearity) {
    case activation_relu: return ritz_relu;
    case activation_tanh: return ritz_tanh;
    default: return ritz_gelu;
  }
}

static ritz_var normalise(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_fno_block *b,
                          int which) {
  char name[48];
  const char *kind = b->config->norm == norm_batch ? "batch_norm" : "norm";
  if (b->own_norms)
    snprintf(name, sizeof name, "block.%d.%s.%d", b->number, kind, which);
  else
    snprintf(name, sizeof name, "%s.%d", kind, 2 * b->number + which);
  switch (b->config->norm) {
    case norm_instance: return ritz_layer_instance_norm(g, x);
    case norm_group:
      return ritz_layer_norm_of(g, p, x, RITZ_NORM_GROUP, b->config->norm_groups, name);
    case norm_batch: return ritz_layer_norm_of(g, p, x, RITZ_NORM_BATCH, 1, name);
    default: return x;
  }
}

/* K v. Weights start as complex normals of standard deviation sqrt(2 / (Ci + Co)). */
static ritz_var dense_conv(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_block *b,
                           double sigma, const ritz_spectral_options *options) {
  const int d = b->dim;
  ritz_shape shape = {.rank = d + (options->separable ? 2 : 3)};
  for (int a = 0; a < d; a++) shape.n[a] = b->rows[a];
  shape.n[d] = 2;
  shape.n[d + 1] = v ? ritz_channels(v) : 1;
  shape.n[d + 2] = b->channels;
  ritz_var w = ritz_parameter(g, p, (ritz_init){RITZ_INIT_NORMAL, sigma * sqrt(0.5)}, shape, d,
                              "block.%d.spectral.weight", b->number);
  return ritz_spectral_conv(g, v, w, options);
}

/* K v with a weight of factors. */
static ritz_var factorized_conv(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_block *b,
                                const ritz_spectral_options *options) {
  if (!v) return RITZ_NO_VAR;
  if (b->weight) return ritz_tensor_conv(g, v, b->weight, b->number, options);
  char name[48];
  snprintf(name, sizeof name, "block.%d.spectral", b->number);
  ritz_tensor_shape shape = {.config = &b->config->tensor,
                             .name = name,
                             .dim = b->dim,
                             .in = ritz_channels(v),
                             .out = b->channels,
                             .separable = options->separable};
  for (int a = 0; a < b->dim; a++) shape.rows[a] = b->rows[a];
  const ritz_tensor_weight weight = ritz_tensor_weight_add(g, p, &shape);
  return ritz_tensor_conv(g, v, &weight, 0, options);
}

/* K v + b. */
static ritz_var spectral(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_block *b) {
  const ritz_index in = v ? ritz_channels(v) : 1, out = b->channels;
  const double sigma = sqrt(2.0 / (double)(in + out));
  ritz_spectral_options options = {.separable = b->config->separable,
                                   .resample = (ritz_resample_mode)b->config->resample};
  for (int a = 0; a < b->dim; a++) {
    options.modes[a] = b->modes[a];
    options.grid[a] = b->grid[a];
  }
  v = ritz_factorization_of(&b->config->tensor) == RITZ_DENSE
          ? dense_conv(g, p, v, b, sigma, &options)
          : factorized_conv(g, p, v, b, &options);
  ritz_var bias = ritz_parameter(g, p, (ritz_init){RITZ_INIT_NORMAL, sigma}, RITZ_SHAPE(out), -1,
                                 "block.%d.spectral.bias", b->number);
  return ritz_bias(g, v, bias);
}

/* Skip of a given kind, moved to the grid of the block's output; RITZ_NO_VAR for none. */
static ritz_var skip(ritz_graph *g, ritz_params *p, ritz_var v, int kind, const char *what,
                     const ritz_fno_block *b) {
  char name[48];
  snprintf(name, sizeof name, "block.%d.%s", b->number, what);
  ritz_var s = ritz_layer_skip(g, p, v, b->channels, (ritz_skip_kind)kind, name);
  return s ? ritz_layer_resize(g, s, b->grid) : s;
}

/* What the skips start from. All of them commute with resampling, so onto a coarser grid it goes
 * first, once for both and with the smaller fields behind it. */
static ritz_var skip_input(ritz_graph *g, ritz_var v, const ritz_fno_block *b) {
  ritz_index before = 1, after = 1;
  for (int a = 0; v && a < b->dim; a++) {
    before *= v->shape.n[a + 1];
    after *= b->grid[a];
  }
  const bool any = b->config->fno_skip || (b->use_channel_mlp && b->config->channel_mlp_skip);
  return any && after < before ? ritz_layer_resize(g, v, b->grid) : v;
}

ritz_var ritz_layer_fno_block(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_block *b) {
  const ritz_fno_block_config *c = b->config;
  ritz_activation *sigma = ritz_fno_block_activation(c);
  if (c->preactivation) v = normalise(g, p, sigma(g, v), b, 0);
  ritz_var input = c->stabilizer ? ritz_tanh(g, v) : v;
  ritz_var u = spectral(g, p, input, b);
  if (b->branch) u = ritz_layer_add(g, u, b->branch(g, p, input, b, b->owner));
  if (!c->preactivation) u = normalise(g, p, u, b, 0);
  v = skip_input(g, v, b);
  u = ritz_layer_add(g, u, skip(g, p, v, c->fno_skip, "skip", b));
  if (!b->last) u = sigma(g, u);
  if (b->one_norm && !b->use_channel_mlp) return u;
  if (c->preactivation) u = normalise(g, p, u, b, 1);
  if (b->use_channel_mlp) {
    char name[48];
    snprintf(name, sizeof name, "block.%d.mlp", b->number);
    u = ritz_layer_mlp(g, p, u, mlp_width(c, b->channels), b->channels, ritz_gelu,
                       c->channel_mlp_dropout, name);
    u = ritz_layer_add(g, u, skip(g, p, v, c->channel_mlp_skip, "mlp_skip", b));
  }
  if (c->preactivation) return u;
  u = normalise(g, p, u, b, 1);
  return b->last ? u : sigma(g, u);
}

ritz_var ritz_layer_fno_lifting(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_fno_ends *e,
                                ritz_padding *padding) {
  const bool given = e->boundaries && e->boundaries->count;
  const double(*boundaries)[2] = given ? (const double(*)[2])e->boundaries->v : NULL;
  if (e->embedding) x = ritz_grid_embedding(g, x, RITZ_GRID_PERIODIC, boundaries);
  x = ritz_layer_mlp(g, p, x, e->lifting, e->hidden, e->lifting_sigma, 0, "lifting");
  return ritz_layer_pad(g, x, e->fraction, padding);
}

ritz_var ritz_layer_fno_projection(ritz_graph *g, ritz_params *p, ritz_var v,
                                   const ritz_fno_ends *e, const ritz_padding *padding) {
  v = ritz_layer_unpad(g, v, padding);
  return ritz_layer_mlp(g, p, v, e->projection, e->out, e->sigma, 0, "projection");
}
