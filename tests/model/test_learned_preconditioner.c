/* SPDX-License-Identifier: BSD-3-Clause
 * Learned preconditioners, with networks whose weights make them known linear maps: what algebra
 * says of the methods around them, and what is refused. */
#include <math.h>
#include <ritz/learned_preconditioner.h>
#include <ritz/preconditioner.h>
#include <stdio.h>
#include <string.h>

#include "allocations.h"
#include "heap.h"
#include "model/model.h"
#include "one_context.h"
#include "support.h"

enum { n0 = 9, n1 = 8, nodes = n0 * n1 };

static uint8_t kind[nodes];
static double coefficient[nodes];
static const double identity[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0};

static ritz_sparse_grid grid_of_nodes(void) {
  return (ritz_sparse_grid){.dim = 2, .nodes = {n0, n1}, .length = {n0 - 1, n1 - 1}, .kind = kind};
}

/* Inner nodes but for a hole; `scattered`: no two of them are neighbours. */
static ritz_sparse *matrix_of(bool scattered, bool constant) {
  const ritz_elements problem = {.grid = grid_of_nodes(), .a = constant ? NULL : coefficient};
  ritz_sparse *a;
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++) {
      const bool edge = i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1;
      const bool out = edge || (i == 4 && j == 3) || (scattered && (i + j) % 2 == 0);
      kind[i * n1 + j] = out ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
      coefficient[i * n1 + j] = 1.5 + sin(0.7 * i) * cos(0.4 * j);
    }
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a));
  return a;
}

static double *weights(ritz_params *params, const char *name) {
  const int i = ritz_params_find(params, name);
  assert_true(i >= 0);
  return (double *)ritz_params_data(params) + ritz_params_info(params, i)->offset;
}

/* N(r, f) = k * r + along f: an mgno of one level, gelu(x) - gelu(-x) = x. */
static ritz_model *linear_model(int in, int out, const double k[9], double along) {
  char options[128];
  const ritz_index grid[2] = {n0, n1};
  ritz_operator *op;
  ritz_params *params;
  ritz_model_data data;
  ritz_model *model;
  snprintf(options, sizeof options,
           "{pre_smoothing: [1], hidden_channels: 2, n_layers: 1, in_channels: %d, out_channels: "
           "%d}",
           in, out);
  assert_ok(ritz_operator_create(context, "mgno", options, &op));
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  assert_ok(ritz_model_data_init(&data, 2, grid, in, out));
  assert_ok(ritz_model_create(context, op, params, &data, &model));
  memset(ritz_params_data(params), 0, (size_t)ritz_params_length(params) * sizeof(double));
  double *s = weights(params, "layer.0.level.0.pre.0.S.weight"); /* [3, 3, in, 2] */
  double *skip = weights(params, "layer.0.skip.weight");         /* [in, 2] */
  double *head = weights(params, "head.weight");                 /* [2, out] */
  for (int sign = 0; sign < 2; sign++) {
    for (int i = 0; i < 9; i++) s[i * in * 2 + sign] = sign ? -k[i] : k[i];
    if (in > 1) skip[2 + sign] = sign ? -along : along;
    head[sign * out] = sign ? -1 : 1;
  }
  ritz_params_destroy(&params);
  return model;
}

static ritz_learned_preconditioner *make(const double k[9], ritz_sparse *a,
                                         const ritz_learned_options *o) {
  const ritz_sparse_grid grid = grid_of_nodes();
  ritz_learned_preconditioner *p;
  ritz_model *model = linear_model(o ? 1 + o->fields : 1, 1, k, 0.5);
  assert_ok(ritz_learned_preconditioner_create(model, &grid, a, o, &p));
  ritz_model_destroy(&model);
  return p;
}

typedef struct outcome {
  ritz_solve_report report;
  double x[nodes], history[400];
} outcome;

/* p NULL: none. */
static outcome solve(const char *method, ritz_sparse *a, ritz_learned_preconditioner *p) {
  const ritz_index n = ritz_sparse_describe(a).rows;
  ritz_krylov_options o;
  ritz_krylov *solver;
  outcome out;
  double b[nodes], r[nodes], rr = 0, bb = 0;
  const double *history;
  ritz_krylov_options_defaults(&o);
  o.method = method;
  o.rtol = 1e-9;
  o.max_iterations = 399;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &o, &solver));
  ritz_krylov_set_operator(solver, ritz_sparse_apply, a);
  if (p)
    assert_ok(
        ritz_krylov_set_flexible_preconditioner(solver, ritz_learned_preconditioner_apply, p));
  fill_uniform(3, n, b);
  assert_ok(ritz_krylov_solve(solver, b, out.x, &out.report));
  const int recorded = ritz_krylov_history(solver, &history);
  memcpy(out.history, history, (size_t)recorded * sizeof *history);
  ritz_sparse_apply(a, out.x, r);
  for (ritz_index i = 0; i < n; i++) rr += (b[i] - r[i]) * (b[i] - r[i]), bb += b[i] * b[i];
  assert_near(out.report.residual, sqrt(rr / bb), 1e-14); /* the true one, however it ended */
  ritz_krylov_destroy(&solver);
  return out;
}

