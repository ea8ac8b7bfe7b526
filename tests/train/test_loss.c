/* SPDX-License-Identifier: BSD-3-Clause
 * Losses against their formulas written out, published numbers and central differences. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "gradient.h"
#include "graph/op.h"
#include "loss_formula.h"

static const ritz_shape shapes[] = {
    {3, {2, 17, 3}},       /* 1-D, prime */
    {3, {1, 1, 1}},        /* one number */
    {3, {3, 2, 2}},        /* two points */
    {4, {2, 3, 1, 5}},     /* three points and one */
    {4, {2, 5, 4, 1}},     /* the smallest without periodicity */
    {4, {3, 13, 9, 2}},    /* odd */
    {4, {1, 4, 5, 67}},    /* more channels than lanes */
    {5, {2, 4, 6, 5, 3}},  /* 3-D */
    {4, {2, 101, 103, 1}}, /* several chunks a sample */
};
enum { shape_count = sizeof shapes / sizeof *shapes };

static bool fits_without_periodicity(const ritz_shape *shape) {
  for (int a = 1; a < shape->rank - 1; a++)
    if (shape->n[a] < 4) return false;
  return true;
}

typedef void loss_check(const loss_case *c);

/* All losses, shapes, both kinds of ends, lengths of one and of every axis. */
static void for_all_cases(loss_check *check) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < shape_count; s++) {
      loss_case c = loss_case_of(types[t]->name, shapes[s]);
      check(&c);
      c.options.lengths = (ritz_reals){.count = shapes[s].rank - 2, .v = {2.5, 0.5, 7}};
      c.options.eps = 0.125;
      c.options.cut = 3;
      c.options.periodic = !fits_without_periodicity(&shapes[s]);
      check(&c);
    }
}

static void values_follow_the_formulas(void **state) { for_all_cases(check_loss_values); }

static void check_case_gradients(const loss_case *c) {
  if (!ritz_loss_has_gradient(loss_named(c->name))) return;
  /* One of 1e4 numbers moves a loss by less than central differences resolve. */
  if (ritz_shape_count(&c->shape) > 10000) return;
  check_gradients(c->shape, build_loss, c);
}

static void gradients_match_central_differences(void **state) {
  for_all_cases(check_case_gradients);
}

static ritz_var build_all_losses(ritz_graph *g, ritz_params *params, ritz_var x,
                                 const void *config) {
  static const char *const names[] = {"rel_h1", "rel_l1", "h1", "l2_per_channel", "rel_h1_fourier"};
  loss_case c = *(const loss_case *)config;
  ritz_var sum = build_loss(g, params, ritz_gelu(g, x), config);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    c.name = names[i];
    sum = ritz_add(g, sum, build_loss(g, params, x, &c));
  }
  return sum;
}

/* All but the first vjp to run have to add to the gradient of x. */
static void gradients_of_several_losses_add_up(void **state) {
  for (int s = 0; s < shape_count; s++) {
    const loss_case c = loss_case_of("mse", shapes[s]);
    if (ritz_shape_count(&c.shape) < 10000) check_gradients(c.shape, build_all_losses, &c);
  }
}

/* A norm is homogeneous of degree 1 in e, a mean square of degree 2: <gradient, e> = degree loss
 * (Euler). It sees every number of a gradient, on grids of several chunks too. */
static void check_homogeneity(const loss_case *c) {
  if (!ritz_loss_has_gradient(loss_named(c->name))) return;
  graph_result result = run_graph(RITZ_FLOAT64, 2, c->shape, build_loss, c);
  const ritz_index samples = c->shape.n[0], count = result.x_count / samples;
  const double degree = strcmp(c->name, "mse") == 0 ? 2 : 1;
  double *x = malloc((size_t)result.x_count * sizeof *x), cotangent[4];
  double *y = malloc((size_t)result.x_count * sizeof *y);
  fill_uniform(1, result.x_count, x);
  fill_truth(c, y);
  fill_uniform(2, samples, cotangent);
  for (ritz_index b = 0; b < samples; b++) {
    double inner = 0;
    for (ritz_index i = b * count; i < (b + 1) * count; i++) inner += result.gx[i] * (x[i] - y[i]);
    const double expected = degree * cotangent[b] * result.y[b];
    assert_near(inner, expected, 1e-12 * fabs(expected));
  }
  graph_result_free(&result);
  free(x);
  free(y);
}

static void gradients_are_homogeneous(void **state) { for_all_cases(check_homogeneity); }

static void check_threads(const loss_case *c) {
  if (!ritz_loss_has_gradient(loss_named(c->name))) return;
  /* Inputs are rounded to float, differences of neighbours keep their relative error. Signs do
   * not: gradients of l1 have nothing to compare. */
  const bool signs = strstr(c->name, "l1") != NULL;
  check_thread_counts(c->shape, build_loss, c);
  check_formats(c->shape, build_loss, c, 2e-6, signs ? INFINITY : 5e-6);
}

static void results_do_not_depend_on_threads_and_float_agrees_with_double(void **state) {
  for_all_cases(check_threads);
}

/* -- numbers of the published implementations -------------------------------------------------- */

/* Sum over two samples of one channel, a against b. */
static double golden_loss(const char *name, ritz_shape shape, bool periodic) {
  loss_graph g;
  loss_case c = loss_case_of(name, shape);
  c.options.periodic = periodic;
  assert_ok(loss_graph_plan(&c, RITZ_FLOAT64, false, &g));
  golden_fill(ritz_shape_count(&shape), 10, 1, ritz_plan_value(g.plan, g.prediction));
  golden_fill(ritz_shape_count(&shape), 11, 1, ritz_plan_value(g.plan, g.truth));
  ritz_plan_forward(g.plan);
  const double *value = ritz_plan_value(g.plan, g.loss), sum = value[0] + value[1];
  loss_graph_release(&g);
  return sum;
}

/* Printed with seven digits, computed by the reference in float. */
static void losses_match_the_reference_implementation(void **state) {
  const ritz_shape line = RITZ_SHAPE(2, 8, 1), plane = RITZ_SHAPE(2, 6, 5, 1),
                   space = RITZ_SHAPE(2, 5, 4, 6, 1);
  assert_near(golden_loss("rel_l2", plane, true), 2.3549, 2e-6);
  assert_near(golden_loss("l2_per_channel", plane, true), 2.3549, 2e-6);
  assert_near(golden_loss("l2", plane, true), 1.454913, 2e-6);
  assert_near(golden_loss("rel_l1", plane, true), 2.13169, 2e-6);
  assert_near(golden_loss("rel_h1", plane, true), 2.42612, 2e-6);
  assert_near(golden_loss("h1_per_channel", plane, true), 2.42612, 2e-6);
  assert_near(golden_loss("h1", plane, true), 8.568961, 5e-6);
  assert_near(golden_loss("rel_h1", plane, false), 2.576417, 2e-6);
  assert_near(golden_loss("h1", plane, false), 27.70949, 2e-5);
  assert_near(golden_loss("rel_h1", line, true), 2.787697, 2e-6);
  assert_near(golden_loss("h1", line, true), 11.0409, 1e-5);
  assert_near(golden_loss("rel_h1", space, true), 2.63355, 2e-6);
  assert_near(golden_loss("rel_l2", space, true), 2.650446, 2e-6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_follow_the_formulas),
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(gradients_of_several_losses_add_up),
      cmocka_unit_test(gradients_are_homogeneous),
      cmocka_unit_test(results_do_not_depend_on_threads_and_float_agrees_with_double),
      cmocka_unit_test(losses_match_the_reference_implementation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
