/* SPDX-License-Identifier: BSD-3-Clause
 * Philox-4x32-10 from Random123; counter = (index, sample, purpose), key = seed. */
#include <Random123/philox.h>
#include <math.h>
#include <ritz/random.h>

void ritz_random_words(ritz_random stream, uint64_t index, uint32_t words[4]) {
  const philox4x32_ctr_t counter = {
      {(uint32_t)index, (uint32_t)(index >> 32), stream.sample, stream.purpose}};
  const philox4x32_key_t key = {{(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
  const philox4x32_ctr_t random = philox4x32(counter, key);
  for (int i = 0; i < 4; i++) words[i] = random.v[i];
}

/* 53 bits of two words, in [0, 1). */
static double unit(uint32_t high, uint32_t low) {
  return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

double ritz_random_uniform(ritz_random stream, uint64_t index) {
  uint32_t words[4];
  ritz_random_words(stream, index, words);
  return unit(words[0], words[1]);
}

/* Normals 2p and 2p+1 come from the words at p. */
static void normal_pair(ritz_random stream, uint64_t p, double pair[2]) {
  uint32_t words[4];
  ritz_random_words(stream, p, words);
  const double radius = sqrt(-2.0 * log(1.0 - unit(words[0], words[1]))); /* 1 - u is in (0, 1] */
  const double angle = 6.283185307179586476925 * unit(words[2], words[3]);
  pair[0] = radius * cos(angle);
  pair[1] = radius * sin(angle);
}

void ritz_random_normals(ritz_random stream, uint64_t first, ritz_index count, double *out) {
  double pair[2];
  ritz_index i = 0;
  if (count > 0 && first % 2 == 1) {
    normal_pair(stream, first / 2, pair);
    out[i++] = pair[1];
  }
  for (; i + 1 < count; i += 2) normal_pair(stream, (first + (uint64_t)i) / 2, out + i);
  if (i < count) {
    normal_pair(stream, (first + (uint64_t)i) / 2, pair);
    out[i] = pair[0];
  }
}

void ritz_random_permutation(ritz_random stream, ritz_index count, ritz_index *order) {
  for (ritz_index i = 0; i < count; i++) order[i] = i;
  for (ritz_index i = count - 1; i > 0; i--) {
    const ritz_index j = (ritz_index)(ritz_random_uniform(stream, (uint64_t)i) * (double)(i + 1));
    const ritz_index swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}
