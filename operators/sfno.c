/* SPDX-License-Identifier: BSD-3-Clause
 * Spatiotemporal Fourier neural operator: from frames of a scalar field to the frames after them,
 * transformed in space and time at once. Cao, Brarda, Li & Xi 2024, arXiv:2405.17211, in the form
 * of the authors' code.
 *
 *     v = P N (w + e(x, y, t)),   v_0 = sigma( v[last] + M_0 K_0 v ),
 *     v_{i+1} = sigma( M K v_i + W v_i ),   r = Q v_L,
 *     w' = w[last] + K_out (w[last], r) + b
 *
 * w: [B, X, Y, T] with frames as channels. e encodes the place, N is a group norm of one group, K
 * convolutions of kept modes in space and time (K_0 gives `latent_steps` steps), M pointwise MLPs,
 * W, P and Q pointwise maps. K_out sees the last input frame and the latent ones behind as many
 * zeros and gives any number of steps; b is a field of its own modes, which all samples share.
 *
 * Transforms carry 1/N forward as everywhere in Ritz. The authors' carry it in the inverse, which
 * is the same for K while a step count does not change; b is in their code smaller by the number of
 * points. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/layers.h"
#include "operators/operator.h"

typedef struct sfno_config {
  ritz_ints modes;
  ritz_index in_channels, out_channels, width, n_layers, latent_steps, channel_expansion;
  int activation;
  double beta, bias_scale;
} sfno_config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(sfno_config, modes, 1, 1 << 20, NULL,
                     "modes per corner along x, y and time, [Mx, My, Mt]"),
    RITZ_OPTION_INT(sfno_config, in_channels, 1, 1 << 20, "10", "frames of the input"),
    RITZ_OPTION_INT(sfno_config, out_channels, 1, 1 << 20, "10", "frames of the output"),
    RITZ_OPTION_INT(sfno_config, width, 4, 1 << 20, "20", "channels of all layers"),
    RITZ_OPTION_INT(sfno_config, n_layers, 2, 1000, "4",
                    "convolutions before the last one, the one of the lifting included"),
    RITZ_OPTION_INT(sfno_config, latent_steps, 1, 1 << 20, "10", "steps in time between them"),
    RITZ_OPTION_INT(sfno_config, channel_expansion, 1, 1000, "4",
                    "hidden width of the MLPs / width"),
    RITZ_OPTION_CHOICE(sfno_config, activation, "relu|gelu|silu|tanh", "gelu", "sigma"),
    RITZ_OPTION_REAL(sfno_config, beta, -100, 100, "0.01", "growth in time of the encoding"),
    RITZ_OPTION_REAL(sfno_config, bias_scale, 0, 1000, "0.1", "factor of b"),
    RITZ_OPTION_END,
};

static ritz_status check(const void *config) {
  const sfno_config *c = config;
  RITZ_REQUIRE(c->modes.count == 3, RITZ_ERR_CONFIG,
               "modes has %d numbers, wanted three: along x, y and time", c->modes.count);
  RITZ_REQUIRE(c->latent_steps <= c->in_channels, RITZ_ERR_CONFIG,
               "latent_steps %td are more than the %td input frames", c->latent_steps,
               c->in_channels);
  const ritz_index most = c->latent_steps / 2 + 1;
  RITZ_REQUIRE(c->modes.n[2] <= most, RITZ_ERR_CONFIG,
               "modes asks for %td in time, %td latent steps have only %td", c->modes.n[2],
               c->latent_steps, most);
  return RITZ_OK;
}

static ritz_status check_grid(const void *config, int dim, const ritz_index *grid) {
  const sfno_config *c = config;
  RITZ_REQUIRE(dim == 2, RITZ_ERR_CONFIG, "sfno works on two grid axes, the data have %d", dim);
  for (int a = 0; a < 2; a++)
    RITZ_REQUIRE(2 * c->modes.n[a] <= grid[a], RITZ_ERR_CONFIG,
                 "modes asks for %td along axis %d, the training grid of %td points has only %td",
                 c->modes.n[a], a, grid[a], grid[a] / 2);
  return RITZ_OK;
}

static ritz_shape mode_shape(const sfno_config *c) {
  return (ritz_shape){.rank = 3, .n = {2 * c->modes.n[0], 2 * c->modes.n[1], c->modes.n[2]}};
}

/* K v on `steps` steps of time. Weights uniform in [0, 1) / (2 Ci Co), real and imaginary part. */
static ritz_var spectral(ritz_graph *g, ritz_params *p, ritz_var v, const sfno_config *c,
                         ritz_index width, ritz_index steps, const char *name) {
  if (!v) return RITZ_NO_VAR;
  const ritz_init init = {RITZ_INIT_UNIFORM, 0.5 / ((double)width * (double)width)};
  const ritz_shape x = ritz_var_shape(v);
  ritz_shape shape = mode_shape(c);
  const ritz_spectral_options how = {.modes = {shape.n[0], shape.n[1], shape.n[2]},
                                     .grid = {x.n[1], x.n[2], steps}};
  shape.rank = 6;
  shape.n[3] = 2;
  shape.n[4] = shape.n[5] = width;
  return ritz_spectral_conv(g, v, ritz_parameter(g, p, init, shape, 3, "%s.weight", name), &how);
}

/* Steps first ... first + count - 1 of a field in space and time. */
static ritz_var steps_of(ritz_graph *g, ritz_var v, ritz_index first, ritz_index count) {
  if (!v) return RITZ_NO_VAR;
  const ritz_index before[3] = {0, 0, first};
  const ritz_index after[3] = {0, 0, ritz_var_shape(v).n[3] - first - count};
  return before[2] || after[2] ? ritz_crop(g, v, before, after) : v;
}

