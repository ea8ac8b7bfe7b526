/* SPDX-License-Identifier: BSD-3-Clause
 * Every op of ops.def on fields that are split over ranks: the sample graphs of tests/graph give
 * what they give on one rank, outputs and gradients alike, however the grid is cut. */
#include <string.h>

#include "../graph/samples.h"
#include "split_check.h"

static const struct {
  const char *name;
  gradient_builder *build;
} samples[] = {
#define RITZ_OP(name) {#name, sample_##name},
#include "graph/ops/ops.def"
#undef RITZ_OP
};

static const ritz_shape shapes[] = {{3, {2, 17, 3}},       /* 1-D, prime */
                                    {4, {3, 5, 7, 4}},     /* 2-D */
                                    {4, {1, 13, 11, 5}},   /* several parts of several tiles */
                                    {5, {1, 4, 5, 6, 2}}}; /* 3-D */

/* Boxes are no parts of a field: what is fetched shows in all other samples. */
static bool shows_fields(const char *name) { return strcmp(name, "fetch") != 0; }

static void every_op_gives_what_it_gives_on_one_rank(void **state) {
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++)
    for (size_t i = 0; shows_fields(samples[s].name) && i < sizeof shapes / sizeof *shapes; i++)
      check_splits(samples[s].name, shapes[i], samples[s].build, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_gives_what_it_gives_on_one_rank),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
