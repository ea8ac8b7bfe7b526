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

static ritz_status fill_tables(ritz_dtype dtype, const ritz_index *f, const double *scale,
                               int which, ritz_spectral_axis *axis) {
  const size_t size = ritz_dtype_size(dtype);
  RITZ_TRY(ritz_calloc(axis->rows * axis->even, size, &axis->cosine[which]));
  RITZ_TRY(ritz_calloc(axis->sines * axis->odd, size, &axis->sine[which]));
  for (ritz_index r = 0; r < axis->rows; r++)
    for (ritz_index h = 0; h < axis->even; h++)
      store(dtype, axis->cosine[which], r * axis->even + h,
            scale[r] * cos_turn(f[r] * h % axis->n, axis->n));
  for (ritz_index r = 0; r < axis->sines; r++)
    for (ritz_index i = 0; i < axis->odd; i++)
      store(dtype, axis->sine[which], r * axis->odd + i,
            -scale[r] * sin_turn(f[r] * (axis->odd - i) % axis->n, axis->n));
  return RITZ_OK;
}

static ritz_status start_axis(ritz_index n, ritz_index modes, const ritz_index *frequency,
                              ritz_spectral_axis *axis) {
  *axis = (ritz_spectral_axis){.n = n, .modes = modes, .even = n / 2 + 1};
  axis->odd = n - axis->even;
  RITZ_TRY(RITZ_NEW(modes, &axis->frequency));
  RITZ_TRY(RITZ_NEW(modes, &axis->row));
  RITZ_TRY(RITZ_NEW(modes, &axis->sign));
  for (ritz_index i = 0; i < modes; i++) axis->frequency[i] = (frequency[i] % n + n) % n;
  return RITZ_OK;
}

ritz_status ritz_spectral_axis_last(ritz_dtype dtype, ritz_index n, ritz_index modes,
                                    const ritz_index *frequency, double points,
                                    ritz_spectral_axis *axis) {
  double *scale = NULL;
  ritz_status status;
  RITZ_TRY_DONE(start_axis(n, modes, frequency, axis));
  axis->rows = axis->sines = modes;
  RITZ_TRY_DONE(RITZ_NEW(modes, &scale));
  for (ritz_index i = 0; i < modes; i++) {
    axis->row[i] = i, axis->sign[i] = 1;
    scale[i] = 1.0 / points;
  }
  RITZ_TRY_DONE(fill_tables(dtype, axis->frequency, scale, RITZ_SCALE_MEAN, axis));
  for (ritz_index i = 0; i < modes; i++) scale[i] = axis->frequency[i] * 2 % n == 0 ? 1.0 : 2.0;
  RITZ_TRY_DONE(fill_tables(dtype, axis->frequency, scale, RITZ_SCALE_PAIRS, axis));
done:
  ritz_free(scale);
  return status;
}

/* Gives each distinct |f| of one kind (with or without a sine) its row, in order of appearance.
 * row_of[a] is the row of |f| = a plus one, 0 while it has none. */
static void number_rows(bool with_sine, ritz_index *row_of, ritz_index *distinct,
                        ritz_spectral_axis *axis) {
  for (ritz_index i = 0; i < axis->modes; i++) {
    const ritz_index f = axis->frequency[i], n = axis->n, a = 2 * f > n ? n - f : f;
    if ((2 * a % n != 0) != with_sine) continue;
    if (row_of[a] == 0) {
      distinct[axis->rows] = a;
      row_of[a] = ++axis->rows;
    }
    axis->row[i] = row_of[a] - 1;
    axis->sign[i] = a == f ? 1 : -1;
  }
}

ritz_status ritz_spectral_axis_other(ritz_dtype dtype, ritz_index n, ritz_index modes,
                                     const ritz_index *frequency, ritz_spectral_axis *axis) {
  ritz_index *row_of = NULL, *distinct = NULL;
  double *ones = NULL;
  ritz_status status;
  RITZ_TRY_DONE(start_axis(n, modes, frequency, axis));
  RITZ_TRY_DONE(RITZ_NEW(n / 2 + 1, &row_of));
  RITZ_TRY_DONE(RITZ_NEW(n / 2 + 1, &distinct));
  number_rows(true, row_of, distinct, axis);
  axis->sines = axis->rows;
  number_rows(false, row_of, distinct, axis);

  RITZ_TRY_DONE(RITZ_NEW(axis->rows, &axis->plus));
  RITZ_TRY_DONE(RITZ_NEW(axis->rows, &axis->minus));
  for (ritz_index r = 0; r < axis->rows; r++) axis->plus[r] = axis->minus[r] = -1;
  for (ritz_index i = modes - 1; i >= 0; i--)
    (axis->sign[i] > 0 ? axis->plus : axis->minus)[axis->row[i]] = i;

  RITZ_TRY_DONE(RITZ_NEW(axis->rows, &ones));
  for (ritz_index r = 0; r < axis->rows; r++) ones[r] = 1.0;
  RITZ_TRY_DONE(fill_tables(dtype, distinct, ones, 0, axis));
done:
  ritz_free(row_of);
  ritz_free(distinct);
  ritz_free(ones);
  return status;
}

void ritz_spectral_axis_clear(ritz_spectral_axis *axis) {
  ritz_free(axis->frequency);
  ritz_free(axis->row);
  ritz_free(axis->sign);
  ritz_free(axis->plus);
  ritz_free(axis->minus);
  for (int s = 0; s < RITZ_SCALES; s++) ritz_free(axis->cosine[s]), ritz_free(axis->sine[s]);
  *axis = (ritz_spectral_axis){0};
}
