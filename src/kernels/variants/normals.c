/* SPDX-License-Identifier: BSD-3-Clause
 * Normal numbers of a Philox-4x32-10 stream (Salmon et al. 2011, doi:10.1145/2063384.2063405) by
 * Box & Muller, without branches or calls, so that the loops become vector code. The words are
 * those of core/random.c; logarithm, sine and cosine differ from libm's in the last places. */
#include <math.h>
#include <string.h>

#include "kernels/variants/solver_kernel.h"

/* Generators want doubles whatever the table's format. */
#undef RITZ_REAL_IS_DOUBLE
#define RITZ_REAL_IS_DOUBLE 1
#define real                double
#include "kernels/variants/turn.h"
#undef real

enum { strip = 64 }; /* pairs at a time: words and numbers between stay in L1 */

typedef struct words {
  uint32_t w[4][strip];
} words;

static void philox(const ritz_random *stream, uint64_t first, words *out) {
  uint32_t key0 = (uint32_t)stream->seed, key1 = (uint32_t)(stream->seed >> 32);
  const uint32_t sample = stream->sample, purpose = stream->purpose;
  uint32_t *const c0 = out->w[0], *const c1 = out->w[1], *const c2 = out->w[2],
                  *const c3 = out->w[3];
  for (int i = 0; i < strip; i++) {
    const uint64_t index = first + (uint64_t)i;
    c0[i] = (uint32_t)index;
    c1[i] = (uint32_t)(index >> 32);
    c2[i] = sample;
    c3[i] = purpose;
  }
  for (int round = 0; round < 10; round++) {
#pragma omp simd
    for (int i = 0; i < strip; i++) {
      const uint64_t a = (uint64_t)c0[i] * 0xD2511F53u, b = (uint64_t)c2[i] * 0xCD9E8D57u;
      c0[i] = (uint32_t)(b >> 32) ^ c1[i] ^ key0;
      c1[i] = (uint32_t)b;
      c2[i] = (uint32_t)(a >> 32) ^ c3[i] ^ key1;
      c3[i] = (uint32_t)a;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/* 53 bits of two words, in [0, 1). */
static inline double unit(uint32_t high, uint32_t low) {
  return (double)(int64_t)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

/* log(v) for normal v: v = 2^e m with m within sqrt(2) of 1; log m = 2 artanh((m - 1) / (m + 1)).
 */
static inline double logarithm(double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  const uint64_t shifted = bits - 0x3fe6a09e667f3bcdu; /* of sqrt(1/2) */
  const int64_t e = (int64_t)shifted >> 52;
  const uint64_t mantissa = bits - ((uint64_t)e << 52);
  double m;
  memcpy(&m, &mantissa, sizeof m);
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double sum = 1.0 / 21;
#pragma GCC unroll 10
  for (int k = 19; k >= 3; k -= 2) sum = sum * s2 + 1.0 / k;
  return (double)e * 0.693147180559945309417 + (2 * s + 2 * s * (s2 * sum));
}

static void box_muller(const words *from, double *out) {
#pragma omp simd
  for (int i = 0; i < strip; i++) {
    const double radius = sqrt(-2.0 * logarithm(1.0 - unit(from->w[0][i], from->w[1][i])));
    const turn at = turn_of(2.0 * unit(from->w[2][i], from->w[3][i]));
    out[2 * i] = radius * at.c;
    out[2 * i + 1] = radius * at.s;
  }
}

RITZ_KERNEL_DEFINE(normal_pairs)
(const ritz_random *stream, uint64_t first, ritz_index pairs, double *out) {
  words w;
  double rest[2 * strip];
  for (ritz_index i = 0; i < pairs; i += strip) {
    philox(stream, first + (uint64_t)i, &w);
    if (pairs - i >= strip) {
      box_muller(&w, out + 2 * i);
    } else {
      box_muller(&w, rest);
      memcpy(out + 2 * i, rest, (size_t)(2 * (pairs - i)) * sizeof *out);
    }
  }
}
