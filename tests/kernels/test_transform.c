/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms against a dense DFT written here, in double. */
#include <math.h>
#include <string.h>

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
} problem;

/* Frequencies -k/2 ... of every axis but the last, 0 ... k-1 of the last: specs of FNO's kept
 * modes. */
static problem make_problem(int dim, const ritz_index *grid, const ritz_index *modes,
                            ritz_index batch, ritz_index channels) {
  problem p = {.shape = {.dtype = RITZ_FLOAT64, .dim = dim, .batch = batch, .channels = channels},
               .points = 1,
               .modes = 1};
  for (int i = 0; i < dim; i++) {
    p.shape.grid[i] = grid[i];
    p.shape.modes[i] = modes[i];
    p.points *= grid[i];
    p.modes *= modes[i];
    for (ritz_index k = 0; k < modes[i]; k++) p.list[i][k] = i == dim - 1 ? k : k - modes[i] / 2;
  }
  return p;
}

static ritz_index field_size(const problem *p) {
  return p->shape.batch * p->points * p->shape.channels;
}

/* Numbers of a spectrum of `planes` row blocks. */
static ritz_index spectrum_size(const problem *p, int planes) {
  return p->modes * planes * p->shape.batch * p->shape.channels;
}

static void *numbers(ritz_dtype dtype, ritz_index count) {
  void *out;
  assert_ok(ritz_calloc(count, ritz_dtype_size(dtype), &out));
  return out;
}

static void *random_numbers(ritz_dtype dtype, uint32_t stream, ritz_index count) {
  void *out = numbers(dtype, count);
  fill_uniform_as(dtype, stream, count, out);
  return out;
}

/* Creates the transform of p; the lists live in p, so the pointers are set here. */
static ritz_transform *make(problem *p, ritz_spectral_algorithm algorithm, int threads) {
  ritz_transform *t;
  for (int i = 0; i < p->shape.dim; i++) p->shape.frequency[i] = p->list[i];
  assert_ok(ritz_transform_create(&p->shape, algorithm, threads, &t));
  return t;
}

/* Phase of mode m at point n in turns, and whether m stands for a conjugate pair. */
static double phase(const problem *p, ritz_index m, ritz_index n, bool *pair) {
  double turns = 0;
  for (int i = p->shape.dim - 1; i >= 0; i--) {
    const ritz_index extent = p->shape.grid[i];
    const ritz_index f = p->list[i][m % p->shape.modes[i]];
    if (i == p->shape.dim - 1) *pair = 2 * f % extent != 0;
    turns += (double)(f * (n % extent) % extent) / (double)extent;
    m /= p->shape.modes[i], n /= extent;
  }
  return turns;
}

/* X = factor sum_n x_n exp(-i phase): planes (Re, Im). mean: 1/N, else 1 or 2. */
static void dense_to_modes(const problem *p, bool mean, const double *x, double *out) {
  const ritz_index b = p->shape.batch, c = p->shape.channels;
  memset(out, 0, (size_t)spectrum_size(p, 2) * sizeof *out);
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index n = 0; n < p->points; n++) {
      bool pair = false;
      const double t = 2 * acos(-1.0) * phase(p, m, n, &pair);
      const double f = mean ? 1.0 / (double)p->points : pair ? 2 : 1;
      const double re = f * cos(t), im = -f * sin(t);
      for (ritz_index s = 0; s < b; s++)
        for (ritz_index i = 0; i < c; i++) {
          const double value = x[(s * p->points + n) * c + i];
          out[((m * 2 + 0) * b + s) * c + i] += re * value;
          out[((m * 2 + 1) * b + s) * c + i] += im * value;
        }
    }
}

/* The transpose of dense_to_modes. */
static void dense_from_modes(const problem *p, bool mean, const double *in, double *x) {
  const ritz_index b = p->shape.batch, c = p->shape.channels;
  memset(x, 0, (size_t)field_size(p) * sizeof *x);
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index n = 0; n < p->points; n++) {
      bool pair = false;
      const double t = 2 * acos(-1.0) * phase(p, m, n, &pair);
      const double f = mean ? 1.0 / (double)p->points : pair ? 2 : 1;
      const double re = f * cos(t), im = -f * sin(t);
      for (ritz_index s = 0; s < b; s++)
        for (ritz_index i = 0; i < c; i++)
          x[(s * p->points + n) * c + i] +=
              re * in[((m * 2 + 0) * b + s) * c + i] + im * in[((m * 2 + 1) * b + s) * c + i];
    }
}

