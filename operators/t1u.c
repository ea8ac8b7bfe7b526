/* SPDX-License-Identifier: BSD-3-Clause
 * T1 with a U-net on the coefficients, "T1U". Poli et al. 2022, arXiv:2211.14453; the U-net of
 * Thuerey et al. 2020, arXiv:1810.08217.
 *
 *     z = T (a, x, 1) P,   z_0 = z + S2 S1 sigma( W z ),   u = T^-1 U z_0
 *     x_1 = D_1 z_0,       x_(l+1) = D_(l+1) lrelu( x_l )         l = 1 ... L-1
 *     y_L = x_L,           y_l = ( C_l R relu( y_(l+1) ) | x_l )  l = L-1 ... 1
 *     U z_0 = G relu( y_1 )
 *
 * D halves the array of coefficients by a convolution 4 x 4, R is linear onto that of x_l, C a
 * convolution 3 x 3, G the transpose of one like D; norms follow all D and C but the outermost and
 * the innermost D. P keeps the channels and the coordinates beside them. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/t1.h"

enum { most_levels = 7 };

typedef struct t1u_config {
  ritz_t1_config base; /* first, as its options want it */
  ritz_index channel_exponent, depth;
} t1u_config;

static const ritz_option t1u_options[] = {
    RITZ_T1_OPTIONS("sine"),
    RITZ_OPTION_INT(t1u_config, channel_exponent, 0, 16, "4",
                    "c: 2^c channels on the first level of the U-net; 2, 2, 4, 8, 8, 8 times as "
                    "many on the others"),
    RITZ_OPTION_INT(t1u_config, depth, 1, most_levels, "4",
                    "L, how often the array of coefficients is halved"),
    RITZ_OPTION_END,
};

static ritz_status t1u_check(const void *config) {
  const t1u_config *c = config;
  const ritz_ints *modes = &c->base.modes;
  RITZ_TRY(ritz_t1_check(config));
  for (int a = 0; a < modes->count; a++)
    RITZ_REQUIRE(modes->n[a] % 2 == 0 && modes->n[a] >> c->depth > 0, RITZ_ERR_CONFIG,
                 "modes keeps %td coefficients along axis %d: depth %td wants an even number of at "
                 "least %td",
                 modes->n[a], a, c->depth, (ritz_index)1 << c->depth);
  return RITZ_OK;
}

static const ritz_conv_style style = {.boundary = RITZ_BOUNDARY_ZERO, .bias = true};

/* D_l or, where the array keeps its size, C_l: NAME.conv and, with a norm, NAME.norm. */
static ritz_var convolve(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out, bool halve,
                         bool norm, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "%s.conv", name);
  x = ritz_layer_conv(g, p, x, out, halve ? 4 : 3, halve ? 2 : 1, 1, &style, path);
  snprintf(path, sizeof path, "%s.norm", name);
  return norm ? ritz_layer_norm_of(g, p, x, RITZ_NORM_BATCH, 1, path) : x;
}

static ritz_var unet(ritz_graph *g, ritz_params *p, ritz_var x, const t1u_config *c) {
  static const ritz_index wide[most_levels] = {1, 2, 2, 4, 8, 8, 8};
  const int depth = (int)c->depth;
  ritz_var at[most_levels];
  char name[32];
  for (int l = 0; l < depth; l++) {
    snprintf(name, sizeof name, "down.%d", l);
    if (l > 0) x = ritz_leaky_relu(g, x, 0.2);
    at[l] = x =
        convolve(g, p, x, wide[l] << c->channel_exponent, true, l > 0 && l < depth - 1, name);
  }
  for (int l = depth - 2; l >= 0; l--) {
    const ritz_shape shape = ritz_var_shape(at[l]);
    snprintf(name, sizeof name, "up.%d", l + 1);
    x = ritz_interpolate(g, ritz_relu(g, x), shape.n + 1, RITZ_INTERPOLATE_LINEAR, false);
    x = convolve(g, p, x, wide[l] << c->channel_exponent, false, true, name);
    x = ritz_concat(g, 2, (ritz_var[]){x, at[l]});
  }
  return ritz_layer_conv_transpose(g, p, ritz_relu(g, x), c->base.out_channels, 4, 2, "up.0.conv");
}

static ritz_var t1u_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const t1u_config *c = config;
  const ritz_index width = c->base.in_channels + c->base.modes.count;
  ritz_var z = ritz_t1_layer(g, p, ritz_t1_lift(g, p, x, &c->base, width, "t1u"), &c->base, 0);
  return ritz_t1_expand(g, unet(g, p, z, c), &c->base, x);
}

const ritz_operator_type ritz_operator_t1u = {
    .name = "t1u",
    .summary = "transform once, then a U-net on the lowest coefficients",
    .paper = "Poli et al. 2022, arXiv:2211.14453",
    .config_size = sizeof(t1u_config),
    .options = t1u_options,
    .check = t1u_check,
    .check_grid = ritz_t1_check_grid,
    .build = t1u_build,
};
