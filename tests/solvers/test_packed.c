/* SPDX-License-Identifier: BSD-3-Clause
 * Triangles in slices: every row and entry once, in its order, and the same solutions as row after
 * row in all number formats. */
#include "allocations.h"
#include "core/memory.h"
#include "preconditioned.h"
#include "solvers/precond/packed.h"

enum { MOST_ROWS = 700 };

/* Patterns whose levels are long. */
typedef enum shape { FIVE_POINT, NINE_POINT, SEVEN_POINT, RED_BLACK, RANDOM, SHAPES } shape;

/* Neighbour s of point i, the point itself first; -1: none. */
static ritz_index neighbour(shape of, ritz_index i, int s) {
  static const int step[][3] = {{0, 0, 0}, {0, 0, 1},  {0, 0, -1}, {0, 1, 0},  {0, -1, 0},
                                {0, 1, 1}, {0, 1, -1}, {0, -1, 1}, {0, -1, -1}};
  const ritz_index n[] = {of == SEVEN_POINT ? 8 : 1, of == SEVEN_POINT ? 7 : 21,
                          of == SEVEN_POINT ? 9 : 26};
  ritz_index q[] = {i / n[2] / n[1], i / n[2] % n[1], i % n[2]};
  if (of == SEVEN_POINT && s >= 5) {
    q[0] += s == 5 ? 1 : -1;
  } else {
    q[1] += step[s][1], q[2] += step[s][2];
  }
  for (int d = 0; d < 3; d++)
    if (q[d] < 0 || q[d] >= n[d]) return -1;
  return (q[0] * n[1] + q[1]) * n[2] + q[2];
}

static ritz_index rows_of(shape of) { return of == SEVEN_POINT ? 504 : of == RANDOM ? 600 : 546; }

static ritz_index column_of(shape of, ritz_index i, int s) {
  if (of == RANDOM) return s == 0 ? i : (i * (7 + 13 * s) + 31 * s * s) % rows_of(of);
  return neighbour(of, i, s);
}

/* Odd points after even ones. */
static ritz_index number(shape of, ritz_index i) {
  if (of != RED_BLACK) return i;
  const bool red = (i / 26 + i % 26) % 2 == 0;
  ritz_index before = 0;
  for (ritz_index k = 0; k < i; k++) before += ((k / 26 + k % 26) % 2 == 0) == red;
  return red ? before : rows_of(of) / 2 + before;
}

static ritz_sparse *make_matrix(ritz_scalar scalar, shape of) {
  static const int points[] = {5, 9, 7, 5, 4};
  ritz_index *row, *column, count = 0;
  double _Complex *value;
  ritz_sparse *a;
  assert_ok(RITZ_NEW(9 * MOST_ROWS, &row));
  assert_ok(RITZ_NEW(9 * MOST_ROWS, &column));
  assert_ok(RITZ_NEW(9 * MOST_ROWS, &value));
  for (ritz_index i = 0; i < rows_of(of); i++)
    for (int s = 0; s < points[of]; s++) {
      const ritz_index j = column_of(of, i, s);
      if (j < 0 || (s > 0 && j == i)) continue;
      row[count] = number(of, i), column[count] = number(of, j);
      ritz_sparse_put(scalar, value, count, s ? -1 - 0.2 * sin((double)(i + s)) : 10,
                      s ? 0.3 * cos((double)(2 * i - s)) : 1);
      count++;
    }
  assert_ok(
      ritz_sparse_from_entries(scalar, rows_of(of), rows_of(of), count, row, column, value, &a));
  ritz_free(row);
  ritz_free(column);
  ritz_free(value);
  return a;
}

static ritz_pattern pattern_of(const ritz_sparse *a, ritz_index *diagonal) {
  for (ritz_index i = 0; i < a->rows; i++) diagonal[i] = ritz_sparse_find(a, i, i);
  return (ritz_pattern){a->rows, a->start, diagonal, a->column};
}

/* Where lane k of a place stands. */
static int32_t position(const ritz_packed *p, int32_t place, int k) {
  return place >= 0 ? place + k : p->slices.index[(ritz_index)~place * p->lanes + k];
}