/* The four maps by the library, converted to double; planes (Re, Im) out of three, all checked. */
static void library_to_modes(const problem *p, const ritz_transform *t, bool adjoint, bool gradient,
                             const double *x, double *out) {
  const ritz_dtype dtype = p->shape.dtype;
  const ritz_index plane = p->shape.batch * p->shape.channels;
  void *field = numbers(dtype, field_size(p)), *spectrum = numbers(dtype, spectrum_size(p, 3));
  void *scratch = numbers(RITZ_FLOAT32, (ritz_index)ritz_transform_scratch(t) / 4);
  for (ritz_index i = 0; i < field_size(p); i++)
    if (dtype == RITZ_FLOAT64)
      ((double *)field)[i] = x[i];
    else
      ((float *)field)[i] = (float)x[i];
  ritz_transform_to_modes(t, adjoint, gradient, field, spectrum, scratch);
  const int re = gradient ? 0 : 1, extra = gradient ? 2 : 0, negated = gradient ? 0 : 2;
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index i = 0; i < plane; i++) {
      out[2 * m * plane + i] = number_at(dtype, spectrum, (3 * m + re) * plane + i);
      out[(2 * m + 1) * plane + i] = number_at(dtype, spectrum, (3 * m + re + 1) * plane + i);
      assert_true(number_at(dtype, spectrum, (3 * m + extra) * plane + i) ==
                  -number_at(dtype, spectrum, (3 * m + negated) * plane + i));
    }
  ritz_free(field);
  ritz_free(spectrum);
  ritz_free(scratch);
}

static void library_from_modes(const problem *p, const ritz_transform *t, bool adjoint, bool add,
                               const double *in, double *x) {
  const ritz_dtype dtype = p->shape.dtype;
  const ritz_index n = spectrum_size(p, 2);
  void *field = random_numbers(dtype, 99, field_size(p)), *spectrum = numbers(dtype, n);
  void *scratch = numbers(RITZ_FLOAT32, (ritz_index)ritz_transform_scratch(t) / 4);
  for (ritz_index i = 0; i < n; i++)
    if (dtype == RITZ_FLOAT64)
      ((double *)spectrum)[i] = in[i];
    else
      ((float *)spectrum)[i] = (float)in[i];
  double *before = numbers(RITZ_FLOAT64, field_size(p));
  for (ritz_index i = 0; i < field_size(p); i++) before[i] = number_at(dtype, field, i);
  ritz_transform_from_modes(t, adjoint, add, spectrum, field, scratch);
  for (ritz_index i = 0; i < field_size(p); i++)
    x[i] = number_at(dtype, field, i) - (add ? before[i] : 0);
  ritz_free(before);
  ritz_free(field);
  ritz_free(spectrum);
  ritz_free(scratch);
}

/* Sums of at most a few thousand terms of size one in double, ten times that error; in float the
 * same with its own epsilon. */
static double tolerance(ritz_dtype dtype) { return dtype == RITZ_FLOAT64 ? 2e-14 : 4e-6; }

/* What is added to is of size one and costs its own rounding. */
static void assert_same_field(const problem *p, bool add, const double *got, const double *want) {
  double size = add ? 1 : 0;
  for (ritz_index i = 0; i < field_size(p); i++) size = fmax(size, fabs(want[i]));
  for (ritz_index i = 0; i < field_size(p); i++)
    assert_near(got[i], want[i], tolerance(p->shape.dtype) * size);
}

/* The four maps by one algorithm against what the dense ones gave, [adjoint]. */
static void compare_one(problem *p, ritz_spectral_algorithm algorithm, const double *x,
                        const double *spectrum, double *const modes[2], double *const field[2]) {
  ritz_transform *t = make(p, algorithm, 1);
  const ritz_index n = field_size(p), k = spectrum_size(p, 2);
  double *got = numbers(RITZ_FLOAT64, n + k);
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

/* Algorithms first to last in both formats. */
static void compare(problem *p, int first, int last) {
  const ritz_index n = field_size(p), k = spectrum_size(p, 2);
  double *x = random_numbers(RITZ_FLOAT64, 1, n), *spectrum = random_numbers(RITZ_FLOAT64, 2, k);
  double *modes[2], *field[2];
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    dense_to_modes(p, !adjoint, x, modes[adjoint] = numbers(RITZ_FLOAT64, k));
    dense_from_modes(p, adjoint, spectrum, field[adjoint] = numbers(RITZ_FLOAT64, n));
  }
  for (int dtype = 0; dtype < 2; dtype++)
    for (int algorithm = first; algorithm <= last; algorithm++) {
      p->shape.dtype = (ritz_dtype)dtype;
      compare_one(p, (ritz_spectral_algorithm)algorithm, x, spectrum, modes, field);
    }
  ritz_free(x);
  ritz_free(spectrum);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    ritz_free(modes[adjoint]);
    ritz_free(field[adjoint]);
  }
}

