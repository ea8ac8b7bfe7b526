/* SPDX-License-Identifier: BSD-3-Clause
 * Numbering of an axis' rows, and its tables. */
#include "kernels/spectral_axis.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_bounded.h"
#include "kernels/spectral_fold.h"
#include "kernels/spectral_steps.h"
#include "kernels/spectral_turn.h"

/* Which point h row i of a block stands for; see the folds in variants/spectral.c. */
static ritz_index point_of(const ritz_spectral_axis *axis, int block, ritz_index i) {
  const ritz_index row = axis->start[block] + i, half = axis->n / 2;
  if (block == RITZ_COSINE_EVEN) return axis->first + row;
  if (block == RITZ_COSINE_ODD) return half - row;
  if (block == RITZ_SINE_EVEN && axis->form == RITZ_AXIS_TWICE) return row - half;
  return axis->n - row;
}

static void lay_blocks(ritz_spectral_axis *axis) {
  const ritz_index n = axis->n, half = n / 2;
  if (axis->form == RITZ_AXIS_PLAIN) {
    axis->points[RITZ_COSINE_EVEN] = axis->count;
  } else if (axis->form == RITZ_AXIS_TWICE) {
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
  *axis = (ritz_spectral_axis){.n = n, .modes = modes, .count = n, .last = last, .scaled = last};
  RITZ_TRY(RITZ_NEW(modes, &axis->frequency));
  RITZ_TRY(RITZ_NEW(modes, &axis->row));
  RITZ_TRY(RITZ_NEW(modes, &axis->sine));
  RITZ_TRY(RITZ_NEW(modes, &axis->sign));
  RITZ_TRY(RITZ_NEW(modes, &axis->plus));
  RITZ_TRY(RITZ_NEW(modes, &axis->minus));
  for (ritz_index i = 0; i < modes; i++) {
    axis->frequency[i] = (frequency[i] % n + n) % n;
    axis->sign[i] = ritz_spectral_axis_distance(axis, i) == axis->frequency[i] ? 1 : -1;
  }
  return RITZ_OK;
}

static bool is_odd(const ritz_spectral_axis *axis, ritz_index a) {
  return axis->form == RITZ_AXIS_TWICE && a % 2 != 0;
}

/* Zero and n/2 have no sine; where rows of zeros do no harm they keep the numbering simple. */
static bool has_sine(const ritz_spectral_axis *axis, ritz_index a) {
  const bool folded = axis->form == RITZ_AXIS_ONCE || axis->form == RITZ_AXIS_TWICE;
  return axis->last || !folded || 2 * a % axis->n != 0;
}

/* Rows are numbered class by class: parity and whether there is a sine, or residue of a step. */
static ritz_index class_of(const ritz_spectral_axis *axis, ritz_index a) {
  if (axis->form == RITZ_AXIS_STEPS) return ritz_spectral_steps_residue(axis->steps, a);
  return 2 * is_odd(axis, a) + !has_sine(axis, a);
}

/* One pair of rows for each |f|, or for each mode of the last axis. */
static ritz_status number_rows(ritz_spectral_axis *axis) {
  const ritz_index classes = axis->form == RITZ_AXIS_STEPS ? axis->steps->n1 / 2 + 1 : 4;
  ritz_index *seen; /* of |f|: the first mode that has it, plus one */
  RITZ_TRY(RITZ_NEW(axis->n / 2 + 1, &seen));
  for (ritz_index class = 0; class < classes; class ++) {
    const ritz_index first = axis->distinct;
    for (ritz_index i = 0; i < axis->modes; i++) {
      const ritz_index a = ritz_spectral_axis_distance(axis, i);
      if (class_of(axis, a) != class) continue;
      axis->sine[i] = has_sine(axis, a);
      axis->row[i] = !axis->last && seen[a] ? axis->row[seen[a] - 1] : axis->distinct++;
      if (!seen[a]) seen[a] = i + 1;
    }
    if (axis->form == RITZ_AXIS_STEPS) {
      axis->steps->first[class + 1] = axis->distinct;
      continue;
    }
    axis->rows[RITZ_COSINE_EVEN + class / 2] += axis->distinct - first;
    if (class % 2 == 0) axis->rows[RITZ_SINE_EVEN + class / 2] += axis->distinct - first;
  }
  if (axis->form == RITZ_AXIS_PLAIN) {
    axis->rows[RITZ_COSINE_EVEN] *= 2;
    axis->rows[RITZ_SINE_EVEN] = 0;
  }
  for (ritz_index r = 0; r < axis->distinct; r++) axis->plus[r] = axis->minus[r] = -1;
  for (ritz_index i = axis->modes - 1; i >= 0; i--)
    (axis->sign[i] > 0 ? axis->plus : axis->minus)[axis->row[i]] = i;
  ritz_free(seen);
  return RITZ_OK;
}

/* Two folds pay from here on. Below, a line is best done in one product: folding and the calls of
 * tiny products cost more than they save. */
enum { LONG_AXIS = 32 };

/* Distinct |f|, or modes of the last axis. */
static ritz_status count_distinct(const ritz_spectral_axis *axis, double *count) {
  bool *seen;
  RITZ_TRY(RITZ_NEW(axis->n / 2 + 1, &seen));
  *count = 0;
  for (ritz_index i = 0; i < axis->modes; i++) {
    const ritz_index a = ritz_spectral_axis_distance(axis, i);
    if (axis->last || !seen[a]) ++*count;
    seen[a] = true;
  }
  ritz_free(seen);
  return RITZ_OK;
}

/* A sweep over the rows between the steps costs as much as so many products. */
enum { SWEEP = 8 };

static ritz_axis_form choose_form(const ritz_spectral_axis *axis, double rows) {
  const ritz_index n = axis->n;
  if (n < LONG_AXIS) return axis->last ? RITZ_AXIS_PLAIN : RITZ_AXIS_ONCE;
  const double folded = rows * (double)n * (n % 2 == 0 ? 0.5 : 1.0);
  const double steps = ritz_spectral_steps_products(n, rows);
  if (steps > 0 && steps + SWEEP * (double)n < folded) return RITZ_AXIS_STEPS;
  return n % 2 == 0 ? RITZ_AXIS_TWICE : RITZ_AXIS_ONCE;
}

/* Rows of a parity beyond which a library's blocking of products does better than few registers.
 */
enum { MOST_FUSED = 48 };

bool ritz_spectral_axis_fuses(const ritz_spectral_axis *axis) {
  ritz_index most = 0;
  for (int b = 0; b < RITZ_BLOCKS; b++) most = axis->rows[b] > most ? axis->rows[b] : most;
  return axis->form != RITZ_AXIS_PLAIN && most <= MOST_FUSED;
}

ritz_status ritz_spectral_axis_create(ritz_index n, ritz_index modes, const ritz_index *frequency,
                                      bool last, ritz_axis_form form, ritz_spectral_axis *axis) {
  RITZ_TRY(start_axis(n, modes, frequency, last, axis));
  double rows;
  RITZ_TRY(count_distinct(axis, &rows));
  axis->form = form == RITZ_AXIS_AUTO ? choose_form(axis, rows) : form;
  if (axis->form == RITZ_AXIS_STEPS && ritz_spectral_steps_products(n, 1) == 0)
    axis->form = RITZ_AXIS_TWICE;
  if (axis->form == RITZ_AXIS_TWICE && n % 2 != 0) axis->form = RITZ_AXIS_ONCE;
  if (axis->form != RITZ_AXIS_STEPS) {
    lay_blocks(axis);
    RITZ_TRY(number_rows(axis));
    axis->fused = ritz_spectral_axis_fuses(axis);
    return RITZ_OK;
  }
  RITZ_TRY(ritz_spectral_steps_create(n, rows, &axis->steps));
  RITZ_TRY(number_rows(axis));
  return ritz_spectral_steps_finish(axis);
}

ritz_status ritz_spectral_axis_create_part(ritz_index n, ritz_index first, ritz_index count,
                                           ritz_index modes, const ritz_index *frequency, bool last,
                                           ritz_spectral_axis *axis) {
  RITZ_TRY(start_axis(n, modes, frequency, last, axis));
  axis->first = first;
  axis->count = count;
  axis->form = RITZ_AXIS_PLAIN;
  lay_blocks(axis);
  return number_rows(axis);
}

/* Where the table of a block has mode i, or -1 without a row there. */
static ritz_index row_in_block(const ritz_spectral_axis *axis, int block, ritz_index i) {
  const bool odd = block == RITZ_COSINE_ODD || block == RITZ_SINE_ODD;
  if (is_odd(axis, ritz_spectral_axis_distance(axis, i)) != odd) return -1;
  if (block >= RITZ_SINE_EVEN && !axis->sine[i]) return -1;
  return axis->row[i] - (odd ? axis->rows[RITZ_COSINE_EVEN] : 0);
}

/* One row of a table: cos(2 pi f h / n) or -sin for the points h of a block. */
static void fill_row(ritz_dtype dtype, const ritz_spectral_axis *axis, int block, ritz_index f,
                     bool sine, double scale, void *table, ritz_index row) {
  const ritz_index points = axis->points[block], n = axis->n;
  for (ritz_index p = 0; p < points; p++) {
    const ritz_index turn = f * point_of(axis, block, p) % n;
    const double value = sine ? -ritz_turn_sin(turn, n) : ritz_turn_cos(turn, n);
    ritz_number_set(dtype, table, row * points + p, scale * value);
  }
}

static ritz_status fill_tables(ritz_dtype dtype, double grid, ritz_spectral_scale scale,
                               ritz_spectral_axis *axis) {
  void **table = axis->table[scale];
  for (int block = 0; block < RITZ_BLOCKS; block++) {
    RITZ_TRY(ritz_calloc(axis->rows[block] * axis->points[block], ritz_dtype_size(dtype),
                         &table[block]));
    for (ritz_index i = 0; i < axis->modes; i++) {
      const ritz_index a = ritz_spectral_axis_distance(axis, i);
      const double factor = ritz_spectral_axis_factor(axis, scale, grid, i);
      if (axis->form == RITZ_AXIS_PLAIN && block == RITZ_COSINE_EVEN) {
        fill_row(dtype, axis, block, a, false, factor, table[block], 2 * axis->row[i]);
        fill_row(dtype, axis, block, a, true, factor, table[block], 2 * axis->row[i] + 1);
      } else if (axis->form != RITZ_AXIS_PLAIN) {
        const ritz_index row = row_in_block(axis, block, i);
        if (row >= 0)
          fill_row(dtype, axis, block, a, block >= RITZ_SINE_EVEN, factor, table[block], row);
      }
    }
  }
  return RITZ_OK;
}

/* One row of the fused tables: number `row` of all, frequency f. */
static void fill_fused_row(ritz_dtype dtype, const ritz_spectral_axis *axis, ritz_index f,
                           bool sine, double scale, ritz_index row, void *const table[2]) {
  const bool twice = axis->form == RITZ_AXIS_TWICE;
  const ritz_index n = axis->n, groups = ritz_fold_groups(n, twice);
  ritz_index rows = 0;
  for (int b = 0; b < RITZ_BLOCKS; b++) rows += axis->rows[b];
  for (ritz_index h = 0; h < groups; h++) {
    const ritz_index turn = f * h % n;
    const double value = scale * (sine ? -ritz_turn_sin(turn, n) : ritz_turn_cos(turn, n));
    ritz_number_set(dtype, table[0], h * rows + row, ritz_fold_weight(n, twice, h) * value);
    ritz_number_set(dtype, table[1], row * groups + h, value);
  }
}

static ritz_status fill_fused(ritz_dtype dtype, double grid, ritz_spectral_scale scale,
                              ritz_spectral_axis *axis) {
  const ritz_index groups = ritz_fold_groups(axis->n, axis->form == RITZ_AXIS_TWICE);
  ritz_index rows = 0, first[RITZ_BLOCKS];
  for (int b = 0; b < RITZ_BLOCKS; b++) first[b] = rows, rows += axis->rows[b];
  for (int way = 0; way < 2; way++)
    RITZ_TRY(ritz_calloc(rows * groups + RITZ_FOLD_SLACK, ritz_dtype_size(dtype),
                         &axis->fold[scale][way]));
  for (ritz_index i = 0; i < axis->modes; i++)
    for (int block = 0; block < RITZ_BLOCKS; block++) {
      const ritz_index row = row_in_block(axis, block, i);
      if (row >= 0)
        fill_fused_row(dtype, axis, ritz_spectral_axis_distance(axis, i), block >= RITZ_SINE_EVEN,
                       ritz_spectral_axis_factor(axis, scale, grid, i), first[block] + row,
                       axis->fold[scale]);
    }
  return RITZ_OK;
}

double ritz_spectral_axis_factor(const ritz_spectral_axis *axis, ritz_spectral_scale scale,
                                 double grid, ritz_index i) {
  if (!axis->last) return 1;
  if (scale == RITZ_SCALE_MEAN) return 1.0 / grid;
  return axis->frequency[i] * 2 % axis->n == 0 ? 1.0 : 2.0;
}

ritz_status ritz_spectral_axis_tabulate(ritz_dtype dtype, double grid, ritz_spectral_axis *axis) {
  if (axis->transform != RITZ_TRANSFORM_FOURIER) return ritz_bounded_axis_tabulate(dtype, axis);
  for (int scale = 0; scale < (axis->scaled ? RITZ_SCALES : 1); scale++)
    if (axis->form == RITZ_AXIS_STEPS)
      RITZ_TRY(ritz_spectral_steps_tabulate(dtype, grid, (ritz_spectral_scale)scale, axis));
    else if (axis->fused)
      RITZ_TRY(fill_fused(dtype, grid, (ritz_spectral_scale)scale, axis));
    else
      RITZ_TRY(fill_tables(dtype, grid, (ritz_spectral_scale)scale, axis));
  return RITZ_OK;
}

double ritz_spectral_axis_products(const ritz_spectral_axis *axis) {
  if (axis->form == RITZ_AXIS_STEPS) return ritz_spectral_steps_count(axis);
  double products = 0;
  for (int b = 0; b < RITZ_BLOCKS; b++) products += (double)(axis->rows[b] * axis->points[b]);
  return products;
}

double ritz_spectral_axis_table(const ritz_spectral_axis *axis) {
  if (axis->form == RITZ_AXIS_STEPS) return 4.0 * (double)(axis->distinct * axis->steps->n2);
  return ritz_spectral_axis_products(axis);
}

void ritz_spectral_axis_clear(ritz_spectral_axis *axis) {
  ritz_free(axis->frequency);
  ritz_free(axis->row);
  ritz_free(axis->sine);
  ritz_free(axis->sign);
  ritz_free(axis->plus);
  ritz_free(axis->minus);
  ritz_spectral_steps_destroy(&axis->steps);
  for (int s = 0; s < RITZ_SCALES; s++) {
    for (int b = 0; b < RITZ_BLOCKS; b++) ritz_free(axis->table[s][b]);
    for (int way = 0; way < 2; way++) ritz_free(axis->fold[s][way]);
  }
  *axis = (ritz_spectral_axis){0};
}
