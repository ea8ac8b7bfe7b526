/* SPDX-License-Identifier: BSD-3-Clause
 * The fast Poisson solver over slabs: against the serial one, exact for what the operator makes,
 * and with the traffic that it states. */
#include <math.h>
#include <ritz/split_solve.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/context.h"
#include "dist/layout.h"
#include "solvers/precond/fast_poisson.h"
/* Below what has a `size` of its own. */
#include "ranks.h"

typedef struct grid {
  int dim;
  ritz_index n[3];
  int cut; /* 0: equal parts; 1: parts grow from none; 2: all but the last have one plane */
} grid;

static const grid grids[] = {
    {2, {33, 20}, 0},    {2, {70, 41}, 1},    {2, {12, 3}, 2},
    {2, {3, 90}, 0},     {3, {18, 9, 12}, 0}, {3, {41, 5, 23}, 1},
    {3, {20, 16, 6}, 2}, {3, {3, 4, 5}, 0},   {3, {64, 21, 3}, 0},
};
enum { grid_count = sizeof grids / sizeof *grids };

static ritz_layout *cut(const grid *g, ritz_context *context) {
  const int parts = ritz_comm_size(context->comm), ranks[3] = {parts, 1, 1};
  ritz_index offset[9] = {0};
  for (int r = 1; r < parts; r++) {
    offset[r] = g->cut == 1 ? g->n[0] * r * r / (parts * parts) : r;
    if (offset[r] > g->n[0]) offset[r] = g->n[0];
  }
  offset[parts] = g->n[0];
  const ritz_index *const offsets[3] = {offset, NULL, NULL};
  ritz_layout *layout;
  assert_ok(ritz_layout_create(context, g->dim, g->n, ranks, g->cut ? offsets : NULL, &layout));
  return layout;
}

static void spacing(const grid *g, double h[3]) {
  for (int axis = 0; axis < g->dim; axis++) h[axis] = (1.0 + axis) / (double)(g->n[axis] - 1);
}

static ritz_index plane_of(const grid *g) { return g->n[1] * (g->dim == 3 ? g->n[2] : 1); }

/* Any numbers, zero on the boundary. */
static double *vector(const grid *g, ritz_index first, ritz_index count) {
  double *x = calloc((size_t)count + 1, sizeof *x);
  for (ritz_index k = 0; k < count; k++) {
    bool inside = true;
    for (ritz_index at = first + k, axis = g->dim - 1; axis >= 0; at /= g->n[axis--])
      inside = inside && at % g->n[axis] > 0 && at % g->n[axis] < g->n[axis] - 1;
    x[k] = inside ? 0.3 + sin(1.7 * (double)((first + k) % 101)) : 0;
  }
  return x;
}

static void solutions_are_those_of_the_serial_solver(void **state) {
  for (int i = 0; i < grid_count; i++) {
    const grid *g = &grids[i];
    if (g->dim == 3) continue;
    const ritz_index n0 = g->n[0], n1 = g->n[1];
    ritz_layout *layout = cut(g, together);
    ritz_split_poisson *split;
    ritz_fast_poisson *serial;
    double h[3];
    ritz_index first, planes;
    spacing(g, h);
    ritz_layout_part(layout, 0, &first, &planes);
    assert_ok(ritz_split_poisson_create(layout, h, 0, &split));
    assert_ok(
        ritz_fast_poisson_create(RITZ_FLOAT64, n0 - 2, n1 - 2, h[1] / h[0], h[0] / h[1], &serial));
    double *b = vector(g, 0, n0 * n1), *all = calloc((size_t)(n0 * n1), sizeof *all);
    double *x = calloc((size_t)(planes * n1 + 1), sizeof *x);
    void *scratch = zeros(RITZ_FLOAT32, (ritz_index)ritz_fast_poisson_scratch(serial) / 4);
    ritz_fast_poisson_solve(serial, b + n1 + 1, n1, all + n1 + 1, n1, scratch);
    assert_int_equal(ritz_split_poisson_solve(split, b + first * n1, x), 0);
    double largest = 0;
    for (ritz_index k = 0; k < n0 * n1; k++) largest = fmax(largest, fabs(all[k]));
    for (ritz_index k = 0; k < planes * n1; k++)
      assert_near(x[k], all[first * n1 + k], 1e-12 * largest);
    free(b), free(all), free(x), ritz_free(scratch);
    ritz_fast_poisson_destroy(&serial);
    ritz_split_poisson_destroy(&split);
    ritz_layout_destroy(&layout);
  }
}

/* x of b = A x + sigma h0 h1 h2 x. */
static void it_inverts_the_operator(void **state) {
  for (int i = 0; i < grid_count; i++)
    for (int s = 0; s < 2; s++) {
      const grid *g = &grids[i];
      const double sigma = s * 40;
      ritz_layout *layout = cut(g, together);
      ritz_split_poisson *poisson;
      ritz_split_diffusion *operator;
      double h[3], volume = 1;
      ritz_index first, planes;
      spacing(g, h);
      for (int axis = 0; axis < g->dim; axis++) volume *= h[axis];
      ritz_layout_part(layout, 0, &first, &planes);
      const ritz_index count = planes * plane_of(g);
      double *x = vector(g, first * plane_of(g), count), *b = calloc((size_t)count + 1, sizeof *b);
      double *y = calloc((size_t)count + 1, sizeof *y);
      for (ritz_index k = 0; k < count; k++) y[k] = 1;
      assert_ok(ritz_split_diffusion_create(layout, h, NULL, &operator));
      assert_ok(ritz_split_diffusion_set(operator, y, RITZ_FACE_HARMONIC));
      assert_ok(ritz_split_poisson_create(layout, h, sigma, &poisson));
      assert_int_equal(ritz_split_diffusion_apply(operator, x, b), 0);
      for (ritz_index k = 0; k < count; k++) b[k] += sigma * volume * x[k];
      assert_int_equal(ritz_split_poisson_solve(poisson, b, y), 0);
      for (ritz_index k = 0; k < count; k++) assert_near(y[k], x[k], 1e-12);
      free(x), free(b), free(y);
      ritz_split_diffusion_destroy(&operator);
      ritz_split_poisson_destroy(&poisson);
      ritz_layout_destroy(&layout);
    }
}

