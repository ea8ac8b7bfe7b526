/* SPDX-License-Identifier: BSD-3-Clause
 * What transforms keep: adjoints, band-limited fields, real lines, the same bits on any number of
 * threads; which algorithm the cost model chooses, and what is refused. */
#include <string.h>

#include "allocations.h"
#include "transform_problem.h"

static double dot(ritz_index n, const double *a, const double *b) {
  double sum = 0;
  for (ritz_index i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* <F x, X> = <x, F^T X> and <F^-1 X, x> = <X, (F^-1)^T x>. */
static void adjoints_are_adjoint(void **state) {
  problem p = make_problem(3, (ritz_index[]){6, 5, 8}, (ritz_index[]){4, 3, 5}, 3, 4);
  ritz_transform *t = make(&p, RITZ_SPECTRAL_AUTO, 1);
  const ritz_index n = field_size(&p), k = spectrum_size(&p, 2);
  double *x = random_numbers(RITZ_FLOAT64, 1, n), *spectrum = random_numbers(RITZ_FLOAT64, 2, k);
  double *fx = zeros(RITZ_FLOAT64, k), *ft = zeros(RITZ_FLOAT64, n);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    library_to_modes(&p, t, adjoint, false, x, fx);
    library_from_modes(&p, t, !adjoint, false, spectrum, ft);
    const double left = dot(k, fx, spectrum), right = dot(n, x, ft);
    assert_near(left, right, 1e-12 * sqrt(dot(n, ft, ft) * dot(n, x, x)));
  }
  ritz_free(x);
  ritz_free(spectrum);
  ritz_free(fx);
  ritz_free(ft);
  ritz_transform_destroy(&t);
}

/* With f and -f both kept, the inverse of the forward transform gives a band-limited field back. */
static void band_limited_fields_come_back(void **state) {
  problem p = make_problem(3, (ritz_index[]){6, 5, 8}, (ritz_index[]){5, 5, 5}, 2, 3);
  ritz_transform *t = make(&p, RITZ_SPECTRAL_GEMM, 1);
  const ritz_index n = field_size(&p), k = spectrum_size(&p, 2);
  double *spectrum = random_numbers(RITZ_FLOAT64, 2, k), *x = zeros(RITZ_FLOAT64, n);
  double *again = zeros(RITZ_FLOAT64, n);
  library_from_modes(&p, t, false, false, spectrum, x);
  library_to_modes(&p, t, false, false, x, spectrum);
  library_from_modes(&p, t, false, false, spectrum, again);
  assert_near(relative_error(n, again, x), 0, 1e-13);
  ritz_free(spectrum);
  ritz_free(x);
  ritz_free(again);
  ritz_transform_destroy(&t);
}

/* The mode (0, f) of a field of one real line has no imaginary part to the last bit for f = 0, N/2,
 * and the inverse does not see one. */
static void own_conjugates_have_no_imaginary_part(void **state) {
  enum { channels = 3, longest = 40 };
  double x[longest * channels], spectrum[(longest / 2 + 1) * 2 * channels];
  for (ritz_index n = 12; n <= longest; n += longest - 12) { /* plain, and folded twice */
    problem p = make_problem(1, &n, (ritz_index[]){n / 2 + 1}, 1, channels);
    p.shape.dtype = RITZ_FLOAT32;
    ritz_transform *t = make(&p, RITZ_SPECTRAL_GEMM, 1);
    fill_uniform(1, n * channels, x);
    library_to_modes(&p, t, false, false, x, spectrum);
    double *im[] = {spectrum + channels, spectrum + n * channels + channels};
    for (int i = 0; i < 2 * channels; i++) assert_true(im[i % 2][i / 2] == 0);
    memset(spectrum, 0, sizeof spectrum);
    for (int i = 0; i < 2 * channels; i++) im[i % 2][i / 2] = 1e6;
    library_from_modes(&p, t, false, false, spectrum, x);
    for (ritz_index i = 0; i < n * channels; i++) assert_true(x[i] == 0);
    ritz_transform_destroy(&t);
  }
}

/* Whole samples per thread, or all threads in one sample: the same bits. */
static void results_do_not_depend_on_threads(void **state) {
  const ritz_index batches[] = {1, 3, 40};
  for (int algorithm = RITZ_SPECTRAL_GEMM; algorithm <= LAST_ALGORITHM; algorithm++)
    for (int i = 0; i < 6; i++) {
      problem p = make_problem(2 + i % 2, (ritz_index[]){9, 10, 7}, (ritz_index[]){6, 4, 3},
                               batches[i / 2], 20);
      const ritz_index n = field_size(&p), k = spectrum_size(&p, 2);
      double *x = random_numbers(RITZ_FLOAT64, 1, n), *spectrum = zeros(RITZ_FLOAT64, 2 * k);
      double *back = zeros(RITZ_FLOAT64, 2 * n);
      p.shape.dtype = RITZ_FLOAT32;
      for (int threads = 1; threads <= 3; threads++) {
        ritz_transform *t = make(&p, (ritz_spectral_algorithm)algorithm, threads);
        const int at = threads > 1;
        library_to_modes(&p, t, false, false, x, spectrum + at * k);
        library_from_modes(&p, t, false, false, spectrum, back + at * n);
        assert_memory_equal(spectrum, spectrum + at * k, (size_t)k * sizeof *spectrum);
        assert_memory_equal(back, back + at * n, (size_t)n * sizeof *back);
        ritz_transform_destroy(&t);
      }
      ritz_free(x);
      ritz_free(spectrum);
      ritz_free(back);
    }
}

static void bad_shapes_are_refused(void **state) {
  problem p = make_problem(2, (ritz_index[]){8, 8}, (ritz_index[]){4, 4}, 1, 2);
  ritz_transform *t;
  point_at_lists(&p);
  ritz_transform_shape s = p.shape;
  s.dim = 4;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  assert_message_contains("4 axes");
  assert_null(t);
  s = p.shape, s.grid[0] = 0;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  s = p.shape, s.channels = 0;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  s = p.shape, s.modes[1] = -1;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  s = p.shape, s.frequency[0] = NULL;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  s = p.shape;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_AUTO, 0, &t), RITZ_ERR_ARGUMENT);
  p.list[1][3] = 5;
  for (int a = RITZ_SPECTRAL_AUTO; a <= RITZ_SPECTRAL_GEMM; a++) {
    assert_int_equal(ritz_transform_create(&s, (ritz_spectral_algorithm)a, 1, &t),
                     RITZ_ERR_ARGUMENT);
    assert_message_contains("frequency 5 of the last axis");
  }
