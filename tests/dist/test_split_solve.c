/* SPDX-License-Identifier: BSD-3-Clause
 * One system over all ranks: what operator, cycle and solver give does not depend on the cut. */
#include <math.h>
#include <ritz/split_solve.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/context.h"
#include "dist/layout.h"
#include "solvers/grid/diffusion.h"
/* Below what has a `size` of its own. */
#include "ranks.h"

static const double pi = 3.14159265358979323846;

/* A grid on the unit square or cube, and who has what of it. */
typedef struct grid {
  int dim;
  ritz_index n[3];
  double contrast; /* of two values side by side; 0: a smooth coefficient */
  int cut;         /* 0: equal parts; 1: parts grow; 2: the first rank has nothing, the last two
                      planes; 3: all but the last have one plane */
} grid;

static const grid grids[] = {
    {3, {41, 18, 23}, 0, 0}, {3, {70, 12, 13}, 10, 1}, {3, {17, 33, 31}, 100, 0},
    {3, {96, 9, 10}, 0, 3},  {2, {130, 57}, 10, 0},    {2, {300, 24}, 0, 1},
    {2, {67, 66}, 100, 2},   {3, {5, 3, 6}, 0, 0},     {3, {150, 24, 20}, 3, 0},
    {2, {24, 200}, 10, 0},
};
enum { grid_count = sizeof grids / sizeof *grids };

static ritz_layout *cut(const grid *g, ritz_context *context) {
  const int parts = ritz_comm_size(context->comm), ranks[3] = {parts, 1, 1};
  ritz_index offset[9] = {0};
  for (int r = 1; r < parts; r++)
    offset[r] = g->cut == 1   ? g->n[0] * r * r / (parts * parts)
                : g->cut == 2 ? (g->n[0] - 2) * (r - 1) / (parts > 2 ? parts - 2 : 1)
                              : r;
  offset[parts] = g->n[0];
  const ritz_index *const offsets[3] = {offset, NULL, NULL};
  ritz_layout *layout;
  assert_ok(ritz_layout_create(context, g->dim, g->n, ranks, g->cut ? offsets : NULL, &layout));
  return layout;
}

static ritz_index plane_of(const grid *g) { return g->n[1] * (g->dim == 3 ? g->n[2] : 1); }

/* Position of node `at` in the whole grid. */
static void place(const grid *g, ritz_index at, double x[3]) {
  for (int axis = g->dim - 1; axis >= 0; at /= g->n[axis--])
    x[axis] = (double)(at % g->n[axis]) / (double)(g->n[axis] - 1);
  if (g->dim == 2) x[2] = 0.3;
}

static double coefficient(const grid *g, ritz_index at) {
  double x[3] = {0};
  place(g, at, x);
  const double wave = sin(7 * x[0] + 2) * cos(5 * x[1]) + 0.4 * sin(9 * x[2] + x[0]);
  return g->contrast > 0 ? (wave > 0.1 ? g->contrast : 1) : exp(wave);
}

static bool inside(const grid *g, ritz_index at) {
  bool yes = true;
  for (int axis = g->dim - 1; axis >= 0; at /= g->n[axis--])
    yes = yes && at % g->n[axis] > 0 && at % g->n[axis] < g->n[axis] - 1;
  return yes;
}

/* A system over the ranks of a context. */
typedef struct problem {
  const grid *g;
  ritz_layout *layout;
  ritz_split_diffusion *solver;
  ritz_index first, count; /* nodes */
  double *a, *b, *x, *y;
} problem;

static problem begin(const grid *g, ritz_context *context, const ritz_split_options *options,
                     ritz_face_mean mean) {
  problem p = {.g = g, .layout = cut(g, context)};
  double h[3];
  for (int axis = 0; axis < g->dim; axis++) h[axis] = 1.0 / (double)(g->n[axis] - 1);
  ritz_layout_part(p.layout, 0, &p.first, &p.count);
  p.first *= plane_of(g), p.count *= plane_of(g);
  double **const vectors[] = {&p.a, &p.b, &p.x, &p.y};
  for (int v = 0; v < 4; v++) *vectors[v] = calloc((size_t)p.count + 1, sizeof(double));
  for (ritz_index k = 0; k < p.count; k++) {
    p.a[k] = coefficient(g, p.first + k);
    p.b[k] = inside(g, p.first + k) ? 1 + sin(0.37 * (double)(p.first + k)) : 0;
  }
  assert_ok(ritz_split_diffusion_create(p.layout, h, options, &p.solver));
  assert_ok(ritz_split_diffusion_set(p.solver, p.a, mean));
  return p;
}

