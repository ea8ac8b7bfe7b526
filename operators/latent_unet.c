/* SPDX-License-Identifier: BSD-3-Clause
 * U-net with neural spectral blocks. A block works in patches: T learned tokens z ask the points of
 * a patch, a trigonometric series solves for each number of them, and the points ask the tokens:
 *
 *     t = attention(z; K x, V x) + z,   t := t + sum_m w_m sin(pi m t/b) + v_m cos(pi m t/b),
 *     B(x) = attention(Q x; t, t) + x,  scores without a scale.
 *
 * Patches have the same extents on every level, so the coarsest one may be a single patch. */
#include "operators/latent_unet.h"

#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"

enum { levels = 5 };
enum { norm_batch, norm_instance };

ritz_status ritz_latent_unet_check(const ritz_latent_unet *c) {
  const int d = c->patch.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "patch has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->width % c->heads == 0, RITZ_ERR_CONFIG, "%td heads do not divide the width, %td",
               c->heads, c->width);
  return RITZ_OK;
}

ritz_status ritz_latent_unet_check_axis(const ritz_latent_unet *c, int axis, ritz_index points,
                                        ritz_index padding) {
  for (int l = 0; l < levels; l++) {
    const ritz_index n = (points + padding) >> l;
    RITZ_REQUIRE(n > 0 && n % c->patch.n[axis] == 0, RITZ_ERR_CONFIG,
                 "patches of %td points do not fill the %td of axis %d on level %d of lsm (%td "
                 "and %td of padding on level 1)",
                 c->patch.n[axis], n, axis, l + 1, points, padding);
  }
  return RITZ_OK;
}

/* B: from the points of a patch to its tokens and back. */
static ritz_var spectral_block(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_latent_unet *c,
                               int level) {
  const ritz_index width = x ? ritz_channels(x) : 1;
  const ritz_attention_options attention = {.heads = c->heads, .scale = 1};
  const ritz_init init = {RITZ_INIT_UNIFORM, 1 / (double)width};
  ritz_attention_windows patches = {.periodic = false};
  char name[32];
  for (int a = 0; a < c->patch.count; a++) patches.window[a] = c->patch.n[a];
  ritz_var z =
      ritz_parameter(g, p, init, RITZ_SHAPE(c->tokens, width), -1, "block.%d.latent", level);
  ritz_var w =
      ritz_parameter(g, p, init, RITZ_SHAPE(2 * c->basis, width), -1, "block.%d.series", level);
  snprintf(name, sizeof name, "block.%d.encode", level);
  ritz_var kv = ritz_layer_linear(g, p, x, 2 * width, true, name);
  ritz_var k = ritz_slice(g, kv, 0, width), v = ritz_slice(g, kv, width, width);
  snprintf(name, sizeof name, "block.%d.decode", level);
  ritz_var q = ritz_layer_linear(g, p, x, width, true, name);

  ritz_var t = ritz_add_broadcast(g, ritz_window_attention(g, z, k, v, &attention, &patches), z);
  t = ritz_add(g, ritz_trigonometric_series(g, t, w), t);
  return ritz_add(g, ritz_window_attention(g, q, t, t, &attention, &patches), x);
}

ritz_var ritz_layer_latent_unet(ritz_graph *g, ritz_params *p, ritz_var x,
                                const ritz_latent_unet *c) {
  static const ritz_index wide[levels] = {1, 2, 4, 8, 8};
  const ritz_conv_style style = {
      .kernel = 3,
      .boundary = RITZ_BOUNDARY_ZERO,
      .norm = c->norm == norm_batch ? RITZ_NORM_BATCH : RITZ_NORM_INSTANCE,
      .sigma = ritz_relu};
  ritz_var at[levels];
  char name[32];
  for (int l = 0; l < levels; l++) {
    const ritz_index channels = c->width * wide[l];
    snprintf(name, sizeof name, "down.%d", l);
    if (l > 0) x = ritz_layer_halve(g, x);
    at[l] = x = ritz_layer_double_conv(g, p, x, channels, channels, &style, name);
  }
  ritz_var y = spectral_block(g, p, x, c, levels);
  for (int l = levels - 2; l >= 0; l--) {
    const ritz_index middle = c->width * wide[l], out = l > 0 ? c->width * wide[l - 1] : c->width;
    snprintf(name, sizeof name, "up.%d", levels - 1 - l);
    y = ritz_layer_join(g, spectral_block(g, p, at[l], c, l + 1), ritz_layer_double(g, y));
    y = ritz_layer_double_conv(g, p, y, middle, out, &style, name);
  }
  return y;
}
