/* SPDX-License-Identifier: BSD-3-Clause */
#include "samples.h"

ritz_var sample_square(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_square(g, ritz_add(g, x, ritz_square(g, x)));
}
