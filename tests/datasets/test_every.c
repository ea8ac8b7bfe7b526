/* SPDX-License-Identifier: BSD-3-Clause
 * What every generator of the list promises. A generator without a row here fails. */
#include <math.h>
#include <ritz/generator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "generated.h"
#include "support.h"

/* Options that are refused, and a word of the message. */
typedef struct refused {
  const char *options, *word;
} refused;

typedef struct row {
  const char *name;
  const char *small[4];    /* quick settings that differ in what they do; up to the first NULL */
  const char *coarse;      /* settings whose x is a function, ... */
  const char *fine;        /* ... the same at half the distance of nodes; NULL: x is no field */
  const char *unconverged; /* settings that miss the tolerance; NULL: nothing is iterated */
  refused bad[6];
} row;

static const row rows[] = {
    {"darcy",
     {"{resolution: 13}", "{resolution: [9, 14], coefficient: lognormal, solver: cg}",
      "{resolution: [5, 6, 7]}"},
     "{resolution: 9, coefficient: lognormal, modes: 6}",
     "{resolution: 17, coefficient: lognormal, modes: 6}",
     "{resolution: 17, max_iterations: 1}",
     {{"{resolution: 2}", "resolution"}, {"{low: .nan}", "low"}, {"{solver: lu}", "multigrid"}}},
    {"burgers",
     {"{resolution: 16, dt: 0.1}"},
     "{resolution: 32, dt: 1, frames: 1, scale: 1, alpha: 9, tau: 1, tolerance: 1e3}",
     "{resolution: 64, dt: 1, frames: 1, scale: 1, alpha: 9, tau: 1, tolerance: 1e3}",
     "{resolution: 32, dt: 1e-2, tolerance: 1e-14}",
     {{"{resolution: [8, 8]}", "resolution"}, {"{viscosity: .inf}", "viscosity"}}},
    {"navier_stokes",
     {"{resolution: 12, frames: 2, dt: 0.1}"},
     NULL,
     NULL,
     "{resolution: 12, frames: 2, dt: 1, tolerance: 1e-14}",
     {{"{resolution: 3}", "resolution"}, {"{viscosity: -1}", "viscosity"}}},
    {"convection_diffusion",
     {"{resolution: 13}", "{resolution: [9, 14], scheme: central, solver: gmres}",
      "{resolution: 12, solver: gcrodr, chain: 5, restart: 8, recycle: 3}",
      "{resolution: 4, solver: bicgstab, preconditioner: ilu}"},
     "{resolution: 9, source_modes: 6}",
     "{resolution: 17, source_modes: 6}",
     "{resolution: 33, solver: gmres, preconditioner: none, max_iterations: 3}",
     {{"{resolution: 3}", "resolution"},
      {"{resolution: [8, 8, 8]}", "resolution has 3 numbers"},
      {"{viscosity: 0}", "viscosity"},
      {"{solver: minres}", "symmetric"},
      {"{solver: direct, preconditioner: ilu}", "no preconditioner"},
      {"{solver: gcrodr, restart: 20, recycle: 20}", "recycle is 20"}}},
    {"reaction_diffusion",
     {"{resolution: 13}", "{resolution: [9, 14], reaction: linear, solver: minres}",
      "{resolution: 12, reaction: sinh, source: 30, solver: gmres}",
      "{resolution: 10, preconditioner: ilu}"},
     "{resolution: 9, modes: 6}",
     "{resolution: 17, modes: 6}",
     "{resolution: 17, source: 100, max_steps: 1}",
     {{"{resolution: 3}", "resolution"},
      {"{rate: -1}", "rate"},
      {"{diffusion: .nan}", "diffusion"},
      {"{solver: gcrodr}", "recycle space"},
      {"{reaction: fisher}", "cubic"},
      {"{solver: minres, preconditioner: ilu}", "jacobi"}}},
    {"helmholtz",
     {"{resolution: 13}", "{resolution: [9, 14], form: skr, wave_number: 1}",
      "{resolution: 12, solver: gcrodr, chain: 4, restart: 8, recycle: 3}",
      "{resolution: 12, solver: minres, max_iterations: 2000}"},
     "{resolution: 9, modes: 6}",
     "{resolution: 17, modes: 6}",
     "{resolution: 33, solver: gmres, preconditioner: none, max_iterations: 3}",
     {{"{resolution: 5}", "resolution"},
      {"{wave_number: .nan}", "wave_number"},
      {"{form: skr, solver: minres}", "symmetric"},
      {"{form: waves}", "skr"},
      {"{solver: superlu}", "gcrodr"}}},
    {"helmholtz_neumann",
     {"{resolution: 13, frequency: 100}", "{resolution: [9, 14], frequency: 50, solver: minres}",
      "{resolution: 12, frequency: 50, solver: gcrodr, chain: 4, restart: 20, recycle: 6}"},
     "{resolution: 9}",
     "{resolution: 17}",
     "{resolution: 33, solver: gmres, preconditioner: none, max_iterations: 3}",
     {{"{resolution: 2}", "resolution"},
      {"{frequency: -1}", "frequency"},
      {"{contrast: 20}", "contrast is 20"},
      {"{resolution: 16384}", "at most 2^31 / 9"},
      {"{preconditioner: poisson}", "rectangles"},
      {"{half_width: 0.6}", "half_width"}}},
    {"thermal",
     {"{resolution: 21}", "{resolution: 21, sides: cosines, element: q1}",
      "{resolution: 21, solver: minres, preconditioner: jacobi}"},
     NULL,
     NULL,
     "{resolution: 41, solver: minres, max_iterations: 3}",
     {{"{resolution: 20}", "resolution"},
      {"{resolution: 32}", "wanted 20 k + 1"},
      {"{flux: .nan}", "flux"},
      {"{solver: gcrodr}", "one for all"},
      {"{preconditioner: poisson}", "rectangles"},
      {"{element: p2}", "q1"}}},
    {"poisson",
     {"{resolution: 13}", "{resolution: [9, 14], solver: multigrid}",
      "{resolution: 12, source: gaussian, edges: zero}"},
     "{resolution: 9}",
     "{resolution: 17}",
     "{resolution: 65, solver: multigrid, max_iterations: 1}",
     {{"{resolution: 2}", "resolution"},
      {"{resolution: [8, 8, 8]}", "resolution has 3 numbers"},
      {"{tolerance: .nan}", "tolerance"},
      {"{solver: cg}", "multigrid"},
      {"{terms: 0}", "terms"},
      {"{source: sines}", "chebyshev"}}},
    {"operator_action",
     {"{resolution: 13}", "{resolution: [9, 14], coefficient: piecewise, high: 1e4}",
      "{resolution: 12, basis: 3, weights: normal, noise: 0.1}"},
     NULL,
     NULL,
     NULL,
     {{"{resolution: 2}", "resolution"},
      {"{basis: 0}", "basis"},
      {"{weights: uniform}", "affine"},
      {"{noise: -1}", "noise"},
      {"{source_tau: .nan}", "source_tau"}}},
    {"cg_errors",
     {"{resolution: 13, pairs: 4}", "{resolution: [9, 14], pairs: 5, every: 7, noise: 0, start: 0}",
      "{resolution: 8, pairs: 3, equation: poisson}"},
     NULL,
     NULL,
     NULL,
     {{"{resolution: 2}", "resolution"},
      {"{resolution: [8, 8, 8]}", "resolution has 3 numbers"},
      {"{equation: heat}", "poisson"},
      {"{pairs: 0}", "pairs"},
      {"{every: 0}", "every"},
      {"{noise: .nan}", "noise"}}},
    {"elasticity",
     {"{resolution: 9}", "{resolution: [5, 8], coefficient: lognormal, plane: stress}",
      "{resolution: 8, solver: gcrodr, chain: 4, restart: 20, recycle: 6, traction: [1, 0.5]}",
      "{resolution: 8, solver: minres, preconditioner: jacobi}"},
     "{resolution: 9, coefficient: lognormal, modes: 6}",
     "{resolution: 17, coefficient: lognormal, modes: 6}",
     "{resolution: 33, solver: gmres, preconditioner: none, max_iterations: 3}",
     {{"{resolution: 2}", "resolution"},
      {"{poisson_ratio: 0.5}", "poisson_ratio"},
      {"{traction: 1}", "traction has 1"},
      {"{plane: bent}", "stress"},
      {"{high: .nan}", "high"},
      {"{preconditioner: poisson}", "rectangles"}}},
    {"eigen",
     {"{resolution: 9, pairs: 3}", "{resolution: [8, 11], form: helmholtz, pairs: 2, chain: 4}",
      "{resolution: 9, pairs: 1, start: sines, coefficient: piecewise}",
      "{resolution: [5, 7], pairs: 5, chain: 5, order: given}"},
     "{resolution: 9, pairs: 2, modes: 6}",
     "{resolution: 17, pairs: 2, modes: 6}",
     "{resolution: 33, max_iterations: 1}",
     {{"{resolution: 4}", "resolution"},
      {"{resolution: 6, pairs: 13}", "16 inner nodes"},
      {"{form: stokes}", "helmholtz"},
      {"{degree: -1}", "degree"},
      {"{start: cold}", "sines"},
      {"{tolerance: .nan}", "tolerance"}}},
    {"poisson_points",
     {"{resolution: 20}", "{resolution: 20, points: shared}"},
     NULL,
     NULL,
     NULL,
     {{"{resolution: [4, 4]}", "resolution"}, {"{decay: .nan}", "decay"}}},
};

