/* SPDX-License-Identifier: BSD-3-Clause
 * Random fields over slabs have the bits of whole ones, and send what they say. */
#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "dist/layout.h"
#include "solvers/split/gaussian.h"
/* Below what has a `size` of its own. */
#include "ranks.h"

static const ritz_gaussian3_options fields[] = {
    {.nodes = {17, 12, 9}, .modes = {17, 12, 9}, .alpha = 2, .tau = 3},
    {.nodes = {5, 30, 21}, .modes = {31, 4, 40}, .alpha = 2.5, .tau = 7},
    {.nodes = {40, 3, 70}, .modes = {6, 50, 33}, .alpha = 2, .tau = 3},
};

static ritz_layout *slabs(const ritz_gaussian3_options *o, bool uneven) {
  ritz_index offset[9] = {0};
  const ritz_index *const offsets[3] = {offset, NULL, NULL};
  const int ranks[3] = {size, 1, 1};
  for (int r = 1; r <= size; r++) offset[r] = o->nodes[0] * r * r / (size * size);
  ritz_layout *layout;
  assert_ok(ritz_layout_create(together, 3, o->nodes, ranks, uneven ? offsets : NULL, &layout));
  return layout;
}

static void fields_have_the_bits_of_whole_ones(void **state) {
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
    for (int uneven = 0; uneven < 2; uneven++) {
      const ritz_gaussian3_options *o = &fields[f];
      const ritz_index plane = o->nodes[1] * o->nodes[2];
      ritz_layout *layout = slabs(o, uneven);
      ritz_split_gaussian *split;
      ritz_gaussian3 *whole;
      ritz_index first, planes;
      ritz_layout_part(layout, 0, &first, &planes);
      assert_ok(ritz_split_gaussian_create(layout, o, &split));
      assert_ok(ritz_gaussian3_create(o, &whole));
      double *part = calloc((size_t)(planes * plane + 1), sizeof *part);
      double *all = calloc((size_t)(o->nodes[0] * plane), sizeof *all);
      void *scratch = zeros(RITZ_FLOAT32, (ritz_index)ritz_gaussian3_scratch(whole) / 4);
      for (uint32_t sample = 0; sample < 2; sample++) {
        assert_ok(ritz_split_gaussian_sample(split, 9, sample, part));
        ritz_gaussian3_sample(whole, 9, sample, all, scratch);
        assert_memory_equal(part, all + first * plane, (size_t)(planes * plane) * sizeof *part);
      }
      free(part), free(all), ritz_free(scratch);
      ritz_gaussian3_destroy(&whole);
      ritz_split_gaussian_destroy(&split);
      ritz_layout_destroy(&layout);
    }
}

static void a_rank_sends_its_share_twice(void **state) {
  const ritz_gaussian3_options *o = &fields[0];
  ritz_layout *layout = slabs(o, false);
  ritz_split_gaussian *split;
  ritz_index first, planes, rows, modes;
  ritz_layout_part(layout, 0, &first, &planes);
  ritz_comm_share(together->comm, o->nodes[1], &first, &rows);
  ritz_comm_share(together->comm, o->modes[0], &first, &modes);
  double *part = calloc((size_t)(planes * o->nodes[1] * o->nodes[2] + 1), sizeof *part);
  assert_ok(ritz_split_gaussian_create(layout, o, &split));
  const uint64_t before = ritz_comm_bytes(together->comm);
  assert_ok(ritz_split_gaussian_sample(split, 1, 2, part));
  /* Mode planes without own rows, node planes of own rows without own planes. */
  const ritz_index sent = modes * (o->nodes[1] - rows) + (o->nodes[0] - planes) * rows;
  assert_int_equal(ritz_comm_bytes(together->comm) - before,
                   (size_t)(sent * o->nodes[2]) * sizeof *part);
  free(part);
  ritz_split_gaussian_destroy(&split);
  ritz_layout_destroy(&layout);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_have_the_bits_of_whole_ones),
      cmocka_unit_test(a_rank_sends_its_share_twice),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