/* The entries of one row: all of them, in their order, at the unknowns of their columns. Zeros read
 * nothing that is not ready. */
static void check_row(const ritz_packed *p, const ritz_pattern *of, bool above, ritz_index slice,
                      int lane, ritz_index ready) {
  const int32_t i = p->row[slice * p->lanes + lane];
  ritz_index next = i < 0 ? 0 : above ? of->diagonal[i] + 1 : of->start[i];
  const ritz_index end = i < 0 ? 0 : above ? of->start[i + 1] : of->diagonal[i];
  for (ritz_index t = p->slices.first[slice]; t < p->slices.first[slice + 1]; t++) {
    const int32_t e = p->entry[t * p->lanes + lane], at = position(p, p->slices.place[t], lane);
    assert_in_range(at, 0, ready - 1);
    if (e < 0) continue;
    assert_int_equal(e, next++);
    assert_int_equal(at, p->position[of->column[e]]);
  }
  assert_int_equal(next, end);
}

static void check_packed(const ritz_packed *p, const ritz_pattern *of, bool above,
                         const ritz_packed *below) {
  ritz_index rows = 0;
  for (ritz_index l = 0; l < p->levels; l++)
    for (ritz_index s = p->level[l]; s < p->level[l + 1]; s++)
      for (int k = 0; k < p->lanes; k++) {
        const int32_t i = p->row[s * p->lanes + k], from = position(p, p->slices.source[s], k);
        check_row(p, of, above, s, k, (p->level[l] + 1) * p->lanes);
        assert_in_range(from, 0, (below ? below->slices.room : of->n) - 1);
        if (i < 0) continue;
        assert_int_equal(p->position[i], (s + 1) * p->lanes + k);
        assert_int_equal(from, below ? below->position[i] : i);
        rows++;
      }
  assert_int_equal(rows, of->n);
}

static void every_entry_has_its_place(void **state) {
  for (shape of = 0; of < SHAPES; of++)
    for (int lanes = 8; lanes <= 16; lanes += 8) {
      ritz_index diagonal[MOST_ROWS];
      ritz_sparse *a = make_matrix(RITZ_REAL_DOUBLE, of);
      const ritz_pattern pattern = pattern_of(a, diagonal);
      ritz_packed below, above;
      assert_ok(ritz_packed_create(&pattern, false, lanes, 1, NULL, &below));
      assert_ok(ritz_packed_create(&pattern, true, lanes, 1, &below, &above));
      assert_true(below.slices.count > 0 && above.slices.count > 0);
      check_packed(&below, &pattern, false, NULL);
      check_packed(&above, &pattern, true, &below);
      ritz_packed_clear(&below);
      ritz_packed_clear(&above);
      ritz_sparse_destroy(&a);
    }
}

/* Unknowns of a term follow each other, but for slices at the ends of some levels. */
static void grids_need_no_gathers(void **state) {
  for (shape of = FIVE_POINT; of <= NINE_POINT; of++) {
    ritz_index diagonal[MOST_ROWS], gathers = 0;
    ritz_sparse *a = make_matrix(RITZ_REAL_DOUBLE, of);
    const ritz_pattern pattern = pattern_of(a, diagonal);
    ritz_packed below;
    assert_ok(ritz_packed_create(&pattern, false, 8, 1, NULL, &below));
    for (ritz_index t = 0; t < below.terms; t++) gathers += below.slices.place[t] < 0;
    assert_true(6 * gathers < below.terms);
    ritz_packed_clear(&below);
    ritz_sparse_destroy(&a);
  }
}

static void short_levels_stay_rows(void **state) {
  ritz_index start[101], diagonal[100];
  int32_t column[199];
  for (ritz_index i = 0; i < 100; i++) { /* row i has i - 1 and i */
    start[i] = i ? 2 * i - 1 : 0;
    diagonal[i] = 2 * i;
    column[2 * i] = (int32_t)i;
    if (i) column[2 * i - 1] = (int32_t)i - 1;
  }
  start[100] = 199;
  const ritz_pattern pattern = {100, start, diagonal, column};
  ritz_packed below;
  assert_ok(ritz_packed_create(&pattern, false, 8, 1, NULL, &below));
  assert_int_equal(below.slices.count, 0);
  ritz_packed_clear(&below);
}

