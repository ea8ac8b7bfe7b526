/* SPDX-License-Identifier: BSD-3-Clause
 * Transforms for the tests of them: shapes with their frequency lists, the library's maps in
 * double, and their comparison with dense ones. */
#ifndef TRANSFORM_PROBLEM_H
#define TRANSFORM_PROBLEM_H

#include <math.h>

#include "core/memory.h"
#include "kernels/spectral.h"
#include "support.h"

#if RITZ_WITH_FFTW
enum { LAST_ALGORITHM = RITZ_SPECTRAL_FFTW };
#else
enum { LAST_ALGORITHM = RITZ_SPECTRAL_TWO_STEP };
#endif

/* A shape with its own frequency lists, and the sizes that follow from it. */
typedef struct problem {
  ritz_transform_shape shape;
  ritz_index list[RITZ_SPECTRAL_MAX_DIM][256];
  ritz_index points, modes;
  int half; /* the last Fourier axis, of which half the spectrum is kept */
} problem;

/* Frequencies -k/2 ... of every Fourier axis but the last, 0 ... k-1 of that; of a bounded basis
 * no more functions than it has. */
static inline problem make_mixed(int dim, const ritz_axis_transform *transform,
                                 const ritz_index *grid, const ritz_index *modes, ritz_index batch,
                                 ritz_index channels) {
  problem p = {.shape = {.dtype = RITZ_FLOAT64, .dim = dim, .batch = batch, .channels = channels},
               .points = 1,
               .modes = 1};
  for (int i = 0; i < dim; i++) p.shape.transform[i] = transform[i];
  p.half = ritz_transform_half(&p.shape);
  for (int i = 0; i < dim; i++) {
    const bool fourier = p.shape.transform[i] == RITZ_TRANSFORM_FOURIER;
    const ritz_index most = ritz_axis_transform_modes(p.shape.transform[i], grid[i]);
    p.shape.grid[i] = grid[i];
    p.shape.modes[i] = fourier || modes[i] < most ? modes[i] : most;
    p.points *= grid[i];
    p.modes *= p.shape.modes[i];
    for (ritz_index k = 0; fourier && k < modes[i]; k++)
      p.list[i][k] = i == p.half ? k : k - modes[i] / 2;
  }
  return p;
}

static inline problem make_problem(int dim, const ritz_index *grid, const ritz_index *modes,
                                   ritz_index batch, ritz_index channels) {
  static const ritz_axis_transform fourier[RITZ_SPECTRAL_MAX_DIM] = {RITZ_TRANSFORM_FOURIER};
  return make_mixed(dim, fourier, grid, modes, batch, channels);
}

static inline ritz_index field_size(const problem *p) {
  return p->shape.batch * p->points * p->shape.channels;
}

/* Row blocks of a mode: Re and Im, or a real number. */
static inline int planes(const problem *p) { return p->half < 0 ? 1 : 2; }

/* Numbers of a spectrum of @p blocks row blocks. */
static inline ritz_index spectrum_size(const problem *p, int blocks) {
  return p->modes * blocks * p->shape.batch * p->shape.channels;
}

/* The lists live in p, so the pointers are set where p has come to stay. */
static inline void point_at_lists(problem *p) {
  for (int i = 0; i < p->shape.dim; i++)
    p->shape.frequency[i] = p->shape.transform[i] == RITZ_TRANSFORM_FOURIER ? p->list[i] : NULL;
}

static inline ritz_transform *make(problem *p, ritz_spectral_algorithm algorithm, int threads) {
  ritz_transform *t;
  point_at_lists(p);
  assert_ok(ritz_transform_create(&p->shape, algorithm, threads, &t));
  return t;
}

static inline void *scratch_of(const ritz_transform *t) {
  return zeros(RITZ_FLOAT32, (ritz_index)ritz_transform_scratch(t) / 4);
}

/* The library's maps of double fields and spectra of (Re, Im); the block that stands twice, with
 * the other sign, is checked. */
static inline void library_to_modes(const problem *p, const ritz_transform *t, bool adjoint,
                                    bool gradient, const double *x, double *out) {
  const ritz_dtype dtype = p->shape.dtype;
  const ritz_index plane = p->shape.batch * p->shape.channels, n = field_size(p);
  const int blocks = p->half < 0 ? 1 : 3, first = blocks > 1 && !gradient;
  void *field = zeros(dtype, n), *spectrum = zeros(dtype, spectrum_size(p, blocks));
  void *scratch = scratch_of(t);
  for (ritz_index i = 0; i < n; i++) ritz_number_set(dtype, field, i, x[i]);
  ritz_transform_to_modes(t, adjoint, gradient, field, spectrum, scratch);
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index i = 0; i < plane; i++) {
      double block[3];
      for (int k = 0; k < blocks; k++)
        block[k] = ritz_number_get(dtype, spectrum, (blocks * m + k) * plane + i);
      for (int k = 0; k < planes(p); k++) out[(planes(p) * m + k) * plane + i] = block[first + k];
      if (blocks > 1) assert_true(block[gradient ? 2 : 0] == -block[gradient ? 0 : 2]);
    }
  ritz_free(field);
  ritz_free(spectrum);
  ritz_free(scratch);
}

