/* SPDX-License-Identifier: BSD-3-Clause
 * Sequences: orders, curves, chunks. */
#include <math.h>
#include <ritz/sequence.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "five_point.h"
#include "solvers/sequence/coordinates.h"
#include "support.h"

static ritz_sequence_order_options options_of(ritz_sequence_sort sort, ritz_index group) {
  ritz_sequence_order_options options;
  ritz_sequence_order_defaults(&options);
  options.sort = sort, options.group = group;
  return options;
}

static void the_nearest_one_comes_next(void **state) {
  const double numbers[] = {0, 10, 1, 4000, 2.5, 9}; /* far ones too */
  const ritz_index wanted[] = {0, 2, 4, 5, 1, 3}, one = 1;
  ritz_index order[6];
  assert_ok(ritz_sequence_order(NULL, 6, 1, &one, numbers, order));
  assert_memory_equal(order, wanted, sizeof order);
}

/* Sum of the steps of an order through fields. */
static double length_of(ritz_index count, ritz_index numbers, const double *fields,
                        const ritz_index *order) {
  double sum = 0;
  for (ritz_index k = 1; k < count; k++) {
    double square = 0;
    for (ritz_index i = 0; i < numbers; i++)
      square += pow(fields[order[k] * numbers + i] - fields[order[k - 1] * numbers + i], 2);
    sum += sqrt(square);
  }
  return sum;
}

/* Smooth fields of three random numbers on awkward grids. */
static void fill_fields(ritz_index count, int dim, const ritz_index *n, double *fields) {
  double random[3 * 300];
  ritz_index numbers = 1;
  for (int a = 0; a < dim; a++) numbers *= n[a];
  fill_uniform(7, 3 * count, random);
  for (ritz_index s = 0; s < count; s++)
    for (ritz_index i = 0; i < numbers; i++) {
      const double t = ((double)(i % n[dim - 1]) + 0.5) / (double)n[dim - 1];
      const double u = ((double)(i / n[dim - 1]) + 0.5) / (double)(numbers / n[dim - 1]);
      fields[s * numbers + i] = random[3 * s] + 0.5 * random[3 * s + 1] * cos(3.14159 * t) +
                                0.3 * random[3 * s + 2] * cos(3.14159 * u);
    }
}

static void every_order_is_a_permutation_and_shorter(void **state) {
  static const struct {
    int dim;
    ritz_index n[3], count;
  } cases[] = {{1, {13}, 200}, {2, {7, 5}, 300}, {3, {3, 1, 4}, 120}, {2, {1, 1}, 50}, {1, {4}, 1}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const ritz_index *n = cases[c].n, count = cases[c].count;
    ritz_index numbers = 1, plain[300], order[300];
    for (int a = 0; a < cases[c].dim; a++) numbers *= n[a];
    double *const fields = malloc((size_t)(count * numbers) * sizeof *fields);
    fill_fields(count, cases[c].dim, n, fields);
    for (ritz_index k = 0; k < count; k++) plain[k] = k;
    const double before = length_of(count, numbers, fields, plain);
    for (ritz_sequence_sort sort = RITZ_SORT_NONE; sort <= RITZ_SORT_HILBERT; sort++)
      for (ritz_index group = 1; group <= 1000; group *= 10) {
        const ritz_sequence_order_options options = options_of(sort, group);
        bool seen[300] = {false};
        assert_ok(ritz_sequence_order(&options, count, cases[c].dim, n, fields, order));
        for (ritz_index k = 0; k < count; k++) {
          assert_in_range(order[k], 0, count - 1);
          assert_false(seen[order[k]]);
          seen[order[k]] = true;
        }
        const double after = length_of(count, numbers, fields, order);
        assert_true(sort == RITZ_SORT_NONE ? after == before
                                           : after <= 0.95 * before || count < 60);
      }
    free(fields);
  }
}

/* Neighbours on the curve are neighbours in space. */
static void the_curve_is_continuous(void **state) {
  for (int dim = 2; dim <= 3; dim++) {
    enum { bits = 3 };
    const int side = 1 << bits, count = dim == 2 ? side * side : side * side * side;
    int at[512], found = 0;
    for (int i = 0; i < count; i++) at[i] = -1;
    for (int i = 0; i < count; i++) {
      uint32_t point[3];
      for (int d = 0; d < dim; d++) /* corners of cells of a coarse curve */
        point[d] = (uint32_t)(i >> (bits * d) & (side - 1)) << (RITZ_CURVE_BITS - bits);
      const uint64_t place = ritz_hilbert_place(dim, point) >> (dim * (RITZ_CURVE_BITS - bits));
      assert_true(place < (uint64_t)count);
      assert_int_equal(at[place], -1);
      at[place] = i;
      found++;
    }
    assert_int_equal(found, count);
    for (int k = 1; k < count; k++) {
      int steps = 0;
      for (int d = 0; d < dim; d++)
        steps += abs((at[k] >> (bits * d) & (side - 1)) - (at[k - 1] >> (bits * d) & (side - 1)));
      assert_int_equal(steps, 1);
    }
  }
}

