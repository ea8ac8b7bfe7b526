/* SPDX-License-Identifier: BSD-3-Clause
 * Frames improved by the equation: adjoint, minimisation, exact and computed flows. */
#include "solvers/spectral/refine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/minimize/lbfgs.h"
#include "solvers/spectral/stepper.h"
#include "solvers/spectral/vorticity.h"
#include "solvers/spectral/vorticity_adjoint.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

/* ---- L-BFGS ------------------------------------------------------------------------------------
 */

static double rosenbrock(void *user, const double *x, double *g) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  g[0] = -2 * a - 400 * x[0] * b;
  g[1] = 200 * b;
  ++*(int *)user;
  return a * a + 100 * b * b;
}

enum { many = 50 };

/* Half of sum i (x_i - i)^2, with the inverse of its second derivative as preconditioner. */
static double bowl(void *user, const double *x, double *g) {
  double sum = 0;
  for (int i = 0; i < many; i++) {
    g[i] = (i + 1) * (x[i] - i);
    sum += 0.5 * g[i] * (x[i] - i);
  }
  return sum;
}
static void bowl_inverse(void *user, const double *g, double *z) {
  for (int i = 0; i < many; i++) z[i] = g[i] / (i + 1);
}

static void minima_are_found(void **state) {
  ritz_lbfgs *lbfgs;
  ritz_solve_report report;
  ritz_lbfgs_options options = {.memory = 5, .max_iterations = 200, .tolerance = 1e-9};
  int calls = 0;
  double x[many] = {-1.2, 1};
  assert_ok(ritz_lbfgs_create(2, &options, &lbfgs));
  ritz_lbfgs_run(lbfgs, rosenbrock, NULL, &calls, x, &report);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_near(x[0], 1, 1e-7);
  assert_near(x[1], 1, 1e-7);
  assert_int_equal(calls, report.products);
  ritz_lbfgs_destroy(&lbfgs);
  assert_ok(ritz_lbfgs_create(many, &options, &lbfgs));
  memset(x, 0, sizeof x);
  ritz_lbfgs_run(lbfgs, bowl, bowl_inverse, NULL, x, &report);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(report.iterations, 1);
  for (int i = 0; i < many; i++) assert_near(x[i], i, 1e-9);
  ritz_lbfgs_destroy(&lbfgs);
  options.memory = 0;
  assert_int_equal(ritz_lbfgs_create(2, &options, &lbfgs), RITZ_ERR_ARGUMENT);
  assert_null(lbfgs);
}

/* ---- the adjoint -------------------------------------------------------------------------------
 */

enum { fields = 3 };

static double inner(const ritz_periodic_box *box, const double *a, const double *b) {
  double sum = 0;
  for (ritz_index m = 0; m < box->modes; m++)
    for (int k = 0; k < 2 * fields; k++)
      sum += ritz_periodic_box_weight(box, m) * a[2 * m * fields + k] * b[2 * m * fields + k];
  return sum;
}

/* A spectrum of real fields without mean: on the line q1 = 0 conjugate pairs. */
static double *random_spectrum(const ritz_periodic_box *box, uint32_t stream) {
  double *s;
  assert_ok(RITZ_NEW(2 * box->modes * fields, &s));
  fill_uniform(stream, 2 * box->modes * fields, s);
  for (ritz_index m = 0; m < box->modes; m++) {
    const ritz_index q0 = box->q[0][m], q1 = box->q[1][m];
    if (q1 != 0) continue;
    const ritz_index twin = ritz_periodic_box_mode(box, -q0, 0);
    for (int f = 0; f < fields; f++) {
      double *re = s + 2 * m * fields + f, *im = re + fields;
      if (q0 == 0) *re = *im = 0;
      if (q0 > 0) s[2 * twin * fields + f] = *re, s[(2 * twin + 1) * fields + f] = -*im;
    }
  }
  return s;
}

