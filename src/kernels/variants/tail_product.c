/* SPDX-License-Identifier: BSD-3-Clause
 * Sums of small products whose last columns fill half a vector or less: 24 channels in float are
 * one vector of 64 bytes and one of 32, which takes half the time of a masked one where a full
 * vector goes through two halves. Rows in blocks of 12, so that all sums stay in registers. */
#include "kernels/kernel.h"

#if defined(__AVX512F__) && defined(__AVX512VL__)
#include <immintrin.h>

#if RITZ_REAL_IS_DOUBLE
typedef __m512d full;
typedef __m256d half;
#define FULL(name) _mm512_##name##_pd
#define HALF(name) _mm256_##name##_pd
#else
typedef __m512 full;
typedef __m256 half;
#define FULL(name) _mm512_##name##_ps
#define HALF(name) _mm256_##name##_ps
#endif
enum { lanes = 64 / sizeof(real), block = 12, together = 3 };
#define UNROLLED _Pragma("GCC unroll 12") for

typedef unsigned long long offset;

/* Half a vector, or its first columns: a mask costs time even where it lets all of them through. */
static ALWAYS_INLINE half load_half(const bool all, __mmask8 mask, const real *from) {
  return all ? HALF(loadu)(from) : HALF(maskz_loadu)(mask, from);
}
static ALWAYS_INLINE void store_half(const bool all, __mmask8 mask, real *to, half x) {
  if (all)
    HALF(storeu)(to, x);
  else
    HALF(mask_storeu)(to, mask, x);
}

/* Row r of a block is r % together rows after place r / together. */
static ALWAYS_INLINE void do_block(const int rows, const bool wide, const bool all,
                                   const ritz_tail_product *s, int terms, const char *a,
                                   const offset *a_offset, const char *b, const offset *b_offset,
                                   real *c) {
  const __mmask8 mask = (__mmask8)((1u << (s->n - (wide ? lanes : 0))) - 1);
  const ritz_index tail = wide ? lanes : 0;
  full sum[block];
  half rest[block];
  UNROLLED(int r = 0; r < rows; r++) {
    if (wide) sum[r] = s->accumulate ? FULL(loadu)(c + r * s->c_row) : FULL(setzero)();
    rest[r] = s->accumulate ? load_half(all, mask, c + r * s->c_row + tail) : HALF(setzero)();
  }
  for (int t = 0; t < terms; t++) {
    const real *y = (const real *)(b + b_offset[t]), *x[block / together];
    UNROLLED(int i = 0; i < block / together; i++)
    x[i] = (const real *)(a + a_offset[t]) + together * i * s->a_row;
    for (ritz_index k = 0; k < s->k; k++) {
      const full w = wide ? FULL(loadu)(y) : FULL(setzero)();
      const half h = load_half(all, mask, y + tail);
      UNROLLED(int r = 0; r < rows; r++) {
        const real factor = x[r / together][r % together * s->a_row];
        if (wide) sum[r] = FULL(fmadd)(FULL(set1)(factor), w, sum[r]);
        rest[r] = HALF(fmadd)(HALF(set1)(factor), h, rest[r]);
      }
      y += s->b_row;
      UNROLLED(int i = 0; i < block / together; i++) x[i] += s->a_step;
    }
  }
  UNROLLED(int r = 0; r < rows; r++) {
    if (wide) FULL(storeu)(c + r * s->c_row, sum[r]);
    store_half(all, mask, c + r * s->c_row + tail, rest[r]);
  }
}

static ALWAYS_INLINE void do_rows(const bool wide, const bool all, const ritz_tail_product *s,
                                  int terms, const char *a, const offset *a_offset, const char *b,
                                  const offset *b_offset, real *c) {
  ritz_index r = 0;
#define BLOCK(rows)                                                                           \
  do_block(rows, wide, all, s, terms, a + (size_t)(r * s->a_row) * sizeof(real), a_offset, b, \
           b_offset, c + r * s->c_row)
#define REST(rows) \
  case rows: BLOCK(rows); break
  for (; r + block <= s->m; r += block) BLOCK(block);
  switch (s->m - r) {
    REST(1);
    REST(2);
    REST(3);
    REST(4);
    REST(5);
    REST(6);
    REST(7);
    REST(8);
    REST(9);
    REST(10);
    REST(11);
    default: break;
  }
#undef REST
#undef BLOCK
}

RITZ_KERNEL_DEFINE(tail_columns)(ritz_index n, ritz_index *columns) {
  const ritz_index rest = n % lanes;
  *columns = rest == 0 || rest > lanes / 2 ? 0 : n < lanes ? n : lanes + rest;
}

RITZ_KERNEL_DEFINE(tail_product)
(const ritz_tail_product *s, int terms, const void *a, const offset *a_offset, const void *b,
 const offset *b_offset, void *c) {
  const bool wide = s->n > lanes, all = s->n - (wide ? lanes : 0) == lanes / 2;
#define ROWS(wide, all) do_rows(wide, all, s, terms, a, a_offset, b, b_offset, c)
  if (wide && all)
    ROWS(true, true);
  else if (wide)
    ROWS(true, false);
  else
    ROWS(false, false);
#undef ROWS
}

#else

/* Elsewhere half a register takes as long as a whole one. */
RITZ_KERNEL_DEFINE(tail_columns)(ritz_index n, ritz_index *columns) { *columns = 0; }
RITZ_KERNEL_DEFINE(tail_product)
(const ritz_tail_product *s, int terms, const void *a, const unsigned long long *a_offset,
 const void *b, const unsigned long long *b_offset, void *c) {}

#endif
