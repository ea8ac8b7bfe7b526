/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions that converge to an operator as the grid is refined: differential and local integral
 * kernels. Liu-Schiaffini et al. 2024, arXiv:2402.16845. */
#ifndef RITZ_OPERATORS_LOCAL_KERNEL_H
#define RITZ_OPERATORS_LOCAL_KERNEL_H

#include "operators/layers.h"

typedef struct ritz_difference_kernel {
  ritz_index taps; /* along every axis, odd */
  double spacing;  /* h */
  ritz_index out;  /* channels Co of the result */
  ritz_index groups;
  ritz_boundary boundary;
} ritz_difference_kernel;

/**
 * (conv(x, k) - (sum of the taps of k) x) / h with the parameter NAME [K, ..., Ci/groups, Co]:
 * tends to sum over taps t of k[t] (t . grad x), first order in h, second for antisymmetric k.
 */
ritz_var ritz_layer_difference(ritz_graph *g, ritz_params *p, ritz_var x,
                               const ritz_difference_kernel *kernel, const char *name);

typedef struct ritz_integral_kernel {
  ritz_index rings, angles; /* 1 + (rings - 1) angles basis functions */
  double radius, spacing[2];
  ritz_index groups;
  bool bias;
  ritz_boundary boundary;
} ritz_integral_kernel;

/**
 * Integral over |z| < radius of kappa(z) x(. + z), two axes, with kappa = sum over b of theta_b
 * psi_b: NAME.weight [functions, Ci/groups, C] and NAME.bias. psi_0 is a hat about 0, the others
 * products of hats in radius (about i radius / rings, i = 1 ... rings - 1) and in angle (about
 * 2 pi j / angles); all vanish at the radius. Each is divided by its integral on the grid, so that
 * a constant is met with the sum of theta on every grid. RITZ_ERR_SHAPE: a function sees no point.
 */
ritz_var ritz_layer_integral(ritz_graph *g, ritz_params *p, ritz_var x,
                             const ritz_integral_kernel *kernel, const char *name);

#endif
