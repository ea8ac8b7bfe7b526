/* SPDX-License-Identifier: BSD-3-Clause
 * Time steps on periodic boxes against exact solutions: Cole-Hopf, Taylor-Green, conserved energy,
 * and the published Burgers data. */
#include <math.h>
#include <ritz/dataset.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/spectral/burgers.h"
#include "solvers/spectral/periodic_box.h"
#include "solvers/spectral/stepper.h"
#include "solvers/spectral/vorticity.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

/* Values [points][fields] on the grid to the spectrum [modes][2][fields]. */
static double *spectrum_of(const ritz_periodic_box *box, ritz_index fields, const double *grid) {
  ritz_transform *transform;
  double *full, *out;
  void *scratch;
  assert_ok(ritz_periodic_box_transform(box, fields, &transform));
  assert_ok(RITZ_NEW(box->modes * 3 * fields, &full));
  assert_ok(RITZ_NEW(box->modes * 2 * fields, &out));
  assert_ok(ritz_calloc((ritz_index)ritz_transform_scratch(transform), 1, &scratch));
  ritz_transform_to_modes(transform, false, false, grid, full, scratch);
  for (ritz_index m = 0; m < box->modes; m++)
    memcpy(out + 2 * m * fields, full + (3 * m + 1) * fields, 2 * (size_t)fields * sizeof *out);
  ritz_transform_destroy(&transform);
  ritz_free(full);
  ritz_free(scratch);
  return out;
}

static void advance(ritz_stepper_scheme scheme, const ritz_periodic_box *box, ritz_index fields,
                    double viscosity, double time, ritz_index steps, ritz_stepper_rhs *rhs,
                    void *user, double *u) {
  double *rate, *work;
  ritz_stepper *stepper;
  assert_ok(RITZ_NEW(box->modes, &rate));
  for (ritz_index m = 0; m < box->modes; m++) rate[m] = -viscosity * box->square[m];
  assert_ok(ritz_stepper_create(scheme, box->modes, fields, rate, time / (double)steps, &stepper));
  assert_ok(RITZ_NEW(ritz_stepper_work(stepper), &work));
  ritz_stepper_advance(stepper, rhs, user, steps, u, work);
  ritz_stepper_destroy(&stepper);
  assert_null(stepper);
  ritz_free(rate);
  ritz_free(work);
}

/* ---- the box ------------------------------------------------------------------------------- */

static void products_of_kept_modes_leave_them_exact(void **state) {
  for (ritz_index n = 4; n < 40; n++) {
    ritz_periodic_box box;
    const double length = 2;
    assert_ok(ritz_periodic_box_init(1, &n, &length, &box));
    /* 2 K, seen on the grid as 2 K - n, must lie outside -K ... K. */
    assert_true(3 * box.kept[0] < n && 3 * (box.kept[0] + 1) >= n);
    assert_near(box.k[0][box.modes - 1], pi * (double)box.kept[0], 1e-12);
    ritz_periodic_box_clear(&box);
  }
  ritz_periodic_box box;
  const ritz_index nodes[] = {16, 13};
  const double length[] = {1, 1};
  assert_ok(ritz_periodic_box_init(2, nodes, length, &box));
  for (ritz_index m = 0; m < box.modes; m++)
    assert_int_equal(ritz_periodic_box_mode(&box, box.q[0][m], box.q[1][m]), m);
  assert_int_equal(ritz_periodic_box_mode(&box, 6, 0), -1);
  assert_int_equal(ritz_periodic_box_mode(&box, 0, -1), -1);
  ritz_periodic_box_clear(&box);
  const ritz_index few = 3;
  assert_int_equal(ritz_periodic_box_init(1, &few, length, &box), RITZ_ERR_ARGUMENT);
  ritz_periodic_box_clear(&box);
  assert_int_equal(ritz_periodic_box_init(3, nodes, length, &box), RITZ_ERR_ARGUMENT);
  ritz_periodic_box_clear(&box);
}

/* ---- Burgers ------------------------------------------------------------------------------- */

enum { nodes_1d = 96, fields_1d = 3 };

