/* SPDX-License-Identifier: BSD-3-Clause
 * The generator poisson_points. */
#include <math.h>

#include "generated.h"
#include "support.h"

enum { points = 40, samples = 3 };

typedef struct made {
  double x[samples][points][3], y[samples][points];
} made;

static void make(const char *options, int threads, made *out) {
  ritz_solve_report report[samples];
  ritz_generator *generator = generator_of("poisson_points", options, threads);
  const ritz_generator_info *info = ritz_generator_describe(generator);
  assert_int_equal(info->coordinates, 2);
  assert_int_equal(info->nodes[0], points);
  assert_ok(ritz_generator_run(generator, 5, 0, samples, RITZ_FLOAT64, out->x, out->y, report));
  for (int i = 0; i < samples; i++) assert_true(report[i].reason > 0);
  ritz_generator_destroy(&generator);
}

/* One sine: u = f / (2 pi^2), f = c sin(pi x) sin(pi y). */
static void one_mode_solves_the_equation(void **state) {
  const double pi = acos(-1);
  made m;
  make("{resolution: 40, modes: 1}", 1, &m);
  for (int s = 0; s < samples; s++) {
    const double *p = m.x[s][0], c = p[0] / (sin(pi * p[1]) * sin(pi * p[2]));
    for (int i = 0; i < points; i++) {
      p = m.x[s][i];
      assert_true(p[1] >= 0 && p[1] < 1 && p[2] >= 0 && p[2] < 1);
      assert_near(p[0], c * sin(pi * p[1]) * sin(pi * p[2]), 1e-12);
      assert_near(m.y[s][i], p[0] / (2 * pi * pi), 1e-14);
    }
  }
}

static void points_are_own_or_shared(void **state) {
  made own, shared;
  make("{resolution: 40}", 1, &own);
  make("{resolution: 40, points: shared}", 1, &shared);
  for (int i = 0; i < points; i++) {
    assert_true(own.x[0][i][1] != own.x[1][i][1]);
    assert_true(shared.x[0][i][1] == shared.x[2][i][1] && shared.x[0][i][2] == shared.x[2][i][2]);
  }
}

static void threads_change_nothing(void **state) {
  made one, two;
  make("{resolution: 40}", 1, &one);
  make("{resolution: 40}", 2, &two);
  assert_memory_equal(&one, &two, sizeof one);
}

static void two_resolutions_are_refused(void **state) {
  generator_refused("poisson_points", "{resolution: [4, 4]}", RITZ_ERR_CONFIG,
                    "resolution is 2 numbers");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_mode_solves_the_equation),
      cmocka_unit_test(points_are_own_or_shared),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(two_resolutions_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