/* One step repeated. */
static ritz_var repeat(ritz_graph *g, ritz_var step, ritz_index count) {
  if (!step) return RITZ_NO_VAR;
  const ritz_shape s = ritz_var_shape(step);
  const ritz_index grid[3] = {s.n[1], s.n[2], count};
  return count == 1 ? step : ritz_interpolate(g, step, grid, RITZ_INTERPOLATE_NEAREST, false);
}

static ritz_var mlp(ritz_graph *g, ritz_params *p, ritz_var v, const sfno_config *c,
                    const char *name) {
  return ritz_layer_mlp(g, p, v, c->channel_expansion * c->width, c->width,
                        ritz_layer_activation(c->activation), 0, name);
}

static ritz_var lift(ritz_graph *g, ritz_params *p, ritz_var w, const sfno_config *c) {
  ritz_var v = ritz_space_time_encoding(g, w, c->width, c->beta);
  const ritz_shape wide = RITZ_SHAPE(c->width);
  ritz_var one = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 1}, wide, -1, "norm.weight");
  ritz_var zero = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 0}, wide, -1, "norm.bias");
  v = ritz_layer_linear(g, p, ritz_group_norm(g, v, 1, 1e-7, one, zero), c->width, true, "lifting");
  ritz_var k = spectral(g, p, v, c, c->width, c->latent_steps, "layer.0.spectral");
  ritz_var last = repeat(g, steps_of(g, v, c->in_channels - 1, 1), c->latent_steps);
  return ritz_layer_activation(c->activation)(g, ritz_add(g, last, mlp(g, p, k, c, "layer.0.mlp")));
}

static ritz_var layer(ritz_graph *g, ritz_params *p, ritz_var v, const sfno_config *c, int i) {
  char spectral_name[32], mlp_name[32], skip_name[32];
  snprintf(spectral_name, sizeof spectral_name, "layer.%d.spectral", i);
  snprintf(mlp_name, sizeof mlp_name, "layer.%d.mlp", i);
  snprintf(skip_name, sizeof skip_name, "layer.%d.skip", i);
  ritz_var k = spectral(g, p, v, c, c->width, c->latent_steps, spectral_name);
  ritz_var s = ritz_layer_linear(g, p, v, c->width, true, skip_name);
  return ritz_layer_activation(c->activation)(g, ritz_add(g, mlp(g, p, k, c, mlp_name), s));
}

/* b on the grid and the steps of the output, without a batch axis. */
static ritz_var bias(ritz_graph *g, ritz_params *p, const sfno_config *c, const ritz_index *grid) {
  ritz_shape shape = {.rank = 5, .n = {1}};
  memcpy(shape.n + 1, mode_shape(c).n, 3 * sizeof *shape.n);
  shape.n[4] = 2;
  ritz_var b = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 0}, shape, 4, "out.bias");
  b = ritz_fourier_field(g, b, grid, c->bias_scale);
  return ritz_reshape(g, b, RITZ_SHAPE(grid[0], grid[1], grid[2], 1));
}

/* From the last frame and the latent ones to the output; times are padded in front by as many. */
static ritz_var project(ritz_graph *g, ritz_params *p, ritz_var last, ritz_var r,
                        const sfno_config *c) {
  if (!last || !r) return RITZ_NO_VAR;
  const ritz_shape s = ritz_var_shape(last);
  const ritz_index padding = c->latent_steps + 1, none[3] = {0};
  const ritz_index grid[3] = {s.n[1], s.n[2], padding + 1 + c->out_channels};
  /* One frame and latent_steps of them side by side in time, which are channels for a moment. */
  ritz_var frames[2] = {ritz_reshape(g, last, RITZ_SHAPE(s.n[0], s.n[1], s.n[2], 1)),
                        ritz_reshape(g, r, RITZ_SHAPE(s.n[0], s.n[1], s.n[2], c->latent_steps))};
  ritz_var v =
      ritz_reshape(g, ritz_concat(g, 2, frames), RITZ_SHAPE(s.n[0], s.n[1], s.n[2], padding, 1));
  v = ritz_pad(g, v, (ritz_index[]){0, 0, padding}, none);
  v = spectral(g, p, v, c, 1, grid[2], "out.spectral");
  v = ritz_add_broadcast(g, v, bias(g, p, c, grid));
  v = steps_of(g, v, padding + 1, c->out_channels);
  return ritz_add(g, v, repeat(g, last, c->out_channels));
}

static ritz_var build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const sfno_config *c = config;
  if (!ritz_layer_check_field(g, x, "sfno", 2, c->in_channels)) return RITZ_NO_VAR;
  const ritz_shape s = ritz_var_shape(x);
  ritz_var w = ritz_reshape(g, x, RITZ_SHAPE(s.n[0], s.n[1], s.n[2], c->in_channels, 1));
  ritz_var v = lift(g, p, w, c);
  for (int i = 1; i < c->n_layers; i++) v = layer(g, p, v, c, i);
  ritz_var r = ritz_layer_linear(g, p, v, 1, true, "reduction");
  ritz_var y = project(g, p, steps_of(g, w, c->in_channels - 1, 1), r, c);
  return ritz_reshape(g, y, RITZ_SHAPE(s.n[0], s.n[1], s.n[2], c->out_channels));
}

const ritz_operator_type ritz_operator_sfno = {
    .name = "sfno",
    .summary = "spatiotemporal Fourier neural operator: frames of a scalar field to later frames",
    .paper = "Cao, Brarda, Li & Xi 2024, Spectral-Refiner, arXiv:2405.17211",
    .config_size = sizeof(sfno_config),
    .options = options,
    .check = check,
    .check_grid = check_grid,
    .build = build,
};
