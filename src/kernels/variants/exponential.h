/* SPDX-License-Identifier: BSD-3-Clause
 * The exponential without branches or calls, so that loops over it become vector code on every
 * machine. */
#ifndef RITZ_KERNELS_EXPONENTIAL_H
#define RITZ_KERNELS_EXPONENTIAL_H

#include <math.h>
#include <string.h>

#include "kernels/variants/activation_coefficients.h"

#if RITZ_REAL_IS_DOUBLE
typedef uint64_t real_bits;
#define ABS       fabs
#define COPYSIGN  copysign
#define ROUNDER   6755399441055744.0 /* 1.5 2^52: adding it leaves the integer in the low bits */
#define EXP_SHIFT 52
#define EXP_BIAS  1023
#define LN2_HIGH  0.693145751953125 /* 16 bits: k LN2_HIGH is exact */
#define LN2_LOW   1.428606820309417232e-6
#define LOG2_E    1.442695040888963407
#else
typedef uint32_t real_bits;
#define ABS       fabsf
#define COPYSIGN  copysignf
#define ROUNDER   12582912.0f /* 1.5 2^23 */
#define EXP_SHIFT 23
#define EXP_BIAS  127
#define LN2_HIGH  0.693145751953125f
#define LN2_LOW   1.428606820e-6f
#define LOG2_E    1.442695041f
#endif

static inline real_bits bits_from_real(real x) {
  real_bits bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline real real_from_bits(real_bits bits) {
  real x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef struct scaled_exp {
  real scale; /* 2^k */
  real rest;  /* exp(r) - 1 with |r| <= log(2)/2; exp(z) = scale (1 + rest) */
} scaled_exp;

/* Valid while 2^k is a normal number: |z| < 87 (float), 708 (double). */
static inline scaled_exp exponential(real z) {
  const real shifted = z * LOG2_E + ROUNDER;
  const real k = shifted - ROUNDER;
  const real r = (z - k * LN2_HIGH) - k * LN2_LOW;
  const real_bits scale = (bits_from_real(shifted) + EXP_BIAS) << EXP_SHIFT;
  const real rest = r + r * r * exp_rest(r);
  return (scaled_exp){real_from_bits(scale), rest};
}

/* exp(z) for z <= 0; 0 below EXP_LEAST, which stays clear of numbers too small to be normal. NaN
 * stays. */
#if RITZ_REAL_IS_DOUBLE
#define EXP_LEAST -700.0
#else
#define EXP_LEAST -80.0f
#endif
static inline real decaying_exponential(real z) {
  const scaled_exp e = exponential(z);
  const real value = e.scale + e.scale * e.rest;
  return z < EXP_LEAST ? 0 : value;
}

#endif
