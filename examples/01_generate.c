/* SPDX-License-Identifier: BSD-3-Clause
 * Training pairs in memory: Darcy flow,
 *
 *     -div(a grad u) = 1  on the unit square,  u = 0 on its boundary,
 *
 * a from {3, 12}, piecewise constant, random. The generator solves in double and reports for every
 * sample how the solve ended.
 *
 *     $ 01_generate
 *     coefficient [64, 64]: mean 7.73, smallest 3.00, largest 12.00
 *     solution [64, 64]: mean 0.0052, smallest 0.0000, largest 0.0145
 *     16 of 16 samples converged, 18.4 iterations each, true residual below 1e-08 */
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAMPLES = 16 };

static void print_field(const ritz_generator_field *field, const char *digits, const float *value) {
  const ritz_index count = SAMPLES * field->shape.n[0] * field->shape.n[1];
  double sum = 0, least = value[0], most = value[0];
  for (ritz_index i = 0; i < count; i++) {
    sum += value[i];
    if (value[i] < least) least = value[i];
    if (value[i] > most) most = value[i];
  }
  printf("%s [%td, %td]: ", field->name, field->shape.n[0], field->shape.n[1]);
  printf(digits, sum / (double)count, least, most);
}

static int print_reports(const ritz_solve_report *report) {
  int converged = 0, iterations = 0;
  double residual = 0;
  for (int i = 0; i < SAMPLES; i++) {
    converged += report[i].reason > 0;
    iterations += report[i].iterations;
    if (report[i].residual > residual) residual = report[i].residual;
  }
  printf("%d of %d samples converged, %.1f iterations each, true residual %s 1e-08\n", converged,
         SAMPLES, (double)iterations / SAMPLES, residual <= 1e-8 ? "below" : "above");
  return converged == SAMPLES;
}

int main(void) {
  ritz_context *context = NULL;
  ritz_generator *darcy = NULL;
  float *a = NULL, *u = NULL;
  int good = 0;

  if (ritz_context_create(NULL, &context) != RITZ_OK) goto failed;
  if (ritz_generator_create(context, "darcy", "{resolution: 64}", &darcy) != RITZ_OK) goto failed;
  const ritz_generator_info *info = ritz_generator_describe(darcy);
  const size_t count = (size_t)(SAMPLES * info->nodes[0] * info->nodes[1]);
  if (!(a = malloc(count * sizeof *a)) || !(u = malloc(count * sizeof *u))) goto done;

  /* Samples 0 ... 15 of seed 7; 16 ... would be the next ones of the same stream. */
  ritz_solve_report report[SAMPLES];
  if (ritz_generator_run(darcy, 7, 0, SAMPLES, RITZ_FLOAT32, a, u, report) != RITZ_OK) goto failed;
  print_field(&info->x, "mean %.2f, smallest %.2f, largest %.2f\n", a);
  print_field(&info->y, "mean %.4f, smallest %.4f, largest %.4f\n", u);
  good = print_reports(report);
  goto done;

failed:
  fprintf(stderr, "%s\n", ritz_error_message());
done:
  free(a);
  free(u);
  ritz_generator_destroy(&darcy);
  ritz_context_destroy(&context);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
