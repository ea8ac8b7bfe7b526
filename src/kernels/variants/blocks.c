/* SPDX-License-Identifier: BSD-3-Clause
 * One line of points into every q-th place of longer channel vectors, and back. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(channels_comb)
(ritz_index count, ritz_index q, ritz_index c, ritz_index step, const void *finev, void *coarsev,
 bool add) {
  for (ritz_index m = 0; m < count; m++)
    for (ritz_index j = 0; j < q; j++) {
      const real *restrict fine = (const real *)finev + (m * q + j) * c;
      real *restrict coarse = (real *)coarsev + m * step * c + j;
      if (add)
        for (ritz_index i = 0; i < c; i++) coarse[i * step] += fine[i];
      else
        for (ritz_index i = 0; i < c; i++) coarse[i * step] = fine[i];
    }
}

RITZ_KERNEL_DEFINE(channels_uncomb)
(ritz_index count, ritz_index q, ritz_index c, ritz_index step, const void *coarsev, void *finev,
 bool add) {
  for (ritz_index m = 0; m < count; m++)
    for (ritz_index j = 0; j < q; j++) {
      const real *restrict coarse = (const real *)coarsev + m * step * c + j;
      real *restrict fine = (real *)finev + (m * q + j) * c;
      if (add)
        for (ritz_index i = 0; i < c; i++) fine[i] += coarse[i * step];
      else
        for (ritz_index i = 0; i < c; i++) fine[i] = coarse[i * step];
    }
}
