/* SPDX-License-Identifier: BSD-3-Clause
 * Resampling along an axis against published numbers, exact cases and its adjoint. */
#define _POSIX_C_SOURCE 200112L
#include "kernels/resize.h"

#include "support.h"

#include <float.h>
#include <math.h>

#include "allocations.h"
#include "isa.h"

/* The integer hash behind the reference outputs (input stream 99). */
static double hashed(uint32_t k) {
  uint32_t h = (k + 1) * 2654435761u + 100 * 2246822519u;
  h ^= h >> 15;
  h *= 2246822519u;
  h ^= h >> 13;
  return 2.0 * h / 4294967296.0 - 1;
}

static void resize(ritz_resampling_kind kind, ritz_alignment alignment, ritz_index outer,
                   ritz_index from, ritz_index to, ritz_index inner, const double *x, double *y) {
  ritz_resampling plan;
  assert_ok(ritz_resampling_init(kind, alignment, from, to, &plan));
  ritz_resampling_run(&plan, false, false, RITZ_FLOAT64, outer, inner, x, y, 1, NULL);
  ritz_resampling_release(&plan);
}

/* PyTorch 1.13, interpolate(mode="bicubic" or "linear", align_corners=True), single precision. */
static void published_outputs_are_met(void **state) {
  double x[16], rows[32], y[64];
  for (uint32_t k = 0; k < 16; k++) x[k] = (float)hashed(k);
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 1, 4, 8, 4, x, rows);
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 8, 4, 8, 1, rows, y);
  const double first_row[] = {-0.156716, -0.178874, -0.181107, -0.131302,
                              -0.065212, 0.215417,  0.599938,  0.931382};
  double sum = 0;
  for (int i = 0; i < 8; i++) assert_near(y[i], first_row[i], 1e-6);
  for (int i = 0; i < 64; i++) sum += y[i];
  assert_near(sum, -8.70624, 1e-5);

  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 1, 4, 2, 4, x, rows);
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 2, 4, 2, 1, rows, y);
  const double corners[] = {-0.156716, 0.931382, -0.126914, 0.380971};
  for (int i = 0; i < 4; i++) assert_near(y[i], corners[i], 1e-6);

  resize(RITZ_RESIZE_LINEAR, RITZ_ALIGN_ENDS, 1, 5, 10, 1, x, y);
  const double line[] = {-0.156716, -0.158877, -0.161038, -0.076391, 0.037191,
                         0.280071,  0.652249,  0.754444,  0.046693,  -0.661059};
  for (int i = 0; i < 10; i++) assert_near(y[i], line[i], 1e-6);
}

static void equal_sizes_copy_and_single_points_repeat(void **state) {
  for (ritz_resampling_kind kind = RITZ_RESIZE_LINEAR; kind <= RITZ_RESIZE_CUBIC; kind++) {
    double x[7], y[7];
    fill_uniform(1, 7, x);
    resize(kind, RITZ_ALIGN_ENDS, 1, 7, 7, 1, x, y);
    assert_memory_equal(x, y, sizeof x);
    resize(kind, RITZ_ALIGN_ENDS, 1, 1, 7, 1, x, y);
    for (int i = 0; i < 7; i++) assert_near(y[i], x[0], 2 * DBL_EPSILON);
    resize(kind, RITZ_ALIGN_ENDS, 1, 7, 1, 1, x, y);
    assert_near(y[0], x[0], 0);
  }
}

/* Linear weights reproduce straight lines; cubic ones with a = -3/4 constants only. */
static void lines_and_constants_are_reproduced(void **state) {
  double x[11], y[28];
  for (int i = 0; i < 11; i++) x[i] = 3 - 0.7 * i;
  resize(RITZ_RESIZE_LINEAR, RITZ_ALIGN_ENDS, 1, 11, 28, 1, x, y);
  for (int i = 0; i < 28; i++) assert_near(y[i], 3 - 0.7 * i * 10 / 27, 1e-14);
  for (int i = 0; i < 11; i++) x[i] = 1.25;
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 1, 11, 28, 1, x, y);
  for (int i = 0; i < 28; i++) assert_near(y[i], 1.25, 1e-15 * 4);
}

/* Keys' weights at quarter distances, as PyTorch has them: one point of 8 in 16 cells. */
static void cubic_cells_have_their_weights(void **state) {
  const double weight[] = {-0.03515625, -0.10546875, 0.26171875, 0.87890625};
  double x[8] = {0}, y[16];
  x[3] = 1;
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_CELLS, 1, 8, 16, 1, x, y);
  for (int i = 0; i < 16; i++)
    assert_near(y[i], i < 3 || i > 10 ? 0 : weight[i < 7 ? i - 3 : 10 - i], 1e-15);
}

/* Onto a coarser grid the smooth kind gives nothing of the fastest oscillation, which the cubic one
 * takes for a constant; it reproduces straight lines away from the border (onto as fine or finer
 * grids) and constants everywhere. */