static void end(problem *p) {
  ritz_split_diffusion_destroy(&p->solver);
  ritz_layout_destroy(&p->layout);
  free(p->a), free(p->b), free(p->x), free(p->y);
}

static void assert_same_part(const problem *part, const double *of_part, const double *of_whole) {
  assert_memory_equal(of_part, of_whole + part->first, (size_t)part->count * sizeof(double));
}

/* -- Operator ---------------------------------------------------------------------------------- */

static void products_have_the_bits_of_one_rank_and_those_of_the_serial_operator(void **state) {
  for (int i = 0; i < grid_count; i++)
    for (int mean = 0; mean < 2; mean++) {
      const grid *g = &grids[i];
      problem part = begin(g, together, NULL, mean), whole = begin(g, single, NULL, mean);
      assert_int_equal(ritz_split_diffusion_apply(part.solver, part.b, part.y), 0);
      assert_int_equal(ritz_split_diffusion_apply(whole.solver, whole.b, whole.y), 0);
      assert_same_part(&part, part.y, whole.y);
      if (g->dim == 2) {
        ritz_diffusion *serial;
        assert_ok(ritz_diffusion_create(g->n[0], g->n[1], 1.0 / (double)(g->n[0] - 1),
                                        1.0 / (double)(g->n[1] - 1), &serial));
        ritz_diffusion_set(serial, whole.a, mean);
        ritz_diffusion_apply(serial, whole.b, whole.x);
        assert_true(relative_error(whole.count, whole.y, whole.x) < 1e-15);
        ritz_diffusion_destroy(&serial);
      }
      end(&part), end(&whole);
    }
}

/* |u - v| of the whole grid for a = 1 + x y and u = sin(pi x) sin(2 pi y) (sin(pi z)). */
static double error_of(const grid *g) {
  problem p = begin(g, together, NULL, RITZ_FACE_ARITHMETIC);
  double volume = 1, worst = 0;
  for (int axis = 0; axis < g->dim; axis++) volume /= (double)(g->n[axis] - 1);
  for (ritz_index k = 0; k < p.count; k++) {
    double x[3] = {0};
    place(g, p.first + k, x);
    const double s = sin(pi * x[0]), t = sin(2 * pi * x[1]), r = g->dim == 3 ? sin(pi * x[2]) : 1;
    const double flow =
        x[1] * pi * cos(pi * x[0]) * t * r + x[0] * 2 * pi * cos(2 * pi * x[1]) * s * r;
    p.a[k] = 1 + x[0] * x[1];
    p.b[k] = volume * (p.a[k] * (g->dim == 3 ? 6 : 5) * pi * pi * s * t * r - flow);
  }
  ritz_solve_report report;
  assert_ok(ritz_split_diffusion_set(p.solver, p.a, RITZ_FACE_ARITHMETIC));
  assert_ok(ritz_split_diffusion_solve(p.solver, p.b, p.x, &report));
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  for (ritz_index k = 0; k < p.count; k++) {
    double x[3] = {0};
    place(g, p.first + k, x);
    const double u = sin(pi * x[0]) * sin(2 * pi * x[1]) * (g->dim == 3 ? sin(pi * x[2]) : 1);
    worst = fmax(worst, fabs(u - p.x[k]));
  }
  end(&p);
  if (size > 1) assert_ok(ritz_comm_largest(together->comm, 1, &worst));
  return worst;
}

static void solutions_are_of_second_order(void **state) {
  const double flat = error_of(&(grid){2, {33, 25}, 0, 0}) / error_of(&(grid){2, {65, 49}, 0, 0});
  const double cube =
      error_of(&(grid){3, {21, 17, 13}, 0, 0}) / error_of(&(grid){3, {41, 33, 25}, 0, 0});
  assert_near(flat, 4, 0.2);
  assert_near(cube, 4, 0.2);
}