static void assert_same_course(const outcome *a, const outcome *b) {
  assert_int_equal(a->report.reason, RITZ_SOLVE_CONVERGED);
  for (int i = 0; i <= 10; i++) assert_near(a->history[i] / b->history[i], 1, 1e-8);
}

/* Algebra -------------------------------------------------------------------------------------*/

static void the_model_sees_residuals_on_its_grid(void **state) {
  static const double k[9] = {0.1, -0.4, 0.3, 0.9, 2, -0.7, 0.5, 0.8, -0.2};
  static const double size[] = {1, 1e-30, 1e30};
  ritz_learned_options o;
  ritz_learned_options_defaults(&o);
  o.fields = 1, o.field = coefficient, o.safeguard = false;
  ritz_sparse *a = matrix_of(false, false);
  ritz_learned_preconditioner *p = make(k, a, &o);
  double r[nodes], z[nodes], on_grid[nodes] = {0}, rr = 0;
  ritz_index row[nodes];
  const ritz_sparse_grid grid = grid_of_nodes();
  const ritz_index n = ritz_sparse_grid_unknowns(&grid, row);
  fill_uniform(4, n, r);
  for (ritz_index i = 0; i < n; i++) rr += r[i] * r[i];
  for (int i = 0; i < nodes; i++) on_grid[i] = row[i] < 0 ? 0 : r[row[i]];
  for (int s = 0; s < 3; s++) { /* B(c r) = c B(r) */
    double scaled[nodes];
    for (ritz_index i = 0; i < n; i++) scaled[i] = size[s] * r[i];
    assert_int_equal(ritz_learned_preconditioner_apply(p, scaled, z), 0);
    for (int i = 1; i < n0 - 1; i++)
      for (int j = 1; j < n1 - 1; j++) {
        const int at = i * n1 + j;
        double sum = 0.5 * coefficient[at] * sqrt(rr / (double)n);
        for (int t = 0; t < 9; t++) sum += k[t] * on_grid[at + (t / 3 - 1) * n1 + t % 3 - 1];
        if (row[at] >= 0) assert_near(z[row[at]] / size[s], sum, 1e-12);
      }
  }
  ritz_learned_preconditioner_destroy(&p);
  assert_null(p);
  ritz_sparse_destroy(&a);
}

