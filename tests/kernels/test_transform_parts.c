/* SPDX-License-Identifier: BSD-3-Clause
 * Transforms of parts of a grid: their spectra add up to that of the whole, and each part comes
 * back as it stands in the whole. */
#include <string.h>

#include "transform_problem.h"

enum { batch = 2, channels = 3 };

static ritz_index points_of(const ritz_transform_shape *s) {
  ritz_index points = 1;
  for (int a = 0; a < s->dim; a++) points *= s->count[a] ? s->count[a] : s->grid[a];
  return points;
}

static void run(const ritz_transform_shape *shape, bool adjoint, bool to_modes, const void *in,
                void *out) {
  ritz_transform *t;
  assert_ok(ritz_transform_create(shape, RITZ_SPECTRAL_AUTO, 1, &t));
  void *scratch = scratch_of(t);
  if (to_modes)
    ritz_transform_to_modes(t, adjoint, false, in, out, scratch);
  else
    ritz_transform_from_modes(t, adjoint, false, in, out, scratch);
  ritz_free(scratch);
  ritz_transform_destroy(&t);
}

/* Copies a part [first, first + count) of a field of the whole grid, or the whole. */
static void take_part(const ritz_transform_shape *s, const void *field, void *part) {
  ritz_index n[3] = {1, 1, 1}, first[3] = {0}, count[3] = {1, 1, 1}, i[3];
  const size_t row = channels * ritz_dtype_size(s->dtype);
  for (int a = 0; a < s->dim; a++) {
    n[a] = s->grid[a];
    first[a] = s->first[a];
    count[a] = s->count[a] ? s->count[a] : n[a];
  }
  char *to = part;
  for (ritz_index b = 0; b < batch; b++)
    for (i[0] = 0; i[0] < count[0]; i[0]++)
      for (i[1] = 0; i[1] < count[1]; i[1]++)
        for (i[2] = 0; i[2] < count[2]; i[2]++, to += row)
          memcpy(to,
                 (const char *)field +
                     (size_t)(((b * n[0] + first[0] + i[0]) * n[1] + first[1] + i[1]) * n[2] +
                              first[2] + i[2]) *
                         row,
                 row);
}

static void check(problem *p, const ritz_index cut[3]) {
  const ritz_dtype dtype = p->shape.dtype;
  const double error = dtype == RITZ_FLOAT64 ? 1e-14 : 1e-5;
  const ritz_index field = field_size(p), spectrum = spectrum_size(p, 3);
  void *x = random_numbers(dtype, 1, field), *part = zeros(dtype, field);
  void *back = zeros(dtype, field), *whole = zeros(dtype, spectrum), *some = zeros(dtype, spectrum);
  double *sum = zeros(RITZ_FLOAT64, spectrum);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    run(&p->shape, adjoint, true, x, whole);
    run(&p->shape, adjoint, false, whole, back);
    memset(sum, 0, (size_t)spectrum * sizeof *sum);
    ritz_transform_shape s = p->shape;
    for (int corner = 0; corner < 1 << s.dim; corner++) {
      for (int a = 0; a < s.dim; a++) {
        const bool upper = corner >> a & 1;
        s.first[a] = upper ? cut[a] : 0;
        s.count[a] = upper ? s.grid[a] - cut[a] : cut[a];
      }
      take_part(&s, x, part);
      run(&s, adjoint, true, part, some);
      for (ritz_index i = 0; i < spectrum; i++) sum[i] += ritz_number_get(dtype, some, i);
      void *expected = zeros(dtype, field);
      take_part(&s, back, expected);
      run(&s, adjoint, false, whole, part);
      for (ritz_index i = 0; i < batch * points_of(&s) * channels; i++)
        assert_near(ritz_number_get(dtype, part, i), ritz_number_get(dtype, expected, i),
                    error * (double)p->modes);
      ritz_free(expected);
    }
    for (ritz_index i = 0; i < spectrum; i++)
      assert_near(sum[i], ritz_number_get(dtype, whole, i),
                  adjoint ? error * (double)field : error);
  }
  ritz_free(x);
  ritz_free(part);
  ritz_free(back);
  ritz_free(whole);
  ritz_free(some);
  ritz_free(sum);
}

static void parts_add_up_to_the_whole(void **state) {
  static const struct {
    int dim;
    ritz_index grid[3], modes[3], cut[3];
  } cases[] = {{1, {17}, {5}, {3}},
               {1, {64}, {33}, {40}},
               {2, {8, 12}, {5, 7}, {7, 5}},
               {2, {40, 36}, {12, 9}, {13, 1}},
               {3, {4, 6, 5}, {3, 4, 3}, {1, 3, 2}}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (int dtype = 0; dtype < 2; dtype++) {
      problem p = make_problem(cases[c].dim, cases[c].grid, cases[c].modes, batch, channels);
      p.shape.dtype = (ritz_dtype)dtype;
      point_at_lists(&p);
      check(&p, cases[c].cut);
    }
}

static void wrong_parts_are_refused(void **state) {
  problem p = make_problem(1, (ritz_index[]){8}, (ritz_index[]){3}, batch, channels);
  ritz_transform *t;
  point_at_lists(&p);
  p.shape.first[0] = 5;
  p.shape.count[0] = 4;
  assert_int_equal(ritz_transform_create(&p.shape, RITZ_SPECTRAL_AUTO, 1, &t), RITZ_ERR_ARGUMENT);
  assert_message_contains("4 points from 5 on, of 8");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_add_up_to_the_whole),
      cmocka_unit_test(wrong_parts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