/* -- Multigrid --------------------------------------------------------------------------------- */

static void solves_have_the_bits_of_one_rank(void **state) {
  for (int i = 0; i < grid_count; i++)
    for (int way = 0; way < 6; way++) {
      ritz_split_options o;
      ritz_split_options_defaults(&o);
      o.sweeps = 1 + way % 3;
      o.cycle = way < 3 ? RITZ_CYCLE_V : RITZ_CYCLE_W;
      o.dtype = way % 2 ? RITZ_FLOAT64 : RITZ_FLOAT32;
      const grid *g = &grids[i];
      const ritz_face_mean mean = g->contrast > 0 ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC;
      problem part = begin(g, together, &o, mean), whole = begin(g, single, &o, mean);
      assert_int_equal(ritz_split_diffusion_cycle(part.solver, part.b, part.y), 0);
      assert_int_equal(ritz_split_diffusion_cycle(whole.solver, whole.b, whole.y), 0);
      assert_same_part(&part, part.y, whole.y);
      ritz_solve_report reports[2];
      assert_ok(ritz_split_diffusion_solve(part.solver, part.b, part.x, &reports[0]));
      assert_ok(ritz_split_diffusion_solve(whole.solver, whole.b, whole.x, &reports[1]));
      assert_int_equal(reports[0].reason, RITZ_SOLVE_CONVERGED);
      assert_memory_equal(&reports[0], &reports[1], sizeof *reports);
      assert_true(reports[0].residual <= 1e-8);
      assert_same_part(&part, part.x, whole.x);
      if (g->contrast <= 10 && way < 3) assert_in_range(reports[0].iterations, 1, 20);
      end(&part), end(&whole);
    }
}

/* x . M y = y . M x, and both positive. */
static void cycles_are_symmetric(void **state) {
  for (int i = 0; i < grid_count; i++)
    for (int cycle = 0; cycle < 2; cycle++) {
      ritz_split_options o;
      ritz_split_options_defaults(&o);
      o.dtype = RITZ_FLOAT64;
      o.cycle = cycle ? RITZ_CYCLE_W : RITZ_CYCLE_V;
      problem p = begin(&grids[i], together, &o, RITZ_FACE_HARMONIC);
      double *z = calloc((size_t)p.count + 1, sizeof *z), sums[4] = {0};
      for (ritz_index k = 0; k < p.count; k++)
        p.x[k] = inside(p.g, p.first + k) ? cos(1.7 * (double)(p.first + k)) : 0;
      assert_int_equal(ritz_split_diffusion_cycle(p.solver, p.b, p.y), 0);
      assert_int_equal(ritz_split_diffusion_cycle(p.solver, p.x, z), 0);
      for (ritz_index k = 0; k < p.count; k++) {
        sums[0] += p.x[k] * p.y[k], sums[1] += p.b[k] * z[k];
        sums[2] += p.b[k] * p.y[k], sums[3] += p.x[k] * z[k];
      }
      assert_int_equal(ritz_split_sum(p.layout, sums, 4), 0);
      assert_true(sums[2] > 0 && sums[3] > 0);
      assert_near(sums[0], sums[1], 1e-13 * sqrt(sums[2] * sums[3]));
      free(z);
      end(&p);
    }
}

static void maps_serve_a_krylov_method(void **state) {
  const grid g = {3, {45, 20, 20}, 0, 0};
  problem p = begin(&g, together, NULL, RITZ_FACE_ARITHMETIC);
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = "cg", o.rtol = 1e-8, o.threads = 1;
  ritz_krylov *cg;
  ritz_solve_report reports[2];
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, p.count, &o, &cg));
  ritz_krylov_set_operator(cg, ritz_split_diffusion_apply, p.solver);
  ritz_krylov_set_preconditioner(cg, ritz_split_diffusion_cycle, p.solver);
  ritz_krylov_set_sum(cg, ritz_split_sum, p.layout);
  assert_ok(ritz_krylov_solve(cg, p.b, p.x, &reports[0]));
  assert_ok(ritz_split_diffusion_solve(p.solver, p.b, p.y, &reports[1]));
  assert_int_equal(reports[0].reason, RITZ_SOLVE_CONVERGED);
  assert_true(abs(reports[0].iterations - reports[1].iterations) <= 1);
  if (p.count > 0) assert_true(relative_error(p.count, p.x, p.y) < 1e-6);
  ritz_krylov_destroy(&cg);
  end(&p);
}

