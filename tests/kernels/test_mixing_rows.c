/* SPDX-License-Identifier: BSD-3-Clause
 * Both gradients of a mixing row by row of the weight: the bits of one after the other. */
#include <string.h>

#include "core/memory.h"
#include "kernels/spectral.h"
#include "support.h"

enum { MODES = 5, ROWS = 7, BATCH = 3, CI = 19 };
/* One row twice, some not at all. */
static const ritz_index weight_row[MODES] = {4, 0, 6, 4, 1};

typedef struct problem {
  ritz_mixing *mixing;
  size_t row, spectrum; /* bytes of a row of W, and of GX */
  void *x, *gy, *w, *gx[2], *gw[2], *scratch;
  int calls[ROWS];
} problem;

static problem make_problem(ritz_dtype dtype, bool separable, int threads) {
  const ritz_index co = separable ? CI : 17, size = (ritz_index)ritz_dtype_size(dtype);
  const ritz_mixing_shape shape = {.dtype = dtype,
                                   .modes = MODES,
                                   .batch = BATCH,
                                   .channels_in = CI,
                                   .channels_out = co,
                                   .separable = separable,
                                   .weight_row = weight_row};
  const ritz_index row = 2 * CI * (separable ? 1 : co), spectrum = MODES * 2 * BATCH * CI;
  problem p = {.row = (size_t)(row * size), .spectrum = (size_t)(spectrum * size)};
  p.x = random_numbers(dtype, 1, MODES * 3 * BATCH * CI);
  p.gy = random_numbers(dtype, 2, MODES * 3 * BATCH * co);
  p.w = random_numbers(dtype, 3, ROWS * row);
  for (int i = 0; i < 2; i++) {
    p.gx[i] = random_numbers(dtype, 4, spectrum);
    p.gw[i] = random_numbers(dtype, 5, ROWS * row);
  }
  assert_ok(ritz_mixing_create(&shape, threads, &p.mixing));
  assert_ok(ritz_calloc((ritz_index)ritz_mixing_scratch(p.mixing), 1, &p.scratch));
  return p;
}

static void clear_problem(problem *p) {
  void *arrays[] = {p->x, p->gy, p->w, p->gx[0], p->gx[1], p->gw[0], p->gw[1], p->scratch};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) ritz_free(arrays[i]);
  ritz_mixing_destroy(&p->mixing);
}

/* Keeps the row and spoils W there, which nobody may read any more. */
static void take_row(void *arg, ritz_index row, void *gw) {
  problem *p = arg;
  memcpy((char *)p->gw[1] + (size_t)row * p->row, gw, p->row);
  memset((char *)p->w + (size_t)row * p->row, 0xff, p->row);
  p->calls[row]++;
}

static void rows_are_the_same_bits(void **state) {
  for (int threads = 1; threads <= 4; threads++)
    for (int which = 0; which < 8; which++) {
      const bool wants_input = which & 2;
      problem p = make_problem(which & 4 ? RITZ_FLOAT64 : RITZ_FLOAT32, which & 1, threads);
      ritz_mixing_vjp_input(p.mixing, p.gy, p.w, p.gx[0], p.scratch);
      ritz_mixing_vjp_weight(p.mixing, p.x, p.gy, ROWS, false, p.gw[0], p.scratch);
      ritz_mixing_vjp_rows(p.mixing, p.x, p.gy, p.w, ROWS, take_row, &p,
                           wants_input ? p.gx[1] : NULL, p.scratch);
      if (wants_input) assert_memory_equal(p.gx[1], p.gx[0], p.spectrum);
      assert_memory_equal(p.gw[1], p.gw[0], ROWS * p.row);
      for (int r = 0; r < ROWS; r++) assert_int_equal(p.calls[r], 1);
      clear_problem(&p);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_the_same_bits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
