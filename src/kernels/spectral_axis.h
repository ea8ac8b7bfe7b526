/* SPDX-License-Identifier: BSD-3-Clause
 * The DFT matrix of one axis and any list of integer frequencies, in one of four forms.
 *
 * Folded: cos(2 pi f h / N) is even in h, the sine odd. With x_h + x_(N-h) and x_h - x_(N-h) in the
 * places of x_h and x_(N-h), a DFT is a cosine matrix times the first N/2+1 rows and a sine matrix
 * times the others, half the products. About N/4 both are even or odd according to the parity of f,
 * so the same again within each half (N even) leaves four blocks of rows and a quarter of the
 * products. Either fold is its own transpose: the way back is the transposed tables, then the same
 * fold. f and -f share |f|'s rows.
 *
 * With few rows, as a truncated spectrum has, the folds happen in registers within the products
 * ("fused", spectral_fold.h); with many they are a sweep of their own and the products a library's.
 *
 * In two steps: see spectral_steps.h. */
#ifndef RITZ_KERNELS_SPECTRAL_AXIS_H
#define RITZ_KERNELS_SPECTRAL_AXIS_H

#include <ritz/status.h>
#include <ritz/transform.h>

/** How a table is scaled. */
typedef enum ritz_spectral_scale {
  RITZ_SCALE_MEAN,  /* 1/N of the whole grid: the forward transform and its adjoint */
  RITZ_SCALE_PAIRS, /* 2 for a mode that stands for a conjugate pair, else 1: the inverse's */
  RITZ_SCALES
} ritz_spectral_scale;

typedef enum ritz_axis_form {
  RITZ_AXIS_AUTO,  /* the cheapest by count of products */
  RITZ_AXIS_PLAIN, /* one table: rows cosine 0, sine 0, cosine 1, sine 1 ... */
  RITZ_AXIS_ONCE,
  RITZ_AXIS_TWICE, /* n even, else ONCE */
  RITZ_AXIS_STEPS  /* n composite, else TWICE */
} ritz_axis_form;

/** The blocks of a folded axis, in the order of their rows, and of the frequencies that use them.
 * Folded once, all frequencies count as even and the odd blocks are empty. A plain axis has one
 * block, all points and both kinds of rows. */
enum { RITZ_COSINE_EVEN, RITZ_COSINE_ODD, RITZ_SINE_EVEN, RITZ_SINE_ODD, RITZ_BLOCKS };

struct ritz_spectral_steps;

typedef struct ritz_spectral_axis {
  ritz_axis_transform transform; /* sines and cosines: see spectral_bounded.h, only the matrices, */
  ritz_index n, modes;           /* `row` (mode i is row i) and `distinct` (pairs of rows) count */
  ritz_index first, count;       /* the points that are there: all n, or a part of them */
  bool last;
  bool scaled;                    /* two tables, else one for both scales */
  ritz_axis_form form;            /* never AUTO */
  ritz_index points[RITZ_BLOCKS]; /* rows of the folded axis in each block */
  ritz_index start[RITZ_BLOCKS];  /* the first of them */
  ritz_index rows[RITZ_BLOCKS];   /* of each table */
  ritz_index distinct;            /* |f|: pairs (cosine row, sine row) */
  ritz_index *frequency;          /* [modes]: modulo n, 0 ... n-1 */
  ritz_index *row;   /* [modes]: the pair of |f|; even |f| of a twice folded axis first,
                      * those with a sine before those without */
  bool *sine;        /* [modes]: false for 0 and n/2 where they have no sine row */
  int *sign;         /* [modes]: +1, or -1 where f = -|f| modulo n */
  ritz_index *plus;  /* [distinct]: first mode of sign +1 with this |f|, or -1 */
  ritz_index *minus; /* [distinct]: the same of sign -1 */
  void *table[RITZ_SCALES][RITZ_BLOCKS]; /* [rows, points]: cos(2 pi f h / n) or -sin */
  bool fused;                            /* folded within the products: then, instead, */
  void *fold[RITZ_SCALES][2];            /* [groups, all rows] to modes, [all rows, groups] back */
  struct ritz_spectral_steps *steps;     /* of this form only, else NULL; the tables are its */
} ritz_spectral_axis;

/**
 * Chooses the form and numbers the rows; the tables come with ritz_spectral_axis_tabulate().
 *
 * @param last  The last Fourier axis, which holds the half spectrum: all frequencies in 0 ... n/2,
 *              each with rows of its own (zero and n/2 have a sine row of zeros), and two scales.
 *              Any other one: rows for distinct |f|, one table, unscaled, at index 0.
 * @param axis  Clear it after a failure too.
 */
ritz_status ritz_spectral_axis_create(ritz_index n, ritz_index modes, const ritz_index *frequency,
                                      bool last, ritz_axis_form form, ritz_spectral_axis *axis);

/** Whether folds happen within the products. */
bool ritz_spectral_axis_fuses(const ritz_spectral_axis *axis);

/** The same of the points [first, first + count) alone, in the plain form. */
ritz_status ritz_spectral_axis_create_part(ritz_index n, ritz_index first, ritz_index count,
                                           ritz_index modes, const ritz_index *frequency, bool last,
                                           ritz_spectral_axis *axis);

/** Computes the tables; @p grid is the number of points of all Fourier axes. */
ritz_status ritz_spectral_axis_tabulate(ritz_dtype dtype, double grid, ritz_spectral_axis *axis);

/** @return  Products (multiply and add) per column of a transform along the axis. */
double ritz_spectral_axis_products(const ritz_spectral_axis *axis);

/** @return  Numbers of the largest table that a transform along the axis reads. */
double ritz_spectral_axis_table(const ritz_spectral_axis *axis);

/** Factor of mode @p i in the last axis' tables; 1 in any other one's. */
double ritz_spectral_axis_factor(const ritz_spectral_axis *axis, ritz_spectral_scale scale,
                                 double grid, ritz_index i);

/** |f| of mode @p i: 0 ... n/2. */
static inline ritz_index ritz_spectral_axis_distance(const ritz_spectral_axis *axis, ritz_index i) {
  const ritz_index f = axis->frequency[i];
  return 2 * f > axis->n ? axis->n - f : f;
}

/** The table that a run of this scale reads. */
static inline ritz_spectral_scale ritz_spectral_axis_scale(const ritz_spectral_axis *axis,
                                                           ritz_spectral_scale scale) {
  return axis->scaled ? scale : (ritz_spectral_scale)0;
}

void ritz_spectral_axis_clear(ritz_spectral_axis *axis);

#endif
