/* SPDX-License-Identifier: BSD-3-Clause
 * Problems of the cube, by conjugate gradients with multigrid cycles and by cycles alone. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "cycle_solve.h"
#include "solvers/multigrid/diffusion_batch.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

enum { most = 8 };

typedef struct cube {
  ritz_index n[3], size;
  double *a[most], *b, *u[most];
  ritz_solve_report report[most];
} cube;

static cube prepare_cube(const ritz_index n[3], int count, double contrast) {
  cube c = {.n = {n[0], n[1], n[2]}, .size = n[0] * n[1] * n[2]};
  c.b = malloc((size_t)c.size * sizeof *c.b);
  for (ritz_index k = 0; k < c.size; k++)
    c.b[k] = 1.0 / (double)((n[0] - 1) * (n[1] - 1) * (n[2] - 1));
  for (int s = 0; s < count; s++) {
    c.a[s] = malloc((size_t)c.size * sizeof *c.a[s]);
    c.u[s] = malloc((size_t)c.size * sizeof *c.u[s]);
    for (ritz_index k = 0; k < c.size; k++) {
      const double x = (double)(k / (n[1] * n[2])) / (double)(n[0] - 1);
      const double y = (double)(k / n[2] % n[1]) / (double)(n[1] - 1);
      const double z = (double)(k % n[2]) / (double)(n[2] - 1);
      const double wave = cos((3 + s) * x + y) * cos(5 * y - s) * cos(4 * z + x);
      c.a[s][k] = pow(contrast, 0.5 * wave);
    }
  }
  return c;
}

static void discard_cube(cube *c, int count) {
  for (int s = 0; s < count; s++) {
    free(c->a[s]);
    free(c->u[s]);
  }
  free(c->b);
}

static void solve_cube_by(const ritz_multigrid_options *options, cube *c, int from, int count) {
  const double h[] = {1.0 / (double)(c->n[0] - 1), 1.0 / (double)(c->n[1] - 1),
                      1.0 / (double)(c->n[2] - 1)};
  const double *a[most], *b[most];
  for (int s = 0; s < count; s++) a[s] = c->a[from + s], b[s] = c->b;
  ritz_diffusion_batch *batch;
  assert_ok(ritz_diffusion_batch_create(3, c->n, h, options, &batch));
  ritz_diffusion_batch_solve(batch, count, RITZ_FACE_ARITHMETIC, a, b, c->u + from,
                             c->report + from);
  ritz_diffusion_batch_destroy(&batch);
}

static ritz_multigrid_options wish(ritz_cycle cycle, int sweeps, double tolerance) {
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.cycle = cycle;
  options.sweeps = sweeps;
  options.stationary = cycle == RITZ_CYCLE_F;
  options.tolerance = tolerance;
  return options;
}

static void solve_cube(cube *c, int from, int count, double tolerance) {
  const ritz_multigrid_options options = wish(RITZ_CYCLE_V, 2, tolerance);
  solve_cube_by(&options, c, from, count);
}

/* A u by the seven-point scheme written out here; zero on the boundary. */
static void cube_product(const cube *c, int s, const double *u, double *au) {
  const double *a = c->a[s];
  const ritz_index *n = c->n, step[] = {n[1] * n[2], n[2], 1};
  double h[3];
  for (int axis = 0; axis < 3; axis++) h[axis] = 1.0 / (double)(n[axis] - 1);
  memset(au, 0, (size_t)c->size * sizeof *au);
  for (ritz_index i = 1; i < n[0] - 1; i++)
    for (ritz_index j = 1; j < n[1] - 1; j++)
      for (ritz_index l = 1; l < n[2] - 1; l++) {
        const ritz_index k = i * step[0] + j * step[1] + l;
        for (int f = 0; f < 6; f++) {
          const ritz_index to = f % 2 ? k + step[f / 2] : k - step[f / 2];
          const double weight = h[0] * h[1] * h[2] / (h[f / 2] * h[f / 2]);
          au[k] += weight * 0.5 * (a[k] + a[to]) * (u[k] - u[to]);
        }
      }
}

static bool inside(const cube *c, ritz_index k) {
  const ritz_index *n = c->n, at[] = {k / n[2] / n[1], k / n[2] % n[1], k % n[2]};
  bool in = true;
  for (int axis = 0; axis < 3; axis++) in = in && at[axis] > 0 && at[axis] < n[axis] - 1;
  return in;
}

/* ||b - A u|| / ||b|| at the unknowns. */
static double cube_residual(const cube *c, int s) {
  double rr = 0, bb = 0, *au = malloc((size_t)c->size * sizeof *au);
  cube_product(c, s, c->u[s], au);
  for (ritz_index k = 0; k < c->size; k++) {
    if (!inside(c, k)) continue;
    rr += (c->b[k] - au[k]) * (c->b[k] - au[k]);
    bb += c->b[k] * c->b[k];
  }
  free(au);
  return sqrt(rr / bb);
}

