/* SPDX-License-Identifier: BSD-3-Clause
 * The generator elasticity: exact states, balance of forces, convergence, solvers. */
#include <math.h>
#include <stdio.h>

#include "generated.h"
#include "support.h"

/* One modulus and nu = 0: a bar pulled along its axis, or sheared in parallel layers at its foot.
 */
static void a_bar_is_stretched_evenly(void **state) {
  generated s = generate(
      "elasticity", "{resolution: [6, 9], low: 4, high: 4, poisson_ratio: 0, traction: [0, 2]}", 1);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 9; j++) {
      const double *u = s.y + 2 * (i * 9 + j);
      assert_near(u[0], 0, 1e-8);
      assert_near(u[1], 0.5 * j / 8, 1e-8);
    }
  generated_release(&s);
}

/* With free sides the mean of sigma_yy over any line along x is the traction; sides that bulge
 * inwards make the middle of the top move on: more than a bar of the stiffer, less than one of the
 * softer material. */
static void stiffness_lies_between_its_phases(void **state) {
  generated s = generate("elasticity", "{resolution: 33, poisson_ratio: 0.3}", 8);
  for (int k = 0; k < 8; k++) {
    const double *x = s.x + k * s.x_numbers, *y = s.y + k * s.y_numbers;
    double top = 0;
    int stiff = 0;
    for (int i = 0; i < 33 * 33; i++) {
      assert_true(x[i] == 1 || x[i] == 10);
      stiff += x[i] == 10;
    }
    assert_true(stiff > 0 && stiff < 33 * 33);
    for (int i = 0; i < 33; i++) {
      top += y[2 * (i * 33 + 32) + 1] / 33;
      assert_true(y[2 * i * 33] == 0 && y[2 * i * 33 + 1] == 0);
    }
    assert_in_range((int)(1000 * top), 70, 1100);
  }
  generated_release(&s);
}

/* Where a held side meets a free one stresses are singular: below second order in u. */
static void solutions_converge(void **state) {
  double value[3];
  for (int i = 0; i < 3; i++) {
    char options[96];
    snprintf(options, sizeof options, "{resolution: %d, coefficient: lognormal, modes: 6}",
             (16 << i) + 1);
    generated s = generate("elasticity", options, 1);
    value[i] = s.y[2 * ((s.nodes[0] / 2) * s.nodes[1] + s.nodes[1] - 1) + 1];
    generated_release(&s);
  }
  assert_in_range((int)(100 * log2(fabs((value[0] - value[1]) / (value[1] - value[2])))), 110, 230);
}

static void solvers_agree(void **state) {
  static const char *const options[] = {
      "{resolution: 21, solver: minres, preconditioner: jacobi, max_iterations: 5000}",
      "{resolution: 21, solver: gmres, preconditioner: ilu}",
      "{resolution: 21, solver: gcrodr, chain: 2}"};
  generated a = generate("elasticity", "{resolution: 21, solver: direct}", 3);
  generated_agree(&a, "elasticity", 3, options, 1e-5);
  for (int k = 0; k < 3; k++) assert_true(a.reports[k].iterations <= 2);
  generated_release(&a);
}

/* In plane stress the material may bulge across the plane: it gives way more. */
static void plane_stress_is_softer(void **state) {
  generated a = generate("elasticity", "{resolution: 13, plane: strain}", 1);
  generated b = generate("elasticity", "{resolution: 13, plane: stress}", 1);
  double work[2] = {0};
  for (int i = 0; i < 13; i++) {
    work[0] += a.y[2 * (i * 13 + 12) + 1];
    work[1] += b.y[2 * (i * 13 + 12) + 1];
  }
  assert_true(work[1] > 1.02 * work[0]);
  generated_release(&a);
  generated_release(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_bar_is_stretched_evenly),
      cmocka_unit_test(stiffness_lies_between_its_phases),
      cmocka_unit_test(solutions_converge),
      cmocka_unit_test(solvers_agree),
      cmocka_unit_test(plane_stress_is_softer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