/* Cole-Hopf with phi = 1 + a exp(-nu k^2 t) cos(k x): u = -2 nu phi_x / phi. */
static double cole_hopf(double a, double nu, double x, double t) {
  const double k = 2 * pi, e = a * exp(-nu * k * k * t);
  return 2 * nu * k * e * sin(k * x) / (1 + e * cos(k * x));
}

/* Largest error at t = 0.5 of three fields with different a, side by side. */
static double burgers_error(ritz_stepper_scheme scheme, ritz_index steps) {
  static const double a[fields_1d] = {0.7, 0.5, -0.3};
  const double nu = 0.05, length = 1;
  const ritz_index nodes = nodes_1d;
  double grid[nodes_1d * fields_1d], largest = 0;
  ritz_periodic_box box;
  ritz_burgers *burgers;
  for (int i = 0; i < nodes_1d; i++)
    for (int c = 0; c < fields_1d; c++)
      grid[i * fields_1d + c] = cole_hopf(a[c], nu, (double)i / nodes_1d, 0);
  assert_ok(ritz_periodic_box_init(1, &nodes, &length, &box));
  assert_ok(ritz_burgers_create(&box, fields_1d, &burgers));
  double *u = spectrum_of(&box, fields_1d, grid);
  advance(scheme, &box, fields_1d, nu, 0.5, steps, ritz_burgers_transport, burgers, u);
  ritz_burgers_field(burgers, u, grid);
  for (int i = 0; i < nodes_1d; i++)
    for (int c = 0; c < fields_1d; c++) {
      const double exact = cole_hopf(a[c], nu, (double)i / nodes_1d, 0.5);
      largest = fmax(largest, fabs(grid[i * fields_1d + c] - exact));
    }
  ritz_free(u);
  ritz_burgers_destroy(&burgers);
  ritz_periodic_box_clear(&box);
  return largest;
}

static void burgers_follows_cole_hopf(void **state) {
  assert_true(burgers_error(RITZ_STEPPER_ETDRK4, 200) < 1e-10);
  assert_true(burgers_error(RITZ_STEPPER_RK4_CN, 400) < 1e-5);
  assert_true(burgers_error(RITZ_STEPPER_EULER_CN, 400) < 1e-3);
}

static void check_order(ritz_stepper_scheme scheme, ritz_index steps, double order) {
  const double coarse = burgers_error(scheme, steps), fine = burgers_error(scheme, 2 * steps);
  assert_near(log2(coarse / fine), order, 0.3);
}

static void schemes_have_their_order(void **state) {
  check_order(RITZ_STEPPER_ETDRK4, 20, 4);
  check_order(RITZ_STEPPER_RK4_CN, 40, 2);
  check_order(RITZ_STEPPER_EULER_CN, 100, 1);
}

/* Initial states and levels t = 0.06 j of the data set, from a solver that is not ours; what 16
 * points say of a state leaves its finer modes open. */
static void published_burgers_data_are_reproduced(void **state) {
  enum { samples = 4, fine = 8 * 16 };
  ritz_context *context;
  ritz_dataset *set;
  double x[samples * 16], y[samples * 16 * 17], grid[fine];
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_dataset_open(context, RITZ_REAL_DATA "/burgers_train_16.h5",
                              "{x: {dataset: x, axes: [sample, x]}, "
                              "y: {dataset: y, axes: [sample, time, x]}, first: 4}",
                              &set));
  assert_ok(ritz_dataset_read(set, samples, NULL, RITZ_FLOAT64, x, y));
  ritz_periodic_box box;
  ritz_burgers *burgers;
  const ritz_index nodes = fine, coarse = 16;
  const double length = 1;
  assert_ok(ritz_periodic_box_init(1, &nodes, &length, &box));
  assert_ok(ritz_burgers_create(&box, 1, &burgers));
  double *u;
  assert_ok(RITZ_NEW(2 * box.modes, &u));
  for (int s = 0; s < samples; s++) {
    memset(u, 0, 2 * (size_t)box.modes * sizeof *u);
    for (int q = 0; q < 9; q++)
      for (int i = 0; i < coarse; i++) {
        u[2 * q] += x[s * 16 + i] * cos(2 * pi * q * i / 16) / (q == 8 ? 32 : 16);
        u[2 * q + 1] -= x[s * 16 + i] * sin(2 * pi * q * i / 16) / 16;
      }
    for (int j = 1; j <= 16; j++) {
      advance(RITZ_STEPPER_ETDRK4, &box, 1, 0.01, 0.06, 12, ritz_burgers_transport, burgers, u);
      ritz_burgers_field(burgers, u, grid);
      double error = 0, size = 0;
      for (int i = 0; i < 16; i++) {
        const double truth = y[(s * 16 + i) * 17 + j];
        error += pow(grid[8 * i] - truth, 2);
        size += truth * truth;
      }
      assert_true(sqrt(error / size) < 1e-3);
    }
  }
  ritz_free(u);
  ritz_burgers_destroy(&burgers);
  ritz_periodic_box_clear(&box);
  ritz_dataset_close(&set);
  ritz_context_destroy(&context);
}