/* Two values on either side of curved sheets, thin beside the grid. */
static void cut_in_two(cube *c, int count, double contrast) {
  for (int s = 0; s < count; s++)
    for (ritz_index k = 0; k < c->size; k++) c->a[s][k] = c->a[s][k] > 1 ? contrast : 1;
}

/* Steps with Galerkin operators; trilinear transfer takes several times as many. */
static void jumps_converge(void **state) {
  static const struct {
    ritz_index n[3];
    int limit;
  } cases[] = {{{9, 9, 9}, 7}, {{17, 17, 17}, 8}, {{18, 26, 19}, 9}, {{33, 32, 35}, 9}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_W; cycle++) {
      ritz_multigrid_options options = wish((ritz_cycle)cycle, 2, 1e-8);
      cube c = prepare_cube(cases[i].n, 3, 10);
      cut_in_two(&c, 3, 1e4);
      options.galerkin = true;
      solve_cube_by(&options, &c, 0, 3);
      for (int s = 0; s < 3; s++) {
        assert_int_equal(c.report[s].reason, RITZ_SOLVE_CONVERGED);
        assert_near(cube_residual(&c, s), c.report[s].residual, 1e-10);
        if (c.report[s].iterations > cases[i].limit)
          fail_msg("[%td, %td, %td] cycle %d: %d iterations", c.n[0], c.n[1], c.n[2], cycle,
                   c.report[s].iterations);
      }
      discard_cube(&c, 3);
    }
}

static void cubes_converge(void **state) {
  static const struct {
    ritz_index n[3];
    double contrast;
    int limit;
  } cases[] = {{{3, 3, 3}, 10, 3},      {{9, 9, 9}, 1, 8},       {{17, 17, 17}, 1e4, 12},
               {{18, 16, 19}, 100, 12}, {{32, 32, 32}, 100, 12}, {{33, 30, 27}, 1e4, 14},
               {{5, 9, 12}, 10, 16}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cube c = prepare_cube(cases[i].n, 3, cases[i].contrast);
    solve_cube(&c, 0, 3, 1e-8);
    for (int s = 0; s < 3; s++) {
      assert_int_equal(c.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_near(cube_residual(&c, s), c.report[s].residual, 1e-10);
      if (c.report[s].iterations > cases[i].limit)
        fail_msg("[%td, %td, %td] contrast %g: %d iterations", c.n[0], c.n[1], c.n[2],
                 cases[i].contrast, c.report[s].iterations);
    }
    discard_cube(&c, 3);
  }
}

/* Every cycle with every number of sweeps on every instruction set. More sweeps, and second visits
 * with two of them, take no more iterations. */
static void cycles_agree(bool galerkin) {
  const ritz_index n[] = {18, 31, 23};
  int before[] = {1000, 1000, 1000};
  cube first = prepare_cube(n, 3, 100);
  solve_cube(&first, 0, 3, 1e-10);
  for (int sweeps = 1; sweeps <= 3; sweeps++)
    for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++) {
      ritz_multigrid_options options = wish((ritz_cycle)cycle, sweeps, 1e-10);
      cube c = prepare_cube(n, 3, 100);
      options.galerkin = galerkin;
      solve_cube_by(&options, &c, 0, 3);
      for (int s = 0; s < 3; s++) {
        assert_int_equal(c.report[s].reason, RITZ_SOLVE_CONVERGED);
        for (ritz_index k = 0; k < c.size; k++) assert_near(c.u[s][k], first.u[s][k], 1e-9);
      }
      assert_true(c.report[0].iterations <= before[cycle]);
      before[cycle] = c.report[0].iterations;
      discard_cube(&c, 3);
    }
  assert_true(before[RITZ_CYCLE_W] <= before[RITZ_CYCLE_V]);
  discard_cube(&first, 3);
}

static void all_cycles_reach_the_same_solution(void **state) {
  static const char *const isas[] = {"avx512", "avx2", "base"};
  const char *wanted = getenv("RITZ_ISA");
  for (int isa = 0; isa < 3; isa++) {
    setenv("RITZ_ISA", isas[isa], 1);
    cycles_agree(false);
    cycles_agree(true);
  }
  if (wanted)
    setenv("RITZ_ISA", wanted, 1);
  else
    unsetenv("RITZ_ISA");
}

static void a_cube_does_not_see_its_neighbours(void **state) {
  const ritz_index n[] = {14, 11, 12};
  for (int galerkin = 0; galerkin < 2; galerkin++) {
    ritz_multigrid_options options = wish(RITZ_CYCLE_V, 2, 1e-8);
    options.galerkin = galerkin;
    cube together = prepare_cube(n, 5, 1e3), apart = prepare_cube(n, 5, 1e3);
    solve_cube_by(&options, &together, 0, 5);
    solve_cube_by(&options, &apart, 3, 2);
    for (int s = 0; s < 3; s++) solve_cube_by(&options, &apart, s, 1);
    for (int s = 0; s < 5; s++)
      assert_memory_equal(together.u[s], apart.u[s], (size_t)apart.size * sizeof(double));
    discard_cube(&together, 5);
    discard_cube(&apart, 5);
  }
}

