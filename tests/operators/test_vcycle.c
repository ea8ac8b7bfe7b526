/* SPDX-License-Identifier: BSD-3-Clause
 * The V-cycle of convolutions: linear, of the reach its levels give, and with the kernels of a
 * textbook a multigrid solver with its textbook rate of convergence. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "one_graph.h"
#include "operators/vcycle.h"

typedef struct machine {
  one_graph g;
  ritz_var f, u;
} machine;

static machine make(const ritz_vcycle_options *options, ritz_shape shape) {
  machine m = {.g = one_graph_begin(RITZ_FLOAT64, 3)};
  m.f = ritz_input(m.g.graph, "f", shape);
  m.u = ritz_vcycle(m.g.graph, m.g.params, m.f, options, "mg");
  one_graph_plan(&m.g, 1, &m.u, NULL);
  return m;
}

static void unmake(machine *m) { one_graph_end(&m->g); }

static const double *run(const machine *m, const double *f) {
  memcpy(ritz_plan_value(m->g.plan, m->f), f, (size_t)ritz_shape_count(&m->f->shape) * sizeof *f);
  ritz_plan_forward(m->g.plan);
  return ritz_plan_value(m->g.plan, m->u);
}

static void cycles_are_linear(void **state) {
  const ritz_vcycle_options options = {.levels = 3,
                                       .pre = (ritz_index[]){1, 2, 1},
                                       .post = (ritz_index[]){1, 0, 1},
                                       .up_kernel = (ritz_index[]){4, 3},
                                       .channels = 3,
                                       .residual = true,
                                       .boundary = RITZ_BOUNDARY_REFLECT,
                                       .margin = 1};
  enum { points = 11 * 14, in = 2, out = 3 };
  machine m = make(&options, RITZ_SHAPE(1, 11, 14, in));
  double x[points * in], y[points * in], mixed[points * in], expected[points * out];
  fill_uniform(1, points * in, x);
  fill_uniform(2, points * in, y);
  for (int i = 0; i < points * in; i++) mixed[i] = 0.7 * x[i] - 1.3 * y[i];
  memcpy(expected, run(&m, x), sizeof expected);
  const double *second = run(&m, y);
  for (int i = 0; i < points * out; i++) expected[i] = 0.7 * expected[i] - 1.3 * second[i];
  assert_true(relative_error(points * out, run(&m, mixed), expected) < 1e-13);
  unmake(&m);
}

/* First and last point that an impulse at point `at` of 256 reaches. */
static void reach(const machine *m, int at, int *first, int *last) {
  double f[256] = {0};
  f[at] = 1;
  const double *u = run(m, f);
  for (*first = 0; u[*first] == 0; ++*first) {
  }
  for (*last = 255; u[*last] == 0; --*last) {
  }
}

/* The published six levels, one axis; all weights positive, so that nothing cancels but in f - A u,
 * which is no place for an exact zero. Support propagation by hand gives the same numbers. */
static void one_cycle_reaches_almost_every_point(void **state) {
  const ritz_vcycle_options options = {.levels = 6,
                                       .pre = (ritz_index[]){1, 1, 1, 1, 1, 2},
                                       .up_kernel = (ritz_index[]){4, 4, 4, 4, 4},
                                       .channels = 1,
                                       .margin = 1};
  machine m = make(&options, RITZ_SHAPE(1, 256, 1));
  double *w = ritz_params_data(m.g.params);
  for (ritz_index i = 0; i < ritz_params_length(m.g.params); i++) w[i] = fabs(w[i]);
  int first, last;
  reach(&m, 128, &first, &last);
  assert_int_equal(first, 0), assert_int_equal(last, 255);
  reach(&m, 0, &first, &last);
  assert_int_equal(first, 0), assert_int_equal(last, 254);
  reach(&m, 255, &first, &last);
  assert_int_equal(first, 33), assert_int_equal(last, 255);
  unmake(&m);
}

/* -- Classical multigrid: -Laplace u = f on the unit square, u = 0 on its boundary ------------- */

enum { nodes = 127, levels = 6 };

static double width(int level) { return (double)(1 << level) / (nodes + 1); }

