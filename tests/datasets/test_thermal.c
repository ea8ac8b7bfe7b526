/* SPDX-License-Identifier: BSD-3-Clause
 * The generator thermal: balance, exact solutions, convergence, elements. */
#include <math.h>
#include <stdio.h>

#include "generated.h"
#include "support.h"

enum { n0 = 21, n1 = 33 };

/* No flux: the temperature of the left everywhere but in the slot. */
static void without_flux_the_plate_is_as_warm_as_its_left(void **state) {
  generated s = generate("thermal", "{resolution: 21, flux: 0}", 3);
  assert_int_equal(s.nodes[0], n0);
  assert_int_equal(s.nodes[1], n1);
  int outside = 0;
  for (int k = 0; k < 3; k++)
    for (int at = 0; at < n0 * n1; at++) {
      const double *x = s.x + k * s.x_numbers + 3 * at, y = s.y[k * s.y_numbers + at];
      const double i = at / n1, j = at % n1;
      const bool slot = i == 10 && j > 8 && j < 24;
      assert_true(x[2] == !slot);
      assert_near(y, slot ? 0 : x[0], 1e-6);
      assert_true(x[0] >= 0 && x[0] <= 100 && x[1] == 0);
      outside += slot;
    }
  assert_int_equal(outside, 3 * 15);
  generated_release(&s);
}

/* Without it u would be q x; with it the way is longer. */
static void the_slot_makes_the_plate_warmer(void **state) {
  generated s = generate("thermal", "{resolution: 101, temperature: 0}", 2);
  for (int k = 0; k < 2; k++) {
    const double q = s.x[k * s.x_numbers + 1];
    const ritz_index m0 = s.nodes[0], m1 = s.nodes[1];
    assert_true(q <= 0 && q >= -100);
    double mean = 0;
    for (ritz_index j = 0; j < m1; j++)
      mean += s.y[k * s.y_numbers + (m0 - 1) * m1 + j] / (double)m1;
    assert_true(mean / q > 1.05 && mean / q < 2);
  }
  generated_release(&s);
}

/* Corners that point into the plate: below second order, and no worse than their singularity. */
static void solutions_converge(void **state) {
  double value[3];
  for (int i = 0; i < 3; i++) {
    char options[64];
    snprintf(options, sizeof options, "{resolution: %d}", (20 << i) + 1);
    generated s = generate("thermal", options, 1);
    value[i] = s.y[(s.nodes[0] - 1) * s.nodes[1] + s.nodes[1] / 2];
    generated_release(&s);
  }
  assert_in_range((int)(100 * log2((value[0] - value[1]) / (value[1] - value[2]))), 110, 210);
}

static void elements_and_solvers_agree(void **state) {
  static const char *const element = "{resolution: 81, element: q1}";
  static const char *const solvers[] = {"{resolution: 81, solver: minres}",
                                        "{resolution: 81, solver: gmres, preconditioner: ilu}"};
  generated a = generate("thermal", "{resolution: 81}", 2);
  generated_agree(&a, "thermal", 1, &element, 1e-2); /* what discretisation leaves at 81 points */
  generated_agree(&a, "thermal", 2, solvers, 1e-5);
  generated_release(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_flux_the_plate_is_as_warm_as_its_left),
      cmocka_unit_test(the_slot_makes_the_plate_warmer),
      cmocka_unit_test(solutions_converge),
      cmocka_unit_test(elements_and_solvers_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
