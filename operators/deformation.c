/* SPDX-License-Identifier: BSD-3-Clause
 * Deformation (deformation.h): 62370 numbers, or 49986 + 32 K with a code of K. */
#include "operators/deformation.h"

#include <stdio.h>

enum { features = 32, hidden = 128, octaves = 8 };

ritz_var ritz_layer_deformation(ritz_graph *g, ritz_params *p, ritz_var x, ritz_var code) {
  static const double f[octaves] = {1, 2, 4, 8, 16, 32, 64, 128};
  const double centre = 1e-4; /* keeps the angle off the corner of the square */
  ritz_var at = ritz_polar(g, x, centre, centre);
  ritz_var v = ritz_concat(g, 2,
                           (ritz_var[]){ritz_layer_linear(g, p, at, features, true, "map.place"),
                                        ritz_harmonics(g, at, octaves, f)});
  if (code)
    v = ritz_concat(g, 2,
                    (ritz_var[]){ritz_layer_linear(g, p, code, features, true, "map.code"), v});
  else
    v = ritz_layer_linear(g, p, v, hidden, true, "map.lifting");
  for (int i = 0; i < 3; i++) {
    char name[16];
    snprintf(name, sizeof name, "map.%d", i);
    v = ritz_tanh(g, ritz_layer_linear(g, p, v, hidden, true, name));
  }
  v = ritz_layer_linear(g, p, v, 2, true, "map.3");
  return ritz_add(g, x, ritz_multiply(g, x, v));
}
