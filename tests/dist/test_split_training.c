/* SPDX-License-Identifier: BSD-3-Clause
 * Training where ranks own the weights of the modes they mix: the same losses and weights as on one
 * rank, for every way to make domains of the ranks. */
#include <stdio.h>

#include "ranks_train.h"

/* With a large eps Adam does not turn rounding into steps. */
#define OPTIMIZER "optimizer={name: adamw, lr: 1e-2, eps: 1e-3, clip_norm: 0.05}"
/* Windows of a few steps of one trajectory. */
#define STEPS                                                                             \
  "data={train: {path: " RITZ_REAL_DATA                                                   \
  "/burgers_train_16.h5, x: {dataset: y, axes: "                                          \
  "[sample, time, x]}, window: [1, 4], window_step: 3, first: 1}, normalize_x: channel, " \
  "normalize_y: channel}"

/* Changes of the default configuration. */
typedef struct variant {
  const char *name;
  int steps;
  const char *change[3];
} variant;

static const variant variants[] = {
    {"modes", 6, {"operator={name: fno, n_modes: [4, 3], hidden_channels: 5, n_layers: 2}"}},
    {"few_modes", 6, {"operator={name: fno, n_modes: [3, 1], hidden_channels: 4, n_layers: 2}"}},
    {"factors", 6, {"operator={name: tfno, n_modes: [4, 4], hidden_channels: 5, n_layers: 1}"}},
    {"steps",
     4,
     {STEPS, "operator={name: fno, n_modes: [8], hidden_channels: 6, n_layers: 2}",
      "rollout={steps: 2}"}},
    {"joining", 6, {"train.incremental={start: 2, eps: 1e9}"}},
};
enum { variant_count = sizeof variants / sizeof *variants };

static ritz_status run(ritz_context *context, const variant *v, const char *name, bool resume,
                       const char *more, record *r) {
  const char *change[2 + sizeof v->change / sizeof *v->change] = {OPTIMIZER, more};
  int count = 2;
  for (int i = 0; i < 3 && v->change[i]; i++) change[count++] = v->change[i];
  return train_with(context, name, resume, count, change, r);
}

static void check(const variant *v, int ranks, const record *alone) {
  char grid[32], name[64];
  record ours = {0};
  snprintf(grid, sizeof grid, "train.grid=%d", ranks);
  snprintf(name, sizeof name, "%s%d", v->name, ranks);
  assert_ok(run(together, v, name, false, grid, &ours));
  if (rank != 0) return;
  assert_int_equal(ours.steps, v->steps);
  for (int i = 0; i < v->steps; i++)
    assert_near(ours.loss[i], alone->loss[i], 1e-10 * alone->loss[i]);
  assert_near_weights(name, v->name, 1e-9);
}

/* On 8 ranks some domains have no sample of a batch of 3. */
static void runs_agree_with_one_rank(void **state) {
  for (const variant *v = variants; v < variants + variant_count; v++) {
    record alone = {0};
    if (rank == 0) assert_ok(run(single, v, v->name, false, "train.grid=1", &alone));
    for (int ranks = 1; ranks <= size; ranks++)
      if (size % ranks == 0) check(v, ranks, &alone);
  }
}

/* Stopped in the middle of an epoch, where no rank has all weights, and continued by ranks that
 * share the batch. */
static void a_stopped_run_goes_on_without_owners(void **state) {
  char grid[32];
  record whole = {0}, first = {.stop_after = 2}, rest = {0};
  snprintf(grid, sizeof grid, "train.grid=%d", size);
  if (rank == 0) assert_ok(run(single, variants, "whole", false, "train.grid=1", &whole));
  assert_int_equal(run(together, variants, "parts", false, grid, &first), RITZ_ERR_INTERRUPTED);
  assert_ok(run(together, variants, "parts", true, "train.grid=1", &rest));
  if (rank != 0) return;
  assert_int_equal(rest.steps, 4);
  for (int i = 0; i < 4; i++)
    assert_near(rest.loss[i], whole.loss[i + 2], 1e-10 * whole.loss[i + 2]);
  assert_near_weights("parts", "whole", 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_agree_with_one_rank),
      cmocka_unit_test(a_stopped_run_goes_on_without_owners),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, ranks_folder_make, ranks_folder_remove));
}
