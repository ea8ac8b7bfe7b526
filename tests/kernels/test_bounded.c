/* SPDX-License-Identifier: BSD-3-Clause
 * Transforms with sines and cosines along some axes against dense matrices, in double. */
#include "allocations.h"
#include "transform_problem.h"

static const double pi = 3.14159265358979323846;

/* phi_k(x_j) of a bounded basis as the table of ritz/transform.h has it, with the weight of point j
 * over their sum (mean) or the inverse of the mean of phi^2 (else). */
static double entry(ritz_axis_transform transform, ritz_index n, bool mean, ritz_index i,
                    ritz_index j) {
  const bool cell = transform >= RITZ_TRANSFORM_CELL_SINE;
  const bool sine = transform == RITZ_TRANSFORM_SINE || transform == RITZ_TRANSFORM_CELL_SINE;
  /* k x in parts of 2 half turns, reduced while it is an integer. */
  const ritz_index k = i + sine, whole = cell ? 2 * n : n > 1 ? n - 1 : 1;
  double square = 0, sum = 0, value = 0, weight = 0;
  for (ritz_index q = 0; q < n; q++) {
    const double angle = pi * (double)(k * (cell ? 2 * q + 1 : q) % (2 * whole)) / (double)whole;
    const double phi = sine ? sin(angle) : cos(angle);
    const double w = !cell && n > 1 && (q == 0 || q == n - 1) ? 0.5 : 1;
    sum += w;
    square += w * phi * phi;
    if (q == j) value = phi, weight = w;
  }
  return mean ? value * weight / sum : value * sum / square;
}

/* Entries of all modes and points, planes (Re, Im) of [modes, points]. */
static double *matrix(const problem *p, bool mean) {
  double *out = zeros(RITZ_FLOAT64, 2 * p->modes * p->points), *axis[3];
  for (int a = 0; a < p->shape.dim; a++) {
    const ritz_index n = p->shape.grid[a], k = p->shape.modes[a];
    axis[a] = zeros(RITZ_FLOAT64, k * n);
    for (ritz_index i = 0; p->shape.transform[a] != RITZ_TRANSFORM_FOURIER && i < k * n; i++)
      axis[a][i] = entry(p->shape.transform[a], n, mean, i / n, i % n);
  }
  for (ritz_index at = 0; at < p->modes * p->points; at++) {
    ritz_index m = at / p->points, j = at % p->points;
    double turns = 0, factor = 1;
    for (int a = p->shape.dim - 1; a >= 0; a--) {
      const ritz_index n = p->shape.grid[a], i = m % p->shape.modes[a], q = j % n;
      m /= p->shape.modes[a], j /= n;
      if (p->shape.transform[a] != RITZ_TRANSFORM_FOURIER) {
        factor *= axis[a][i * n + q];
        continue;
      }
      const ritz_index f = p->list[a][i];
      turns += (double)(f * q % n) / (double)n;
      if (mean) factor /= (double)n;
      if (!mean && a == p->half && 2 * f % n != 0) factor *= 2;
    }
    out[at] = factor * cos(2 * pi * turns);
    out[p->modes * p->points + at] = -factor * sin(2 * pi * turns);
  }
  for (int a = 0; a < p->shape.dim; a++) ritz_free(axis[a]);
  return out;
}

/* X += M x, or x += M^T X. */
static void dense(const problem *p, bool mean, bool to, const double *in, double *out) {
  const ritz_index b = p->shape.batch, c = p->shape.channels;
  double *entries = matrix(p, mean);
  for (int plane = 0; plane < planes(p); plane++)
    for (ritz_index at = 0; at < p->modes * p->points; at++) {
      const ritz_index m = at / p->points, j = at % p->points;
      const double value = entries[plane * p->modes * p->points + at];
      for (ritz_index s = 0; s < b; s++)
        for (ritz_index i = 0; i < c; i++) {
          const ritz_index point = (s * p->points + j) * c + i;
          const ritz_index mode = ((m * planes(p) + plane) * b + s) * c + i;
          out[to ? mode : point] += value * in[to ? point : mode];
        }
    }
  ritz_free(entries);
}
static void dense_to_modes(const problem *p, bool mean, const double *x, double *spectrum) {
  dense(p, mean, true, x, spectrum);
}
static void dense_from_modes(const problem *p, bool mean, const double *spectrum, double *x) {
  dense(p, mean, false, spectrum, x);
}

static void compare_on(problem *p, int threads) {
  compare_with(p, dense_to_modes, dense_from_modes, RITZ_SPECTRAL_GEMM, LAST_ALGORITHM, threads);
}
static void compare(problem *p) { compare_on(p, 1); }

