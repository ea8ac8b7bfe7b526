/* SPDX-License-Identifier: BSD-3-Clause
 * Parts of a grid, on any number of ranks. */
#include "dist/layout.h"
#include "ranks.h"

static void parts_cover_the_grid_once(void **state) {
  const int splits[][3] = {{size, 1, 1}, {1, size, 1}, {1, 1, size}};
  const ritz_index grid[] = {7, 5, 9};
  for (int s = 0; s < 3; s++) {
    ritz_layout *layout;
    assert_ok(ritz_layout_create(together, 3, grid, splits[s], NULL, &layout));
    ritz_index points = 0;
    for (int r = 0; r < size; r++) points += ritz_layout_points(layout, r);
    assert_int_equal(points, 7 * 5 * 9);
    for (int r = 0; r < size; r++) {
      int place[3];
      ritz_layout_place_of(layout, r, place);
      assert_int_equal(place[s], r);
      assert_int_equal(ritz_layout_rank_at(layout, place), r);
    }
    ritz_index first, count;
    ritz_layout_part(layout, s, &first, &count);
    assert_int_equal(first, ritz_layout_offsets(layout, s)[rank]);
    assert_true(count == grid[s] / size || count == grid[s] / size + 1);
    assert_int_equal(ritz_layout_has_empty(layout), grid[s] < size);
    ritz_layout_destroy(&layout);
  }
}

static void offsets_of_the_caller_hold_and_scale(void **state) {
  const int ranks[] = {1, size};
  ritz_index offset[64] = {0};
  for (int r = 1; r <= size; r++) offset[r] = r == size ? 12 : 3; /* many empty parts */
  const ritz_index *offsets[] = {NULL, offset};
  ritz_layout *layout, *half, *same;
  assert_ok(ritz_layout_create(together, 2, (ritz_index[]){4, 12}, ranks, offsets, &layout));
  assert_int_equal(ritz_layout_has_empty(layout), size > 2);
  assert_ok(ritz_layout_scale(layout, (ritz_index[]){4, 6}, &half));
  assert_int_equal(ritz_layout_offsets(half, 1)[1], size == 1 ? 6 : 2);
  assert_ok(ritz_layout_scale(half, (ritz_index[]){4, 6}, &same));
  assert_true(ritz_layout_same(half, same));
  assert_true(!ritz_layout_same(half, layout));
  ritz_layout_destroy(&layout);
  ritz_layout_destroy(&half);
  ritz_layout_destroy(&same);
}

static void wrong_layouts_are_refused(void **state) {
  ritz_layout *layout;
  const ritz_index grid[] = {8, 8};
  assert_int_equal(ritz_layout_create(together, 2, grid, (int[]){size, 2}, NULL, &layout),
                   RITZ_ERR_ARGUMENT);
  assert_null(layout);
  assert_message_contains("parts for");
  assert_int_equal(ritz_layout_create(together, 4, grid, (int[]){size, 1}, NULL, &layout),
                   RITZ_ERR_ARGUMENT);
  ritz_index short_of[64] = {0};
  for (int r = 1; r <= size; r++) short_of[r] = 7;
  assert_int_equal(ritz_layout_create(together, 2, grid, (int[]){size, 1},
                                      (const ritz_index *[]){short_of, NULL}, &layout),
                   RITZ_ERR_SHAPE);
  assert_message_contains("offsets go from 0 to 7, wanted 0 to 8");
  short_of[0] = 8;
  assert_int_equal(ritz_layout_create(together, 2, grid, (int[]){size, 1},
                                      (const ritz_index *[]){short_of, NULL}, &layout),
                   RITZ_ERR_SHAPE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_cover_the_grid_once),
      cmocka_unit_test(offsets_of_the_caller_hold_and_scale),
      cmocka_unit_test(wrong_layouts_are_refused),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