static void compare_all(problem *p) { compare(p, RITZ_SPECTRAL_GEMM, LAST_ALGORITHM); }

/* Each parity of grid and of kept modes in every axis, in 1, 2 and 3 dimensions. */
static void maps_match_dense_dft_for_each_parity(void **state) {
  const ritz_index channels[] = {1, 3, 16, 20};
  int which = 0;
  for (int dim = 1; dim <= 3; dim++)
    for (int parity = 0; parity < 1 << (2 * dim); parity++) {
      ritz_index grid[3], modes[3];
      for (int i = 0; i < dim; i++) {
        grid[i] = (dim == 3 ? 4 : 8) + (parity >> (2 * i) & 1);
        modes[i] = (dim == 3 ? 2 : 4) + (parity >> (2 * i + 1) & 1);
      }
      for (int c = 0; c < (dim == 3 ? 1 : 4); c++) {
        problem p = make_problem(dim, grid, modes, 2, channels[dim == 3 ? which++ % 4 : c]);
        compare_all(&p);
      }
    }
}

static void full_spectra_keep_both_nyquist_frequencies(void **state) {
  problem p = make_problem(2, (ritz_index[]){6, 8}, (ritz_index[]){6, 5}, 2, 3);
  compare_all(&p);
  p = make_problem(3, (ritz_index[]){4, 5, 6}, (ritz_index[]){4, 5, 4}, 1, 2);
  compare_all(&p);
}

static void single_points_and_long_lines_work(void **state) {
  problem p = make_problem(1, (ritz_index[]){1}, (ritz_index[]){1}, 3, 5);
  compare_all(&p);
  p = make_problem(1, (ritz_index[]){2}, (ritz_index[]){2}, 1, 1);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){1, 7}, (ritz_index[]){1, 3}, 2, 3);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){2, 1}, (ritz_index[]){2, 1}, 2, 3);
  compare_all(&p);
  p = make_problem(3, (ritz_index[]){3, 1, 2}, (ritz_index[]){3, 1, 2}, 2, 3);
  compare_all(&p);
  p = make_problem(1, (ritz_index[]){211}, (ritz_index[]){32}, 2, 3);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){33, 35}, (ritz_index[]){6, 5}, 1, 3);
  compare_all(&p);
}

/* Long even axes are folded twice, about N/2 and N/4; the latter is a point or not. */
static void long_even_axes_match_dense_dft(void **state) {
  problem p = make_problem(2, (ritz_index[]){34, 36}, (ritz_index[]){7, 8}, 1, 3);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){36, 34}, (ritz_index[]){36, 4}, 1, 2);
  compare_all(&p);
  p = make_problem(3, (ritz_index[]){32, 38, 3}, (ritz_index[]){4, 5, 2}, 1, 2);
  memcpy(p.list[1], (ritz_index[]){19, 18, -18, 0, 37}, 5 * sizeof(ritz_index));
  compare_all(&p);
  p = make_problem(1, (ritz_index[]){40}, (ritz_index[]){6}, 2, 17);
  memcpy(p.list[0], (ritz_index[]){20, 3, 0, 3, 10, 19}, 6 * sizeof(ritz_index));
  compare_all(&p);
}

/* Few rows are folded within their products, tile by tile; many by a sweep of their own. */
static void many_rows_match_dense_dft(void **state) {
  problem p = make_problem(1, (ritz_index[]){211}, (ritz_index[]){70}, 1, 3);
  compare_all(&p);
  p = make_problem(1, (ritz_index[]){202}, (ritz_index[]){101}, 1, 3);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){120, 4}, (ritz_index[]){110, 3}, 1, 5);
  compare_all(&p);
}

/* Residues with and without an imaginary part, with one mode and many, and repeated frequencies;
 * lines of one product and passes of one per remainder. */
static void two_steps_match_dense_dft(void **state) {
  const ritz_index lengths[] = {12, 15, 16, 18, 24, 30, 49};
  for (int i = 0; i < 7; i++) {
    const ritz_index n = lengths[i], all = n / 2 + 1;
    problem p =
        make_problem(2, (ritz_index[]){n, n}, (ritz_index[]){all + i % 3, 1 + all / 2}, 1, 5);
    if (i % 2) p.list[0][0] = n / 2, p.list[0][1] = p.list[0][2] = 1, p.list[1][0] = n / 2;
    compare(&p, RITZ_SPECTRAL_TWO_STEP, RITZ_SPECTRAL_TWO_STEP);
  }
  problem p = make_problem(3, (ritz_index[]){12, 15, 16}, (ritz_index[]){3, 5, 4}, 1, 2);
  compare(&p, RITZ_SPECTRAL_TWO_STEP, RITZ_SPECTRAL_TWO_STEP);
  p = make_problem(1, (ritz_index[]){128}, (ritz_index[]){40}, 2, 3);
  compare(&p, RITZ_SPECTRAL_TWO_STEP, RITZ_SPECTRAL_TWO_STEP);
}