static const row *row_of(const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].name, name) == 0) return &rows[i];
  fail_msg("generator %s has no row in this test", name);
  return NULL;
}

enum { first = 3, count = 13 };

static generated run(const char *name, const char *options, int threads, ritz_index samples) {
  return generate_with(name, options, threads, first, samples);
}

static void assert_same(const char *name, const char *options, const generated *a,
                        const generated *b) {
  const size_t x = (size_t)(a->count * a->x_numbers), y = (size_t)(a->count * a->y_numbers);
  if (memcmp(a->x, b->x, x * sizeof *a->x) || memcmp(a->y, b->y, y * sizeof *a->y))
    fail_msg("%s %s: fields differ", name, options);
  for (ritz_index i = 0; i < a->count; i++)
    if (a->reports[i].iterations != b->reports[i].iterations ||
        a->reports[i].residual != b->reports[i].residual ||
        a->reports[i].reason != b->reports[i].reason)
      fail_msg("%s %s: reports of sample %td differ", name, options, i);
}

/* Calls do() for every generator and its settings. */
static void for_all(void (*check)(const char *name, const char *options)) {
  for (int i = 0; i < ritz_generator_count(); i++) {
    const row *r = row_of(ritz_generator_name(i));
    for (int k = 0; k < 4 && r->small[k]; k++) check(r->name, r->small[k]);
  }
}