#if !RITZ_WITH_FFTW
  p.list[1][3] = 3;
  assert_int_equal(ritz_transform_create(&s, RITZ_SPECTRAL_FFTW, 1, &t), RITZ_ERR_UNSUPPORTED);
#endif
}

static void lost_allocations_leave_nothing_behind(void **state) {
  problem p = make_problem(3, (ritz_index[]){4, 5, 6}, (ritz_index[]){3, 3, 3}, 1, 2);
  point_at_lists(&p);
  for (int algorithm = RITZ_SPECTRAL_AUTO; algorithm <= LAST_ALGORITHM; algorithm++) {
    const ritz_spectral_algorithm a = (ritz_spectral_algorithm)algorithm;
    ritz_transform *t;
    long k = 0;
    while (creation_fails(k, t, ritz_transform_create(&p.shape, a, 1, &t))) k++;
    ritz_transform_destroy(&t);
    assert_null(t);
  }
}

/* Products while few modes are kept or the grid is prime; FFTW for long full spectra. */
static void cost_model_chooses(void **state) {
  problem p = make_problem(2, (ritz_index[]){64, 64}, (ritz_index[]){24, 13}, 16, 32);
  ritz_transform *t = make(&p, RITZ_SPECTRAL_AUTO, 1);
  assert_int_equal(ritz_transform_algorithm(t), RITZ_SPECTRAL_GEMM);
  /* Folded twice: even and odd k times points of the cosine, then of the sine. */
  const double line = 7 * 17 + 6 * 16 + 7 * 15 + 6 * 16, column = 7 * 17 + 6 * 16 + 6 * 15 + 6 * 16;
  assert_near(ritz_transform_flops(t), 16 * 32 * 2 * (64 * line + 26 * column), 0.5);
  ritz_transform_destroy(&t);
#if RITZ_WITH_FFTW
  enum { n = 1 << 18 };
  static ritz_index all[n / 2 + 1];
  for (ritz_index k = 0; k <= n / 2; k++) all[k] = k;
  const ritz_transform_shape full = {
      .dim = 1, .batch = 1, .channels = 2, .grid = {n}, .modes = {n / 2 + 1}, .frequency = {all}};
  assert_ok(ritz_transform_create(&full, RITZ_SPECTRAL_AUTO, 1, &t));
  assert_int_equal(ritz_transform_algorithm(t), RITZ_SPECTRAL_FFTW);
  ritz_transform_destroy(&t);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adjoints_are_adjoint),
      cmocka_unit_test(band_limited_fields_come_back),
      cmocka_unit_test(own_conjugates_have_no_imaginary_part),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(bad_shapes_are_refused),
      cmocka_unit_test(lost_allocations_leave_nothing_behind),
      cmocka_unit_test(cost_model_chooses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
