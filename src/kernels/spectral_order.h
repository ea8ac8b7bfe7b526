/* SPDX-License-Identifier: BSD-3-Clause
 * Which planes of B rows a mode has, and in which order. */
#ifndef RITZ_KERNELS_SPECTRAL_ORDER_H
#define RITZ_KERNELS_SPECTRAL_ORDER_H

typedef enum ritz_mode_order {
  RITZ_MODE_PLAIN,   /* (Re, Im) */
  RITZ_MODE_SIGNAL,  /* (-Im, Re, Im): X beside i X, the two views of ritz_mixing_forward */
  RITZ_MODE_GRADIENT /* (Re, Im, -Re): G beside -i G, those of ritz_mixing_vjp_input */
} ritz_mode_order;

#endif