static void the_identity_gives_conjugate_gradients(void **state) {
  ritz_sparse *a = matrix_of(false, false);
  ritz_learned_preconditioner *p = make(identity, a, NULL);
  const outcome plain = solve("cg", a, NULL), learned = solve("flexible_cg", a, p);
  assert_same_course(&learned, &plain);
  const ritz_learned_counts counts = ritz_learned_preconditioner_counts(p);
  assert_int_equal(counts.runs, learned.report.iterations);
  assert_int_equal(counts.rejected, 0);
  assert_int_equal(counts.products, 0);
  ritz_learned_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

static void an_inverse_needs_one_iteration(void **state) {
  static const char *const methods[] = {"flexible_cg", "gmres", "gcrodr"};
  static const double k[9] = {0, 0, 0, 0, 7, 0, 0, 0, 0}; /* of any length */
  ritz_sparse *a = matrix_of(true, true);                 /* 4 I */
  ritz_learned_preconditioner *p = make(k, a, NULL);
  for (int i = 0; i < 3; i++) {
    const outcome out = solve(methods[i], a, p);
    assert_int_equal(out.report.reason, RITZ_SOLVE_CONVERGED);
    assert_int_equal(out.report.iterations, 1);
  }
  ritz_learned_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

/* z = S r; z += g N(r - A z); z += S (r - A z), N the identity. */
static void smoothing_is_done_on_both_sides(void **state) {
  ritz_learned_options o;
  ritz_learned_options_defaults(&o);
  o.smoother = "ssor";
  ritz_sparse *a = matrix_of(false, false);
  const ritz_index n = ritz_sparse_describe(a).rows;
  ritz_learned_preconditioner *p = make(identity, a, &o);
  ritz_preconditioner *s;
  double r[nodes], z[nodes], want[nodes], left[nodes], az[nodes], aq[nodes], up = 0, down = 0;
  assert_ok(ritz_preconditioner_create("ssor", NULL, a, &s));
  fill_uniform(6, n, r);
  ritz_preconditioner_apply(s, r, want);
  ritz_sparse_apply(a, want, az);
  for (ritz_index i = 0; i < n; i++) left[i] = r[i] - az[i];
  ritz_sparse_apply(a, left, aq);
  for (ritz_index i = 0; i < n; i++) up += left[i] * left[i], down += left[i] * aq[i];
  for (ritz_index i = 0; i < n; i++) want[i] += up / down * left[i];
  ritz_sparse_apply(a, want, az);
  for (ritz_index i = 0; i < n; i++) left[i] = r[i] - az[i];
  ritz_preconditioner_apply(s, left, z);
  for (ritz_index i = 0; i < n; i++) want[i] += z[i];
  assert_int_equal(ritz_learned_preconditioner_apply(p, r, z), 0);
  assert_near(relative_error(n, z, want), 0, 1e-13);
  assert_int_equal(ritz_learned_preconditioner_counts(p).products, 2);
  assert_int_equal(solve("flexible_cg", a, p).report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(solve("gmres", a, p).report.reason, RITZ_SOLVE_CONVERGED);
  ritz_preconditioner_destroy(&s);
  ritz_learned_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

static void a_guess_is_the_best_along_the_answer(void **state) {
  ritz_sparse *a = matrix_of(false, false);
  const ritz_index n = ritz_sparse_describe(a).rows;
  ritz_learned_preconditioner *p = make(identity, a, NULL);
  double b[nodes], x[nodes], ax[nodes], along = 0, bb = 0;
  fill_uniform(8, n, b);
  assert_ok(ritz_learned_preconditioner_guess(p, b, x));
  ritz_sparse_apply(a, x, ax);
  for (ritz_index i = 0; i < n; i++) along += b[i] * (b[i] - ax[i]), bb += b[i] * b[i];
  assert_near(along / bb, 0, 1e-13);
  memset(b, 0, sizeof b);
  assert_ok(ritz_learned_preconditioner_guess(p, b, x));
  for (ritz_index i = 0; i < n; i++) assert_true(x[i] == 0);
  ritz_learned_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

/* The safeguard -------------------------------------------------------------------------------*/

static void answers_that_go_up_are_left_out(void **state) {
  static const double minus[9] = {0, 0, 0, 0, -1, 0, 0, 0, 0};
  ritz_learned_options o;
  ritz_sparse *a = matrix_of(false, false);
  const outcome plain = solve("cg", a, NULL);
  for (int smoothed = 0; smoothed < 2; smoothed++) {
    ritz_learned_options_defaults(&o);
    o.smoother = smoothed ? "ssor" : NULL;
    ritz_learned_preconditioner *p = make(minus, a, &o);
    const outcome safe = solve("flexible_cg", a, p);
    assert_int_equal(safe.report.reason, RITZ_SOLVE_CONVERGED);
    assert_int_equal(ritz_learned_preconditioner_counts(p).rejected, safe.report.iterations);
    if (!smoothed) assert_same_course(&safe, &plain);
    ritz_learned_preconditioner_destroy(&p);
  }
  ritz_learned_options_defaults(&o);
  o.safeguard = false;
  ritz_learned_preconditioner *p = make(minus, a, &o);
  assert_int_equal(solve("flexible_cg", a, p).report.reason, RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
  ritz_learned_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

static void answers_that_are_not_finite_are_a_reason(void **state) {
  const double k[9] = {0, 0, 0, 0, NAN, 0, 0, 0, 0};
  ritz_learned_options o;
  double b[nodes], x[nodes];
  ritz_sparse *a = matrix_of(false, false);
  fill_uniform(8, nodes, b);
  for (int smoothed = 0; smoothed < 2; smoothed++) {
    ritz_learned_options_defaults(&o);
    o.smoother = smoothed ? "ssor" : NULL;
    ritz_learned_preconditioner *p = make(k, a, &o);
    assert_int_equal(solve("flexible_cg", a, p).report.reason, RITZ_SOLVE_PRECONDITIONER_FAILED);
    assert_message_contains("output channel y0 is not finite");
    assert_int_equal(ritz_learned_preconditioner_guess(p, b, x), RITZ_ERR_NUMERIC);
    ritz_learned_preconditioner_destroy(&p);
  }
  ritz_sparse_destroy(&a);
}

/* Use -----------------------------------------------------------------------------------------*/

static ritz_status create(ritz_model *model, const ritz_sparse_grid *grid, ritz_sparse *a,
                          const ritz_learned_options *o) {
  ritz_learned_preconditioner *p;
  const ritz_status status = ritz_learned_preconditioner_create(model, grid, a, o, &p);
  if (status != RITZ_OK) assert_null(p);
  ritz_learned_preconditioner_destroy(&p);
  return status;
}

static void what_does_not_fit_is_named(void **state) {
  ritz_sparse *a = matrix_of(false, false), *single;
  ritz_sparse_grid grid = grid_of_nodes();
  ritz_model *one = linear_model(1, 1, identity, 0), *two = linear_model(2, 1, identity, 0);
  ritz_model *wide = linear_model(1, 2, identity, 0);
  ritz_learned_options o;
  const ritz_elements problem = {.grid = grid};
  ritz_learned_options_defaults(&o);
  assert_int_equal(create(two, &grid, a, NULL), RITZ_ERR_SHAPE);
  assert_message_contains("2 channels in and 1 out, wanted the residual and 0 fields");
  assert_int_equal(create(wide, &grid, a, NULL), RITZ_ERR_SHAPE);
  assert_message_contains("1 channels in and 2 out");
  o.fields = 1;
  assert_int_equal(create(two, &grid, a, &o), RITZ_ERR_ARGUMENT);
  assert_message_contains("1 fields, and none given");
  o.fields = 0, o.smoother = "ssro";
  assert_int_equal(create(one, &grid, a, &o), RITZ_ERR_NOT_FOUND);
  o.smoother = "ssor", o.smoother_options = "{omega: 3}";
  assert_int_equal(create(one, &grid, a, &o), RITZ_ERR_CONFIG);
  grid.kind = NULL;
  assert_int_equal(create(one, &grid, a, NULL), RITZ_ERR_SHAPE);
  assert_message_contains("the grid has 72 unknowns");
  grid.dim = 3, grid.nodes[2] = 4;
  assert_int_equal(create(one, &grid, a, NULL), RITZ_ERR_SHAPE);
  assert_message_contains("the grid has 3 axes, the model 2");
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_FLOAT, &problem, NULL, &single));
  grid = grid_of_nodes();
  assert_int_equal(create(one, &grid, single, NULL), RITZ_ERR_ARGUMENT);
  assert_message_contains("wanted double");
  ritz_sparse_destroy(&single);
  ritz_sparse_destroy(&a);
  ritz_model_destroy(&one);
  ritz_model_destroy(&two);
  ritz_model_destroy(&wide);
}

static void an_update_follows_matrix_and_fields(void **state) {
  ritz_learned_options o;
  double r[nodes], z[nodes], again[nodes], other[nodes];
  ritz_sparse *a = matrix_of(false, true);
  ritz_learned_options_defaults(&o);
  o.fields = 1, o.field = coefficient, o.smoother = "ssor", o.safeguard = false;
  for (int i = 0; i < nodes; i++) other[i] = 2 + coefficient[i];
  ritz_learned_preconditioner *kept = make(identity, a, &o);
  const ritz_elements problem = {.grid = grid_of_nodes(), .a = other};
  assert_ok(ritz_sparse_elements_update(a, &problem, NULL));
  assert_ok(ritz_learned_preconditioner_update(kept, other));
  o.field = other;
  ritz_learned_preconditioner *made = make(identity, a, &o);
  fill_uniform(9, nodes, r);
  ritz_learned_preconditioner_apply(made, r, z);
  ritz_learned_preconditioner_apply(kept, r, again);
  const ritz_index n = ritz_sparse_describe(a).rows;
  assert_memory_equal(z, again, (size_t)n * sizeof *z);
  assert_ok(ritz_learned_preconditioner_update(kept, NULL)); /* the fields stay */
  heap_count_begin();
  ritz_learned_preconditioner_apply(kept, r, again);
  assert_int_equal(heap_count_end(), 0);
  assert_memory_equal(z, again, (size_t)n * sizeof *z);
  ritz_learned_preconditioner_destroy(&kept);
  ritz_learned_preconditioner_destroy(&made);
  ritz_sparse_destroy(&a);
}

static void every_allocation_may_fail(void **state) {
  ritz_sparse *a = matrix_of(false, false);
  const ritz_sparse_grid grid = grid_of_nodes();
  ritz_model *model = linear_model(1, 1, identity, 0);
  ritz_learned_options o;
  ritz_learned_options_defaults(&o);
  o.smoother = "ssor";
  long k = 0;
  while (memory_fails(k, create(model, &grid, a, &o))) k++;
  ritz_model_destroy(&model);
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_model_sees_residuals_on_its_grid),
      cmocka_unit_test(the_identity_gives_conjugate_gradients),
      cmocka_unit_test(an_inverse_needs_one_iteration),
      cmocka_unit_test(smoothing_is_done_on_both_sides),
      cmocka_unit_test(a_guess_is_the_best_along_the_answer),
      cmocka_unit_test(answers_that_go_up_are_left_out),
      cmocka_unit_test(answers_that_are_not_finite_are_a_reason),
      cmocka_unit_test(what_does_not_fit_is_named),
      cmocka_unit_test(an_update_follows_matrix_and_fields),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, context_begin, context_end);
}
