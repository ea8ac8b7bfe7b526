/* SPDX-License-Identifier: BSD-3-Clause */
#include "operators/local_kernel.h"

#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"

static ritz_var same_size_conv(ritz_graph *g, ritz_var x, ritz_var w, ritz_var bias,
                               const ritz_index *reach, ritz_index groups, ritz_boundary boundary) {
  ritz_conv_options options = {.groups = groups};
  for (int a = 0; x && a < ritz_grid_dim(x); a++) {
    options.window.low[a] = options.window.high[a] = reach[a];
    options.window.boundary[a] = boundary;
  }
  return ritz_conv(g, x, w, bias, &options);
}

/* M = (1 - e_centre (1, ..., 1)) / h takes a kernel to one with a vanishing sum. */
static ritz_var centred(ritz_graph *g, ritz_var w, int dim, ritz_index taps, double h) {
  double *matrix;
  const ritz_status status = RITZ_NEW(taps * taps, &matrix);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  for (ritz_index t = 0; t < taps; t++)
    for (ritz_index k = 0; k < taps; k++) matrix[t * taps + k] = ((t == k) - (t == taps / 2)) / h;
  ritz_var y = ritz_combine(g, w, dim, ritz_var_shape(w), matrix);
  ritz_free(matrix);
  return y;
}

ritz_var ritz_layer_difference(ritz_graph *g, ritz_params *p, ritz_var x,
                               const ritz_difference_kernel *kernel, const char *name) {
  if (!x) return RITZ_NO_VAR;
  const int d = ritz_grid_dim(x);
  const ritz_index reach = kernel->taps / 2;
  ritz_shape shape = {.rank = d + 2};
  ritz_index taps = 1;
  for (int a = 0; a < d; a++) taps *= shape.n[a] = kernel->taps;
  shape.n[d] = ritz_channels(x) / kernel->groups;
  shape.n[d + 1] = kernel->out;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)(taps * shape.n[d]))};
  ritz_var w = ritz_parameter(g, p, init, shape, -1, "%s", name);
  return same_size_conv(g, x, w ? centred(g, w, d, taps, kernel->spacing) : w, RITZ_NO_VAR,
                        (ritz_index[]){reach, reach, reach}, kernel->groups, kernel->boundary);
}

static double hat(double t) { return fmax(0, 1 - fabs(t)); }

/* psi_b at z, before it is divided by its integral. */
static double basis(const ritz_integral_kernel *k, ritz_index b, const double *z) {
  const double turn = 2 * 3.14159265358979323846;
  const double r = hypot(z[0], z[1]) * (double)k->rings / k->radius;
  if (b == 0) return hat(r);
  const double ring = hat(r - (double)((b - 1) / k->angles + 1));
  if (k->angles == 1) return ring;
  const double angle = atan2(z[0], z[1]) / turn - (double)((b - 1) % k->angles) / (double)k->angles;
  return ring * hat((angle - rint(angle)) * (double)k->angles);
}

/* matrix [taps, functions]: psi_b at the taps, each with sum 1. */
static ritz_status tabulate(const ritz_integral_kernel *k, const ritz_index *reach,
                            ritz_index functions, double *matrix, const char *name) {
  for (ritz_index b = 0; b < functions; b++) {
    double sum = 0;
    for (int pass = 0; pass < 2; pass++) {
      double *at = matrix + b;
      for (ritz_index i = -reach[0]; i <= reach[0]; i++)
        for (ritz_index j = -reach[1]; j <= reach[1]; j++, at += functions) {
          const double z[2] = {(double)i * k->spacing[0], (double)j * k->spacing[1]};
          if (pass == 0)
            sum += *at = basis(k, b, z);
          else
            *at /= sum;
        }
      RITZ_REQUIRE(sum > 1e-6, RITZ_ERR_SHAPE,
                   "%s: radius %g is too small for %td rings and %td angles on a grid of spacing "
                   "%g x %g",
                   name, k->radius, k->rings, k->angles, k->spacing[0], k->spacing[1]);
    }
  }
  return RITZ_OK;
}

/* theta -> the kernel on the grid, [2 reach + 1, ..., Ci/groups, C]. */
static ritz_var stencil(ritz_graph *g, ritz_var theta, const ritz_integral_kernel *k,
                        const ritz_index *reach, const char *name) {
  const ritz_shape w = ritz_var_shape(theta);
  const ritz_shape shape = RITZ_SHAPE(2 * reach[0] + 1, 2 * reach[1] + 1, w.n[1], w.n[2]);
  double *matrix;
  ritz_status status = RITZ_NEW(shape.n[0] * shape.n[1] * w.n[0], &matrix);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  status = tabulate(k, reach, w.n[0], matrix, name);
  ritz_var y =
      status == RITZ_OK ? ritz_combine(g, theta, 1, shape, matrix) : ritz_graph_latch(g, status);
  ritz_free(matrix);
  return y;
}

ritz_var ritz_layer_integral(ritz_graph *g, ritz_params *p, ritz_var x,
                             const ritz_integral_kernel *kernel, const char *name) {
  if (!x) return RITZ_NO_VAR;
  const ritz_index c = ritz_channels(x), in = c / kernel->groups;
  const ritz_index functions = 1 + (kernel->rings - 1) * kernel->angles;
  ritz_index reach[3] = {0};
  for (int a = 0; a < 2; a++) /* points strictly within the radius */
    reach[a] = (ritz_index)ceil(kernel->radius / kernel->spacing[a] - 1e-9) - 1;
  ritz_var theta = ritz_parameter(g, p, (ritz_init){RITZ_INIT_NORMAL, 1 / sqrt((double)in)},
                                  RITZ_SHAPE(functions, in, c), -1, "%s.weight", name);
  ritz_var bias = RITZ_NO_VAR;
  if (kernel->bias)
    bias = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 0}, RITZ_SHAPE(c), -1, "%s.bias",
                          name);
  return theta ? same_size_conv(g, x, stencil(g, theta, kernel, reach, name), bias, reach,
                                kernel->groups, kernel->boundary)
               : RITZ_NO_VAR;
}