/* <T'(w) d, g> = <d, T'(w)* g>; T is quadratic, so a difference gives T' exactly. */
static void adjoint_of_transport_is_one(void **state) {
  ritz_periodic_box box;
  ritz_vorticity *flow;
  ritz_vorticity_adjoint *adjoint;
  const ritz_index nodes[] = {13, 16};
  const double length[] = {1, 2};
  assert_ok(ritz_periodic_box_init(2, nodes, length, &box));
  assert_ok(ritz_vorticity_create(&box, fields, NULL, &flow));
  assert_ok(ritz_vorticity_adjoint_create(&box, fields, &adjoint));
  const ritz_index count = 2 * box.modes * fields;
  double *w = random_spectrum(&box, 1), *d = random_spectrum(&box, 2),
         *g = random_spectrum(&box, 3);
  double *plus = random_spectrum(&box, 4), *minus = random_spectrum(&box, 4), *back;
  assert_ok(RITZ_NEW(count, &back));
  for (ritz_index i = 0; i < count; i++) plus[i] = w[i] + d[i], minus[i] = w[i] - d[i];
  ritz_vorticity_transport(flow, plus, back);
  memcpy(plus, back, (size_t)count * sizeof *back);
  ritz_vorticity_transport(flow, minus, back);
  for (ritz_index i = 0; i < count; i++) plus[i] = 0.5 * (plus[i] - back[i]);
  ritz_vorticity_adjoint_apply(adjoint, w, g, back);
  const double here = inner(&box, plus, g), there = inner(&box, d, back);
  assert_near(here, there, 1e-11 * sqrt(inner(&box, plus, plus) * inner(&box, g, g)));
  double *const owned[] = {w, d, g, plus, minus, back};
  for (int i = 0; i < 6; i++) ritz_free(owned[i]);
  ritz_vorticity_destroy(&flow);
  ritz_vorticity_adjoint_destroy(&adjoint);
  ritz_periodic_box_clear(&box);
}

/* ---- exact flows -------------------------------------------------------------------------------
 */

enum { n0 = 16, n1 = 15, frames = 6 };

static ritz_refine_options options_of(double interval, double viscosity) {
  return (ritz_refine_options){.nodes = {n0, n1},
                               .length = {1, 1},
                               .frames = frames,
                               .interval = interval,
                               .viscosity = viscosity,
                               .time_modes = 5,
                               .time_points = 4,
                               .max_iterations = 300,
                               .tolerance = 1e-8};
}

/* w = cos 2 pi x cos 2 pi y exp(-rate t): transport vanishes. */
static void taylor_green(double rate, double interval, double *last, double *later) {
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++) {
      const double w = cos(2 * pi * i / n0) * cos(2 * pi * j / n1);
      last[i * n1 + j] = w;
      for (int f = 0; f < frames; f++)
        later[(i * n1 + j) * frames + f] = w * exp(-rate * interval * (f + 1));
    }
}

static double distance(ritz_index count, const double *a, const double *b) {
  double difference = 0, whole = 0;
  for (ritz_index i = 0; i < count; i++) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    whole += b[i] * b[i];
  }
  return sqrt(difference / whole);
}

/* The residual tells a true decay from a wrong one, and the minimum finds the true one. */
static void wrong_decay_is_seen_and_mended(void **state) {
  enum { points = n0 * n1 };
  const double nu = 0.01, interval = 0.3, rate = 8 * pi * pi * nu;
  double last[points], truth[points * frames], guess[points * frames];
  ritz_refine_options options = options_of(interval, nu);
  options.time_modes = 4; /* seven functions, as many as frames: the fit is exact */
  ritz_refiner *refiner;
  ritz_refine_report good, bad;
  assert_ok(ritz_refiner_create(&options, &refiner));
  taylor_green(rate, interval, last, truth);
  memcpy(guess, truth, sizeof truth);
  ritz_refiner_run(refiner, last, guess, &good);
  assert_near(distance(points * frames, guess, truth), 0, 2e-3);
  taylor_green(0.5 * rate, interval, last, guess);
  assert_true(distance(points * frames, guess, truth) > 0.3);
  ritz_refiner_run(refiner, last, guess, &bad);
  print_message("  residual %.3g of the truth; %.3g -> %.3g, error -> %.3g\n", good.before,
                bad.before, bad.after, distance(points * frames, guess, truth));
  assert_true(bad.before > 20 * good.before);
  assert_true(bad.after < 0.1 * bad.before);
  assert_near(distance(points * frames, guess, truth), 0, 2e-3);
  ritz_refiner_destroy(&refiner);
}

/* Four waves with interaction. */
static void set_waves(const ritz_periodic_box *box, double *w) {
  static const int q[4][2] = {{1, 0}, {0, 1}, {1, 2}, {-2, 1}};
  for (int k = 0; k < 4; k++) {
    const ritz_index m = ritz_periodic_box_mode(box, q[k][0], q[k][1]);
    w[2 * m] = 0.5 - 0.2 * k;
    w[2 * m + 1] = 0.3 * k;
    if (q[k][1] != 0) continue;
    const ritz_index twin = ritz_periodic_box_mode(box, -q[k][0], 0);
    w[2 * twin] = w[2 * m];
    w[2 * twin + 1] = -w[2 * m + 1];
  }
}

