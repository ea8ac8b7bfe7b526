/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors for rows of channels, which are often two or three cache lines long: explicit vectors of
 * 64, 32 and 16 bytes cost a fraction of what the compiler's own versions and peeling do. */
#ifndef RITZ_KERNELS_VARIANTS_LANES_H
#define RITZ_KERNELS_VARIANTS_LANES_H

#include "kernels/kernel.h"

typedef real lanes64 __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));
typedef real lanes32 __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));
typedef real lanes16 __attribute__((vector_size(16), aligned(sizeof(real)), may_alias));
enum { LINE = 64 / sizeof(real) };

/* STEP(T) does the numbers at i as one T. */
#define FOR_ROW(width, STEP)                              \
  do {                                                    \
    ritz_index i = 0;                                     \
    for (; i + LINE <= (width); i += LINE) STEP(lanes64); \
    if (i + LINE / 2 <= (width)) {                        \
      STEP(lanes32);                                      \
      i += LINE / 2;                                      \
    }                                                     \
    if (i + LINE / 4 <= (width)) {                        \
      STEP(lanes16);                                      \
      i += LINE / 4;                                      \
    }                                                     \
    for (; i < (width); i++) STEP(real);                  \
  } while (0)
#define GET(T, x) (*(const T *)((x) + i))
#define PUT(T, y) (*(T *)((y) + i))

#endif
