/* SPDX-License-Identifier: BSD-3-Clause
 * Ten thousand draws of each Gaussian field: the variance of every mode is that of its formula.
 *
 * Modes are recovered from the values at the nodes by sums over them. The mean of 10^4 squares of a
 * standard normal is 1 with a standard deviation of sqrt(2 / 10^4) = 1.4 %. Modes are pooled with
 * those next in frequency to at least 16 squares a draw: 0.35 %, so that 3 % are beyond chance
 * (8 deviations) and yet a wrong factor, shell or axis shows. Alone each mode is within 5 of its
 * own deviations. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "solvers/fields/gaussian.h"
#include "solvers/fields/gaussian3.h"
#include "solvers/fields/periodic_gaussian.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

enum { draws = 10000, most = 256, pool = 16 };

/* A mode, with the sum of its squares over the draws. */
typedef struct mode {
  double frequency, variance; /* squared wave number; of the formula */
  double squares;
  int parts; /* real numbers that it is made of: 1, or 2 of half the variance each */
} mode;

static int compare(const void *x, const void *y) {
  const mode *a = x, *b = y;
  return (a->frequency > b->frequency) - (a->frequency < b->frequency);
}

static void check_modes(int count, mode *m) {
  double sum = 0;
  int parts = 0, pools = 0, left = 0;
  qsort(m, (size_t)count, sizeof *m, compare);
  for (int k = 0; k < count; k++) left += m[k].parts;
  for (int k = 0; k < count; k++) {
    const double ratio = m[k].squares / (draws * m[k].variance);
    assert_near(ratio, 1, 5 * sqrt(2.0 / (draws * m[k].parts)));
    sum += m[k].parts * ratio;
    parts += m[k].parts;
    left -= m[k].parts;
    if (parts < pool || (left > 0 && left < pool)) continue; /* a short rest joins the last pool */
    assert_near(sum / parts, 1, 0.03);
    sum = 0;
    parts = 0;
    pools++;
  }
  assert_true(pools >= 2 && parts == 0);
}

/* Cosine k of the Neumann fields at node i, times the weight of the trapezoid rule: rows [k][i]. */
static void fill_cosines(int n, int modes, double *rows) {
  for (int k = 0; k < modes; k++)
    for (int i = 0; i < n; i++)
      rows[k * n + i] =
          (k ? sqrt(2) : 1) * cos(pi * k * i / (n - 1)) * (i % (n - 1) ? 1 : 0.5) / (n - 1);
}

/* The last axis of x [rows][n] becomes one of modes, and the first of y [modes][rows]. */
static void project(int rows, int n, int modes, const double *cosine, const double *x, double *y) {
  for (int k = 0; k < modes; k++)
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += cosine[k * n + i] * x[r * n + i];
      y[k * rows + r] = sum;
    }
}

static double neumann_variance(int dim, double alpha, double tau, double frequency) {
  return pow(tau, 2 * alpha - dim) * pow(frequency + tau * tau, -alpha);
}

static void check_gaussian(int n0, int n1, int modes0, int modes1, double alpha, double tau) {
  const ritz_gaussian_options o = {
      .nodes = {n0, n1}, .modes = {modes0, modes1}, .alpha = alpha, .tau = tau};
  ritz_gaussian *g;
  void *scratch;
  double field[20 * 20], half[20 * 20], c[20 * 20], cosine[2][20 * 20];
  mode m[most];
  assert_ok(ritz_gaussian_create(&o, &g));
  assert_ok(ritz_calloc((ritz_index)ritz_gaussian_scratch(g), 1, &scratch));
  fill_cosines(n0, modes0, cosine[0]);
  fill_cosines(n1, modes1, cosine[1]);
  for (int k = 0; k < modes0 * modes1; k++) {
    const double i = k / modes1, j = k % modes1, frequency = pi * pi * (i * i + j * j);
    m[k] = (mode){frequency, neumann_variance(2, alpha, tau, frequency), 0, 1};
  }
  for (uint32_t s = 0; s < draws; s++) {
    ritz_gaussian_sample(g, 21, s, field, scratch);
    project(n0, n1, modes1, cosine[1], field, half); /* [modes1][n0] */
    project(modes1, n0, modes0, cosine[0], half, c); /* [modes0][modes1] */
    for (int k = 0; k < modes0 * modes1; k++) m[k].squares += c[k] * c[k];
  }
  assert_near(m[0].squares, 0, 1e-20); /* the mean */
  check_modes(modes0 * modes1 - 1, m + 1);
  ritz_free(scratch);
  ritz_gaussian_destroy(&g);
}

