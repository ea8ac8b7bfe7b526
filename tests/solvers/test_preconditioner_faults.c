/* SPDX-License-Identifier: BSD-3-Clause
 * How preconditioners refuse matrices and options, and that they survive without memory. */
#include <pthread.h>

#include "allocations.h"
#include "core/memory.h"
#include "preconditioned.h"

static ritz_status refusal(const char *type, const char *options, const ritz_sparse *a) {
  ritz_preconditioner *p;
  const ritz_status status = ritz_preconditioner_create(type, options, a, &p);
  assert_null(p);
  return status;
}

static ritz_sparse *two_by_two(double a, double b, double c, double d) {
  const ritz_index row[] = {0, 0, 1, 1}, column[] = {0, 1, 0, 1};
  const double values[] = {a, b, c, d};
  ritz_sparse *out;
  assert_ok(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 2, 4, row, column, values, &out));
  return out;
}

static void bad_matrices_are_named(void **state) {
  static const struct {
    double a[4];
    const char *type, *message;
  } cases[] = {
      {{1, 2, 3, 0}, "jacobi", "row 1 is zero"},
      {{1, 2, 3, 0}, "sor", "preconditioner sor: the diagonal entry of row 1 is zero"},
      {{0, 2, 3, 1}, "ilu", "the pivot of row 0 is 0"},
      {{1, 2, 2, 4}, "ilu", "the pivot of row 1 is 0"},
      {{1, 2, 2, 1}, "ic", "the pivot of row 1 is -3: the matrix is not positive definite"},
      {{4, 2, 1, 4}, "ic", "not Hermitian: its entries at (1, 0)"},
      {{1, 2, 2, 4}, "block_jacobi", "block 0 of rows 0 ...: the pivot of row 1"},
      {{-1, 0, 0, 1}, "chebyshev", "row 0 is -1: the matrix is not positive definite"},
#ifdef RITZ_WITH_SUPERLU
      {{1, 0, 0, 0}, "superlu", "the matrix is singular"},
#endif
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const double *v = cases[c].a;
    ritz_sparse *a = two_by_two(v[0], v[1], v[2], v[3]);
    assert_int_equal(refusal(cases[c].type, NULL, a), RITZ_ERR_NUMERIC);
    assert_message_contains(cases[c].message);
    ritz_sparse_destroy(&a);
  }
  const ritz_index start[] = {0, 2, 3}, column[] = {0, 1, 1};
  const double values[] = {1, 2, 3};
  ritz_sparse *a;
  assert_ok(ritz_sparse_create(RITZ_REAL_DOUBLE, 2, 2, start, column, values, &a));
  assert_int_equal(refusal("ic", NULL, a), RITZ_ERR_NUMERIC);
  assert_message_contains("an entry (0, 1) but none at (1, 0)");
  ritz_sparse_destroy(&a);
  assert_ok(ritz_sparse_create(RITZ_REAL_DOUBLE, 1, 2, start, column, values, &a));
  assert_int_equal(refusal("ilu", NULL, a), RITZ_ERR_SHAPE);
  ritz_sparse_destroy(&a);
}

static void bad_options_are_named(void **state) {
  ritz_sparse *a = two_by_two(2, 1, 1, 2);
  assert_int_equal(refusal("iul", NULL, a), RITZ_ERR_NOT_FOUND);
  assert_message_contains("ilu");
  assert_int_equal(refusal("ilu", "{fil: 1}", a), RITZ_ERR_CONFIG);
  assert_message_contains("fill");
  assert_int_equal(refusal("none", "{fill: 1}", a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("ssor", "{omega: 2}", a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("poisson", NULL, a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("poisson", "{unknowns: [2, 2]}", a), RITZ_ERR_SHAPE);
  assert_int_equal(refusal("poisson", "{unknowns: [2]}", a), RITZ_ERR_CONFIG);
  ritz_sparse_destroy(&a);
  char *text;
  assert_ok(ritz_preconditioner_help("ilu", &text));
  assert_non_null(strstr(text, "fill"));
  ritz_free(text);
  assert_int_equal(ritz_preconditioner_help("iul", &text), RITZ_ERR_NOT_FOUND);
  assert_null(ritz_preconditioner_name(-1));
  assert_null(ritz_preconditioner_summary(1000));
}

static void survives_every_failed_allocation(void **state) {
  ritz_sparse *a = diffusion(RITZ_REAL_FLOAT, 4, 5, 0);
  for (int t = 0; t < ritz_preconditioner_count(); t++) {
    const char *type = ritz_preconditioner_name(t);
    if (!has_format(type, RITZ_REAL_FLOAT)) continue;
    char text[64];
    const char *options = options_of(type, 4, 5, text);
    ritz_preconditioner *p;
    long k = 0;
    while (creation_fails(k, p, ritz_preconditioner_create(type, options, a, &p))) k++;
    ritz_preconditioner_destroy(&p);
  }
  ritz_sparse_destroy(&a);
}

#ifdef RITZ_WITH_HYPRE
typedef struct other_thread {
  ritz_preconditioner *mine; /* of the thread that started MPI */
  const ritz_sparse *a;
  ritz_status created, updated;
  bool named;
  int applied;
} other_thread;

static void *use_hypre(void *arg) {
  other_thread *o = arg;
  ritz_preconditioner *p;
  double x[most] = {1}, y[most];
  o->created = ritz_preconditioner_create("boomeramg", NULL, o->a, &p);
  o->named = strstr(ritz_error_message(), "MPI_THREAD_SERIALIZED") != NULL;
  o->updated = ritz_preconditioner_update(o->mine);
  o->applied = ritz_preconditioner_apply(o->mine, x, y);
  return NULL;
}

/* MPI is here for the thread that started it alone. */
static void threads_that_may_not_call_mpi_are_refused(void **state) {
  double x[most] = {1}, y[most];
  ritz_sparse *a = diffusion(RITZ_REAL_DOUBLE, 4, 5, 0);
  other_thread o = {.mine = make("boomeramg", NULL, a), .a = a};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, use_hypre, &o), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(o.created, RITZ_ERR_COMMUNICATION);
  assert_true(o.named);
  assert_int_equal(o.updated, RITZ_ERR_COMMUNICATION);
  assert_int_equal(o.applied, 1);
  assert_int_equal(ritz_preconditioner_apply(o.mine, x, y), 0); /* nothing is lost */
  ritz_preconditioner_destroy(&o.mine);
  ritz_sparse_destroy(&a);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_matrices_are_named),
      cmocka_unit_test(bad_options_are_named),
      cmocka_unit_test(survives_every_failed_allocation),
#ifdef RITZ_WITH_HYPRE
      cmocka_unit_test(threads_that_may_not_call_mpi_are_refused),
#endif
  };
  return RUN_PRECONDITIONER_TESTS(tests);
}
