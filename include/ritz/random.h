/* SPDX-License-Identifier: BSD-3-Clause
 * Counter-based random numbers: Philox-4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405).
 *
 * A number is a pure function of (seed, purpose, sample, index), so any number of ranks and
 * threads, in any order, draws the same data set, the same initial weights, the same shuffle. */
#ifndef RITZ_RANDOM_H
#define RITZ_RANDOM_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Keeps streams for different uses apart. Append only: stored data depend on the numbers. */
typedef enum ritz_random_purpose {
  RITZ_RANDOM_INIT = 1,
  RITZ_RANDOM_SHUFFLE = 2,
  RITZ_RANDOM_FIELD = 3,
  RITZ_RANDOM_NOISE = 4,
  RITZ_RANDOM_TEST = 5,
  RITZ_RANDOM_SHIFT = 6
} ritz_random_purpose;

/** One stream; copy it freely, it has no state. */
typedef struct ritz_random {
  uint64_t seed;
  uint32_t purpose; /**< A ritz_random_purpose. */
  uint32_t sample;  /**< Sample number, or a hash of a name. */
} ritz_random;

/** Four words of the stream at @p index. */
RITZ_API void ritz_random_words(ritz_random stream, uint64_t index, uint32_t words[4]);

/** @return  Uniform in [0, 1) with 53 random bits. */
RITZ_API double ritz_random_uniform(ritz_random stream, uint64_t index);

/** out[i] = standard normal number first + i of the stream (Box-Muller on pairs). */
RITZ_API void ritz_random_normals(ritz_random stream, uint64_t first, ritz_index count,
                                  double *out);

/** order[0..count) becomes a uniformly random permutation of 0..count-1 (Fisher-Yates). */
RITZ_API void ritz_random_permutation(ritz_random stream, ritz_index count, ritz_index *order);

#ifdef __cplusplus
}
#endif
#endif