static void modes_of_the_square_have_their_variance(void **state) {
  check_gaussian(14, 14, 12, 12, 2, 3);  /* darcy */
  check_gaussian(13, 17, 9, 14, 2.5, 7); /* operator_action */
}

static void modes_of_the_cube_have_their_variance(void **state) {
  enum { n = 8, modes = 6 };
  const ritz_gaussian3_options o = {
      .nodes = {n, n, n}, .modes = {modes, modes, modes}, .alpha = 2, .tau = 3};
  ritz_gaussian3 *g;
  void *scratch;
  double field[n * n * n], half[n * n * n], cosine[modes * n];
  mode m[modes * modes * modes];
  assert_ok(ritz_gaussian3_create(&o, &g));
  assert_ok(ritz_calloc((ritz_index)ritz_gaussian3_scratch(g), 1, &scratch));
  fill_cosines(n, modes, cosine);
  for (int k = 0; k < modes * modes * modes; k++) {
    const double i = k / (modes * modes), j = k / modes % modes, l = k % modes;
    const double frequency = pi * pi * (i * i + j * j + l * l);
    m[k] = (mode){frequency, neumann_variance(3, 2, 3, frequency), 0, 1};
  }
  for (uint32_t s = 0; s < draws; s++) {
    ritz_gaussian3_sample(g, 22, s, field, scratch);
    project(n * n, n, modes, cosine, field, half);         /* [modes][n][n] */
    project(modes * n, n, modes, cosine, half, field);     /* [modes][modes][n] */
    project(modes * modes, n, modes, cosine, field, half); /* [modes][modes][modes] */
    for (int k = 0; k < modes * modes * modes; k++) m[k].squares += half[k] * half[k];
  }
  assert_near(m[0].squares, 0, 1e-20);
  check_modes(modes * modes * modes - 1, m + 1);
  ritz_free(scratch);
  ritz_gaussian3_destroy(&g);
}

/* |F g|^2 of the stored modes from the values on the grid, sample by sample. */
static void check_periodic(int dim, const ritz_index nodes[2], double scale, double tau,
                           double alpha) {
  ritz_periodic_box box;
  ritz_transform *transform;
  double variance[most], spectrum[2 * most], field[most];
  static double wave[2][most][most]; /* cos and sin of [mode][node] */
  void *scratch;
  mode m[most];
  int count = 0;
  assert_ok(ritz_periodic_box_init(dim, nodes, (const double[]){1, 1}, &box));
  assert_ok(ritz_periodic_box_transform(&box, 1, &transform));
  assert_ok(ritz_calloc((ritz_index)ritz_transform_scratch(transform), 1, &scratch));
  ritz_periodic_gaussian_variance(&box, scale, tau, alpha, variance);
  const int n0 = (int)box.nodes[0], n1 = (int)box.nodes[1], points = n0 * n1;
  for (ritz_index k = 0; k < box.modes; k++) {
    const double q0 = (double)box.q[0][k], q1 = (double)box.q[1][k];
    if (q0 < 0 && q1 == 0) continue; /* conjugate to another */
    for (int i = 0; i < points; i++) {
      const double phase = 2 * pi * (q0 * (i / n1) / n0 + q1 * (i % n1) / n1);
      wave[0][count][i] = cos(phase) / points;
      wave[1][count][i] = sin(phase) / points;
    }
    const double frequency = 4 * pi * pi * (q0 * q0 + q1 * q1);
    m[count++] = (mode){frequency, scale * pow(frequency + tau * tau, -alpha), 0, 2};
  }
  for (uint32_t s = 0; s < draws; s++) {
    ritz_periodic_gaussian_sample(&box, variance, 23, s, 1, 0, spectrum);
    ritz_transform_from_modes(transform, false, false, spectrum, field, scratch);
    for (int k = 0; k < count; k++) {
      double re = 0, im = 0;
      for (int i = 0; i < points; i++) {
        re += field[i] * wave[0][k][i];
        im += field[i] * wave[1][k][i];
      }
      m[k].squares += re * re + im * im;
    }
  }
  qsort(m, (size_t)count, sizeof *m, compare);
  assert_near(m[0].squares, 0, 1e-20);
  check_modes(count - 1, m + 1);
  ritz_free(scratch);
  ritz_transform_destroy(&transform);
  ritz_periodic_box_clear(&box);
}

static void periodic_modes_have_their_variance(void **state) {
  check_periodic(1, (const ritz_index[]){52, 1}, 625, 5, 2);    /* burgers */
  check_periodic(2, (const ritz_index[]){11, 14}, 343, 7, 2.5); /* navier_stokes, helmholtz skr */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(modes_of_the_square_have_their_variance),
      cmocka_unit_test(modes_of_the_cube_have_their_variance),
      cmocka_unit_test(periodic_modes_have_their_variance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
