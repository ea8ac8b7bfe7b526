/* SPDX-License-Identifier: BSD-3-Clause
 * A matrix product for every channel,
 *     z[i, j, :] (+)= sum over k of x[i, k, :] y[k, j, :],
 * channels in the lanes. Four by four sums stay in registers, so that eight loads serve sixteen
 * products. */
#include "kernels/variants/lanes.h"

enum { block = 4 };
#define UNROLLED _Pragma("GCC unroll 4") for

/* `rows` by `columns` sums of the channels at i; those left out of the block are zeros. */
#define DEFINE_BLOCK(T)                                                                           \
  static ALWAYS_INLINE void block_##T(const ritz_channel_product *s, int rows, int columns,       \
                                      ritz_index i, const real *x, const real *y, real *z,        \
                                      bool add) {                                                 \
    const T zero = {0};                                                                           \
    T sum[block][block], a[block];                                                                \
    UNROLLED(int r = 0; r < block; r++)                                                           \
    UNROLLED(int c = 0; c < block; c++)                                                           \
    sum[r][c] =                                                                                   \
        add && r < rows && c < columns ? GET(T, z + r * s->z_row + c * s->z_column) : zero;       \
    for (ritz_index k = 0; k < s->depth; k++) {                                                   \
      UNROLLED(int r = 0; r < block; r++)                                                         \
      a[r] = r < rows ? GET(T, x + r * s->x_row + k * s->x_depth) : zero;                         \
      UNROLLED(int c = 0; c < columns; c++) {                                                     \
        const T b = GET(T, y + k * s->y_depth + c * s->y_column);                                 \
        UNROLLED(int r = 0; r < block; r++) sum[r][c] += a[r] * b;                                \
      }                                                                                           \
    }                                                                                             \
    UNROLLED(int r = 0; r < rows; r++)                                                            \
    UNROLLED(int c = 0; c < columns; c++) PUT(T, z + r * s->z_row + c * s->z_column) = sum[r][c]; \
  }
DEFINE_BLOCK(lanes64)
DEFINE_BLOCK(lanes32)
DEFINE_BLOCK(lanes16)
DEFINE_BLOCK(real)

static inline int at_most_block(ritz_index n) { return n < block ? (int)n : block; }

RITZ_KERNEL_DEFINE(channel_product)
(const ritz_channel_product *s, const void *xv, const void *yv, void *zv, bool add) {
  for (ritz_index r = 0; r < s->rows; r += block)
    for (ritz_index c = 0; c < s->columns; c += block) {
      const real *x = (const real *)xv + r * s->x_row;
      const real *y = (const real *)yv + c * s->y_column;
      real *z = (real *)zv + r * s->z_row + c * s->z_column;
      const int rows = at_most_block(s->rows - r), columns = at_most_block(s->columns - c);
#define WHOLE(T) block_##T(s, block, block, i, x, y, z, add)
#define PART(T)  block_##T(s, rows, columns, i, x, y, z, add)
      if (rows == block && columns == block)
        FOR_ROW(s->channels, WHOLE);
      else
        FOR_ROW(s->channels, PART);
    }
}
