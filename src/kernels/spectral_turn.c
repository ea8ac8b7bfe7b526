/* SPDX-License-Identifier: BSD-3-Clause
 * Angles are folded into the first octant by integers before any rounding. */
#include "kernels/spectral_turn.h"

#include <math.h>

double ritz_turn_cos(ritz_index j, ritz_index n) {
  const double two_pi = 6.28318530717958647693;
  if (2 * j > n) j = n - j;                                  /* cos is even */
  const bool negative = 4 * j > n;                           /* cos(pi - t) = -cos(t) */
  const ritz_index numerator = negative ? n - 2 * j : 2 * j; /* over 2 n, in 0 ... n/2 */
  const double value = 4 * numerator > n
                           ? sin(two_pi * (double)(n - 2 * numerator) / (4.0 * (double)n))
                           : cos(two_pi * (double)numerator / (2.0 * (double)n));
  return negative ? -value : value;
}

/* sin(t) = cos(t - pi/2), in quarters of a step so that the shift is an integer. */
double ritz_turn_sin(ritz_index j, ritz_index n) {
  const ritz_index shifted = 4 * j - n;
  return ritz_turn_cos(shifted < 0 ? shifted + 4 * n : shifted, 4 * n);
}