/* Sets the kernel NAME, if there is one, to `centre` in the middle and `beside` next to it. */
static void set_stencil(const machine *m, const char *name, double centre, double beside) {
  if (ritz_params_find(m->g.params, name) < 0) return;
  double *w = one_graph_parameter(&m->g, name);
  memset(w, 0, 9 * sizeof *w);
  w[4] = centre;
  w[1] = w[3] = w[5] = w[7] = beside;
}

/* A the five-point stencil, S damped Jacobi with omega = 0.8; Pi = 0: the coarse grids start anew.
 * R and P start as the textbook wants them. */
static void set_kernels(const machine *m) {
  char name[64];
  for (int l = 0; l < levels; l++) {
    const double h = width(l), fine = l > 0 ? width(l - 1) : 0;
    for (int stage = 0; stage < 2; stage++)
      for (int i = 0; i < 80; i++) {
        const char *which = stage ? "post" : "pre";
        snprintf(name, sizeof name, "mg.level.%d.%s.%d.A.weight", l, which, i);
        set_stencil(m, name, 4 / (h * h), -1 / (h * h));
        snprintf(name, sizeof name, "mg.level.%d.%s.%d.S.weight", l, which, i);
        set_stencil(m, name, 0.8 * h * h / 4, 0);
      }
    snprintf(name, sizeof name, "mg.level.%d.A.weight", l);
    set_stencil(m, name, 4 / (fine * fine), -1 / (fine * fine));
    snprintf(name, sizeof name, "mg.level.%d.Pi.weight", l);
    set_stencil(m, name, 0, 0);
  }
}

static double at(const double *u, int i, int j) {
  return i < 0 || j < 0 || i >= nodes || j >= nodes ? 0 : u[i * nodes + j];
}

/* r = f - A u. @return its Euclidean norm. */
static double residual(const double *f, const double *u, double *r) {
  const double h2 = width(0) * width(0);
  double sum = 0;
  for (int i = 0; i < nodes; i++)
    for (int j = 0; j < nodes; j++) {
      const double beside = at(u, i - 1, j) + at(u, i + 1, j) + at(u, i, j - 1) + at(u, i, j + 1);
      r[i * nodes + j] = f[i * nodes + j] - (4 * at(u, i, j) - beside) / h2;
      sum += r[i * nodes + j] * r[i * nodes + j];
    }
  return sqrt(sum);
}

/* Factor by which a cycle with so many steps on each level reduces the residual in the long run. */
static double rate(ritz_index pre, ritz_index post) {
  const ritz_vcycle_options options = {.levels = levels,
                                       .pre = (ritz_index[]){pre, pre, pre, pre, pre, 60},
                                       .post = (ritz_index[]){post, post, post, post, post, 0},
                                       .up_kernel = (ritz_index[]){3, 3, 3, 3, 3},
                                       .channels = 1,
                                       .residual = true,
                                       .textbook = true};
  machine m = make(&options, RITZ_SHAPE(1, nodes, nodes, 1));
  double *f = calloc(3 * nodes * nodes, sizeof *f), *u = f + nodes * nodes, *r = u + nodes * nodes;
  double before = 0, now;
  set_kernels(&m);
  fill_uniform(4, nodes * nodes, f);
  now = residual(f, u, r);
  for (int k = 0; k < 16; k++) {
    const double *correction = run(&m, r);
    for (int i = 0; i < nodes * nodes; i++) u[i] += correction[i];
    before = now;
    now = residual(f, u, r);
  }
  free(f);
  unmake(&m);
  return now / before;
}

/* A smoothing step damps what the coarse grids cannot see by 0.6 (Trottenberg, Oosterlee &
 * Schueller 2001, Sec. 2.1): V(1,0) and V(1,1) reach 0.6 and 0.36. */
static void textbook_kernels_make_a_multigrid_solver(void **state) {
  const double v10 = rate(1, 0), v11 = rate(1, 1), v22 = rate(2, 2);
  print_message("  V(1,0) %.4f, V(1,1) %.4f, V(2,2) %.4f\n", v10, v11, v22);
  assert_near(v10, 0.585, 0.01);
  assert_near(v11, 0.35, 0.01);
  assert_near(v22, 0.177, 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cycles_are_linear),
      cmocka_unit_test(one_cycle_reaches_almost_every_point),
      cmocka_unit_test(textbook_kernels_make_a_multigrid_solver),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
