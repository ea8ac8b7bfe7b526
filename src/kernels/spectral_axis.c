/* SPDX-License-Identifier: BSD-3-Clause
 * Tables of cosines and sines, exact wherever the exact value is 0, 1 or -1, so that the imaginary
 * part of a mode that is its own conjugate drops out instead of leaving rounding behind. */
#include "kernels/spectral_axis.h"

#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"

/* cos(2 pi j / n), 0 <= j < n, folded into the first octant by integers before any rounding. */
static double cos_turn(ritz_index j, ritz_index n) {
  const double two_pi = 6.28318530717958647693;
  if (2 * j > n) j = n - j;                                  /* cos is even */
  const bool negative = 4 * j > n;                           /* cos(pi - t) = -cos(t) */
  const ritz_index numerator = negative ? n - 2 * j : 2 * j; /* over 2 n, in 0 ... n/2 */
  const double value = 4 * numerator > n
                           ? sin(two_pi * (double)(n - 2 * numerator) / (4.0 * (double)n))
                           : cos(two_pi * (double)numerator / (2.0 * (double)n));
  return negative ? -value : value;
}

/* sin(t) = cos(t - pi/2), in quarters of a step so that the shift is an integer. */
static double sin_turn(ritz_index j, ritz_index n) {
  const ritz_index shifted = 4 * j - n;
  return cos_turn(shifted < 0 ? shifted + 4 * n : shifted, 4 * n);
}

static void store(ritz_dtype dtype, void *table, ritz_index i, double value) {
  if (dtype == RITZ_FLOAT64)
    ((double *)table)[i] = value;
  else
    ((float *)table)[i] = (float)value;
}

/* Which point h row i of a block stands for; see the folds in variants/spectral.c. */
static ritz_index point_of(const ritz_spectral_axis *axis, int block, ritz_index i) {
  const ritz_index row = axis->start[block] + i, half = axis->n / 2;
  if (block == RITZ_COSINE_EVEN) return row;
  if (block == RITZ_COSINE_ODD) return half - row;
  if (block == RITZ_SINE_EVEN && axis->twice) return row - half;
  return axis->n - row;
}

/* Two folds pay from here on. Below, a line is best done in one product: folding and the calls of
 * tiny products cost more than they save. */
enum { LONG_AXIS = 32 };

static void lay_blocks(ritz_spectral_axis *axis) {
  const ritz_index n = axis->n, half = n / 2;
  axis->plain = axis->last && n < LONG_AXIS;
  axis->twice = n % 2 == 0 && n >= LONG_AXIS;
  if (axis->plain) {
    axis->points[RITZ_COSINE_EVEN] = n;
  } else if (axis->twice) {
    axis->points[RITZ_COSINE_EVEN] = half / 2 + 1;
    axis->points[RITZ_COSINE_ODD] = half + 1 - axis->points[RITZ_COSINE_EVEN];
    axis->points[RITZ_SINE_ODD] = half / 2;
    axis->points[RITZ_SINE_EVEN] = half - 1 - axis->points[RITZ_SINE_ODD];
  } else {
    axis->points[RITZ_COSINE_EVEN] = half + 1;
    axis->points[RITZ_SINE_EVEN] = n - half - 1;
  }
  for (int b = 1; b < RITZ_BLOCKS; b++) axis->start[b] = axis->start[b - 1] + axis->points[b - 1];
}

static ritz_status start_axis(ritz_index n, ritz_index modes, const ritz_index *frequency,
                              bool last, ritz_spectral_axis *axis) {
  *axis = (ritz_spectral_axis){.n = n, .modes = modes, .last = last};
  lay_blocks(axis);
  RITZ_TRY(RITZ_NEW(modes, &axis->frequency));
  RITZ_TRY(RITZ_NEW(modes, &axis->cosine_row));
  RITZ_TRY(RITZ_NEW(modes, &axis->sine_row));
  RITZ_TRY(RITZ_NEW(modes, &axis->sign));
  RITZ_TRY(RITZ_NEW(modes, &axis->plus));
  RITZ_TRY(RITZ_NEW(modes, &axis->minus));
  for (ritz_index i = 0; i < modes; i++) axis->frequency[i] = (frequency[i] % n + n) % n;
  return RITZ_OK;
}

static bool is_odd(const ritz_spectral_axis *axis, ritz_index a) {
  return axis->twice && a % 2 != 0;
}

/* Numbers the cosine and sine rows: of each |f| once, or of each mode of the last axis. */
static ritz_status number_rows(ritz_spectral_axis *axis) {
  const ritz_index n = axis->n;
  ritz_index *seen; /* of |f|: the first mode that has it, plus one */
  RITZ_TRY(RITZ_NEW(n / 2 + 1, &seen));
  for (int odd = 0; odd < 2; odd++) {
    const ritz_index cosines = axis->cosines, sines = axis->sines;
    for (ritz_index i = 0; i < axis->modes; i++) {
      const ritz_index f = axis->frequency[i], a = 2 * f > n ? n - f : f;
      if (is_odd(axis, a) != odd) continue;
      axis->sign[i] = a == f ? 1 : -1;
      if (!axis->last && seen[a]) {
        axis->cosine_row[i] = axis->cosine_row[seen[a] - 1];
        axis->sine_row[i] = axis->sine_row[seen[a] - 1];
        continue;
      }
      seen[a] = i + 1;
      axis->cosine_row[i] = axis->cosines++;
      axis->sine_row[i] = axis->last || 2 * a % n != 0 ? axis->sines++ : -1;
    }
    axis->rows[RITZ_COSINE_EVEN + odd] = axis->cosines - cosines;
    axis->rows[RITZ_SINE_EVEN + odd] = axis->sines - sines;
  }
  if (axis->plain) {
    axis->rows[RITZ_COSINE_EVEN] = axis->cosines + axis->sines;
    axis->rows[RITZ_SINE_EVEN] = 0;
  }
  for (ritz_index r = 0; r < axis->cosines; r++) axis->plus[r] = axis->minus[r] = -1;
  for (ritz_index i = axis->modes - 1; i >= 0; i--)
    (axis->sign[i] > 0 ? axis->plus : axis->minus)[axis->cosine_row[i]] = i;
  ritz_free(seen);
  return RITZ_OK;
}