static void smooth_resizing_does_not_alias(void **state) {
  double x[41], y[61];
  for (int i = 0; i < 41; i++) x[i] = i % 2 ? -1 : 1;
  resize(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, 1, 41, 11, 1, x, y);
  for (int i = 0; i < 11; i++) assert_near(y[i], 1, 0);
  resize(RITZ_RESIZE_SMOOTH, RITZ_ALIGN_ENDS, 1, 41, 11, 1, x, y);
  for (int i = 2; i < 9; i++) assert_near(y[i], 0, 1e-15);
  for (int i = 0; i < 41; i++) x[i] = 3 - 0.7 * i;
  resize(RITZ_RESIZE_SMOOTH, RITZ_ALIGN_ENDS, 1, 41, 61, 1, x, y);
  for (int i = 3; i < 58; i++) assert_near(y[i], 3 - 0.7 * i * 40 / 60, 1e-13);
  for (int i = 0; i < 41; i++) x[i] = 1.25;
  for (ritz_index to = 1; to <= 61; to += 3) {
    resize(RITZ_RESIZE_SMOOTH, RITZ_ALIGN_CELLS, 1, 41, to, 1, x, y);
    for (int i = 0; i < to; i++) assert_near(y[i], 1.25, 1e-14);
  }
}

/* <R x, y> = <x, R^T y>, also when adding, and equal for every number of threads. */
static void check_adjoint(ritz_dtype dtype, const ritz_kernels *kernels) {
  const ritz_index sizes[][4] = {/* outer, from, to, inner */
                                 {1, 1, 1, 1},   {2, 1, 5, 3},   {3, 5, 1, 1},   {2, 17, 40, 5},
                                 {1, 40, 17, 7}, {3, 8, 16, 16}, {1, 64, 3, 33}, {2, 7, 8, 1}};
  static double x[4096], y[4096], rx[4096], ry[4096], again[4096];
  const size_t size = ritz_dtype_size(dtype);
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    for (int way = 0; way < 8; way++) {
      const ritz_resampling_kind kind = (ritz_resampling_kind)(way / 2);
      const ritz_alignment alignment = way % 2 ? RITZ_ALIGN_CELLS : RITZ_ALIGN_ENDS;
      const ritz_index outer = sizes[k][0], inner = sizes[k][3];
      const ritz_index n = outer * sizes[k][1] * inner, m = outer * sizes[k][2] * inner;
      ritz_resampling plan;
      assert_ok(ritz_resampling_init(kind, alignment, sizes[k][1], sizes[k][2], &plan));
      fill_uniform_as(dtype, 1, n, x);
      fill_uniform_as(dtype, 2, m, y);
      fill_uniform_as(dtype, 3, n, ry);
      ritz_resampling_run(&plan, false, false, dtype, outer, inner, x, rx, 1, NULL);
      ritz_resampling_run(&plan, true, true, dtype, outer, inner, y, ry, 1, NULL);
      double left = 0, right = 0, before = 0, scale = 1;
      fill_uniform_as(dtype, 3, n, again);
      for (ritz_index i = 0; i < m; i++) {
        left += ritz_number_get(dtype, rx, i) * ritz_number_get(dtype, y, i);
        scale += fabs(ritz_number_get(dtype, rx, i));
      }
      for (ritz_index i = 0; i < n; i++) {
        right += ritz_number_get(dtype, ry, i) * ritz_number_get(dtype, x, i);
        before += ritz_number_get(dtype, again, i) * ritz_number_get(dtype, x, i);
      }
      assert_near(left, right - before, scale * (dtype == RITZ_FLOAT64 ? 1e-14 : 1e-6));
      ritz_resampling_run(&plan, true, true, dtype, outer, inner, y, again, 3, NULL);
      assert_memory_equal(ry, again, (size_t)n * size);
      ritz_resampling_release(&plan);
    }
  }
}
static void adjoint_is_the_transpose(void **state) { for_each_table(check_adjoint); }

static void bad_extents_and_lost_memory_are_reported(void **state) {
  ritz_resampling plan;
  assert_int_equal(ritz_resampling_init(RITZ_RESIZE_LINEAR, RITZ_ALIGN_ENDS, 0, 4, &plan),
                   RITZ_ERR_SHAPE);
  assert_message_contains("from 0 to 4");
  assert_int_equal(ritz_resampling_init(RITZ_RESIZE_CUBIC, RITZ_ALIGN_CELLS, 4, -1, &plan),
                   RITZ_ERR_SHAPE);
  assert_null(plan.forward.start);
  long k = 0;
  while (creation_fails(k, plan.forward.start,
                        ritz_resampling_init(RITZ_RESIZE_CUBIC, RITZ_ALIGN_CELLS, 4, 9, &plan)))
    assert_true(++k <= 10);
  ritz_resampling_release(&plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_outputs_are_met),
      cmocka_unit_test(equal_sizes_copy_and_single_points_repeat),
      cmocka_unit_test(lines_and_constants_are_reproduced),
      cmocka_unit_test(cubic_cells_have_their_weights),
      cmocka_unit_test(smooth_resizing_does_not_alias),
      cmocka_unit_test(adjoint_is_the_transpose),
      cmocka_unit_test(bad_extents_and_lost_memory_are_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
