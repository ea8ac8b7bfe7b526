/* SPDX-License-Identifier: BSD-3-Clause
 * Training where ranks own the weights of the modes they mix: the same losses, test errors and
 * weights as on one rank, for every way to make domains of the ranks. */
#include <stdio.h>
#include <string.h>

#include "ranks_train.h"

/* With a large eps Adam does not turn rounding into steps. */
#define OPTIMIZER "optimizer={name: adamw, lr: 1e-2, eps: 1e-3, clip_norm: 0.05}"

/* 8 modes; 3, fewer than there may be ranks; and factorised weights, which all ranks use. */
static const char *const operators[] = {
    "operator={name: fno, n_modes: [4, 3], hidden_channels: 5, n_layers: 2}",
    "operator={name: fno, n_modes: [3, 1], hidden_channels: 4, n_layers: 2}",
    "operator={name: tfno, n_modes: [4, 4], hidden_channels: 5, n_layers: 1}",
};
enum { operator_count = sizeof operators / sizeof *operators };

static void check(int k, int ranks, const record *alone) {
  char grid[32], name[32], reference[32];
  const char *changes[] = {OPTIMIZER, operators[k], grid};
  record ours = {0};
  snprintf(grid, sizeof grid, "train.grid=%d", ranks);
  snprintf(name, sizeof name, "owned%d_%d", k, ranks);
  snprintf(reference, sizeof reference, "alone%d", k);
  assert_ok(train_with(together, name, false, 3, changes, &ours));
  if (rank != 0) return;
  for (int i = 0; i < 6; i++) assert_near(ours.loss[i], alone->loss[i], 1e-10 * alone->loss[i]);
  assert_near_weights(name, reference, 1e-9);
}

/* On 8 ranks some domains have no sample of the batch of 3, none of the last of 1. */
static void runs_agree_with_one_rank(void **state) {
  for (int k = 0; k < operator_count; k++) {
    char name[32];
    const char *changes[] = {OPTIMIZER, operators[k]};
    record alone = {0};
    snprintf(name, sizeof name, "alone%d", k);
    if (rank == 0) assert_ok(train_with(single, name, false, 2, changes, &alone));
    for (int ranks = 1; ranks <= size; ranks++)
      if (size % ranks == 0) check(k, ranks, &alone);
  }
}

/* Stopped in the middle of an epoch, where weights are whole nowhere, and continued by all, each
 * with samples of its own as far as they go. */
static void a_stopped_run_goes_on_without_owners(void **state) {
  char grid[32];
  const char *changes[] = {OPTIMIZER, operators[0], grid};
  record whole = {0}, first = {.stop_after = 2}, rest = {0};
  snprintf(grid, sizeof grid, "train.grid=%d", size);
  if (rank == 0) assert_ok(train_with(single, "whole", false, 2, changes, &whole));
  assert_int_equal(train_with(together, "parts", false, 3, changes, &first), RITZ_ERR_INTERRUPTED);
  assert_ok(train_with(together, "parts", true, 2, changes, &rest));
  if (rank != 0) return;
  for (int i = 0; i < 4; i++)
    assert_near(rest.loss[i], whole.loss[i + 2], 1e-10 * whole.loss[i + 2]);
  assert_near_weights("parts", "whole", 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_agree_with_one_rank),
      cmocka_unit_test(a_stopped_run_goes_on_without_owners),
  };
  ranks_train_begin();
  return ranks_train_end(cmocka_run_group_tests(tests, ranks_folder_make, ranks_folder_remove));
}
