/* SPDX-License-Identifier: BSD-3-Clause
 * Latent spectral model on scattered points of the plane, with the projections of geo-FNO.
 * Wu et al. 2023, arXiv:2301.12664, Sec. 4; Li et al. 2022, arXiv:2207.05209, Sec. 3.3.
 *
 *     v = P(a, x),   xi = x + x m(x)
 *     z_k = W_k sum over n of v_n e^(-2 pi i k . xi_n),     h = sigma( F^-1 z + G s )
 *     g = C unet(h),                                       y_k = V_k (F g)_k
 *     u_n = Q( Re sum over k of y_k e^(2 pi i k . xi_n) + D x_n )
 *
 * P, C, D, G linear maps, s coordinates of the latent grid with both ends, m the deformation, unet
 * that of latent_unet.h, Q a pointwise MLP. Sums over points and F carry no factor, F^-1 that of
 * the latent grid. */
#include "core/fail.h"
#include "graph/op.h"
#include "operators/deformation.h"
#include "operators/latent_unet.h"
#include "operators/operator.h"

typedef struct irregular_config {
  ritz_latent_unet unet; /* first, as its options want it */
  ritz_ints latent_grid, modes;
  ritz_index in_channels, out_channels, coordinates, code_channels, projection_channels;
  int mirror;
} irregular_config;

static const ritz_option irregular_options[] = {
    RITZ_LATENT_UNET_OPTIONS,
    RITZ_OPTION_INT(irregular_config, in_channels, 2, 1 << 20, "2",
                    "channels of the input: fields, code and the two coordinates"),
    RITZ_OPTION_INT(irregular_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(irregular_config, coordinates, 2, 2, "2",
                    "last channels of the input, which say where a point is"),
    RITZ_OPTION_INT(irregular_config, code_channels, 0, 1 << 20, "0",
                    "channels before them that are a code of the geometry, the same at all points"),
    RITZ_OPTION_INTS(irregular_config, latent_grid, 2, 4096, "[96, 96]",
                     "points of the latent grid"),
    RITZ_OPTION_INTS(irregular_config, modes, 1, 32, "[12, 12]",
                     "frequencies 0 <= k < modes of each axis, on the first also -modes <= k < 0"),
    RITZ_OPTION_INT(irregular_config, projection_channels, 1, 1 << 20, "128",
                    "hidden channels of the projection"),
    RITZ_OPTION_CHOICE(
        irregular_config, mirror, "shifted|exact", "shifted",
        "the frequencies of the second axis below 0 at the points: as published, one "
        "off along the first axis, or those of a real field"),
    RITZ_OPTION_END,
};

static ritz_status irregular_check(const void *config) {
  const irregular_config *c = config;
  RITZ_TRY(ritz_latent_unet_check(&c->unet));
  RITZ_REQUIRE(c->unet.patch.count == 2 && c->latent_grid.count == 2 && c->modes.count == 2,
               RITZ_ERR_CONFIG,
               "patch, latent_grid and modes have %d, %d and %d axes, wanted 2 of each",
               c->unet.patch.count, c->latent_grid.count, c->modes.count);
  RITZ_REQUIRE(c->code_channels + 2 <= c->in_channels, RITZ_ERR_CONFIG,
               "%td code_channels and 2 coordinates are more than the %td in_channels",
               c->code_channels, c->in_channels);
  for (int a = 0; a < 2; a++) {
    RITZ_TRY(ritz_latent_unet_check_axis(&c->unet, a, c->latent_grid.n[a], 0));
    RITZ_REQUIRE(2 * c->modes.n[a] <= c->latent_grid.n[a], RITZ_ERR_CONFIG,
                 "modes keeps %td frequencies of axis %d, latent_grid has only %td points",
                 c->modes.n[a], a, c->latent_grid.n[a]);
  }
  return RITZ_OK;
}

/* W z of each coefficient. */
static ritz_var mix(ritz_graph *g, ritz_params *p, ritz_var z, const irregular_config *c,
                    const char *name) {
  const ritz_index w = c->unet.width;
  const ritz_init init = {RITZ_INIT_UNIFORM, 1 / ((double)w * (double)w)};
  const ritz_shape shape = RITZ_SHAPE(2 * c->modes.n[0], c->modes.n[1], 2, w, w);
  return ritz_mode_linear(g, z, ritz_parameter(g, p, init, shape, 2, "%s.weight", name));
}

/* G s + F^-1 z. */
static ritz_var latent_field(ritz_graph *g, ritz_params *p, ritz_var z, const irregular_config *c) {
  const ritz_index *grid = c->latent_grid.n;
  ritz_var h = ritz_fourier_field(g, z, grid, 1 / ((double)grid[0] * (double)grid[1]));
  ritz_var s = ritz_grid_embedding(g, ritz_slice(g, h, 0, 1), RITZ_GRID_BOUNDED, NULL);
  s = ritz_slice(g, s, 1, 2);
  return ritz_add(g, h, ritz_layer_linear(g, p, s, c->unet.width, true, "grid_coordinates"));
}

static ritz_var irregular_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const irregular_config *c = config;
  const ritz_index w = c->unet.width, fields = c->in_channels - c->code_channels - 2;
  const ritz_index modes[2] = {2 * c->modes.n[0], c->modes.n[1]}, *grid = c->latent_grid.n;
  if (!ritz_layer_check_field(g, x, "lsm_irregular", 1, c->in_channels)) return RITZ_NO_VAR;
  ritz_var at = ritz_slice(g, x, c->in_channels - 2, 2), v = at, code = RITZ_NO_VAR;
  if (fields > 0) v = ritz_concat(g, 2, (ritz_var[]){ritz_slice(g, x, 0, fields), at});
  if (c->code_channels > 0) code = ritz_slice(g, x, fields, c->code_channels);
  v = ritz_layer_linear(g, p, v, w, true, "lifting");
  ritz_var xi = ritz_layer_deformation(g, p, at, code);

  ritz_var z = mix(g, p, ritz_points_to_modes(g, v, xi, modes), c, "project_in");
  v = ritz_layer_latent_unet(g, p, ritz_gelu(g, latent_field(g, p, z, c)), &c->unet);
  v = ritz_layer_linear(g, p, v, w, true, "output");
  z = ritz_fourier_modes(g, v, modes, (double)grid[0] * (double)grid[1]);
  z = mix(g, p, z, c, "project_out");
  v = ritz_modes_to_points(g, z, xi, c->mirror ? RITZ_MIRROR_EXACT : RITZ_MIRROR_SHIFTED);
  v = ritz_add(g, v, ritz_layer_linear(g, p, at, w, true, "point_coordinates"));
  return ritz_layer_mlp(g, p, v, c->projection_channels, c->out_channels, ritz_gelu, 0,
                        "projection");
}

const ritz_operator_type ritz_operator_lsm_irregular = {
    .name = "lsm_irregular",
    .summary = "latent spectral model on scattered points, through a learned map to a grid",
    .paper = "Wu et al. 2023, arXiv:2301.12664; Li et al. 2022, arXiv:2207.05209",
    .config_size = sizeof(irregular_config),
    .options = irregular_options,
    .check = irregular_check,
    .build = irregular_build,
};
