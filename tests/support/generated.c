/* SPDX-License-Identifier: BSD-3-Clause */
#include "generated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

ritz_generator *generator_of(const char *name, const char *options, int threads) {
  ritz_context_options wish;
  ritz_context_options_defaults(&wish);
  wish.threads = threads;
  ritz_context *context;
  ritz_generator *generator;
  assert_ok(ritz_context_create(&wish, &context));
  assert_ok(ritz_generator_create(context, name, options, &generator));
  ritz_context_destroy(&context); /* the generator keeps it */
  return generator;
}

void generator_refused(const char *name, const char *options, ritz_status status,
                       const char *text) {
  ritz_context *context;
  ritz_generator *generator;
  assert_ok(ritz_context_create(NULL, &context));
  if (ritz_generator_create(context, name, options, &generator) != status)
    fail_msg("%s takes %s", name, options);
  assert_null(generator);
  assert_message_contains(text);
  ritz_context_destroy(&context);
}

generated generated_room(const ritz_generator *generator, ritz_index count) {
  const ritz_generator_info *info = ritz_generator_describe(generator);
  generated p = {.count = count,
                 .x_numbers = ritz_shape_count(&info->x.shape),
                 .y_numbers = ritz_shape_count(&info->y.shape),
                 .reports = calloc((size_t)count, sizeof(ritz_solve_report))};
  for (int a = 0; a < info->dim; a++) p.nodes[a] = info->nodes[a];
  p.x = calloc((size_t)(count * p.x_numbers), sizeof *p.x);
  p.y = calloc((size_t)(count * p.y_numbers), sizeof *p.y);
  snprintf(p.method, sizeof p.method, "%s", info->method ? info->method : "");
  return p;
}

generated generate_with(const char *name, const char *options, int threads, ritz_index first,
                        ritz_index count) {
  ritz_generator *g = generator_of(name, options, threads);
  generated p = generated_room(g, count);
  assert_ok(ritz_generator_run(g, 11, first, count, RITZ_FLOAT64, p.x, p.y, p.reports));
  ritz_generator_destroy(&g);
  return p;
}

generated generate(const char *name, const char *options, ritz_index count) {
  generated p = generate_with(name, options, 1, 3, count);
  for (ritz_index i = 0; i < count; i++)
    if (p.reports[i].reason <= 0)
      fail_msg("%s %s: sample %td: %s, residual %g", name, options, i,
               ritz_solve_reason_text(p.reports[i].reason), p.reports[i].residual);
  return p;
}

void generated_agree(const generated *as, const char *name, int count, const char *const *options,
                     double tolerance) {
  for (int i = 0; i < count; i++) {
    generated p = generate(name, options[i], as->count);
    assert_memory_equal(p.x, as->x, (size_t)(as->count * as->x_numbers) * sizeof *p.x);
    assert_near(relative_error(as->count * as->y_numbers, p.y, as->y), 0, tolerance);
    generated_release(&p);
  }
}

void generated_by(const char *name, const char *options, const char *method) {
  ritz_generator *generator = generator_of(name, options, 1);
  const char *said = ritz_generator_describe(generator)->method;
  if (strncmp(said, method, strlen(method)) != 0) fail_msg("%s %s: %s", name, options, said);
  ritz_generator_destroy(&generator);
}

void generated_second_order(const char *name, int n, const char *more, double margin,
                            double tolerance) {
  generated s[3];
  for (int i = 0; i < 3; i++) {
    char options[256];
    snprintf(options, sizeof options, "{resolution: %d, %s}", ((n - 1) << i) + 1, more);
    s[i] = generate(name, options, 1);
  }
  const double coarse = generated_distance(&s[0], &s[1], margin);
  assert_near(log2(coarse / generated_distance(&s[1], &s[2], margin)), 2, tolerance);
  for (int i = 0; i < 3; i++) generated_release(&s[i]);
}

void generated_release(generated *samples) {
  free(samples->x);
  free(samples->y);
  free(samples->reports);
}

double generated_distance(const generated *coarse, const generated *fine, double margin) {
  const ritz_index n = coarse->nodes[0], m = fine->nodes[0];
  const ritz_index channels = coarse->y_numbers / (n * n);
  double most = 0;
  assert_int_equal(m, 2 * n - 1);
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++) {
      const double x = (double)i / (double)(n - 1), y = (double)j / (double)(n - 1);
      if (fmin(fmin(x, 1 - x), fmin(y, 1 - y)) < margin) continue;
      for (ritz_index c = 0; c < channels; c++)
        most = fmax(most, fabs(coarse->y[(i * n + j) * channels + c] -
                               fine->y[(2 * i * m + 2 * j) * channels + c]));
    }
  return most;
}
