/* SPDX-License-Identifier: BSD-3-Clause
 * The folded DFT of some columns with its folds done in registers, for the few rows of a truncated
 * spectrum: each point is read once or twice and nothing between is stored.
 *
 * Groups of points that a fold brings together are h and n-h, or folded twice h, n/2-h, n/2+h and
 * n-h, or h and n-1-h of a bounded axis. Rows are those of the blocks of spectral_axis.h in their
 * order. */
#ifndef RITZ_KERNELS_SPECTRAL_FOLD_H
#define RITZ_KERNELS_SPECTRAL_FOLD_H

#include <ritz/types.h>

enum { RITZ_FOLD_BLOCKS = 4 };

/** Numbers behind a table that may be read: tiles of rows may run over its end. */
enum { RITZ_FOLD_SLACK = 16 };

typedef struct ritz_fold_task {
  ritz_index n;
  bool bounded;                      /* h mirrors n-1-h rather than n-h */
  bool twice;                        /* n even */
  ritz_index rows[RITZ_FOLD_BLOCKS]; /* cosines of even and odd frequencies, then sines */
  ritz_index width, xs;              /* columns; numbers between points */
  ritz_index pair, sine;             /* numbers between pairs, and from a cosine sum to its sine */
} ritz_fold_task;

/** @return  Groups of points: h = 0 ... n/4 folded twice, else 0 ... n/2; n-1 in the place of n for
 *           a bounded axis. */
static inline ritz_index ritz_fold_groups(ritz_index n, bool twice) {
  return n / (twice ? 4 : 2) + 1;
}

/** How often group h counts a point that it names twice: h = n-h or, folded twice, h = n/2-h. */
static inline double ritz_fold_weight(ritz_index n, bool twice, ritz_index h) {
  return h == 0 || h * (twice ? 4 : 2) == n ? 0.5 : 1.0;
}

#endif