/* -- What can go wrong ------------------------------------------------------------------------- */

static void wrong_systems_are_refused_on_all_ranks(void **state) {
  const double h[] = {0.1, 0.1, 0.1};
  ritz_split_diffusion *s;
  ritz_layout *layout;
  const grid g = {2, {40, 12}, 0, 0};
  if (size > 1) {
    const int parts[] = {1, size};
    assert_ok(ritz_layout_create(together, 2, g.n, parts, NULL, &layout));
    assert_int_equal(ritz_split_diffusion_create(layout, h, NULL, &s), RITZ_ERR_ARGUMENT);
    assert_message_contains("only axis 0 can be, into slabs");
    assert_null(s);
    ritz_layout_destroy(&layout);
  }
  ritz_split_options o;
  ritz_split_options_defaults(&o);
  o.sweeps = 9;
  layout = cut(&g, together);
  assert_int_equal(ritz_split_diffusion_create(layout, h, &o, &s), RITZ_ERR_ARGUMENT);
  assert_message_contains("sweeps are 9");
  ritz_layout_destroy(&layout);
  problem p = begin(&g, together, NULL, RITZ_FACE_ARITHMETIC);
  if (rank == size - 1) p.a[p.count - 1] = NAN;
  assert_int_equal(ritz_split_diffusion_set(p.solver, p.a, RITZ_FACE_ARITHMETIC), RITZ_ERR_NUMERIC);
  assert_message_contains("the coefficient in plane 39 is nan");
  end(&p);
}

static void hopeless_solves_say_why_on_all_ranks(void **state) {
  const grid g = {3, {30, 10, 10}, 10, 0};
  ritz_split_options o;
  ritz_split_options_defaults(&o);
  o.max_iterations = 2;
  problem p = begin(&g, together, &o, RITZ_FACE_HARMONIC);
  ritz_solve_report report;
  assert_ok(ritz_split_diffusion_solve(p.solver, p.b, p.x, &report));
  assert_int_equal(report.reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_true(report.residual > 1e-8 && report.residual < 1);
  if (rank == size - 1) p.b[p.count / 2 + 15] = INFINITY;
  assert_ok(ritz_split_diffusion_solve(p.solver, p.b, p.x, &report));
  assert_int_equal(report.reason, RITZ_SOLVE_NOT_FINITE);
  memset(p.b, 0, (size_t)p.count * sizeof *p.b);
  assert_ok(ritz_split_diffusion_solve(p.solver, p.b, p.x, &report));
  assert_int_equal(report.reason, RITZ_SOLVE_ZERO_RHS);
  end(&p);
}

static void memory_failures_of_one_rank_are_those_of_all(void **state) {
  const grid g = {3, {40, 10, 10}, 0, 0};
  const double h[] = {0.1, 0.1, 0.1};
  ritz_layout *layout = cut(&g, together);
  ritz_split_diffusion *s;
  for (int unlucky = 0; unlucky < size; unlucky++) {
    long k = 0;
    while (creation_fails(rank == unlucky ? k : -1, s,
                          ritz_split_diffusion_create(layout, h, NULL, &s)))
      k++;
    ritz_split_diffusion_destroy(&s);
  }
  ritz_layout_destroy(&layout);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_have_the_bits_of_one_rank_and_those_of_the_serial_operator),
      cmocka_unit_test(solutions_are_of_second_order),
      cmocka_unit_test(solves_have_the_bits_of_one_rank),
      cmocka_unit_test(cycles_are_symmetric),
      cmocka_unit_test(maps_serve_a_krylov_method),
      cmocka_unit_test(wrong_systems_are_refused_on_all_ranks),
      cmocka_unit_test(hopeless_solves_say_why_on_all_ranks),
      cmocka_unit_test(memory_failures_of_one_rank_are_those_of_all),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
