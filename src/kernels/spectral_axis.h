/* SPDX-License-Identifier: BSD-3-Clause
 * The folded DFT matrix of one axis and any list of integer frequencies.
 *
 * With the butterfly y_h = x_h + x_(N-h), y_(N-h) = x_h - x_(N-h) (h = 1 ... (N-1)/2; y_0 = x_0
 * and, for even N, y_(N/2) = x_(N/2)) a DFT becomes a cosine matrix times the first N/2+1 rows and
 * a sine matrix times the others: half the products. The butterfly is its own transpose, so the
 * inverse is the transposed matrices followed by the same butterfly. f and -f share |f|'s rows. */
#ifndef RITZ_KERNELS_SPECTRAL_AXIS_H
#define RITZ_KERNELS_SPECTRAL_AXIS_H

#include <ritz/status.h>

/** How a table is scaled. */
typedef enum ritz_spectral_scale {
  RITZ_SCALE_MEAN,  /* 1/N of the whole grid: the forward transform and its adjoint */
  RITZ_SCALE_PAIRS, /* 2 for a mode that stands for a conjugate pair, else 1: the inverse's */
  RITZ_SCALES
} ritz_spectral_scale;

typedef struct ritz_spectral_axis {
  ritz_index n, modes;
  ritz_index even, odd;      /* rows of the folded axis: n/2 + 1, then the rest */
  ritz_index rows;           /* of `cosine`, one per distinct |f| */
  ritz_index sines;          /* rows of `sine`: belong to the first rows of `cosine` */
  ritz_index *frequency;     /* [modes]: modulo n, 0 ... n-1 */
  ritz_index *row;           /* [modes]: the row that holds |f| */
  int *sign;                 /* [modes]: +1, or -1 where f = -|f| modulo n */
  ritz_index *plus;          /* [rows]: first mode of sign +1 with this |f|, or -1 */
  ritz_index *minus;         /* [rows]: the same of sign -1 */
  void *cosine[RITZ_SCALES]; /* [rows, even]  cos(2 pi f h / n) */
  void *sine[RITZ_SCALES];   /* [sines, odd] -sin(2 pi f h / n), column i is h = odd - i */
} ritz_spectral_axis;

/** The last axis: row i is mode i, all frequencies in 0 ... n/2, two scales; points is the whole
 * grid's size. Destroy after a failure too. */
ritz_status ritz_spectral_axis_last(ritz_dtype dtype, ritz_index n, ritz_index modes,
                                    const ritz_index *frequency, double points,
                                    ritz_spectral_axis *axis);

/** Any other axis: distinct |f| only, those without a sine (0, n/2) last; one table, unscaled, at
 * index 0. Destroy after a failure too. */
ritz_status ritz_spectral_axis_other(ritz_dtype dtype, ritz_index n, ritz_index modes,
                                     const ritz_index *frequency, ritz_spectral_axis *axis);

void ritz_spectral_axis_clear(ritz_spectral_axis *axis);

#endif