/* Every basis on every axis, in 1 to 3 dimensions. */
static void each_mix_of_bases_matches_dense_matrices(void **state) {
  const ritz_index channels[] = {1, 3, 16, 20};
  int which = 0;
  for (int dim = 1; dim <= 3; dim++) {
    int count = 1;
    for (int a = 0; a < dim; a++) count *= RITZ_AXIS_TRANSFORMS;
    for (int mix = 1; mix < count; mix++, which++) { /* 0: all Fourier, test_transform.c */
      ritz_axis_transform transform[3];
      ritz_index grid[3], modes[3];
      for (int a = 0, rest = mix; a < dim; a++, rest /= RITZ_AXIS_TRANSFORMS) {
        transform[a] = (ritz_axis_transform)(rest % RITZ_AXIS_TRANSFORMS);
        grid[a] = (dim == 3 ? 4 : 8) + (which + a) % 2;
        modes[a] = 2 + (which / 2 + a) % 2;
      }
      problem p = make_mixed(dim, transform, grid, modes, 2, channels[which % 4]);
      compare(&p);
    }
  }
}

static const ritz_axis_transform bounded[] = {RITZ_TRANSFORM_SINE, RITZ_TRANSFORM_COSINE,
                                              RITZ_TRANSFORM_CELL_SINE, RITZ_TRANSFORM_CELL_COSINE};

/* All functions of a basis; axes that are folded; so many functions that a library multiplies. */
static void full_and_long_bases_match_dense_matrices(void **state) {
  for (int i = 0; i < 4; i++) {
    const ritz_axis_transform two[] = {bounded[i], bounded[(i + 1) % 4]};
    problem p = make_mixed(2, two, (ritz_index[]){5, 6}, (ritz_index[]){9, 9}, 2, 3);
    compare(&p);
    p = make_mixed(2, two, (ritz_index[]){35, 34}, (ritz_index[]){9, 8}, 1, 5);
    compare(&p);
    p = make_mixed(1, two, (ritz_index[]){111 + i}, (ritz_index[]){110}, 1, 3);
    compare(&p);
    p = make_mixed(2, two, (ritz_index[]){100 + i, 3}, (ritz_index[]){99, 2}, 1, 2);
    compare(&p);
    const ritz_axis_transform with_fourier[] = {RITZ_TRANSFORM_FOURIER, bounded[i]};
    p = make_mixed(2, with_fourier, (ritz_index[]){36, 34}, (ritz_index[]){19, 5}, 1, 20);
    compare(&p);
  }
}

static void threads_share_a_sample(void **state) {
  const ritz_axis_transform mixed[] = {RITZ_TRANSFORM_COSINE, RITZ_TRANSFORM_FOURIER,
                                       RITZ_TRANSFORM_SINE};
  problem p = make_mixed(3, mixed, (ritz_index[]){7, 6, 5}, (ritz_index[]){4, 3, 2}, 1, 3);
  compare_on(&p, 3);
}

/* Two parts of an axis: their spectra add up, and each gives its points of the field. */
static void parts_of_a_grid_add_up(void **state) {
  const ritz_axis_transform mixed[] = {RITZ_TRANSFORM_COSINE, RITZ_TRANSFORM_CELL_SINE};
  enum { C = 3, N0 = 40, N1 = 9, CUT = 13, LINE = N1 * C };
  problem p = make_mixed(2, mixed, (ritz_index[]){N0, N1}, (ritz_index[]){6, 4}, 1, C);
  const ritz_index size = field_size(&p), modes = spectrum_size(&p, 1);
  const ritz_index first[] = {0, 0, CUT}, count[] = {N0, CUT, N0 - CUT}; /* all, then the parts */
  double *x = random_numbers(RITZ_FLOAT64, 1, size),
         *given = random_numbers(RITZ_FLOAT64, 2, modes);
  double *spectrum[3], *field[3];
  p.shape.dtype = RITZ_FLOAT64;
  for (int i = 0; i < 3; i++) {
    ritz_transform *t;
    p.shape.first[0] = first[i], p.shape.count[0] = i > 0 ? count[i] : 0;
    assert_ok(ritz_transform_create(&p.shape, RITZ_SPECTRAL_AUTO, 1, &t));
    void *scratch = scratch_of(t);
    spectrum[i] = zeros(RITZ_FLOAT64, modes);
    field[i] = zeros(RITZ_FLOAT64, count[i] * LINE);
    ritz_transform_to_modes(t, false, false, x + first[i] * LINE, spectrum[i], scratch);
    ritz_transform_from_modes(t, false, false, given, field[i], scratch);
    ritz_free(scratch);
    ritz_transform_destroy(&t);
  }
  for (ritz_index i = 0; i < modes; i++)
    assert_near(spectrum[1][i] + spectrum[2][i], spectrum[0][i], 1e-15);
  for (int part = 1; part < 3; part++)
    for (ritz_index i = 0; i < count[part] * LINE; i++)
      assert_near(field[part][i], field[0][first[part] * LINE + i], 1e-13);
  for (int i = 0; i < 3; i++) {
    ritz_free(spectrum[i]);
    ritz_free(field[i]);
  }
  ritz_free(x);
  ritz_free(given);
}

