/* SPDX-License-Identifier: BSD-3-Clause
 * The choice among algorithms by running them. */
#include "core/clock.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_plan.h"
#include "kernels/spectral_wisdom.h"

/* Arrays of a run; contents do not matter, zeros are as fast as others. */
typedef struct fields {
  void *x, *spectrum;
} fields;

/* A measurement ends after so many runs or seconds; the least counts. */
enum { MOST_RUNS = 20 };
static const double seconds_enough = 0.05;

static double time_run(const ritz_transform *t, const fields *f, void *scratch) {
  double least = 0;
  const double begin = ritz_clock_seconds();
  for (int run = 0; run < MOST_RUNS; run++) {
    const double start = ritz_clock_seconds();
    if (run > 1 && start - begin > seconds_enough) break;
    ritz_transform_to_modes(t, false, false, f->x, f->spectrum, scratch);
    ritz_transform_from_modes(t, false, false, f->spectrum, f->x, scratch);
    const double seconds = ritz_clock_seconds() - start;
    if (run == 0 || seconds < least) least = seconds;
  }
  return least;
}

static ritz_status measure(const ritz_transform_shape *shape, ritz_spectral_algorithm algorithm,
                           int threads, const fields *f, double *seconds) {
  ritz_transform *t = NULL;
  void *scratch = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_transform_build(shape, algorithm, true, threads, &t));
  RITZ_TRY_DONE(ritz_calloc((ritz_index)ritz_transform_scratch(t), 1, &scratch));
  *seconds = time_run(t, f, scratch);
done:
  ritz_free(scratch);
  ritz_transform_destroy(&t);
  return status;
}

static ritz_status find_fastest(const ritz_transform_shape *shape, int threads,
                                ritz_spectral_algorithm *out) {
  ritz_index points = shape->batch * shape->channels, modes = 3 * points;
  for (int i = 0; i < shape->dim; i++) points *= shape->grid[i], modes *= shape->modes[i];
  const size_t size = ritz_dtype_size(shape->dtype);
  fields f = {0};
  double least = 0;
  ritz_status status;
  RITZ_TRY_DONE(ritz_calloc(points, size, &f.x));
  RITZ_TRY_DONE(ritz_calloc(modes, size, &f.spectrum));
  *out = RITZ_SPECTRAL_AUTO;
  for (int i = RITZ_SPECTRAL_GEMM; i < RITZ_SPECTRAL_ALGORITHMS; i++) {
    const ritz_spectral_algorithm algorithm = (ritz_spectral_algorithm)i;
    double seconds;
    if (!ritz_spectral_algorithm_available(algorithm)) continue;
    RITZ_TRY_DONE(measure(shape, algorithm, threads, &f, &seconds));
    if (*out == RITZ_SPECTRAL_AUTO || seconds < least) *out = algorithm, least = seconds;
  }
done:
  ritz_free(f.x);
  ritz_free(f.spectrum);
  return status;
}

ritz_status ritz_transform_create_measured(const ritz_transform_shape *shape,
                                           ritz_spectral_algorithm algorithm, int threads,
                                           ritz_spectral_wisdom *wisdom, ritz_transform **out) {
  *out = NULL;
  for (int i = 0; i < shape->dim && i < RITZ_SPECTRAL_MAX_DIM; i++)
    RITZ_REQUIRE(shape->count[i] == 0, RITZ_ERR_UNSUPPORTED,
                 "transforms of parts of a grid are not measured");
  RITZ_TRY(ritz_transform_check(shape, algorithm, threads));
  const bool known = algorithm != RITZ_SPECTRAL_AUTO ||
                     (wisdom && ritz_spectral_wisdom_find(wisdom, shape, &algorithm) &&
                      ritz_spectral_algorithm_available(algorithm));
  if (!known) {
    RITZ_TRY(find_fastest(shape, threads, &algorithm));
    if (wisdom) RITZ_TRY(ritz_spectral_wisdom_add(wisdom, shape, algorithm));
  }
  return ritz_transform_build(shape, algorithm, true, threads, out);
}
