/* SPDX-License-Identifier: BSD-3-Clause
 * A transform in two stages, line by line and sample by sample or slab by slab, is the one-piece
 * one to the bit. */
#include <string.h>

#include "core/memory.h"
#include "kernels/spectral.h"
#include "support.h"

/* A transform and fields, spectra, rows and scratch that fit it. */
typedef struct problem {
  ritz_dtype dtype;
  ritz_index batch, channels, points, modes, line; /* line: bytes */
  ritz_transform *transform;
  char *x, *spectrum, *want, *got, *rows, *units, *scratch;
  size_t field, spectra; /* bytes */
} problem;

static char *random_bytes(ritz_dtype dtype, size_t bytes) {
  void *out;
  const ritz_index count = (ritz_index)(bytes / ritz_dtype_size(dtype));
  assert_ok(ritz_calloc(count + 16, ritz_dtype_size(dtype), &out));
  fill_uniform_as(dtype, 3, count, out);
  return out;
}

static problem make_problem(ritz_dtype dtype, int dim, const ritz_index *grid,
                            const ritz_axis_transform *transform, ritz_index batch,
                            ritz_index channels, int threads) {
  problem p = {.dtype = dtype, .batch = batch, .channels = channels, .points = 1, .modes = 1};
  ritz_index list[3][8];
  ritz_transform_shape shape = {.dtype = dtype, .dim = dim, .batch = batch, .channels = channels};
  for (int i = 0; i < dim; i++) shape.transform[i] = transform[i];
  const int half = ritz_transform_half(&shape);
  for (int i = 0; i < dim; i++) {
    const ritz_index k = i == half ? grid[i] / 3 + 1 : (grid[i] + 1) / 2;
    shape.grid[i] = grid[i], shape.modes[i] = k < 8 ? k : 8, shape.frequency[i] = list[i];
    for (ritz_index m = 0; m < shape.modes[i]; m++)
      list[i][m] = i == half ? m : m - shape.modes[i] / 2;
    p.points *= grid[i], p.modes *= shape.modes[i];
  }
  assert_ok(ritz_transform_create(&shape, RITZ_SPECTRAL_GEMM, threads, &p.transform));
  assert_true(ritz_transform_staged(p.transform));
  assert_int_equal(ritz_transform_lines(p.transform), p.points / grid[dim - 1]);
  const size_t size = ritz_dtype_size(dtype);
  p.line = grid[dim - 1] * channels * (ritz_index)size;
  p.field = (size_t)(batch * p.points * channels) * size;
  p.spectra = (size_t)(p.modes * (half < 0 ? 1 : 3) * batch * channels) * size;
  p.x = random_bytes(dtype, p.field);
  p.spectrum = random_bytes(dtype, p.spectra);
  p.want = random_bytes(dtype, p.field + p.spectra);
  p.got = random_bytes(dtype, p.field + p.spectra);
  p.rows = random_bytes(dtype, (size_t)batch * ritz_transform_rows_bytes(p.transform));
  p.units = random_bytes(dtype, ritz_transform_units_bytes(p.transform));
  const size_t whole = ritz_transform_scratch(p.transform);
  const size_t stage = ritz_transform_stage_scratch(p.transform);
  p.scratch = random_bytes(dtype, whole > stage ? whole : stage);
  return p;
}

static void clear_problem(problem *p) {
  ritz_transform_destroy(&p->transform);
  ritz_free(p->x);
  ritz_free(p->spectrum);
  ritz_free(p->want);
  ritz_free(p->got);
  ritz_free(p->rows);
  ritz_free(p->units);
  ritz_free(p->scratch);
}

static char *row(const problem *p, ritz_index sample, ritz_index line) {
  return p->rows + (size_t)sample * ritz_transform_rows_bytes(p->transform) +
         (size_t)line * ritz_transform_row_bytes(p->transform);
}

static ritz_index lines(const problem *p) { return ritz_transform_lines(p->transform); }

/* Slab by slab, with the rows of one alone. */
static void slabs_to_modes(problem *p, bool adjoint, bool gradient) {
  const ritz_index slab = ritz_transform_slab_lines(p->transform);
  for (ritz_index b = 0; b < p->batch; b++) {
    for (ritz_index l = 0; l < lines(p); l++) {
      ritz_transform_line_to_row(p->transform, adjoint, p->x + (b * lines(p) + l) * p->line,
                                 row(p, 0, l % slab), p->scratch);
      if ((l + 1) % slab == 0)
        ritz_transform_slab_to_unit(p->transform, adjoint, l / slab, p->rows, p->units, p->scratch);
    }
    ritz_transform_sample_to_modes(p->transform, adjoint, gradient, b, true, p->units, p->got,
                                   p->scratch);
  }
}