/* Rows wider than one cut of a product, and pieces of a pass that do not divide the modes. */
static void wide_channels_are_cut(void **state) {
  problem p = make_problem(2, (ritz_index[]){7, 6}, (ritz_index[]){5, 4}, 2, 150);
  compare_all(&p);
  p = make_problem(2, (ritz_index[]){6, 29}, (ritz_index[]){3, 14}, 1, 10);
  compare_all(&p);
}

/* The row of -q on an N grid, moved to another grid as N - q: any integer is a frequency there. */
static void any_integer_is_a_frequency(void **state) {
  problem p = make_problem(2, (ritz_index[]){9, 8}, (ritz_index[]){6, 3}, 2, 3);
  memcpy(p.list[0], (ritz_index[]){7, -1, -30, 4, 0, 3}, 6 * sizeof(ritz_index));
  memcpy(p.list[1], (ritz_index[]){4, 0, 3}, 3 * sizeof(ritz_index));
  compare_all(&p);
}

static void repeated_frequencies_add_up(void **state) {
  problem p = make_problem(2, (ritz_index[]){8, 8}, (ritz_index[]){7, 3}, 2, 3);
  memcpy(p.list[0], (ritz_index[]){1, -1, 7, 9, 4, -4, 0}, 7 * sizeof(ritz_index));
  memcpy(p.list[1], (ritz_index[]){1, 1, 0}, 3 * sizeof(ritz_index));
  compare_all(&p);
}

static void no_modes_give_a_zero_field(void **state) {
  for (int axis = 0; axis < 2; axis++) {
    problem p =
        make_problem(2, (ritz_index[]){5, 6}, (ritz_index[]){axis ? 3 : 0, axis ? 0 : 3}, 2, 3);
    compare_all(&p);
  }
  problem p = make_problem(1, (ritz_index[]){5}, (ritz_index[]){0}, 2, 3);
  compare_all(&p);
}

static void an_empty_batch_does_nothing(void **state) {
  problem p = make_problem(2, (ritz_index[]){5, 6}, (ritz_index[]){3, 3}, 0, 3);
  compare_all(&p);
}

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
  double *fx = numbers(RITZ_FLOAT64, k), *ft = numbers(RITZ_FLOAT64, n);
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
  double *spectrum = random_numbers(RITZ_FLOAT64, 2, k), *x = numbers(RITZ_FLOAT64, n);
  double *again = numbers(RITZ_FLOAT64, n);
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
      double *x = random_numbers(RITZ_FLOAT64, 1, n), *spectrum = numbers(RITZ_FLOAT64, 2 * k);
      double *back = numbers(RITZ_FLOAT64, 2 * n);
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
  for (int i = 0; i < 2; i++) p.shape.frequency[i] = p.list[i];
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
  for (int i = 0; i < 3; i++) p.shape.frequency[i] = p.list[i];
  for (int algorithm = RITZ_SPECTRAL_AUTO; algorithm <= LAST_ALGORITHM; algorithm++)
    for (int k = 0;; k++) {
      ritz_transform *t;
      ritz_test_fail_allocation(k);
      const ritz_status status =
          ritz_transform_create(&p.shape, (ritz_spectral_algorithm)algorithm, 1, &t);
      ritz_test_fail_allocation(-1);
      if (status == RITZ_OK) {
        ritz_transform_destroy(&t);
        assert_null(t);
        break;
      }
      assert_int_equal(status, RITZ_ERR_MEMORY);
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
      cmocka_unit_test(maps_match_dense_dft_for_each_parity),
      cmocka_unit_test(full_spectra_keep_both_nyquist_frequencies),
      cmocka_unit_test(single_points_and_long_lines_work),
      cmocka_unit_test(long_even_axes_match_dense_dft),
      cmocka_unit_test(many_rows_match_dense_dft),
      cmocka_unit_test(two_steps_match_dense_dft),
      cmocka_unit_test(wide_channels_are_cut),
      cmocka_unit_test(any_integer_is_a_frequency),
      cmocka_unit_test(repeated_frequencies_add_up),
      cmocka_unit_test(no_modes_give_a_zero_field),
      cmocka_unit_test(an_empty_batch_does_nothing),
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