static int apply(void *user, const void *x, void *y) {
  cube_product(user, 0, x, y);
  return 0;
}

static void cycles_precondition_krylov_methods(void **state) {
  const ritz_index n[] = {18, 11, 14};
  const double h[] = {1.0 / 17, 1.0 / 10, 1.0 / 13};
  cube c = prepare_cube(n, 1, 1e3);
  for (ritz_index k = 0; k < c.size; k++) c.b[k] = inside(&c, k) ? c.b[k] : 0;
  solve_cube(&c, 0, 1, 1e-10);
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++)
    for (int galerkin = 0; galerkin < 2; galerkin++) {
      ritz_multigrid_options options = wish((ritz_cycle)cycle, 2, 1e-8);
      options.galerkin = galerkin;
      ritz_multigrid_map *map;
      double *u = calloc((size_t)c.size, sizeof *u);
      assert_ok(ritz_multigrid_map_create(3, n, h, &options, &map));
      ritz_multigrid_map_set(map, c.a[0], RITZ_FACE_ARITHMETIC);
      const ritz_solve_report report =
          solve_by_cycles(c.size, apply, &c, (ritz_cycle)cycle, map, 1e-9, c.b, u);
      assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
      assert_true(report.iterations <= 12);
      assert_near(relative_error(c.size, u, c.u[0]), 0, 1e-6);
      ritz_multigrid_map_destroy(&map);
      free(u);
    }
  discard_cube(&c, 1);
}

static void a_bad_grid_has_no_cycle(void **state) {
  ritz_multigrid_map *map = NULL;
  const double h[] = {0.1, 0.1, 0};
  const ritz_index n[] = {5, 5, 2};
  assert_int_equal(ritz_multigrid_map_create(4, n, h, NULL, &map), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_multigrid_map_create(3, n, h, NULL, &map), RITZ_ERR_ARGUMENT);
  assert_message_contains("nodes along axis 2 are 2");
  assert_int_equal(ritz_multigrid_map_create(3, (ritz_index[]){5, 5, 5}, h, NULL, &map),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("spacing along axis 2");
  long k = 0;
  while (creation_fails(k, map, ritz_multigrid_map_create(2, n, h, NULL, &map))) k++;
  ritz_multigrid_map_destroy(&map);
}

/* u = sin(pi x) sin(pi y) sin(2 pi z), a = 1. */
static double cube_error(ritz_index m, ritz_cycle cycle, int sweeps, bool galerkin) {
  ritz_multigrid_options options = wish(cycle, sweeps, 1e-11);
  options.galerkin = galerkin;
  const ritz_index n[] = {m, m + 2, m - 1};
  cube c = prepare_cube(n, 1, 1);
  double error = 0, *exact = malloc((size_t)c.size * sizeof *exact);
  for (ritz_index k = 0; k < c.size; k++) {
    const double x = (double)(k / (n[1] * n[2])) / (double)(n[0] - 1);
    const double y = (double)(k / n[2] % n[1]) / (double)(n[1] - 1);
    const double z = (double)(k % n[2]) / (double)(n[2] - 1);
    exact[k] = sin(pi * x) * sin(pi * y) * sin(2 * pi * z);
    c.b[k] *= 6 * pi * pi * exact[k];
  }
  solve_cube_by(&options, &c, 0, 1);
  assert_int_equal(c.report[0].reason, RITZ_SOLVE_CONVERGED);
  for (ritz_index k = 0; k < c.size; k++) error = fmax(error, fabs(c.u[0][k] - exact[k]));
  free(exact);
  discard_cube(&c, 1);
  return error;
}

static void cubes_converge_at_second_order(void **state) {
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++)
    for (int sweeps = 1; sweeps <= 3; sweeps++)
      for (int galerkin = 0; galerkin < 2; galerkin++) {
        const double coarse = cube_error(17, (ritz_cycle)cycle, sweeps, galerkin);
        const double fine = cube_error(33, (ritz_cycle)cycle, sweeps, galerkin);
        assert_near(log2(coarse / fine), 2, 0.15);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cubes_converge),
      cmocka_unit_test(jumps_converge),
      cmocka_unit_test(all_cycles_reach_the_same_solution),
      cmocka_unit_test(a_cube_does_not_see_its_neighbours),
      cmocka_unit_test(cubes_converge_at_second_order),
      cmocka_unit_test(cycles_precondition_krylov_methods),
      cmocka_unit_test(a_bad_grid_has_no_cycle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