/* -- Solving ---------------------------------------------------------------------------------- */

enum { side_n = 14, systems = 11 };

typedef struct worker {
  five_point a;
  double *x; /* [systems][n], of all workers */
  int fail_at;
} worker;

static double rhs[side_n * side_n];

static int set_system(void *user, ritz_index sample, ritz_krylov *solver, const void **b,
                      void **x) {
  worker *w = user;
  five_point_fill(&w->a, (int)sample);
  ritz_krylov_set_operator(solver, five_point_apply, &w->a);
  ritz_krylov_set_preconditioner(solver, five_point_jacobi, &w->a);
  *b = rhs;
  *x = w->x + sample * side_n * side_n;
  return sample == w->fail_at;
}

static ritz_status solve_with(int workers, ritz_index chunk, int fail_at, double *x,
                              ritz_solve_report *reports) {
  static const ritz_index order[systems] = {3, 1, 0, 2, 10, 9, 8, 4, 5, 7, 6};
  worker w[3];
  void *users[3];
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.rtol = 1e-8, options.restart = 12, options.recycle = 4;
  for (int i = 0; i < side_n * side_n; i++) rhs[i] = 1;
  for (int i = 0; i < workers; i++) {
    w[i] = (worker){{.n = side_n}, x, fail_at};
    w[i].a.k = malloc((side_n + 2) * (side_n + 2) * sizeof(double));
    users[i] = &w[i];
  }
  const ritz_sequence sequence = {.scalar = RITZ_REAL_DOUBLE,
                                  .n = side_n * side_n,
                                  .krylov = &options,
                                  .count = systems,
                                  .order = order,
                                  .chunk = chunk,
                                  .workers = workers,
                                  .worker = users,
                                  .set = set_system};
  const ritz_status status = ritz_sequence_solve(&sequence, reports);
  for (int i = 0; i < workers; i++) free(w[i].a.k);
  return status;
}

static void chunks_do_not_know_of_threads(void **state) {
  static double x[3][systems * side_n * side_n];
  ritz_solve_report reports[3][systems];
  for (int workers = 1; workers <= 3; workers++)
    assert_ok(solve_with(workers, 4, -1, x[workers - 1], reports[workers - 1]));
  for (int s = 0; s < systems; s++) {
    assert_int_equal(reports[0][s].reason, RITZ_SOLVE_CONVERGED);
    assert_int_equal(reports[0][s].iterations, reports[2][s].iterations);
  }
  assert_memory_equal(x[0], x[1], sizeof x[0]);
  assert_memory_equal(x[0], x[2], sizeof x[0]);
  assert_true(reports[0][1].iterations < reports[0][3].iterations); /* second of its chunk */
}

/* However long it may be. */
static void one_chunk_holds_all(void **state) {
  static double x[2][systems * side_n * side_n];
  ritz_solve_report reports[systems];
  assert_ok(solve_with(1, systems, -1, x[0], reports));
  assert_ok(solve_with(2, PTRDIFF_MAX, -1, x[1], reports));
  assert_memory_equal(x[0], x[1], sizeof x[0]);
}

static void bad_sequences_are_named(void **state) {
  static double x[systems * side_n * side_n];
  ritz_solve_report reports[systems];
  assert_int_equal(solve_with(1, 4, 7, x, reports), RITZ_ERR_NUMERIC);
  assert_message_contains("sample 7");
  assert_int_equal(solve_with(1, 0, -1, x, reports), RITZ_ERR_ARGUMENT);
  assert_message_contains("chunk");
  ritz_sequence_order_options bad = options_of((ritz_sequence_sort)9, 1);
  const ritz_index one = 1, none = 0;
  ritz_index order[1];
  const double field = 0;
  assert_int_equal(ritz_sequence_order(&bad, 1, 1, &one, &field, order), RITZ_ERR_ARGUMENT);
  bad = options_of(RITZ_SORT_HILBERT, 0);
  assert_int_equal(ritz_sequence_order(&bad, 1, 1, &one, &field, order), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_sequence_order(NULL, 1, 4, &one, &field, order), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_sequence_order(NULL, 1, 1, &none, &field, order), RITZ_ERR_ARGUMENT);
  assert_ok(ritz_sequence_order(NULL, 0, 1, &one, NULL, NULL));
}

static void survives_every_failed_allocation(void **state) {
  double fields[20];
  ritz_index order[5];
  const ritz_index n[] = {2, 2};
  const ritz_sequence_order_options options = options_of(RITZ_SORT_HILBERT, 2);
  fill_uniform(1, 20, fields);
  long k = 0;
  while (memory_fails(k, ritz_sequence_order(&options, 5, 2, n, fields, order))) k++;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_nearest_one_comes_next),
      cmocka_unit_test(every_order_is_a_permutation_and_shorter),
      cmocka_unit_test(the_curve_is_continuous),
      cmocka_unit_test(chunks_do_not_know_of_threads),
      cmocka_unit_test(one_chunk_holds_all),
      cmocka_unit_test(bad_sequences_are_named),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