static void single_points_work(void **state) {
  for (int i = 0; i < 4; i++)
    for (ritz_index n = 1; n <= 3; n++) {
      problem p = make_mixed(1, &bounded[i], &n, (ritz_index[]){4}, 2, 3);
      compare(&p);
      const ritz_axis_transform two[] = {bounded[i], RITZ_TRANSFORM_FOURIER};
      p = make_mixed(2, two, (ritz_index[]){n, 6}, (ritz_index[]){4, 3}, 2, 3);
      compare(&p);
    }
}

/* A field of sines, or of cosines, comes back from all its coefficients. */
static void all_functions_give_the_field_back(void **state) {
  for (int i = 0; i < 4; i++) {
    const ritz_axis_transform two[] = {bounded[i], bounded[(i + 3) % 4]};
    problem p = make_mixed(2, two, (ritz_index[]){7, 10}, (ritz_index[]){99, 99}, 1, 3);
    const ritz_index size = field_size(&p), modes = spectrum_size(&p, 1);
    double *spectrum = random_numbers(RITZ_FLOAT64, 1, modes), *x = zeros(RITZ_FLOAT64, size);
    double *again = zeros(RITZ_FLOAT64, modes);
    ritz_transform *t;
    p.shape.dtype = RITZ_FLOAT64;
    assert_ok(ritz_transform_create(&p.shape, RITZ_SPECTRAL_GEMM, 1, &t));
    void *scratch = scratch_of(t);
    ritz_transform_from_modes(t, false, false, spectrum, x, scratch);
    ritz_transform_to_modes(t, false, false, x, again, scratch);
    assert_near(relative_error(modes, again, spectrum), 0, 1e-14);
    if (two[0] == RITZ_TRANSFORM_SINE)
      for (ritz_index j = 0; j < 10 * 3; j++) assert_true(x[j] == 0 && x[size - 1 - j] == 0);
    ritz_free(spectrum);
    ritz_free(x);
    ritz_free(again);
    ritz_free(scratch);
    ritz_transform_destroy(&t);
  }
}

static void names_and_counts_are_those_of_the_table(void **state) {
  ritz_axis_transform transform = RITZ_TRANSFORM_COSINE;
  for (int i = 0; i < RITZ_AXIS_TRANSFORMS; i++) {
    assert_true(
        ritz_axis_transform_parse(ritz_axis_transform_name((ritz_axis_transform)i), &transform));
    assert_int_equal(transform, i);
  }
  assert_false(ritz_axis_transform_parse("chebyshev", &transform));
  assert_int_equal(ritz_axis_transform_modes(RITZ_TRANSFORM_FOURIER, 9), 5);
  assert_int_equal(ritz_axis_transform_modes(RITZ_TRANSFORM_SINE, 9), 7);
  assert_int_equal(ritz_axis_transform_modes(RITZ_TRANSFORM_SINE, 1), 0);
  assert_int_equal(ritz_axis_transform_modes(RITZ_TRANSFORM_COSINE, 9), 9);
}

static void functions_beyond_the_grid_are_refused(void **state) {
  const ritz_transform_shape shape = {.dim = 1,
                                      .batch = 1,
                                      .channels = 1,
                                      .grid = {5},
                                      .modes = {4},
                                      .transform = {RITZ_TRANSFORM_SINE}};
  ritz_transform *t;
  assert_int_equal(ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  assert_message_contains("keeps 4 functions of its sine basis, 5 points have 3");
}

static void lost_allocations_leave_nothing_behind(void **state) {
  const ritz_index frequency[] = {0, 1};
  const ritz_transform_shape shape = {
      .dim = 3,
      .batch = 1,
      .channels = 2,
      .grid = {5, 6, 40},
      .modes = {3, 2, 3},
      .frequency = {NULL, frequency},
      .transform = {RITZ_TRANSFORM_SINE, RITZ_TRANSFORM_FOURIER, RITZ_TRANSFORM_COSINE}};
  for (int algorithm = RITZ_SPECTRAL_AUTO; algorithm <= LAST_ALGORITHM; algorithm++) {
    const ritz_spectral_algorithm a = (ritz_spectral_algorithm)algorithm;
    ritz_transform *t;
    long k = 0;
    while (creation_fails(k, t, ritz_transform_create(&shape, a, 1, &t))) k++;
    ritz_transform_destroy(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_mix_of_bases_matches_dense_matrices),
      cmocka_unit_test(full_and_long_bases_match_dense_matrices),
      cmocka_unit_test(threads_share_a_sample),
      cmocka_unit_test(parts_of_a_grid_add_up),
      cmocka_unit_test(single_points_work),
      cmocka_unit_test(all_functions_give_the_field_back),
      cmocka_unit_test(names_and_counts_are_those_of_the_table),
      cmocka_unit_test(functions_beyond_the_grid_are_refused),
      cmocka_unit_test(lost_allocations_leave_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