/* @param add  To numbers of size one, which are taken off again. */
static inline void library_from_modes(const problem *p, const ritz_transform *t, bool adjoint,
                                      bool add, const double *in, double *x) {
  const ritz_dtype dtype = p->shape.dtype;
  const ritz_index n = field_size(p), k = spectrum_size(p, planes(p));
  void *field = random_numbers(dtype, 99, n), *before = random_numbers(dtype, 99, n);
  void *spectrum = zeros(dtype, k), *scratch = scratch_of(t);
  for (ritz_index i = 0; i < k; i++) ritz_number_set(dtype, spectrum, i, in[i]);
  ritz_transform_from_modes(t, adjoint, add, spectrum, field, scratch);
  for (ritz_index i = 0; i < n; i++)
    x[i] = ritz_number_get(dtype, field, i) - (add ? ritz_number_get(dtype, before, i) : 0);
  ritz_free(before);
  ritz_free(field);
  ritz_free(spectrum);
  ritz_free(scratch);
}

/* Sums of at most a few thousand terms of size one in double, ten times that error; in float the
 * same with its own epsilon. */
static inline double tolerance(ritz_dtype dtype) { return dtype == RITZ_FLOAT64 ? 2e-14 : 4e-6; }

/* What is added to is of size one and costs its own rounding. */
static inline void assert_same_field(const problem *p, bool add, const double *got,
                                     const double *want) {
  double size = add ? 1 : 0;
  for (ritz_index i = 0; i < field_size(p); i++) size = fmax(size, fabs(want[i]));
  for (ritz_index i = 0; i < field_size(p); i++)
    assert_near(got[i], want[i], tolerance(p->shape.dtype) * size);
}

/* The four maps by one algorithm against what the dense ones gave, [adjoint]. */
static inline void compare_one(problem *p, ritz_spectral_algorithm algorithm, int threads,
                               const double *x, const double *spectrum, double *const modes[2],
                               double *const field[2]) {
  ritz_transform *t = make(p, algorithm, threads);
  const ritz_index n = field_size(p), k = spectrum_size(p, planes(p));
  double *got = zeros(RITZ_FLOAT64, n + k);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    library_to_modes(p, t, adjoint, p->shape.channels % 2, x, got);
    assert_near(relative_error(k, got, modes[adjoint]), 0, tolerance(p->shape.dtype));
    for (int add = 0; add < 2; add++) {
      library_from_modes(p, t, adjoint, add, spectrum, got);
      assert_same_field(p, add, got, field[adjoint]);
    }
  }
  ritz_free(got);
  ritz_transform_destroy(&t);
}

/* One way by a dense matrix, [modes, points] with planes (Re, Im). @param mean  Of the points, as
 * the forward transform has it; else the factors of the inverse. */
typedef void dense_map(const problem *p, bool mean, const double *in, double *out);

/* Algorithms first to last in both formats against dense matrices. */
static inline void compare_with(problem *p, dense_map *to_modes, dense_map *from_modes, int first,
                                int last, int threads) {
  const ritz_index n = field_size(p), k = spectrum_size(p, planes(p));
  double *x = random_numbers(RITZ_FLOAT64, 1, n), *spectrum = random_numbers(RITZ_FLOAT64, 2, k);
  double *modes[2], *field[2];
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    to_modes(p, !adjoint, x, modes[adjoint] = zeros(RITZ_FLOAT64, k));
    from_modes(p, adjoint, spectrum, field[adjoint] = zeros(RITZ_FLOAT64, n));
  }
  for (int dtype = 0; dtype < 2; dtype++)
    for (int algorithm = first; algorithm <= last; algorithm++) {
      p->shape.dtype = (ritz_dtype)dtype;
      compare_one(p, (ritz_spectral_algorithm)algorithm, threads, x, spectrum, modes, field);
    }
  ritz_free(x);
  ritz_free(spectrum);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    ritz_free(modes[adjoint]);
    ritz_free(field[adjoint]);
  }
}

#endif