static void slabs_from_modes(problem *p, bool adjoint, bool add) {
  const ritz_index slab = ritz_transform_slab_lines(p->transform);
  for (ritz_index b = 0; b < p->batch; b++) {
    ritz_transform_sample_from_modes(p->transform, adjoint, b, true, p->spectrum, p->units,
                                     p->scratch);
    for (ritz_index l = 0; l < lines(p); l++) {
      if (l % slab == 0)
        ritz_transform_unit_to_slab(p->transform, adjoint, l / slab, p->units, p->rows, p->scratch);
      ritz_transform_row_to_line(p->transform, adjoint, add, row(p, 0, l % slab),
                                 p->got + (b * lines(p) + l) * p->line, p->scratch);
    }
  }
}

static void stages_to_modes(problem *p, bool adjoint, bool gradient, bool together) {
  ritz_transform_to_modes(p->transform, adjoint, gradient, p->x, p->want, p->scratch);
  if (!together && ritz_transform_slab_lines(p->transform) > 0) {
    slabs_to_modes(p, adjoint, gradient);
    assert_memory_equal(p->got, p->want, p->spectra);
    memset(p->got, 0, p->spectra);
  }
  for (ritz_index b = 0; b < p->batch; b++) {
    for (ritz_index l = 0; l < lines(p); l++)
      ritz_transform_line_to_row(p->transform, adjoint, p->x + (b * lines(p) + l) * p->line,
                                 row(p, b, l), p->scratch);
    if (!together)
      ritz_transform_sample_to_modes(p->transform, adjoint, gradient, b, false, row(p, b, 0),
                                     p->got, p->scratch);
  }
  if (together)
    ritz_transform_rows_to_modes(p->transform, adjoint, gradient, p->rows, p->got, p->scratch);
  assert_memory_equal(p->got, p->want, p->spectra);
}

static void stages_from_modes(problem *p, bool adjoint, bool add, bool together) {
  memcpy(p->got, p->want, p->field);
  void *start;
  assert_ok(ritz_calloc((ritz_index)p->field, 1, &start));
  memcpy(start, p->got, p->field);
  ritz_transform_from_modes(p->transform, adjoint, add, p->spectrum, p->want, p->scratch);
  if (!together && ritz_transform_slab_lines(p->transform) > 0) {
    slabs_from_modes(p, adjoint, add);
    assert_memory_equal(p->got, p->want, p->field);
    memcpy(p->got, start, p->field);
  }
  ritz_free(start);
  if (together)
    ritz_transform_modes_to_rows(p->transform, adjoint, p->spectrum, p->rows, p->scratch);
  for (ritz_index b = 0; b < p->batch; b++) {
    if (!together)
      ritz_transform_sample_from_modes(p->transform, adjoint, b, false, p->spectrum, row(p, b, 0),
                                       p->scratch);
    for (ritz_index l = 0; l < lines(p); l++)
      ritz_transform_row_to_line(p->transform, adjoint, add, row(p, b, l),
                                 p->got + (b * lines(p) + l) * p->line, p->scratch);
  }
  assert_memory_equal(p->got, p->want, p->field);
}

/* Short and long lines, both precisions, batches that threads share and that they do not. */
static void stages_give_the_same_bits(void **state) {
  const ritz_index grid[][3] = {{7, 6, 5}, {6, 36, 9}, {34, 5, 33}};
  const ritz_axis_transform mix[][3] = {
      {0},
      {RITZ_TRANSFORM_SINE, RITZ_TRANSFORM_COSINE, 0},
      {RITZ_TRANSFORM_COSINE, RITZ_TRANSFORM_CELL_COSINE, RITZ_TRANSFORM_CELL_SINE}};
  for (int which = 0; which < 9; which++)
    for (int dim = 1; dim <= 3; dim++)
      for (int options = 0; options < 16; options++) {
        const bool adjoint = options & 1, gradient = options & 2, together = options & 4;
        problem p = make_problem(options & 8 ? RITZ_FLOAT64 : RITZ_FLOAT32, dim, grid[which % 3],
                                 mix[which / 3], 1 + which % 2 * 2, 5, together ? 3 : 1);
        stages_to_modes(&p, adjoint, gradient, together);
        stages_from_modes(&p, adjoint, gradient, together);
        clear_problem(&p);
      }
}

#if RITZ_WITH_FFTW
static void full_transforms_have_no_stages(void **state) {
  const ritz_index frequency[] = {0, 1};
  const ritz_transform_shape shape = {
      .dim = 1, .batch = 1, .channels = 1, .grid = {4}, .modes = {2}, .frequency = {frequency}};
  ritz_transform *t;
  assert_ok(ritz_transform_create(&shape, RITZ_SPECTRAL_FFTW, 1, &t));
  assert_false(ritz_transform_staged(t));
  ritz_transform_destroy(&t);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stages_give_the_same_bits),
#if RITZ_WITH_FFTW
    cmocka_unit_test(full_transforms_have_no_stages),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