/* z = (2 - w)/w (D/w + U)^-1 D (D/w + L)^-1 r with w = 1. */
static void sweep(const ritz_sparse *a, const void *r, double _Complex *z) {
  for (ritz_index i = 0; i < a->rows; i++) {
    z[i] = at(a->scalar, r, i);
    for (ritz_index e = a->start[i]; a->column[e] < i; e++)
      z[i] -= at(a->scalar, a->values, e) * z[a->column[e]];
    z[i] /= at(a->scalar, a->values, ritz_sparse_find(a, i, i));
  }
  for (ritz_index i = a->rows; i-- > 0;) {
    const double _Complex diagonal = at(a->scalar, a->values, ritz_sparse_find(a, i, i));
    z[i] *= diagonal;
    for (ritz_index e = a->start[i + 1] - 1; a->column[e] > i; e--)
      z[i] -= at(a->scalar, a->values, e) * z[a->column[e]];
    z[i] /= diagonal;
  }
}

static void solutions_are_those_of_the_rows(void **state) {
  static double _Complex r[MOST_ROWS], z[MOST_ROWS], wanted[MOST_ROWS];
  double random[MOST_ROWS];
  fill_uniform(4, MOST_ROWS, random);
  for (shape of = 0; of < SHAPES; of++)
    for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
      ritz_sparse *a = make_matrix(scalar, of);
      ritz_preconditioner *p = make("ssor", NULL, a);
      for (ritz_index i = 0; i < a->rows; i++)
        ritz_sparse_put(scalar, r, i, random[i], random[a->rows - 1 - i]);
      sweep(a, r, wanted);
      assert_int_equal(ritz_preconditioner_apply(p, r, z), 0);
      for (ritz_index i = 0; i < a->rows; i++)
        assert_true(cabs(at(scalar, z, i) - wanted[i]) < 4 * epsilon_of(scalar));
      ritz_preconditioner_apply(p, r, r); /* in place */
      assert_memory_equal(r, z, (size_t)a->rows * ritz_scalar_size(scalar));
      ritz_preconditioner_destroy(&p);
      ritz_sparse_destroy(&a);
    }
}

static void what_is_not_finite_is_forgotten(void **state) {
  double r[MOST_ROWS], z[2][MOST_ROWS];
  for (shape of = 0; of < SHAPES; of++) {
    ritz_sparse *a = make_matrix(RITZ_REAL_DOUBLE, of);
    ritz_preconditioner *p = make("ilu", NULL, a);
    fill_uniform(6, MOST_ROWS, r);
    ritz_preconditioner_apply(p, r, z[0]);
    for (ritz_index i = 0; i < a->rows; i++) z[1][i] = NAN;
    ritz_preconditioner_apply(p, z[1], z[1]);
    ritz_preconditioner_apply(p, r, z[1]);
    assert_memory_equal(z[0], z[1], (size_t)a->rows * sizeof(double));
    ritz_preconditioner_destroy(&p);
    ritz_sparse_destroy(&a);
  }
}

static void packing_survives_without_memory(void **state) {
  ritz_sparse *a = make_matrix(RITZ_REAL_DOUBLE, FIVE_POINT);
  ritz_preconditioner *p;
  long k = 0;
  while (creation_fails(k, p, ritz_preconditioner_create("ilu", NULL, a, &p))) k++;
  ritz_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_entry_has_its_place),
      cmocka_unit_test(grids_need_no_gathers),
      cmocka_unit_test(short_levels_stay_rows),
      cmocka_unit_test(solutions_are_those_of_the_rows),
      cmocka_unit_test(what_is_not_finite_is_forgotten),
      cmocka_unit_test(packing_survives_without_memory),
  };
  return RUN_PRECONDITIONER_TESTS(tests);
}
