/* SPDX-License-Identifier: BSD-3-Clause
 * Properties of the operators fno and fno_2020: what holds for any weights. */
#include <math.h>
#include <ritz/operator.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "operator_checks.h"

static const double pi = 3.14159265358979323846;

/* A field with frequencies up to 2 on a periodic n x n grid. */
static double *band_limited(ritz_index n) {
  double *x = malloc((size_t)(n * n) * sizeof *x);
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++) {
      const double s = 2 * pi * (double)i / (double)n, t = 2 * pi * (double)j / (double)n;
      x[i * n + j] = 0.3 + sin(s) - 0.7 * cos(2 * s - t) + 0.5 * sin(s + 2 * t);
    }
  return x;
}

/* Largest difference at the points that n x n and 2n x 2n have in common. */
static double change_on_doubling(const char *options, ritz_index n) {
  double *y[2], change = 0;
  for (int k = 0; k < 2; k++) {
    const ritz_index m = n << k;
    const operator_case c = {"fno", options, RITZ_SHAPE(1, m, m, 1), false};
    double *x = band_limited(m);
    y[k] = evaluate_operator(&c, x);
    free(x);
  }
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++)
      change = fmax(change, fabs(y[0][i * n + j] - y[1][2 * i * 2 * n + 2 * j]));
  free(y[0]);
  free(y[1]);
  return change;
}

/* Everything but GELU keeps a band-limited field so; the spectrum of GELU of one decays
 * exponentially, and with it what aliasing changes. */
static void refining_the_grid_converges_exponentially(void **state) {
  check_exponential_refinement("{n_modes: [7, 6], hidden_channels: 8, positional_embedding: null}",
                               change_on_doubling);
}

/* The coordinate i / N is a sawtooth: its Fourier coefficients on N points err by O(1/N). */
static void refining_with_coordinates_converges_with_first_order(void **state) {
  const char *options = "{n_modes: [7, 6], hidden_channels: 8}";
  double before = change_on_doubling(options, 16);
  for (ritz_index n = 32; n <= 64; n *= 2) {
    const double now = change_on_doubling(options, n);
    assert_true(now < 0.6 * before && now > 0.4 * before);
    before = now;
  }
}

/* x moved around the periodic grid by `by` points. */
static void shift(const ritz_shape *shape, const ritz_index *by, const double *x, double *out) {
  const ritz_index channels = shape->n[shape->rank - 1];
  const ritz_index rows = ritz_shape_count(shape) / channels;
  for (ritz_index row = 0; row < rows; row++) {
    ritz_index left = row, to = 0, stride = 1;
    for (int a = shape->rank - 2; a >= 0; a--) {
      const ritz_index n = shape->n[a], i = left % n;
      to += stride * (a ? (i + by[a - 1]) % n : i);
      left /= n;
      stride *= n;
    }
    memcpy(out + to * channels, x + row * channels, (size_t)channels * sizeof *x);
  }
}

static void shifting_the_input_shifts_the_output(void **state) {
  static const operator_case cases[] = {
      {"fno",
       "{n_modes: [6, 6], hidden_channels: 8, positional_embedding: null}",
       {4, {2, 12, 10, 1}},
       false},
      {"fno",
       "{n_modes: [8, 8], hidden_channels: 5, positional_embedding: null}", /* Nyquist too */
       {4, {2, 8, 8, 1}},
       false},
      {"fno",
       "{n_modes: 9, hidden_channels: 5, positional_embedding: null, norm: instance_norm}",
       {3, {2, 17, 1}},
       false},
      {"fno",
       "{n_modes: [3, 4, 5], hidden_channels: 4, positional_embedding: null, norm: group_norm}",
       {5, {1, 5, 7, 6, 1}},
       false},
  };
  const ritz_index by[3] = {3, 1, 4};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const operator_case *c = &cases[k];
    const ritz_index count = ritz_shape_count(&c->x);
    double *x = malloc((size_t)count * sizeof *x), *moved = malloc((size_t)count * sizeof *x);
    fill_uniform(7, count, x);
    shift(&c->x, by, x, moved);
    double *y = evaluate_operator(c, x), *y_moved = evaluate_operator(c, moved);
    shift(&c->x, by, y, moved); /* one channel in and out: the shapes are the same */
    assert_true(relative_error(count, y_moved, moved) < 1e-13);
    free(x), free(moved), free(y), free(y_moved);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(refining_the_grid_converges_exponentially),
      cmocka_unit_test(refining_with_coordinates_converges_with_first_order),
      cmocka_unit_test(shifting_the_input_shifts_the_output),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
