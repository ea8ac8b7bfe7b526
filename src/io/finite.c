/* SPDX-License-Identifier: BSD-3-Clause
 * A number is not finite when all exponent bits are set. Looking at the bits, not at x != x, keeps
 * the answer right and the loop in vector registers under every floating-point option. */
#include "io/finite.h"

#include <string.h>

static const uint32_t exponent32 = 0x7f800000u;
static const uint64_t exponent64 = 0x7ff0000000000000u;

static bool bad32(const float *x) {
  uint32_t bits;
  memcpy(&bits, x, sizeof bits);
  return (bits & exponent32) == exponent32;
}

static bool bad64(const double *x) {
  uint64_t bits;
  memcpy(&bits, x, sizeof bits);
  return (bits & exponent64) == exponent64;
}

/* Whole blocks without an exit in the inner loop; only a bad block is searched. */
enum { block = 1024 };

static ritz_index first32(ritz_index count, const float *x) {
  for (ritz_index start = 0; start < count; start += block) {
    const ritz_index end = count - start < block ? count : start + block;
    uint32_t bad = 0;
    for (ritz_index i = start; i < end; i++) bad |= bad32(x + i);
    if (!bad) continue;
    for (ritz_index i = start; i < end; i++)
      if (bad32(x + i)) return i;
  }
  return -1;
}

static ritz_index first64(ritz_index count, const double *x) {
  for (ritz_index start = 0; start < count; start += block) {
    const ritz_index end = count - start < block ? count : start + block;
    uint64_t bad = 0;
    for (ritz_index i = start; i < end; i++) bad |= bad64(x + i);
    if (!bad) continue;
    for (ritz_index i = start; i < end; i++)
      if (bad64(x + i)) return i;
  }
  return -1;
}

ritz_index ritz_first_not_finite(ritz_dtype dtype, ritz_index count, const void *values) {
  return dtype == RITZ_FLOAT64 ? first64(count, values) : first32(count, values);
}