static void check_solved(const char *name, const char *options) {
  generated p = generate(name, options, count);
  for (ritz_index k = 0; k < count * p.x_numbers; k++) assert_true(isfinite(p.x[k]));
  for (ritz_index k = 0; k < count * p.y_numbers; k++) assert_true(isfinite(p.y[k]));
  if (memcmp(p.x, p.x + p.x_numbers, (size_t)p.x_numbers * sizeof *p.x) == 0)
    fail_msg("%s %s: two samples are equal", name, options);
  generated_release(&p);
}

static void samples_are_solved(void **state) { for_all(check_solved); }

static void check_threads(const char *name, const char *options) {
  generated one = run(name, options, 1, count), two = run(name, options, 2, count),
            three = run(name, options, 3, count);
  assert_same(name, options, &one, &two);
  assert_same(name, options, &one, &three);
  generated_release(&one);
  generated_release(&two);
  generated_release(&three);
}

static void any_thread_count_gives_the_same_bits(void **state) { for_all(check_threads); }

/* As a run that is stopped and goes on does. */
static void check_blocks(const char *name, const char *options) {
  static const int cuts[] = {0, 1, 3, 8, count};
  generated whole = run(name, options, 2, count);
  ritz_generator *g = generator_of(name, options, 2);
  generated part = generated_room(g, count);
  for (int c = 3; c >= 0; c--) /* backwards: order does not matter either */
    assert_ok(ritz_generator_run(g, 11, first + cuts[c], cuts[c + 1] - cuts[c], RITZ_FLOAT64,
                                 part.x + cuts[c] * part.x_numbers,
                                 part.y + cuts[c] * part.y_numbers, part.reports + cuts[c]));
  assert_same(name, options, &whole, &part);
  ritz_generator_destroy(&g);
  generated_release(&whole);
  generated_release(&part);
}

