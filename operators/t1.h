/* SPDX-License-Identifier: BSD-3-Clause
 * What the operators t1 and t1u share: a field as the lowest coefficients of an orthonormal basis,
 * a layer of them, and the field back. Poli et al. 2022, arXiv:2211.14453. */
#ifndef RITZ_OPERATORS_T1_H
#define RITZ_OPERATORS_T1_H

#include "operators/layers.h"
#include "operators/operator.h"

/** First member of an operator's configuration, whose table lists RITZ_T1_OPTIONS. */
typedef struct ritz_t1_config {
  ritz_ints modes, padding, signal_resolution;
  ritz_index in_channels, out_channels;
  int non_linearity, weight_init, basis;
  bool perform_inverse;
} ritz_t1_config;

#define RITZ_T1_OPTIONS(sigma)                                                                    \
  RITZ_OPTION_INTS(ritz_t1_config, modes, 1, 1 << 20, NULL, "coefficients kept along each axis"), \
      RITZ_OPTION_INTS(ritz_t1_config, signal_resolution, 1, 1 << 30, NULL,                       \
                       "points per axis of the training grid: the scale of the coefficients"),    \
      RITZ_OPTION_INT(ritz_t1_config, in_channels, 1, 1 << 20, "1", "channels of the input"),     \
      RITZ_OPTION_INT(ritz_t1_config, out_channels, 1, 1 << 20, "1", "channels of the output"),   \
      RITZ_OPTION_CHOICE(ritz_t1_config, non_linearity, "gelu|sine|tanh", sigma,                  \
                         "activation of the coefficients in a layer"),                            \
      RITZ_OPTION_CHOICE(ritz_t1_config, basis, "cosine|fourier", "cosine",                       \
                         "DCT-II, or real Fourier series for periodic fields"),                   \
      RITZ_OPTION_CHOICE(                                                                         \
          ritz_t1_config, weight_init, "vp|naive|tiny|fan_in", "vp",                              \
          "deviation of W: sqrt(N/(w m)), 1/w^2, 1e-8 or sqrt(1/w); N points, m modes"),          \
      RITZ_OPTION_INTS(ritz_t1_config, padding, 0, 1 << 20, "null",                               \
                       "zeros after the end of each axis"),                                       \
      RITZ_OPTION_BOOL(ritz_t1_config, perform_inverse, "true",                                   \
                       "give a field; false: its coefficients, zero beyond the modes")

/* As in ritz_operator_type. */
ritz_status ritz_t1_check(const void *config);
ritz_status ritz_t1_check_grid(const void *config, int dim, const ritz_index *grid);

/** z_0 = T (x, s, 1) P with @p width channels. @param owner  Names the operator in errors. */
ritz_var ritz_t1_lift(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_t1_config *c,
                      ritz_index width, const char *owner);

/** z + ... S_0 sigma( W z ), parameters layer.NUMBER.*. */
ritz_var ritz_t1_layer(ritz_graph *g, ritz_params *p, ritz_var z, const ritz_t1_config *c,
                       int number);

/** The field of the coefficients z on the grid of x, or the coefficients with zeros behind. */
ritz_var ritz_t1_expand(ritz_graph *g, ritz_var z, const ritz_t1_config *c, ritz_var x);

#endif
