/* SPDX-License-Identifier: BSD-3-Clause
 * Planning a transform, and handing each run to the algorithm chosen. */
#include "kernels/spectral.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_bounded.h"
#include "kernels/spectral_plan.h"

static const char *const names[RITZ_SPECTRAL_ALGORITHMS] = {
    "auto", "gemm", "plain", "folded", "folded_twice", "two_step", "fftw_pruned", "fftw"};

const char *ritz_spectral_algorithm_name(ritz_spectral_algorithm algorithm) {
  return names[algorithm];
}

bool ritz_spectral_algorithm_parse(const char *name, ritz_spectral_algorithm *out) {
  for (int i = 0; i < RITZ_SPECTRAL_ALGORITHMS; i++)
    if (strcmp(name, names[i]) == 0) {
      *out = (ritz_spectral_algorithm)i;
      return true;
    }
  return false;
}

int ritz_transform_half(const ritz_transform_shape *shape) {
  int half = shape->dim - 1;
  while (half >= 0 && shape->transform[half] != RITZ_TRANSFORM_FOURIER) half--;
  return half;
}

static bool is_fftw(ritz_spectral_algorithm algorithm) {
  return algorithm == RITZ_SPECTRAL_FFTW || algorithm == RITZ_SPECTRAL_FFTW_PRUNED;
}

static bool in_parts(const ritz_transform_shape *shape) {
  bool parts = false;
  for (int i = 0; i < shape->dim; i++) parts = parts || shape->count[i] > 0;
  return parts;
}

bool ritz_spectral_algorithm_available(ritz_spectral_algorithm algorithm) {
  return !is_fftw(algorithm) || ritz_spectral_fftw_available();
}

static ritz_axis_form form_of(ritz_spectral_algorithm algorithm) {
  switch (algorithm) {
    case RITZ_SPECTRAL_PLAIN: return RITZ_AXIS_PLAIN;
    case RITZ_SPECTRAL_FOLDED: return RITZ_AXIS_ONCE;
    case RITZ_SPECTRAL_FOLDED_TWICE: return RITZ_AXIS_TWICE;
    case RITZ_SPECTRAL_TWO_STEP: return RITZ_AXIS_STEPS;
    default: return RITZ_AXIS_AUTO;
  }
}

static ritz_status check_axis(const ritz_transform_shape *shape, int i) {
  const ritz_index n = shape->grid[i], modes = shape->modes[i];
  RITZ_REQUIRE(n >= 1, RITZ_ERR_ARGUMENT, "axis %d of the grid has %td points, at least 1 expected",
               i, n);
  RITZ_REQUIRE(
      shape->first[i] >= 0 && shape->count[i] >= 0 && shape->first[i] + shape->count[i] <= n,
      RITZ_ERR_ARGUMENT, "axis %d: a part of %td points from %td on, of %td", i, shape->count[i],
      shape->first[i], n);
  RITZ_REQUIRE(modes >= 0, RITZ_ERR_ARGUMENT, "axis %d keeps %td modes, at least 0 expected", i,
               modes);
  const ritz_axis_transform transform = shape->transform[i];
  if (transform != RITZ_TRANSFORM_FOURIER) {
    const ritz_index most = ritz_axis_transform_modes(transform, n);
    RITZ_REQUIRE(modes <= most, RITZ_ERR_ARGUMENT,
                 "axis %d keeps %td functions of its %s basis, %td points have %td", i, modes,
                 ritz_axis_transform_name(transform), n, most);
    return RITZ_OK;
  }
  RITZ_REQUIRE(modes == 0 || shape->frequency[i], RITZ_ERR_ARGUMENT,
               "axis %d keeps %td modes but has no list of frequencies", i, modes);
  for (ritz_index k = 0; i == ritz_transform_half(shape) && k < modes; k++) {
    const ritz_index f = shape->frequency[i][k];
    RITZ_REQUIRE(f >= 0 && 2 * f <= n, RITZ_ERR_ARGUMENT,
                 "frequency %td of the last axis is outside 0 ... %td, the half spectrum of %td "
                 "points",
                 f, n / 2, n);
  }
  return RITZ_OK;
}

ritz_status ritz_transform_check(const ritz_transform_shape *shape,
                                 ritz_spectral_algorithm algorithm, int threads) {
  RITZ_REQUIRE(shape->dim >= 1 && shape->dim <= RITZ_SPECTRAL_MAX_DIM, RITZ_ERR_ARGUMENT,
               "a transform over %d axes, 1 to %d expected", shape->dim, RITZ_SPECTRAL_MAX_DIM);
  RITZ_REQUIRE(shape->batch >= 0 && shape->channels >= 1, RITZ_ERR_ARGUMENT,
               "a transform of batch %td and %td channels, at least 0 and 1 expected", shape->batch,
               shape->channels);
  RITZ_REQUIRE(threads >= 1, RITZ_ERR_ARGUMENT, "%d threads, at least 1 expected", threads);
  for (int i = 0; i < shape->dim; i++) RITZ_TRY(check_axis(shape, i));
  RITZ_REQUIRE(ritz_spectral_algorithm_available(algorithm), RITZ_ERR_UNSUPPORTED,
               "this build has no FFTW; configure it with RITZ_WITH_FFTW=ON");
  RITZ_REQUIRE(!in_parts(shape) || !is_fftw(algorithm), RITZ_ERR_UNSUPPORTED,
               "FFTW transforms whole grids, not parts of them");
  return RITZ_OK;
}