/* ---- vorticity ----------------------------------------------------------------------------- */

enum { n0 = 24, n1 = 20 };

static void flow_box(ritz_periodic_box *box) {
  const ritz_index nodes[] = {n0, n1};
  const double length[] = {1, 2};
  assert_ok(ritz_periodic_box_init(2, nodes, length, box));
}

/* w = a cos(k . x + alpha) + b cos(l . x + beta): each wave alone moves nothing, the pair gives
 * u . grad w = a b (k x l) (1/|l|^2 - 1/|k|^2) sin(k . x + alpha) sin(l . x + beta). */
static void transport_of_two_waves_is_the_known_one(void **state) {
  ritz_periodic_box box;
  ritz_vorticity *flow;
  flow_box(&box);
  assert_ok(ritz_vorticity_create(&box, 1, NULL, &flow));
  const double kx = 2 * pi * 3, ky = pi * 2, lx = 2 * pi * -1, ly = pi * 3, a = 1.3, b = 0.7;
  const double cross = kx * ly - ky * lx, k2 = kx * kx + ky * ky, l2 = lx * lx + ly * ly;
  double grid[n0 * n1], want[n0 * n1];
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++) {
      const double x = (double)i / n0, y = 2.0 * j / n1;
      const double p = kx * x + ky * y + 0.4, q = lx * x + ly * y - 1.1;
      grid[i * n1 + j] = a * cos(p) + b * cos(q);
      want[i * n1 + j] = -a * b * cross * (1 / l2 - 1 / k2) * sin(p) * sin(q);
    }
  double *w = spectrum_of(&box, 1, grid), *f;
  assert_ok(RITZ_NEW(2 * box.modes, &f));
  ritz_vorticity_transport(flow, w, f);
  ritz_vorticity_field(flow, f, grid);
  /* The sign of the pair's term by the definition of u: (psi_y, -psi_x). */
  assert_near(relative_error(n0 * n1, grid, want), 0, 1e-12);
  ritz_free(w);
  ritz_free(f);
  ritz_vorticity_destroy(&flow);
  ritz_periodic_box_clear(&box);
}

static void taylor_green_decays_as_it_must(void **state) {
  ritz_periodic_box box;
  ritz_vorticity *flow;
  flow_box(&box);
  assert_ok(ritz_vorticity_create(&box, 2, NULL, &flow));
  double grid[n0 * n1 * 2], start[n0 * n1 * 2];
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++)
      for (int c = 0; c < 2; c++)
        start[(i * n1 + j) * 2 + c] =
            (c + 1) * cos(2 * pi * i / n0 + c) * cos(2 * pi * 2 * j / n1); /* k = (2 pi, 2 pi) */
  double *w = spectrum_of(&box, 2, start);
  advance(RITZ_STEPPER_ETDRK4, &box, 2, 0.01, 2, 50, ritz_vorticity_transport, flow, w);
  ritz_vorticity_field(flow, w, grid);
  for (int i = 0; i < n0 * n1 * 2; i++) start[i] *= exp(-8 * pi * pi * 0.01 * 2);
  assert_near(relative_error(n0 * n1 * 2, grid, start), 0, 1e-11);
  ritz_free(w);
  ritz_vorticity_destroy(&flow);
  ritz_periodic_box_clear(&box);
}

