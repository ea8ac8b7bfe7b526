/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of a generator, for tests of what is in them. */
#ifndef RITZ_TESTS_GENERATED_H
#define RITZ_TESTS_GENERATED_H

#include <ritz/generator.h>

typedef struct generated {
  ritz_index count, x_numbers, y_numbers; /* samples; numbers of one */
  ritz_index nodes[3];
  double *x, *y;
  ritz_solve_report *reports;
  char method[256];
} generated;

/** A generator with @p threads threads; the test fails if there is none. */
ritz_generator *generator_of(const char *name, const char *options, int threads);

/** There is none: the reason is @p status, and the message contains @p text. */
void generator_refused(const char *name, const char *options, ritz_status status, const char *text);

/** Room for @p count samples of it. */
generated generated_room(const ritz_generator *generator, ritz_index count);

/** Samples first ... first + count - 1 of seed 11, in double; whether they converged is not looked
 * at. Release with generated_release(). */
generated generate_with(const char *name, const char *options, int threads, ritz_index first,
                        ritz_index count);

/** Samples 3, 4, ... by one thread, all converged. */
generated generate(const char *name, const char *options, ritz_index count);

/** Makes the samples of @p as, of generate(), by each of @p count options: x is the same to the
 * bit, y within @p tolerance of its largest value. */
void generated_agree(const generated *as, const char *name, int count, const char *const *options,
                     double tolerance);

/** A generator with these options says of how it solves what starts with @p method. */
void generated_by(const char *name, const char *options, const char *method);

/** Solutions on square grids of n, 2n - 1 and 4n - 3 points converge with order 2 up to
 * @p tolerance, away from the edges by @p margin. @param more  Options but the resolution. */
void generated_second_order(const char *name, int n, const char *more, double margin,
                            double tolerance);

void generated_release(generated *samples);

/** @return  Largest |y_coarse - y_fine| of the first sample on square grids, the fine one with half
 * the distance of nodes, at common nodes from `margin` to 1 - margin on both axes. */
double generated_distance(const generated *coarse, const generated *fine, double margin);

#endif
