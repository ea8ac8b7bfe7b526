/* SPDX-License-Identifier: BSD-3-Clause
 * Products of complex factors against naive loops; their gradients by what multilinear maps obey:
 * <Y(T, U), G> = <T, GT> = <U, GU>. Extents beyond a block of columns, primes and ones. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "kernels/axis_product.h"
#include "kernels/channel_maps.h"
#include "support.h"

static double dot(ritz_index n, const double *x, const double *y) {
  double sum = 0;
  for (ritz_index i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static void assert_close(ritz_index n, const double *got, const double *want) {
  for (ritz_index i = 0; i < n; i++) assert_near(got[i], want[i], 1e-12);
}

/* y += a b for complex numbers with their imaginary parts further on. */
static void add_product(double *y, ritz_index iy, const double *a, ritz_index ia, const double *b,
                        ritz_index ib) {
  y[0] += a[0] * b[0] - a[ia] * b[ib];
  y[iy] += a[0] * b[ib] + a[ia] * b[0];
}

/* Y[p, l, q, :] = sum over a of U[l, a] T[p, a, q, :]. */
static void naive_axis_product(const ritz_axis_product_shape *s, const double *t, const double *u,
                               double *y) {
  for (ritz_index p = 0; p < s->p; p++)
    for (ritz_index l = 0; l < s->l; l++)
      for (ritz_index a = 0; a < s->a; a++)
        for (ritz_index q = 0; q < s->q; q++)
          for (ritz_index i = 0; i < s->n; i++)
            add_product(y + ((p * s->l + l) * s->q + q) * 2 * s->n + i, s->n, u + 2 * l * s->a + a,
                        s->a, t + ((p * s->a + a) * s->q + q) * 2 * s->n + i, s->n);
}

static void check_axis_product(ritz_index p, ritz_index a, ritz_index l, ritz_index q,
                               ritz_index n) {
  const ritz_axis_product_shape s = {RITZ_FLOAT64, p, a, l, q, n};
  const ritz_index nt = 2 * p * a * q * n, nu = 2 * l * a, ny = 2 * p * l * q * n;
  double *t = random_numbers(RITZ_FLOAT64, 1, nt), *u = random_numbers(RITZ_FLOAT64, 2, nu),
         *g = random_numbers(RITZ_FLOAT64, 3, ny);
  double *y = random_numbers(RITZ_FLOAT64, 4, ny), *want, *gt = random_numbers(RITZ_FLOAT64, 5, nt);
  double *gu = random_numbers(RITZ_FLOAT64, 6, nu), *before = random_numbers(RITZ_FLOAT64, 6, nu);
  void *scratch;
  ritz_axis_product *product;
  assert_ok(RITZ_NEW(ny, &want));
  assert_ok(ritz_axis_product_create(&s, 2, &product));
  assert_ok(ritz_calloc((ritz_index)ritz_axis_product_scratch(product), 1, &scratch));
  naive_axis_product(&s, t, u, want);
  ritz_axis_product_forward(product, t, u, y, scratch);
  assert_close(ny, y, want);
  ritz_axis_product_vjp_tensor(product, g, u, false, gt, scratch);
  ritz_axis_product_vjp_matrix(product, t, g, true, gu, scratch);
  const double value = dot(ny, y, g), tolerance = 1e-11 * sqrt((double)ny * (double)a);
  assert_near(dot(nt, t, gt), value, tolerance);
  assert_near(dot(nu, u, gu) - dot(nu, u, before), value, tolerance);
  ritz_axis_product_vjp_tensor(product, g, u, true, gt, scratch);
  assert_near(dot(nt, t, gt), 2 * value, 2 * tolerance);
  ritz_axis_product_destroy(&product);
  assert_null(product);
  void *all[] = {t, u, g, y, want, gt, gu, before, scratch};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ritz_free(all[i]);
}

static void an_axis_is_multiplied(void **state) {
  check_axis_product(1, 1, 1, 1, 1);
  check_axis_product(3, 5, 7, 2, 131); /* 64 columns to a block of doubles */
  check_axis_product(1, 2, 70, 1, 64);
  check_axis_product(2, 17, 1, 11, 13);
}

