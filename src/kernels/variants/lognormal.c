/* SPDX-License-Identifier: BSD-3-Clause
 * The exponential of a field, double in both tables. */
#include "kernels/variants/solver_kernel.h"

#undef RITZ_REAL_IS_DOUBLE
#define RITZ_REAL_IS_DOUBLE 1
#define real                double
#include "kernels/variants/exponential.h"

RITZ_KERNEL_DEFINE(lognormal)(ritz_index n, double scale, double *x) {
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) {
    const double z = scale * x[i], least = z < -700 ? -700 : z, clipped = least > 700 ? 700 : least;
    const scaled_exp e = exponential(clipped);
    x[i] = e.scale + e.scale * e.rest;
  }
}
