/* SPDX-License-Identifier: BSD-3-Clause
 * The factors, residues and tables of a DFT in two steps. */
#include "kernels/spectral_steps.h"

#include <assert.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_turn.h"

/* Shorter second steps leave products too small to run well, shorter first ones nothing to gain. */
enum { LEAST_FIRST = 4, LEAST_SECOND = 3 };

/* Products of n = n1 n2; the first step folded twice where it can be. */
static double count_products(ritz_index n1, ritz_index n2, double rows) {
  const double half = (double)(n1 / 2 + 1), residues = rows < half ? rows : half;
  const double first = residues * (double)n1 * (n1 % 2 == 0 ? 0.5 : 1.0);
  return first * (double)n2 + 4.0 * rows * (double)n2;
}

static ritz_index best_factor(ritz_index n, double rows) {
  ritz_index best = 0;
  for (ritz_index n1 = LEAST_FIRST; n1 * LEAST_SECOND <= n; n1++)
    if (n % n1 == 0 &&
        (!best || count_products(n1, n / n1, rows) < count_products(best, n / best, rows)))
      best = n1;
  return best;
}

double ritz_spectral_steps_products(ritz_index n, double rows) {
  const ritz_index n1 = best_factor(n, rows);
  return n1 ? count_products(n1, n / n1, rows) : 0;
}

ritz_status ritz_spectral_steps_create(ritz_index n, double rows, ritz_spectral_steps **out) {
  RITZ_TRY(RITZ_NEW(1, out)); /* the axis owns it from now on */
  ritz_spectral_steps *s = *out;
  s->n1 = best_factor(n, rows);
  assert(s->n1 > 0); /* or there are no products to ask for */
  s->n2 = n / s->n1;
  return RITZ_NEW(s->n1 / 2 + 2, &s->first);
}

ritz_status ritz_spectral_steps_finish(ritz_spectral_axis *axis) {
  ritz_spectral_steps *s = axis->steps;
  RITZ_TRY(RITZ_NEW(s->n1 / 2 + 1, &s->residue));
  for (ritz_index r = 0; r <= s->n1 / 2; r++)
    if (s->first[r + 1] > s->first[r]) s->residue[s->residues++] = r;
  return ritz_spectral_axis_create(s->n1, s->residues, s->residue, false, RITZ_AXIS_TWICE,
                                   &s->axis);
}

/* Rows Re X(a) and Im X(a) of a residue's table: (Re A, Im A) times e^(-2 pi i a h2 / n), with the
 * conjugate of A where a mod n1 is beyond n1/2. */
static void fill_pair(ritz_dtype dtype, const ritz_spectral_steps *s, ritz_index n, ritz_index a,
                      double factor, void *table, ritz_index at) {
  const ritz_index r = a % s->n1, inner = ritz_spectral_steps_inner(s, r);
  const double sign = 2 * r > s->n1 ? -1 : 1;
  for (ritz_index h = 0; h < s->n2; h++) {
    const ritz_index turn = a * h % n;
    const double c = factor * ritz_turn_cos(turn, n), d = factor * ritz_turn_sin(turn, n);
    ritz_number_set(dtype, table, at + h, c);
    ritz_number_set(dtype, table, at + inner + h, -d);
    if (inner == s->n2) continue;
    ritz_number_set(dtype, table, at + s->n2 + h, sign * d);
    ritz_number_set(dtype, table, at + inner + s->n2 + h, sign * c);
  }
}

/* Numbers of the tables of all residues below r. */
static ritz_index table_start(const ritz_spectral_steps *s, ritz_index r) {
  ritz_index numbers = 0;
  for (ritz_index q = 0; q < r; q++)
    numbers += 2 * (s->first[q + 1] - s->first[q]) * ritz_spectral_steps_inner(s, q);
  return numbers;
}

ritz_status ritz_spectral_steps_tabulate(ritz_dtype dtype, double grid, ritz_spectral_scale scale,
                                         ritz_spectral_axis *axis) {
  ritz_spectral_steps *s = axis->steps;
  const bool tabulated = s->axis.table[0][0] || s->axis.fold[0][0];
  if (!tabulated) RITZ_TRY(ritz_spectral_axis_tabulate(dtype, grid, &s->axis));
  RITZ_TRY(ritz_calloc(table_start(s, s->n1 / 2 + 1), ritz_dtype_size(dtype), &s->table[scale]));
  for (ritz_index i = 0; i < axis->modes; i++) {
    const ritz_index a = ritz_spectral_axis_distance(axis, i);
    const ritz_index r = ritz_spectral_steps_residue(s, a);
    const ritz_index pair = 2 * (axis->row[i] - s->first[r]) * ritz_spectral_steps_inner(s, r);
    fill_pair(dtype, s, axis->n, a, ritz_spectral_axis_factor(axis, scale, grid, i),
              s->table[scale], table_start(s, r) + pair);
  }
  return RITZ_OK;
}

double ritz_spectral_steps_count(const ritz_spectral_axis *axis) {
  const ritz_spectral_steps *s = axis->steps;
  return ritz_spectral_axis_products(&s->axis) * (double)s->n2 +
         (double)table_start(s, s->n1 / 2 + 1);
}

void ritz_spectral_steps_destroy(ritz_spectral_steps **steps) {
  if (!*steps) return;
  ritz_free((*steps)->first);
  ritz_free((*steps)->residue);
  ritz_spectral_axis_clear(&(*steps)->axis);
  for (int i = 0; i < RITZ_SCALES; i++) ritz_free((*steps)->table[i]);
  ritz_free(*steps);
  *steps = NULL;
}