/* The frame `last` and those after it, as the time stepper finds them. */
static void compute_flow(double nu, double interval, double *last, double *truth) {
  enum { points = n0 * n1 };
  const ritz_index nodes[2] = {24, 24};
  const double length[2] = {1, 1};
  ritz_periodic_box box;
  ritz_vorticity *flow;
  ritz_stepper *stepper;
  ritz_transform *grid;
  double *w, *rate, *work, field[points];
  void *scratch;
  assert_ok(ritz_periodic_box_init(2, nodes, length, &box));
  assert_ok(ritz_vorticity_create(&box, 1, NULL, &flow));
  assert_ok(RITZ_NEW(2 * box.modes, &w));
  assert_ok(RITZ_NEW(box.modes, &rate));
  for (ritz_index m = 0; m < box.modes; m++) rate[m] = -nu * box.square[m];
  set_waves(&box, w);
  assert_ok(ritz_stepper_create(RITZ_STEPPER_ETDRK4, box.modes, 1, rate, interval / 20, &stepper));
  assert_ok(RITZ_NEW(ritz_stepper_work(stepper), &work));
  assert_ok(ritz_periodic_box_transform_on(&box, (ritz_index[]){n0, n1}, 1, &grid));
  assert_ok(ritz_calloc((ritz_index)ritz_transform_scratch(grid), 1, &scratch));
  for (int f = 0; f <= frames; f++) {
    ritz_transform_from_modes(grid, false, false, w, field, scratch);
    for (int p = 0; p < points; p++)
      if (f == 0)
        last[p] = field[p];
      else
        truth[p * frames + f - 1] = field[p];
    ritz_stepper_advance(stepper, ritz_vorticity_transport, flow, 20, w, work);
  }
  ritz_transform_destroy(&grid);
  ritz_stepper_destroy(&stepper);
  ritz_vorticity_destroy(&flow);
  ritz_periodic_box_clear(&box);
  ritz_free(w);
  ritz_free(rate);
  ritz_free(work);
  ritz_free(scratch);
}

/* A flow of the solver's, spoilt by another one, comes back. */
static void computed_flow_is_recovered(void **state) {
  enum { points = n0 * n1 };
  const double nu = 2e-3, interval = 0.1;
  double last[points], truth[points * frames], guess[points * frames];
  compute_flow(nu, interval, last, truth);
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++)
      for (int f = 0; f < frames; f++) {
        const int at = (i * n1 + j) * frames + f;
        guess[at] = truth[at] + 0.1 * (f + 1) * cos(2 * pi * (2.0 * i / n0 - 1.0 * j / n1) + f);
      }
  const ritz_refine_options options = options_of(interval, nu);
  ritz_refiner *refiner;
  ritz_refine_report report;
  assert_ok(ritz_refiner_create(&options, &refiner));
  const double before = distance(points * frames, guess, truth);
  ritz_refiner_run(refiner, last, guess, &report);
  const double after = distance(points * frames, guess, truth);
  print_message("  error %.3g -> %.3g, residual %.3g -> %.3g, %d iterations, %s\n", before, after,
                report.before, report.after, report.solve.iterations,
                ritz_solve_reason_text(report.solve.reason));
  assert_true(before > 0.1 && after < 1e-3);
  double l2, h1, sum = 0;
  ritz_refiner_norms(refiner, guess, &l2, &h1);
  for (int i = 0; i < points * frames; i++) sum += guess[i] * guess[i] / points;
  assert_true(l2 <= sum * (1 + 1e-12) && l2 > 0.99 * sum && h1 > l2);
  ritz_refiner_destroy(&refiner);
}

static void wrong_options_are_named(void **state) {
  ritz_refiner *refiner;
  ritz_refine_options options = options_of(0.1, 0);
  assert_int_equal(ritz_refiner_create(&options, &refiner), RITZ_ERR_ARGUMENT);
  assert_null(refiner);
  options = options_of(0.1, 1e-3);
  options.time_modes = 14;
  assert_int_equal(ritz_refiner_create(&options, &refiner), RITZ_ERR_ARGUMENT);
  assert_message_contains("14 modes in time");
  options = options_of(0.1, 1e-3);
  long k = 0;
  while (creation_fails(k, refiner, ritz_refiner_create(&options, &refiner))) k++;
  ritz_refiner_destroy(&refiner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(minima_are_found),
      cmocka_unit_test(adjoint_of_transport_is_one),
      cmocka_unit_test(wrong_decay_is_seen_and_mended),
      cmocka_unit_test(computed_flow_is_recovered),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