/* Two numbers a mode to its owner, and as many back. */
static void traffic_is_two_numbers_a_mode_there_and_back(void **state) {
  for (int i = 0; i < grid_count; i++) {
    const grid *g = &grids[i];
    ritz_layout *layout = cut(g, together);
    ritz_split_poisson *poisson;
    double h[3];
    spacing(g, h);
    assert_ok(ritz_split_poisson_create(layout, h, 0, &poisson));
    const ritz_index *offset = ritz_layout_offsets(layout, 0);
    const ritz_index rows = g->dim == 3 ? g->n[1] - 2 : 1, columns = g->n[g->dim - 1] - 2;
    const ritz_index modes = 4 * ((rows + 1) / 2) * (((columns + 1) / 2 + 7) / 8 * 8);
    ritz_index first, share, others = 0, own = 0;
    ritz_comm_share(together->comm, modes, &first, &share);
    for (int r = 0; r < size; r++) {
      const ritz_index lo = offset[r] > 1 ? offset[r] : 1;
      const ritz_index hi = offset[r + 1] < g->n[0] - 1 ? offset[r + 1] : g->n[0] - 1;
      if (r == rank)
        own = hi > lo;
      else
        others += hi > lo;
    }
    const ritz_index count = (offset[rank + 1] - offset[rank]) * plane_of(g);
    double *b = vector(g, offset[rank] * plane_of(g), count);
    double *x = calloc((size_t)count + 1, sizeof *x);
    const uint64_t before = ritz_comm_bytes(together->comm);
    assert_int_equal(ritz_split_poisson_solve(poisson, b, x), 0);
    const uint64_t sent = ritz_comm_bytes(together->comm) - before;
    assert_int_equal(sent, 2 * sizeof(double) * (size_t)(own * (modes - share) + others * share));
    free(b), free(x);
    ritz_split_poisson_destroy(&poisson);
    ritz_layout_destroy(&layout);
  }
}

static void it_preconditions_what_varies_little(void **state) {
  const grid g = {3, {30, 20, 24}, 0};
  ritz_layout *layout = cut(&g, together);
  ritz_split_poisson *poisson;
  ritz_split_diffusion *operator;
  double h[3];
  ritz_index first, planes;
  spacing(&g, h);
  ritz_layout_part(layout, 0, &first, &planes);
  const ritz_index count = planes * plane_of(&g);
  double *b = vector(&g, first * plane_of(&g), count), *x = calloc((size_t)count + 1, sizeof *x);
  double *y = calloc((size_t)count + 1, sizeof *y);
  for (ritz_index k = 0; k < count; k++)
    y[k] = 2 + sin(0.1 * (double)(first + k / plane_of(&g)) + 0.2 * (double)(k % g.n[2]));
  assert_ok(ritz_split_diffusion_create(layout, h, NULL, &operator));
  assert_ok(ritz_split_diffusion_set(operator, y, RITZ_FACE_ARITHMETIC));
  assert_ok(ritz_split_poisson_create(layout, h, 0, &poisson));
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = "cg", o.rtol = 1e-8, o.threads = 1;
  ritz_krylov *cg;
  ritz_solve_report reports[2];
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, count, &o, &cg));
  ritz_krylov_set_operator(cg, ritz_split_diffusion_apply, operator);
  ritz_krylov_set_preconditioner(cg, ritz_split_poisson_solve, poisson);
  ritz_krylov_set_sum(cg, ritz_split_sum, layout);
  assert_ok(ritz_krylov_solve(cg, b, x, &reports[0]));
  assert_ok(ritz_split_diffusion_solve(operator, b, y, &reports[1]));
  assert_int_equal(reports[0].reason, RITZ_SOLVE_CONVERGED);
  assert_in_range(reports[0].iterations, 1, 25);
  if (count > 0) assert_true(relative_error(count, x, y) < 1e-6);
  ritz_krylov_destroy(&cg);
  free(b), free(x), free(y);
  ritz_split_diffusion_destroy(&operator);
  ritz_split_poisson_destroy(&poisson);
  ritz_layout_destroy(&layout);
}

static void failures_are_those_of_all_ranks(void **state) {
  const grid *g = &grids[4];
  double h[3];
  spacing(g, h);
  ritz_layout *layout = cut(g, together);
  ritz_split_poisson *s;
  assert_int_equal(ritz_split_poisson_create(layout, h, -1, &s), RITZ_ERR_ARGUMENT);
  assert_message_contains("sigma is -1");
  for (int unlucky = 0; unlucky < size; unlucky++) {
    long k = 0;
    while (creation_fails(rank == unlucky ? k : -1, s, ritz_split_poisson_create(layout, h, 0, &s)))
      k++;
    ritz_split_poisson_destroy(&s);
  }
  ritz_layout_destroy(&layout);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_are_those_of_the_serial_solver),
      cmocka_unit_test(it_inverts_the_operator),
      cmocka_unit_test(traffic_is_two_numbers_a_mode_there_and_back),
      cmocka_unit_test(it_preconditions_what_varies_little),
      cmocka_unit_test(failures_are_those_of_all_ranks),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
