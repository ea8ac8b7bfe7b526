/* SPDX-License-Identifier: BSD-3-Clause
 * One register of numbers, as the compilers' vector extension has it on every machine. */
#ifndef RITZ_KERNELS_VECTOR_H
#define RITZ_KERNELS_VECTOR_H

#include "kernels/kernel.h"

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

enum { lanes = VECTOR_BYTES / sizeof(real) };

#if RITZ_REAL_IS_DOUBLE
typedef int64_t bits_real;
#else
typedef int32_t bits_real;
#endif
typedef real vec __attribute__((vector_size(VECTOR_BYTES)));
typedef bits_real vec_bits __attribute__((vector_size(VECTOR_BYTES)));
/* The same in memory, at any address. */
typedef real vec_stored
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef bits_real bits_stored
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

static ALWAYS_INLINE vec vec_load(const real *p) { return *(const vec_stored *)p; }
static ALWAYS_INLINE void vec_store(real *p, vec v) { *(vec_stored *)p = v; }

/* Runs of zeros, ones and zeros: loads from within are masks. */
static const bits_real vec_mask_bits[3 * lanes] = {[lanes... 2 * lanes - 1] = -1};
/* Lanes first, first + 1, ... and lanes 0 ... end - 1. */
static ALWAYS_INLINE vec_bits vec_from(ritz_index first) {
  return *(const bits_stored *)(vec_mask_bits + lanes - first);
}
static ALWAYS_INLINE vec_bits vec_until(ritz_index end) {
  return *(const bits_stored *)(vec_mask_bits + 2 * lanes - end);
}
/* v, and 0 outside the mask. */
static ALWAYS_INLINE vec vec_keep(vec v, vec_bits mask) { return (vec)((vec_bits)v & mask); }

#endif
