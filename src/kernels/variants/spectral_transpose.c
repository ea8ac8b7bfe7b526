/* SPDX-License-Identifier: BSD-3-Clause
 * Transposition of one mode's weight in registers.
 *
 * A tile of L x L numbers (L: lanes of a vector) is transposed in log2 L rounds. For AVX-512 the
 * first ones interleave pairs within 128 bits and the last two move 128 bits as they are: such
 * shuffles need no index, and some processors do several times as many of them as of those by an
 * index. Else round d exchanges the off-diagonal d x d blocks of every pair of rows d apart. */
#include "kernels/kernel.h"

#if defined(__AVX512F__)
#include <immintrin.h>

/* Numbers in 128 bits. */
enum { LANES = 64 / sizeof(real), QUARTER = LANES / 4 };
typedef __m512d vector; /* of either format */

static inline vector load(const real *p) { return _mm512_loadu_pd(p); }
static inline void store(real *p, vector v) { _mm512_storeu_pd(p, v); }

/* Pairs of 8 bytes: the first ones of each 128 bits of a and b, and the second ones. */
static inline void interleave(vector *a, vector *b) {
  const vector first = _mm512_unpacklo_pd(*a, *b), second = _mm512_unpackhi_pd(*a, *b);
  *a = first, *b = second;
}

/* Rows r ... r + QUARTER - 1: row k becomes column k of each block of QUARTER columns. */
static inline void transpose_quarters(vector *row) {
#if RITZ_REAL_IS_DOUBLE
  interleave(&row[0], &row[1]);
#else
  for (int i = 0; i < 4; i += 2) {
    const __m512 a = _mm512_castpd_ps(row[i]), b = _mm512_castpd_ps(row[i + 1]);
    row[i] = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
    row[i + 1] = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
  }
  interleave(&row[0], &row[2]);
  interleave(&row[1], &row[3]);
  const vector second = row[2];
  row[2] = row[1], row[1] = second;
#endif
}

static void transpose_tile(const real *a, ritz_index as, real *b, ritz_index bs) {
  enum { EVEN = 0x88, ODD = 0xdd }; /* two of four quarters of either operand */
  vector row[LANES];
#pragma GCC unroll 16
  for (int r = 0; r < LANES; r++) row[r] = load(a + r * as);
#pragma GCC unroll 4
  for (int r = 0; r < LANES; r += QUARTER) transpose_quarters(row + r);
#pragma GCC unroll 4
  for (int k = 0; k < QUARTER; k++) {
    const vector *q = row + k;
    const vector upper_even = _mm512_shuffle_f64x2(q[0], q[QUARTER], EVEN);
    const vector upper_odd = _mm512_shuffle_f64x2(q[0], q[QUARTER], ODD);
    const vector lower_even = _mm512_shuffle_f64x2(q[2 * QUARTER], q[3 * QUARTER], EVEN);
    const vector lower_odd = _mm512_shuffle_f64x2(q[2 * QUARTER], q[3 * QUARTER], ODD);
    store(b + k * bs, _mm512_shuffle_f64x2(upper_even, lower_even, EVEN));
    store(b + (QUARTER + k) * bs, _mm512_shuffle_f64x2(upper_odd, lower_odd, EVEN));
    store(b + (2 * QUARTER + k) * bs, _mm512_shuffle_f64x2(upper_even, lower_even, ODD));
    store(b + (3 * QUARTER + k) * bs, _mm512_shuffle_f64x2(upper_odd, lower_odd, ODD));
  }
}
/* clang shuffles by constants only. */
#elif defined(__AVX2__) && !defined(__clang__)
enum { VECTOR_BYTES = 32, LANES = VECTOR_BYTES / sizeof(real) };
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