static ritz_status plan_axes(const ritz_transform_shape *shape, ritz_axis_form form,
                             ritz_transform *t) {
  t->modes = 1;
  t->half = ritz_transform_half(shape);
  for (int i = 0; i < shape->dim; i++) {
    const ritz_index n = shape->grid[i], modes = shape->modes[i];
    const ritz_index first = shape->first[i], count = shape->count[i] > 0 ? shape->count[i] : n;
    const bool part = shape->count[i] > 0, half = i == t->half;
    ritz_spectral_axis *axis = &t->axis[i];
    t->modes *= modes;
    if (shape->transform[i] != RITZ_TRANSFORM_FOURIER)
      RITZ_TRY(ritz_bounded_axis_create(shape->transform[i], n, first, count, modes,
                                        i == shape->dim - 1, form, axis));
    else if (part)
      RITZ_TRY(
          ritz_spectral_axis_create_part(n, first, count, modes, shape->frequency[i], half, axis));
    else
      RITZ_TRY(ritz_spectral_axis_create(n, modes, shape->frequency[i], half, form, axis));
  }
  return RITZ_OK;
}

ritz_status ritz_transform_build(const ritz_transform_shape *shape,
                                 ritz_spectral_algorithm algorithm, bool measure, int threads,
                                 ritz_transform **out) {
  *out = NULL;
  ritz_transform *t;
  RITZ_TRY(RITZ_NEW(1, &t));
  t->shape = *shape;
  for (int i = 0; i < RITZ_SPECTRAL_MAX_DIM; i++) t->shape.frequency[i] = NULL;
  t->kernels = ritz_kernels_get(shape->dtype);
  t->threads = threads;
  t->measure = measure;
  t->size = ritz_dtype_size(shape->dtype);
  ritz_status status;
  RITZ_TRY_DONE(plan_axes(shape, form_of(algorithm), t));
  t->algorithm = algorithm != RITZ_SPECTRAL_AUTO ? algorithm
                 : in_parts(shape)               ? RITZ_SPECTRAL_GEMM
                                                 : ritz_spectral_choose(t);
  t->fftw.pruned = t->algorithm == RITZ_SPECTRAL_FFTW_PRUNED;
  if (is_fftw(t->algorithm))
    RITZ_TRY_DONE(ritz_spectral_fftw_plan(t));
  else
    RITZ_TRY_DONE(ritz_spectral_gemm_plan(t));
done:
  if (status == RITZ_OK)
    *out = t;
  else
    ritz_transform_destroy(&t);
  return status;
}

ritz_status ritz_transform_create(const ritz_transform_shape *shape,
                                  ritz_spectral_algorithm algorithm, int threads,
                                  ritz_transform **out) {
  *out = NULL;
  RITZ_TRY(ritz_transform_check(shape, algorithm, threads));
  return ritz_transform_build(shape, algorithm, false, threads, out);
}

void ritz_transform_destroy(ritz_transform **transform) {
  ritz_transform *t = *transform;
  if (!t) return;
  ritz_spectral_fftw_clear(t);
  ritz_spectral_gemm_clear(t);
  for (int i = 0; i < RITZ_SPECTRAL_MAX_DIM; i++) ritz_spectral_axis_clear(&t->axis[i]);
  ritz_free(t);
  *transform = NULL;
}

size_t ritz_transform_scratch(const ritz_transform *t) {
  return (size_t)t->sample_slots * t->sample_scratch + (size_t)t->threads * t->thread_scratch;
}

ritz_spectral_algorithm ritz_transform_algorithm(const ritz_transform *t) { return t->algorithm; }

double ritz_transform_flops(const ritz_transform *t) {
  const double sample =
      is_fftw(t->algorithm) ? ritz_spectral_fftw_flops(t) : ritz_spectral_gemm_flops(t);
  return sample * (double)t->shape.batch;
}

void ritz_transform_to_modes(const ritz_transform *t, bool adjoint, bool for_gradient,
                             const void *x, void *spectrum, void *scratch) {
  const ritz_spectral_run run = {.transform = t,
                                 .scale = adjoint ? RITZ_SCALE_PAIRS : RITZ_SCALE_MEAN,
                                 .order = ritz_spectral_order(t, for_gradient),
                                 .in = x,
                                 .out = spectrum,
                                 .scratch = scratch};
  if (is_fftw(t->algorithm))
    ritz_spectral_fftw_to_modes(&run);
  else
    ritz_spectral_gemm_to_modes(&run);
}

void ritz_transform_from_modes(const ritz_transform *t, bool adjoint, bool add,
                               const void *spectrum, void *x, void *scratch) {
  const ritz_spectral_run run = {.transform = t,
                                 .scale = adjoint ? RITZ_SCALE_MEAN : RITZ_SCALE_PAIRS,
                                 .add = add,
                                 .in = spectrum,
                                 .out = x,
                                 .scratch = scratch};
  if (is_fftw(t->algorithm))
    ritz_spectral_fftw_from_modes(&run);
  else
    ritz_spectral_gemm_from_modes(&run);
}