static void random_flow(const ritz_periodic_box *box, double *grid) {
  fill_uniform(5, n0 * n1, grid);
  double *w = spectrum_of(box, 1, grid); /* smooth and of mean zero */
  ritz_vorticity *flow;
  assert_ok(ritz_vorticity_create(box, 1, NULL, &flow));
  for (ritz_index m = 0; m < box->modes; m++)
    for (int part = 0; part < 2; part++)
      w[2 * m + part] *= box->square[m] > 0 ? 30 * exp(-box->square[m] / 200) : 0;
  ritz_vorticity_field(flow, w, grid);
  ritz_vorticity_destroy(&flow);
  ritz_free(w);
}

static void energy_and_enstrophy_balance(void **state) {
  ritz_periodic_box box;
  ritz_vorticity *flow;
  double grid[n0 * n1], e[3], z[3];
  flow_box(&box);
  assert_ok(ritz_vorticity_create(&box, 1, NULL, &flow));
  random_flow(&box, grid);
  double *w = spectrum_of(&box, 1, grid);
  ritz_vorticity_energy(flow, w, 0, &e[0], &z[0]);
  double mean = 0; /* enstrophy by Parseval is that of the grid */
  for (int i = 0; i < n0 * n1; i++) mean += 0.5 * grid[i] * grid[i] / (n0 * n1);
  assert_near(z[0], mean, 1e-12 * mean);
  /* Without viscosity both stay, up to the error of the steps. */
  advance(RITZ_STEPPER_ETDRK4, &box, 1, 0, 0.5, 200, ritz_vorticity_transport, flow, w);
  ritz_vorticity_energy(flow, w, 0, &e[1], &z[1]);
  assert_near(e[1], e[0], 1e-7 * e[0]);
  assert_near(z[1], z[0], 1e-7 * z[0]);
  /* With it dE/dt = -2 nu Z, by central differences. */
  const double nu = 1e-3, dt = 1e-3;
  for (int i = 0; i < 3; i++) {
    ritz_vorticity_energy(flow, w, 0, &e[i], &z[i]);
    advance(RITZ_STEPPER_ETDRK4, &box, 1, nu, dt, 1, ritz_vorticity_transport, flow, w);
  }
  assert_near((e[2] - e[0]) / (2 * dt), -2 * nu * z[1], 1e-5 * nu * z[1]);
  assert_true(z[2] < z[1] && z[1] < z[0]);
  ritz_free(w);
  ritz_vorticity_destroy(&flow);
  ritz_periodic_box_clear(&box);
}

static void equations_refuse_other_dimensions(void **state) {
  ritz_periodic_box box;
  ritz_burgers *burgers;
  ritz_vorticity *flow;
  flow_box(&box);
  assert_int_equal(ritz_burgers_create(&box, 1, &burgers), RITZ_ERR_ARGUMENT);
  ritz_periodic_box_clear(&box);
  const ritz_index nodes = 8;
  const double length = 1;
  assert_ok(ritz_periodic_box_init(1, &nodes, &length, &box));
  assert_int_equal(ritz_vorticity_create(&box, 1, NULL, &flow), RITZ_ERR_ARGUMENT);
  const double rate = 0;
  ritz_stepper *stepper;
  assert_int_equal(ritz_stepper_create(RITZ_STEPPER_ETDRK4, 1, 1, &rate, 0, &stepper),
                   RITZ_ERR_ARGUMENT);
  long k = 0;
  while (creation_fails(k, burgers, ritz_burgers_create(&box, 1, &burgers))) k++;
  ritz_burgers_destroy(&burgers);
  ritz_periodic_box_clear(&box);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_of_kept_modes_leave_them_exact),
      cmocka_unit_test(burgers_follows_cole_hopf),
      cmocka_unit_test(schemes_have_their_order),
      cmocka_unit_test(published_burgers_data_are_reproduced),
      cmocka_unit_test(transport_of_two_waves_is_the_known_one),
      cmocka_unit_test(taylor_green_decays_as_it_must),
      cmocka_unit_test(energy_and_enstrophy_balance),
      cmocka_unit_test(equations_refuse_other_dimensions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
