/* SPDX-License-Identifier: BSD-3-Clause
 * Max pooling of a line, in strips of channels that stay in L1. */
#include "kernels/kernel.h"
#include "kernels/window.h"

enum { strip = 64 };

/* One point against the maxima so far. NaN differs from itself. */
static inline void meet(ritz_index width, const real *x, real tap, real *restrict best,
                        real *restrict place) {
#pragma omp simd
  for (ritz_index i = 0; i < width; i++) {
    const bool wins = x[i] > best[i] || x[i] != x[i];
    const bool keeps = best[i] != best[i];
    place[i] = wins && !keeps ? tap : place[i];
    best[i] = wins && !keeps ? x[i] : best[i];
  }
}

RITZ_KERNEL_DEFINE(pool_max)
(ritz_index count, ritz_index c, ritz_index lines, const ritz_pool_line *line,
 const ritz_index *start, const struct ritz_sight *entry, void *yv, void *placev) {
  for (ritz_index m = 0; m < count; m++)
    for (ritz_index first = 0; first < c; first += strip) {
      const ritz_index width = c - first < strip ? c - first : strip;
      real best[strip], place[strip];
      for (ritz_index l = 0; l < lines; l++)
        for (ritz_index k = start[m]; k < start[m + 1]; k++) {
          const real *x = (const real *)line[l].data + entry[k].point * c + first;
          const real tap = (real)(line[l].tap + entry[k].tap);
          if (l == 0 && k == start[m])
            for (ritz_index i = 0; i < width; i++) best[i] = x[i], place[i] = tap;
          else
            meet(width, x, tap, best, place);
        }
      real *y = (real *)yv + m * c + first;
      for (ritz_index i = 0; i < width; i++) y[i] = best[i];
      if (!placev) continue;
      real *to = (real *)placev + m * c + first;
      for (ritz_index i = 0; i < width; i++) to[i] = place[i];
    }
}

RITZ_KERNEL_DEFINE(pool_max_vjp)
(ritz_index count, ritz_index c, ritz_index lines, const ritz_pool_line *line,
 const ritz_index *start, const struct ritz_sight *entry, void *gxv, bool add) {
  for (ritz_index m = 0; m < count; m++)
    for (ritz_index first = 0; first < c; first += strip) {
      const ritz_index width = c - first < strip ? c - first : strip;
      real *gx = (real *)gxv + m * c + first, sum[strip];
      for (ritz_index i = 0; i < width; i++) sum[i] = add ? gx[i] : 0;
      for (ritz_index l = 0; l < lines; l++)
        for (ritz_index k = start[m]; k < start[m + 1]; k++) {
          const ritz_index at = entry[k].point * c + first;
          const real *gy = (const real *)line[l].data + at;
          const real *place = (const real *)line[l].place + at;
          const real tap = (real)(line[l].tap + entry[k].tap);
#pragma omp simd
          for (ritz_index i = 0; i < width; i++) sum[i] += place[i] == tap ? gy[i] : 0;
        }
      for (ritz_index i = 0; i < width; i++) gx[i] = sum[i];
    }
}