static void any_block_of_samples_gives_the_same_bits(void **state) { for_all(check_blocks); }

static void inputs_are_functions_that_finer_grids_share(void **state) {
  for (int i = 0; i < ritz_generator_count(); i++) {
    const row *r = row_of(ritz_generator_name(i));
    if (!r->coarse) continue;
    ritz_generator *g = generator_of(r->name, r->coarse, 1);
    const ritz_generator_info *info = ritz_generator_describe(g);
    const ritz_index n = info->nodes[0], rows_of = info->dim > 1 ? n : 1;
    const ritz_index m = info->periodic[0] ? 2 * n : 2 * n - 1;
    generated a = run(r->name, r->coarse, 1, 2), b = run(r->name, r->fine, 1, 2);
    const ritz_index channels = a.x_numbers / (rows_of * n);
    assert_int_equal(b.x_numbers, channels * m * (info->dim > 1 ? m : 1));
    for (ritz_index s = 0; s < 2; s++)
      for (ritz_index k = 0; k < a.x_numbers; k++) {
        const ritz_index c = k % channels, at = k / channels, row_at = at / n, column = at % n;
        const double fine = b.x[s * b.x_numbers + (2 * row_at * m + 2 * column) * channels + c];
        if (fabs(a.x[s * a.x_numbers + k] - fine) > 1e-11 * (1 + fabs(fine)))
          fail_msg("%s: node [%td, %td], channel %td: %g and %g", r->name, row_at, column, c,
                   a.x[s * a.x_numbers + k], fine);
      }
    ritz_generator_destroy(&g);
    generated_release(&a);
    generated_release(&b);
  }
}

static void samples_that_miss_the_tolerance_say_so(void **state) {
  for (int i = 0; i < ritz_generator_count(); i++) {
    const row *r = row_of(ritz_generator_name(i));
    if (!r->unconverged) continue;
    generated p = run(r->name, r->unconverged, 1, 2);
    for (int s = 0; s < 2; s++) {
      if (p.reports[s].reason >= 0)
        fail_msg("%s %s: %s, residual %g", r->name, r->unconverged,
                 ritz_solve_reason_text(p.reports[s].reason), p.reports[s].residual);
      assert_true(p.reports[s].residual > 0);
    }
    generated_release(&p);
  }
}

static void bad_options_are_named(void **state) {
  for (int i = 0; i < ritz_generator_count(); i++) {
    const row *r = row_of(ritz_generator_name(i));
    generator_refused(r->name, "{resolutoin: 4}", RITZ_ERR_CONFIG, "resolution");
    for (int k = 0; k < 6 && r->bad[k].options; k++)
      generator_refused(r->name, r->bad[k].options, RITZ_ERR_CONFIG, r->bad[k].word);
  }
}

static void check_allocations(const char *name, const char *options) {
  ritz_context *context;
  ritz_generator *g;
  assert_ok(ritz_context_create(NULL, &context));
  long k = 0;
  while (creation_fails(k, g, ritz_generator_create(context, name, options, &g))) k++;
  assert_true(k > 10);
  ritz_generator_destroy(&g);
  ritz_context_destroy(&context);
}

static void every_failed_allocation_is_survived(void **state) { for_all(check_allocations); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_are_solved),
      cmocka_unit_test(any_thread_count_gives_the_same_bits),
      cmocka_unit_test(any_block_of_samples_gives_the_same_bits),
      cmocka_unit_test(inputs_are_functions_that_finer_grids_share),
      cmocka_unit_test(samples_that_miss_the_tolerance_say_so),
      cmocka_unit_test(bad_options_are_named),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
