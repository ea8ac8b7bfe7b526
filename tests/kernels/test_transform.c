/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms against a dense DFT written here, in double. */
#include <string.h>

#include "transform_problem.h"

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

/* Entry (m, n) of the dense matrix, factor exp(-i phase): planes (Re, Im). mean: the factor is
 * 1/N, else 1 or 2. */
static void dense_entry(const problem *p, bool mean, ritz_index m, ritz_index n, double entry[2]) {
  bool pair = false;
  const double t = 2 * acos(-1.0) * phase(p, m, n, &pair);
  const double f = mean ? 1.0 / (double)p->points : pair ? 2 : 1;
  entry[0] = f * cos(t), entry[1] = -f * sin(t);
}

/* X_m = sum_n entry(m, n) x_n. */
static void dense_to_modes(const problem *p, bool mean, const double *x, double *out) {
  const ritz_index b = p->shape.batch, c = p->shape.channels;
  double entry[2];
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index n = 0; n < p->points; n++) {
      dense_entry(p, mean, m, n, entry);
      for (ritz_index s = 0; s < b; s++)
        for (ritz_index i = 0; i < c; i++)
          for (int part = 0; part < 2; part++)
            out[((m * 2 + part) * b + s) * c + i] += entry[part] * x[(s * p->points + n) * c + i];
    }
}

/* The transpose of dense_to_modes. */
static void dense_from_modes(const problem *p, bool mean, const double *in, double *x) {
  const ritz_index b = p->shape.batch, c = p->shape.channels;
  double entry[2];
  for (ritz_index m = 0; m < p->modes; m++)
    for (ritz_index n = 0; n < p->points; n++) {
      dense_entry(p, mean, m, n, entry);
      for (ritz_index s = 0; s < b; s++)
        for (ritz_index i = 0; i < c; i++)
          for (int part = 0; part < 2; part++)
            x[(s * p->points + n) * c + i] += entry[part] * in[((m * 2 + part) * b + s) * c + i];
    }
}

static void compare(problem *p, int first, int last) {
  compare_with(p, dense_to_modes, dense_from_modes, first, last, 1);
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
  p = make_problem(1, (ritz_index[]){204}, (ritz_index[]){103}, 1, 3); /* N/4 is a point */
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