/* W[m] = A T[m] C. */
static void naive_maps(const ritz_channel_maps_shape *s, const double *a, const double *t,
                       const double *c, double *w) {
  const ritz_index columns = s->co ? s->co : s->ro, plane = s->ci * columns;
  for (ritz_index m = 0; m < s->modes; m++)
    for (ritz_index i = 0; i < s->ci; i++)
      for (ritz_index j = 0; j < s->ri; j++)
        for (ritz_index k = 0; k < s->ro; k++) {
          if (s->diagonal && j != k) continue;
          const ritz_index nt = s->diagonal ? s->ri : s->ri * s->ro;
          const double *tm = t + 2 * m * nt + (s->diagonal ? j : j * s->ro + k);
          double at[2] = {0, 0};
          add_product(at, 1, a + i * s->ri + j, s->ci * s->ri, tm, nt);
          double *row = w + 2 * m * plane + i * columns;
          if (!s->co) row[k] += at[0], row[k + plane] += at[1];
          for (ritz_index o = 0; o < s->co; o++)
            add_product(row + o, plane, at, 1, c + k * s->co + o, s->ro * s->co);
        }
}

static void check_maps(ritz_index modes, ritz_index ci, ritz_index ri, ritz_index ro, ritz_index co,
                       bool diagonal) {
  const ritz_channel_maps_shape s = {RITZ_FLOAT64, modes, ci, ri, ro, co, diagonal};
  const ritz_index na = 2 * ci * ri, nt = 2 * modes * ri * (diagonal ? 1 : ro);
  const ritz_index nc = 2 * ro * (co ? co : 1), nw = 2 * modes * ci * (co ? co : ro);
  double *a = random_numbers(RITZ_FLOAT64, 1, na), *t = random_numbers(RITZ_FLOAT64, 2, nt),
         *c = random_numbers(RITZ_FLOAT64, 3, nc);
  double *w = random_numbers(RITZ_FLOAT64, 4, nw), *g = random_numbers(RITZ_FLOAT64, 5, nw), *want;
  double *ga = random_numbers(RITZ_FLOAT64, 6, na), *gt = random_numbers(RITZ_FLOAT64, 7, nt),
         *gc = random_numbers(RITZ_FLOAT64, 8, nc);
  void *scratch;
  ritz_channel_maps *maps;
  assert_ok(RITZ_NEW(nw, &want));
  assert_ok(ritz_channel_maps_create(&s, 2, &maps));
  assert_ok(ritz_calloc((ritz_index)ritz_channel_maps_scratch(maps), 1, &scratch));
  naive_maps(&s, a, t, c, want);
  ritz_channel_maps_forward(maps, a, t, co ? c : NULL, w, scratch);
  assert_close(nw, w, want);
  for (int twice = 0; twice < 2; twice++) {
    const ritz_channel_maps_gradients gradients = {
        .a = ga, .t = gt, .c = co ? gc : NULL, .add_a = twice, .add_t = twice, .add_c = twice};
    ritz_channel_maps_vjp(maps, a, t, co ? c : NULL, g, &gradients, scratch);
    const double value = (1 + twice) * dot(nw, w, g);
    const double tolerance = 1e-11 * sqrt((double)(nw * ri * ro));
    assert_near(dot(na, a, ga), value, tolerance);
    assert_near(dot(nt, t, gt), value, tolerance);
    if (co) assert_near(dot(nc, c, gc), value, tolerance);
  }
  ritz_channel_maps_destroy(&maps);
  assert_null(maps);
  void *all[] = {a, t, c, w, g, want, ga, gt, gc, scratch};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ritz_free(all[i]);
}

static void channels_are_mapped(void **state) {
  check_maps(1, 1, 1, 1, 1, false);
  check_maps(37, 7, 5, 3, 11, false);
  check_maps(70, 5, 3, 17, 0, false);
  check_maps(1, 1, 1, 1, 1, true);
  check_maps(67, 7, 19, 19, 5, true);
}

static void bad_shapes_are_refused(void **state) {
  ritz_axis_product *product;
  ritz_channel_maps *maps;
  const ritz_axis_product_shape none = {RITZ_FLOAT32, 1, 0, 1, 1, 1};
  const ritz_channel_maps_shape open = {RITZ_FLOAT32, 1, 2, 3, 3, 0, true};
  assert_int_equal(ritz_axis_product_create(&none, 1, &product), RITZ_ERR_ARGUMENT);
  assert_null(product);
  assert_int_equal(ritz_channel_maps_create(&open, 1, &maps), RITZ_ERR_ARGUMENT);
  assert_null(maps);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_axis_is_multiplied),
      cmocka_unit_test(channels_are_mapped),
      cmocka_unit_test(bad_shapes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
