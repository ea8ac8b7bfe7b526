/* SPDX-License-Identifier: BSD-3-Clause
 * Cosines and sines of fractions of a turn, exact wherever the exact value is 0, 1 or -1, so that
 * the imaginary part of a mode that is its own conjugate drops out instead of leaving rounding. */
#ifndef RITZ_KERNELS_SPECTRAL_TURN_H
#define RITZ_KERNELS_SPECTRAL_TURN_H

#include <ritz/types.h>

/** cos(2 pi j / n), 0 <= j < n. */
double ritz_turn_cos(ritz_index j, ritz_index n);
/** sin(2 pi j / n), 0 <= j < n. */
double ritz_turn_sin(ritz_index j, ritz_index n);

#endif
