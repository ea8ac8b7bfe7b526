/* SPDX-License-Identifier: BSD-3-Clause
 * Transposition of one mode's weight in registers.
 *
 * A tile of L x L numbers (L: lanes of a vector) is transposed in log2 L rounds; round d exchanges
 * the off-diagonal d x d blocks of every pair of rows that are d apart. */
#include "kernels/kernel.h"

/* clang shuffles by constants only. */
#if defined(__clang__)
#elif defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#endif

#ifdef VECTOR_BYTES
enum { LANES = VECTOR_BYTES / sizeof(real) };
typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
#if RITZ_REAL_IS_DOUBLE
typedef int64_t mask __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef int32_t mask __attribute__((vector_size(VECTOR_BYTES)));
#endif

/* Lane l of the new upper row: its own lane, or lane l - d of the lower row where l has bit d. */
static inline void exchange(vector *upper, vector *lower, int d) {
  mask up, low;
  for (int l = 0; l < LANES; l++) {
    up[l] = l & d ? LANES + l - d : l;
    low[l] = l & d ? LANES + l : l + d;
  }
  const vector a = *upper, b = *lower;
  *upper = __builtin_shuffle(a, b, up);
  *lower = __builtin_shuffle(a, b, low);
}

static void transpose_tile(const real *a, ritz_index as, real *b, ritz_index bs) {
  vector row[LANES];
#pragma GCC unroll 16
  for (int r = 0; r < LANES; r++) row[r] = *(const unaligned *)(a + r * as);
#pragma GCC unroll 4
  for (int d = 1; d < LANES; d *= 2)
#pragma GCC unroll 16
    for (int r = 0; r < LANES; r++)
      if (!(r & d)) exchange(&row[r], &row[r + d], d);
#pragma GCC unroll 16
  for (int r = 0; r < LANES; r++) *(unaligned *)(b + r * bs) = row[r];
}
#else
enum { LANES = 8 };
static void transpose_tile(const real *a, ritz_index as, real *b, ritz_index bs) {
  for (int r = 0; r < LANES; r++)
    for (int l = 0; l < LANES; l++) b[l * bs + r] = a[r * as + l];
}
#endif

/* Weights of a mode follow each other: what this tile reads next time is one matrix further. */
static inline void prefetch_tile(const real *a, ritz_index as) {
  for (int r = 0; r < LANES; r++) __builtin_prefetch(a + r * as);
}

RITZ_KERNEL_DEFINE(mode_transpose)(ritz_index rows, ritz_index cols, const void *av, void *bv) {
  const real *a = av;
  real *b = bv;
  const ritz_index full_rows = rows / LANES * LANES, full_cols = cols / LANES * LANES;
  for (ritz_index r = 0; r < full_rows; r += LANES)
    for (ritz_index c = 0; c < full_cols; c += LANES) {
      prefetch_tile(a + (rows + r) * cols + c, cols);
      transpose_tile(a + r * cols + c, cols, b + c * rows + r, rows);
    }
  for (ritz_index r = 0; r < rows; r++)
    for (ritz_index c = r < full_rows ? full_cols : 0; c < cols; c++)
      b[c * rows + r] = a[r * cols + c];
}
