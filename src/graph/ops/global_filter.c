/* SPDX-License-Identifier: BSD-3-Clause
 * A spectral convolution with separable weights and all modes. */
#include "graph/ops/ops.h"

ritz_var ritz_global_filter(ritz_graph *graph, ritz_var x, ritz_var w) {
  ritz_spectral_options options = {.separable = true};
  for (int a = 0; w && a < 3; a++) options.modes[a] = a < w->shape.rank ? w->shape.n[a] : 1;
  return ritz_spectral_conv(graph, x, w, &options);
}
