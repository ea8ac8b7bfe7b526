/* SPDX-License-Identifier: BSD-3-Clause
 * Copies between the orders of fields, columns and modes: each number to its place, back again, and
 * the same in any number of threads. */
#include "core/memory.h"
#include "graph/ops/mode_moves.h"
#include "support.h"

enum { most = 4096 };

static double from[most], to[most], again[most];

static ritz_mover mover_of(int threads) {
  for (int i = 0; i < most; i++) from[i] = i + 1, to[i] = again[i] = 0;
  return (ritz_mover){ritz_kernels_get(RITZ_FLOAT64), threads, sizeof(double)};
}

static void expect_back(ritz_index count, double factor) {
  for (ritz_index i = 0; i < count; i++) assert_true(again[i] == factor * from[i]);
}

static void split_axes_come_to_the_front(void **state) {
  const ritz_front f = {.batch = 2, .front = 3, .split = 5, .inner = 4};
  for (int threads = 1; threads <= 2; threads++) {
    const ritz_mover mover = mover_of(threads);
    ritz_move_axes(&mover, &f, false, false, (char *)from, (char *)to);
    for (int b = 0; b < 2; b++)
      for (int i = 0; i < 3; i++)
        for (int s = 0; s < 5; s++)
          for (int c = 0; c < 4; c++)
            assert_true(to[((b * 5 + s) * 3 + i) * 4 + c] == from[((b * 3 + i) * 5 + s) * 4 + c]);
    ritz_move_axes(&mover, &f, true, false, (char *)to, (char *)again);
    expect_back(120, 1);
    ritz_move_axes(&mover, &f, true, true, (char *)to, (char *)again);
    expect_back(120, 2);
  }
}

static void messages_become_rows(void **state) {
  const ritz_index offset[] = {0, 2, 2, 5}; /* an empty part */
  const ritz_line_rows r = {.parts = 3, .offset = offset, .outer = 2, .planes = 6, .channels = 3};
  for (int threads = 1; threads <= 2; threads++) {
    const ritz_mover mover = mover_of(threads);
    ritz_move_rows(&mover, &r, false, (char *)from, (char *)to);
    for (int p = 0; p < 3; p++)
      for (int k = 0; k < 6; k++)
        for (int o = 0; o < 2; o++)
          for (ritz_index i = offset[p]; i < offset[p + 1]; i++) {
            const ritz_index own = offset[p + 1] - offset[p];
            const ritz_index at = 6 * 2 * offset[p] + (k * 2 + o) * own + i - offset[p];
            for (int c = 0; c < 3; c++)
              assert_true(to[((o * 5 + i) * 6 + k) * 3 + c] == from[at * 3 + c]);
          }
    ritz_move_rows(&mover, &r, true, (char *)to, (char *)again);
    expect_back(6 * 2 * 5 * 3, 1);
  }
}

static void modes_go_to_their_places(void **state) {
  enum { modes = 700 };
  ritz_index place[modes];
  for (int i = 0; i < modes; i++) place[i] = (i + 450) % modes; /* long runs ... */
  for (int i = 0; i < 100; i += 2) {                            /* ... and none */
    const ritz_index p = place[i];
    place[i] = place[i + 1];
    place[i + 1] = p;
  }
  for (int threads = 1; threads <= 2; threads++) {
    const ritz_mover mover = mover_of(threads);
    ritz_move_modes(&mover, modes, place, false, 2, 3, (char *)from, (char *)to);
    for (int i = 0; i < modes; i++) {
      assert_true(to[3 * i] == from[2 * place[i]] && to[3 * i + 1] == from[2 * place[i] + 1]);
      assert_true(to[3 * i + 2] == 0);
    }
    ritz_move_modes(&mover, modes, place, false, 2, 2, (char *)from, (char *)to);
    ritz_move_modes(&mover, modes, place, true, 2, 2, (char *)to, (char *)again);
    expect_back(2 * modes, 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(split_axes_come_to_the_front),
      cmocka_unit_test(messages_become_rows),
      cmocka_unit_test(modes_go_to_their_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
