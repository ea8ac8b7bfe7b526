/* SPDX-License-Identifier: BSD-3-Clause
 * The generator convection_diffusion: its equation, order and schemes. */
#include <math.h>
#include <stdio.h>

#include "generated.h"
#include "support.h"

/* Root mean square of -nu Laplace u + b . grad u - f by central differences, against that of f. */
static double defect(const char *options, double nu) {
  generated s = generate("convection_diffusion", options, 1);
  const ritz_index n = s.nodes[0];
  const double h = 1 / (double)(n - 1), *u = s.y;
  double rr = 0, ff = 0;
  for (ritz_index i = 1; i < n - 1; i++)
    for (ritz_index j = 1; j < n - 1; j++) {
      const ritz_index k = i * n + j;
      const double *x = s.x + 3 * k;
      const double laplace = (u[k - n] + u[k + n] + u[k - 1] + u[k + 1] - 4 * u[k]) / (h * h);
      const double transport =
          x[0] * (u[k + n] - u[k - n]) / (2 * h) + x[1] * (u[k + 1] - u[k - 1]) / (2 * h);
      rr += pow(-nu * laplace + transport - x[2], 2);
      ff += x[2] * x[2];
    }
  generated_release(&s);
  return sqrt(rr / ff);
}

static void solutions_satisfy_the_equation(void **state) {
  static const char *const scheme[] = {"exponential", "central"};
  for (int i = 0; i < 2; i++) {
    char coarse[160], fine[160];
    const char *text = "{resolution: %d, viscosity: 0.1, modes: 4, source_modes: 6, scheme: %s}";
    snprintf(coarse, sizeof coarse, text, 65, scheme[i]);
    snprintf(fine, sizeof fine, text, 129, scheme[i]);
    const double a = defect(coarse, 0.1), b = defect(fine, 0.1);
    assert_true(a < 0.02);
    assert_near(log2(a / b), 2, 0.15);
  }
}

static void solutions_are_of_second_order(void **state) {
#define SMOOTH "viscosity: 0.1, modes: 3, source_modes: 6, "
  generated_second_order("convection_diffusion", 33, SMOOTH "scheme: exponential", 0, 0.1);
  generated_second_order("convection_diffusion", 33, SMOOTH "scheme: central", 0, 0.1);
}

/* No overshoot however coarse the grid: u >= 0 where f >= 0. */
static void exponential_fluxes_keep_the_sign(void **state) {
  generated s = generate("convection_diffusion",
                         "{resolution: 32, viscosity: 1e-4, source: 0, mean_source: 1}", 4);
  for (ritz_index k = 0; k < 4 * s.y_numbers; k++) assert_true(s.y[k] >= 0);
  generated_release(&s);
}

/* b through the boundary is zero, its mean square is the speed's over many samples. */
static void flows_turn_within_the_square(void **state) {
  enum { samples = 300, n = 17 };
  generated s = generate("convection_diffusion", "{resolution: 17, speed: 2}", samples);
  double square = 0;
  for (int k = 0; k < samples; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        const double *b = s.x + k * s.x_numbers + 3 * (i * n + j);
        if (i == 0 || i == n - 1) assert_near(b[0], 0, 1e-12);
        if (j == 0 || j == n - 1) assert_near(b[1], 0, 1e-12);
        const double weight = (i % (n - 1) ? 1 : 0.5) * (j % (n - 1) ? 1 : 0.5);
        square += weight * (b[0] * b[0] + b[1] * b[1]) / (samples * (n - 1.0) * (n - 1.0));
      }
  assert_near(square, 4, 0.4);
  generated_release(&s);
}

static void solvers_agree(void **state) {
  static const char *const options[] = {
      "{resolution: 30, solver: gmres}", "{resolution: 30, preconditioner: ilu}",
      "{resolution: 30, solver: gcrodr, preconditioner: jacobi, chain: 4}",
      "{resolution: 30, solver: bicgstab, preconditioner: none}"};
  generated a = generate("convection_diffusion", "{resolution: 30, solver: direct}", 5);
  for (int s = 0; s < 5; s++) assert_true(a.reports[s].iterations <= 2);
  generated_agree(&a, "convection_diffusion", 4, options, 1e-5);
  generated_release(&a);
}

/* The quicker a flow, the more steps Krylov methods take; a step of BiCGStab costs two products,
 * one of GMRES a product and the directions before it. */
static void the_choice_is_told(void **state) {
#define BY(options, method) \
  generated_by("convection_diffusion", "{resolution: " options "}", method)
  BY("64, viscosity: 0.2", "gmres, poisson, by the model");
  BY("256, viscosity: 0.1", "gmres, poisson, by the model");
  BY("64, viscosity: 1e-3", "direct, by the model");
  BY("64, solver: direct", "direct, as asked for");
  BY("64, preconditioner: ilu", "gmres, ilu, as asked for");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_satisfy_the_equation),
      cmocka_unit_test(solutions_are_of_second_order),
      cmocka_unit_test(exponential_fluxes_keep_the_sign),
      cmocka_unit_test(flows_turn_within_the_square),
      cmocka_unit_test(solvers_agree),
      cmocka_unit_test(the_choice_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
