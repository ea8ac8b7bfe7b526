/* SPDX-License-Identifier: BSD-3-Clause
 * Names of the bases, and the tables of the bounded ones. */
#include "kernels/spectral_bounded.h"

#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_fold.h"
#include "kernels/spectral_turn.h"

static const char *const names[RITZ_AXIS_TRANSFORMS] = {"fourier", "sine", "cosine", "cell_sine",
                                                        "cell_cosine"};

const char *ritz_axis_transform_name(ritz_axis_transform transform) { return names[transform]; }

bool ritz_axis_transform_parse(const char *name, ritz_axis_transform *out) {
  for (int i = 0; i < RITZ_AXIS_TRANSFORMS; i++)
    if (strcmp(name, names[i]) == 0) {
      *out = (ritz_axis_transform)i;
      return true;
    }
  return false;
}

ritz_index ritz_axis_transform_modes(ritz_axis_transform transform, ritz_index n) {
  if (transform == RITZ_TRANSFORM_FOURIER) return n / 2 + 1;
  if (transform == RITZ_TRANSFORM_SINE) return n > 2 ? n - 2 : 0;
  return n;
}

bool ritz_bounded_on_nodes(ritz_axis_transform transform) {
  return transform == RITZ_TRANSFORM_SINE || transform == RITZ_TRANSFORM_COSINE;
}

bool ritz_bounded_is_sine(ritz_axis_transform transform) {
  return transform == RITZ_TRANSFORM_SINE || transform == RITZ_TRANSFORM_CELL_SINE;
}

static ritz_index steps_of(ritz_axis_transform transform, ritz_index n) {
  return ritz_bounded_on_nodes(transform) && n > 1 ? n - 1 : n;
}

double ritz_bounded_length(ritz_axis_transform transform, ritz_index n) {
  return (double)steps_of(transform, n);
}

double ritz_bounded_pair(ritz_axis_transform transform, ritz_index n, ritz_index i) {
  const ritz_index k = i + ritz_bounded_is_sine(transform);
  return k % steps_of(transform, n) == 0 ? 1 : 2;
}

/* phi of function number i at a point. */
static double value_of(const ritz_spectral_axis *axis, ritz_index i, ritz_index point) {
  const bool sine = ritz_bounded_is_sine(axis->transform);
  const ritz_index turn = 4 * steps_of(axis->transform, axis->n);
  const ritz_index halves = 2 * point + !ritz_bounded_on_nodes(axis->transform);
  const ritz_index at = (i + sine) * halves % turn;
  return sine ? ritz_turn_sin(at, turn) : ritz_turn_cos(at, turn);
}

/* Of function number i at a point in one of the two tables. */
static double entry_of(const ritz_spectral_axis *axis, ritz_spectral_scale scale, ritz_index i,
                       ritz_index point) {
  const ritz_index n = axis->n;
  const double value = value_of(axis, i, point);
  if (scale == RITZ_SCALE_PAIRS) return ritz_bounded_pair(axis->transform, n, i) * value;
  const bool end = ritz_bounded_on_nodes(axis->transform) && n > 1 && point % (n - 1) == 0;
  return (end ? 0.5 : 1) / ritz_bounded_length(axis->transform, n) * value;
}

static void lay_blocks(ritz_spectral_axis *axis) {
  const bool plain = axis->form == RITZ_AXIS_PLAIN;
  const ritz_index even_points = plain ? axis->count : (axis->n + 1) / 2;
  const ritz_index even_rows = plain ? axis->modes : (axis->modes + 1) / 2;
  axis->points[RITZ_COSINE_EVEN] = even_points;
  axis->points[RITZ_SINE_EVEN] = axis->count - even_points;
  axis->start[RITZ_SINE_EVEN] = even_points;
  axis->rows[RITZ_COSINE_EVEN] = even_rows;
  axis->rows[RITZ_SINE_EVEN] = axis->modes - even_rows;
}

/* Below, a line is best done in one product (as in spectral_axis.c). */
enum { LONG_AXIS = 32 };

ritz_status ritz_bounded_axis_create(ritz_axis_transform transform, ritz_index n, ritz_index first,
                                     ritz_index count, ritz_index modes, bool line,
                                     ritz_axis_form form, ritz_spectral_axis *axis) {
  *axis = (ritz_spectral_axis){.transform = transform,
                               .n = n,
                               .modes = modes,
                               .first = first,
                               .count = count,
                               .scaled = true};
  const bool plain = form == RITZ_AXIS_AUTO ? line && n < LONG_AXIS : form == RITZ_AXIS_PLAIN;
  axis->form = plain || count < n ? RITZ_AXIS_PLAIN : RITZ_AXIS_ONCE;
  lay_blocks(axis);
  axis->distinct = (modes + 1) / 2;
  axis->fused = ritz_spectral_axis_fuses(axis);
  RITZ_TRY(RITZ_NEW(modes, &axis->row));
  for (ritz_index i = 0; i < modes; i++) axis->row[i] = i;
  return RITZ_OK;
}

/* Tables of the library's products: of all points, or of the folded ones of a block. */
static ritz_status fill_block(ritz_dtype dtype, ritz_spectral_axis *axis, ritz_spectral_scale scale,
                              int block) {
  const ritz_index rows = axis->rows[block], points = axis->points[block];
  const bool plain = axis->form == RITZ_AXIS_PLAIN, odd = block == RITZ_SINE_EVEN;
  void **table = &axis->table[scale][block];
  RITZ_TRY(ritz_calloc(rows * points, ritz_dtype_size(dtype), table));
  for (ritz_index r = 0; r < rows; r++)
    for (ritz_index p = 0; p < points; p++) {
      const ritz_index folded = axis->start[block] + p;
      const ritz_index point = odd ? axis->n - 1 - folded : axis->first + folded;
      ritz_number_set(dtype, *table, r * points + p,
                      entry_of(axis, scale, plain ? r : 2 * r + odd, point));
    }
  return RITZ_OK;
}

static ritz_status fill_fused(ritz_dtype dtype, ritz_spectral_axis *axis,
                              ritz_spectral_scale scale) {
  const ritz_index groups = ritz_fold_groups(axis->n - 1, false), rows = axis->modes;
  void **table = axis->fold[scale];
  for (int way = 0; way < 2; way++)
    RITZ_TRY(ritz_calloc(rows * groups + RITZ_FOLD_SLACK, ritz_dtype_size(dtype), &table[way]));
  for (ritz_index i = 0; i < rows; i++) {
    const ritz_index row = i / 2 + (i % 2 ? axis->rows[RITZ_COSINE_EVEN] : 0);
    for (ritz_index h = 0; h < groups; h++) {
      const double value = entry_of(axis, scale, i, h), weight = 2 * h == axis->n - 1 ? 0.5 : 1;
      ritz_number_set(dtype, table[0], h * rows + row, weight * value);
      ritz_number_set(dtype, table[1], row * groups + h, value);
    }
  }
  return RITZ_OK;
}

ritz_status ritz_bounded_axis_tabulate(ritz_dtype dtype, ritz_spectral_axis *axis) {
  for (int s = 0; s < RITZ_SCALES; s++) {
    const ritz_spectral_scale scale = (ritz_spectral_scale)s;
    if (axis->fused) {
      RITZ_TRY(fill_fused(dtype, axis, scale));
      continue;
    }
    RITZ_TRY(fill_block(dtype, axis, scale, RITZ_COSINE_EVEN));
    RITZ_TRY(fill_block(dtype, axis, scale, RITZ_SINE_EVEN));
  }
  return RITZ_OK;
}
