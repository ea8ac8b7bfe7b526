/* SPDX-License-Identifier: BSD-3-Clause
 * The U-net of latent spectral models on a grid, of their points or latent. Wu et al. 2023,
 * arXiv:2301.12664:
 *
 *     x_1 = D_0(x),      x_(l+1) = D_l(half of x_l)              l = 1 ... 4
 *     y_5 = B_5(x_5),    y_l = U_l( B_l(x_l), twice y_(l+1) )     l = 4 ... 1
 *
 * D and U are two convolutions each with norm and ReLU, B the neural spectral block (Sec. 3.2). */
#ifndef RITZ_OPERATORS_LATENT_UNET_H
#define RITZ_OPERATORS_LATENT_UNET_H

#include "operators/layers.h"

typedef struct ritz_latent_unet {
  ritz_ints patch;
  ritz_index width, tokens, basis, heads;
  int norm;
} ritz_latent_unet;

/** Options of an operator whose struct starts with that one. */
#define RITZ_LATENT_UNET_OPTIONS                                                                  \
  RITZ_OPTION_INTS(ritz_latent_unet, patch, 1, 1 << 20, NULL,                                     \
                   "points of a patch along each axis, the same on all five levels"),             \
      RITZ_OPTION_INT(ritz_latent_unet, width, 1, 1 << 16, "64",                                  \
                      "channels on the finest level; 2, 4, 8 and 8 times as many on the others"), \
      RITZ_OPTION_INT(ritz_latent_unet, tokens, 1, 1 << 16, "4", "latent tokens of a patch"),     \
      RITZ_OPTION_INT(ritz_latent_unet, basis, 1, 1 << 16, "12",                                  \
                      "sines, and cosines, of the series"),                                       \
      RITZ_OPTION_INT(ritz_latent_unet, heads, 1, 1 << 16, "8",                                   \
                      "heads of attention; they divide width"),                                   \
      RITZ_OPTION_CHOICE(ritz_latent_unet, norm, "batch_norm|instance_norm", "batch_norm",        \
                         "norm after each convolution")

ritz_status ritz_latent_unet_check(const ritz_latent_unet *config);

/** Patches must fill the grid, padding included, on every level. RITZ_ERR_CONFIG */
ritz_status ritz_latent_unet_check_axis(const ritz_latent_unet *config, int axis, ritz_index points,
                                        ritz_index padding);

/** y_1 for x with `width` channels: down.LEVEL, up.NUMBER and block.LEVEL. */
ritz_var ritz_layer_latent_unet(ritz_graph *g, ritz_params *p, ritz_var x,
                                const ritz_latent_unet *config);

#endif
