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

static void columns_go_to_their_ranks(void **state) {
  const ritz_columns_cut cut = {.ranks = 3, .points = 4, .columns = 7, .width = 6};
  const ritz_index first[] = {0, 3, 5, 7};
  for (int threads = 1; threads <= 2; threads++) {
    const ritz_mover mover = mover_of(threads);
    ritz_move_columns(&mover, &cut, false, (char *)from, (char *)to);
    for (int r = 0; r < 3; r++)
      for (int p = 0; p < 4; p++)
        for (ritz_index k = first[r]; k < first[r + 1]; k++) {
          const ritz_index count = first[r + 1] - first[r];
          const ritz_index at = first[r] * 4 + p * count + k - first[r];
          for (int c = 0; c < 6; c++) assert_true(to[at * 6 + c] == from[(p * 7 + k) * 6 + c]);
        }
    ritz_move_columns(&mover, &cut, true, (char *)to, (char *)again);
    expect_back(4 * 7 * 6, 1);
  }
}

static void parts_become_rows(void **state) {
  const ritz_index offset[] = {0, 2, 2, 5}; /* an empty part */
  const ritz_parts_laid laid = {.parts = 3, .offset = offset, .outer = 2, .width = 6};
  for (int threads = 1; threads <= 2; threads++) {
    const ritz_mover mover = mover_of(threads);
    ritz_move_parts(&mover, &laid, false, (char *)from, (char *)to);
    for (int p = 0; p < 3; p++)
      for (int o = 0; o < 2; o++)
        for (ritz_index i = offset[p]; i < offset[p + 1]; i++) {
          const ritz_index own = offset[p + 1] - offset[p];
          const ritz_index at = 2 * offset[p] + o * own + i - offset[p];
          for (int c = 0; c < 6; c++) assert_true(to[(o * 5 + i) * 6 + c] == from[at * 6 + c]);
        }
    ritz_move_parts(&mover, &laid, true, (char *)to, (char *)again);
    expect_back(2 * 5 * 6, 1);
  }
}

enum { modes = 340 };

/* By samples to [modes, 3, batch, channels] and back, with room for a third block. */
static void expect_places(const ritz_mover *mover, ritz_modes_ordered *o) {
  const ritz_mode_order_of *p = &o->at_place, *q = &o->in_order;
  ritz_move_modes(mover, o, false, (char *)from, (char *)to);
  for (ritz_index i = 0; i < modes; i++)
    for (ritz_index b = 0; b < o->batch; b++)
      for (ritz_index z = 0; z < 2; z++)
        for (ritz_index c = 0; c < o->channels; c++)
          assert_true(to[i * q->mode + b * q->sample + z * q->plane + c] ==
                      from[o->place[i] * p->mode + b * p->sample + z * p->plane + c]);
  ritz_move_modes(mover, o, true, (char *)to, (char *)again);
  expect_back(modes * 2 * o->batch * o->channels, 1);
}

static void modes_go_to_their_places(void **state) {
  ritz_index place[modes];
  for (int i = 0; i < modes; i++) place[i] = (i + 150) % modes; /* long runs ... */
  for (int i = 0; i < 100; i += 2) {                            /* ... and none */
    const ritz_index p = place[i];
    place[i] = place[i + 1];
    place[i + 1] = p;
  }
  for (int threads = 1; threads <= 2; threads++)
    for (ritz_index batch = 1; batch <= 2; batch++) {
      const ritz_index c = 2, block = batch * c;
      const ritz_mover mover = mover_of(threads);
      ritz_modes_ordered o = {.count = modes,
                              .batch = batch,
                              .channels = c,
                              .place = place,
                              .at_place = {2 * c, 2 * c * modes, c},
                              .in_order = {3 * block, c, block}};
      expect_places(&mover, &o);
      o.in_order = (ritz_mode_order_of){2 * block, 2 * c, c};
      expect_places(&mover, &o);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(split_axes_come_to_the_front),
      cmocka_unit_test(columns_go_to_their_ranks),
      cmocka_unit_test(parts_become_rows),
      cmocka_unit_test(modes_go_to_their_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