/* Row of mode i in its cosine or sine block, or -1 without a sine. */
static ritz_index row_in_block(const ritz_spectral_axis *axis, int block, ritz_index i) {
  const ritz_index f = axis->frequency[i], a = 2 * f > axis->n ? axis->n - f : f;
  if (is_odd(axis, a) != (block == RITZ_COSINE_ODD || block == RITZ_SINE_ODD)) return -1;
  if (block < RITZ_SINE_EVEN)
    return axis->cosine_row[i] - (block == RITZ_COSINE_ODD ? axis->rows[RITZ_COSINE_EVEN] : 0);
  if (axis->sine_row[i] < 0) return -1;
  return axis->sine_row[i] - (block == RITZ_SINE_ODD ? axis->rows[RITZ_SINE_EVEN] : 0);
}

/* One row of a table: cos(2 pi f h / n) or -sin for the points h of a block. */
static void fill_row(ritz_dtype dtype, const ritz_spectral_axis *axis, int block, ritz_index f,
                     bool sine, double scale, void *table, ritz_index row) {
  const ritz_index points = axis->points[block], n = axis->n;
  for (ritz_index p = 0; p < points; p++) {
    const ritz_index turn = f * point_of(axis, block, p) % n;
    const double value = sine ? -sin_turn(turn, n) : cos_turn(turn, n);
    store(dtype, table, row * points + p, scale * value);
  }
}

static ritz_status fill_tables(ritz_dtype dtype, const double *scale, void *table[RITZ_BLOCKS],
                               const ritz_spectral_axis *axis) {
  for (int block = 0; block < RITZ_BLOCKS; block++) {
    RITZ_TRY(ritz_calloc(axis->rows[block] * axis->points[block], ritz_dtype_size(dtype),
                         &table[block]));
    for (ritz_index i = 0; i < axis->modes; i++) {
      const ritz_index f = axis->frequency[i], a = 2 * f > axis->n ? axis->n - f : f;
      const double factor = scale ? scale[i] : 1.0;
      if (axis->plain && block == RITZ_COSINE_EVEN) {
        fill_row(dtype, axis, block, f, false, factor, table[block], 2 * i);
        fill_row(dtype, axis, block, f, true, factor, table[block], 2 * i + 1);
      } else if (!axis->plain) {
        const ritz_index row = row_in_block(axis, block, i);
        if (row >= 0)
          fill_row(dtype, axis, block, a, block >= RITZ_SINE_EVEN, factor, table[block], row);
      }
    }
  }
  return RITZ_OK;
}

ritz_status ritz_spectral_axis_create(ritz_index n, ritz_index modes, const ritz_index *frequency,
                                      bool last, ritz_spectral_axis *axis) {
  RITZ_TRY(start_axis(n, modes, frequency, last, axis));
  return number_rows(axis);
}

ritz_status ritz_spectral_axis_tabulate(ritz_dtype dtype, double grid, ritz_spectral_axis *axis) {
  if (!axis->last) return fill_tables(dtype, NULL, axis->table[0], axis);
  double *scale;
  RITZ_TRY(RITZ_NEW(axis->modes, &scale));
  for (ritz_index i = 0; i < axis->modes; i++) scale[i] = 1.0 / grid;
  ritz_status status;
  RITZ_TRY_DONE(fill_tables(dtype, scale, axis->table[RITZ_SCALE_MEAN], axis));
  for (ritz_index i = 0; i < axis->modes; i++)
    scale[i] = axis->frequency[i] * 2 % axis->n == 0 ? 1.0 : 2.0;
  RITZ_TRY_DONE(fill_tables(dtype, scale, axis->table[RITZ_SCALE_PAIRS], axis));
done:
  ritz_free(scale);
  return status;
}

double ritz_spectral_axis_products(const ritz_spectral_axis *axis) {
  double products = 0;
  for (int b = 0; b < RITZ_BLOCKS; b++) products += (double)(axis->rows[b] * axis->points[b]);
  return products;
}

void ritz_spectral_axis_clear(ritz_spectral_axis *axis) {
  ritz_free(axis->frequency);
  ritz_free(axis->cosine_row);
  ritz_free(axis->sine_row);
  ritz_free(axis->sign);
  ritz_free(axis->plus);
  ritz_free(axis->minus);
  for (int s = 0; s < RITZ_SCALES; s++)
    for (int b = 0; b < RITZ_BLOCKS; b++) ritz_free(axis->table[s][b]);
  *axis = (ritz_spectral_axis){0};
}
