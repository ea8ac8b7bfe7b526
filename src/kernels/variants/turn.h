/* SPDX-License-Identifier: BSD-3-Clause
 * Sine and cosine of pi t: t less its nearest integer is exact, a polynomial does the rest. */
#ifndef RITZ_KERNELS_VARIANTS_TURN_H
#define RITZ_KERNELS_VARIANTS_TURN_H

#include "kernels/kernel.h"

#if RITZ_REAL_IS_DOUBLE
#define ROUNDER 6755399441055744.0 /* 1.5 2^52 */
enum { turn_terms = 12 };
#else
#define ROUNDER 12582912.0f /* 1.5 2^23 */
enum { turn_terms = 7 };
#endif

/* (-1)^k pi^(2k+1)/(2k+1)! and (-1)^k pi^(2k)/(2k)!: for |f| <= 1/2 the terms left out are below
 * 1e-8 (float), 1e-17 (double). */
static const double turn_sine[12] = {
    3.141592653589793238,     -5.167712780049970029,    2.550164039877345444,
    -5.992645293207920769e-1, 8.214588661112822880e-2,  -7.370430945714350777e-3,
    4.663028057676125644e-4,  -2.191535344783021583e-5, 7.952054001475512785e-7,
    -2.294842899726987311e-8, 5.392664662608128489e-10, -1.051847171693206446e-11};
static const double turn_cosine[12] = {
    1.000000000000000000,     -4.934802200544679309,    4.058712126416768218,
    -1.335262768854589496,    2.353306303588932045e-1,  -2.580689139001406001e-2,
    1.929574309403923048e-3,  -1.046381049248457071e-4, 4.303069587032947007e-6,
    -1.387895246221377211e-7, 3.604730797462500934e-9,  -7.700707130601353380e-11};

typedef struct turn {
  real s, c; /* sin(pi t), cos(pi t) */
} turn;

static inline turn turn_of(real t) {
  const real n = (t + ROUNDER) - ROUNDER, half = (real)0.5 * n;
  const real sign = half == (half + ROUNDER) - ROUNDER ? 1 : -1; /* is n even? */
  const real f = t - n, f2 = f * f;
  real s = (real)turn_sine[turn_terms - 1], c = (real)turn_cosine[turn_terms - 1];
#pragma GCC unroll 12
  for (int k = turn_terms - 2; k >= 0; k--) {
    s = s * f2 + (real)turn_sine[k];
    c = c * f2 + (real)turn_cosine[k];
  }
  return (turn){sign * f * s, sign * c};
}

#endif
