/* SPDX-License-Identifier: BSD-3-Clause
 * What goes wrong on one rank stops all of them, with the sentence of that rank; none waits for
 * another, which ctest would end after two minutes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "files.h"
#include "io/h5.h"
#include "ranks_train.h"

enum { most_changes = 4 };

/* Overrides of a run; those of one rank may differ. */
typedef struct changes {
  int count;
  const char *text[most_changes];
} changes;

static void expect(const char *name, const changes *c, ritz_status status) {
  record r = {0};
  const ritz_status got = train_with(together, name, false, c->count, c->text, &r);
  if (got != status) fail_msg("status %d, wanted %d: %s", got, status, ritz_error_message());
}

/* The sentence of `who` reached this rank, once. */
static void assert_rank_said(int who, const char *words) {
  char prefix[32] = "";
  if (who > 0) snprintf(prefix, sizeof prefix, "rank %d: ", who);
  if (strncmp(ritz_error_message(), prefix, strlen(prefix)) != 0)
    fail_msg("\"%s\" does not begin with \"%s\"", ritz_error_message(), prefix);
  const char *found = strstr(ritz_error_message(), words);
  if (!found || (*words && strstr(found + 1, words)))
    fail_msg("\"%s\" does not say \"%s\" once", ritz_error_message(), words);
}

static const char *split_of(int parts) {
  static char grid[32];
  snprintf(grid, sizeof grid, "train.grid=%d", parts);
  return grid;
}

/* Weight decay beyond 1 turns the weights around and makes them grow by 1e12 a step. */
static void a_loss_that_explodes_stops_all(void **state) {
  const changes c = {1, {"optimizer={name: adamw, lr: 1e6, weight_decay: 1e6}"}};
  expect("explode", &c, RITZ_ERR_NUMERIC);
  assert_rank_said(0, "is not finite in epoch");
}

/* Only the first rank meets this one: it alone writes. */
static void a_folder_that_cannot_be_made_stops_all(void **state) {
  expect("config.yaml/below", &(changes){0}, RITZ_ERR_IO);
  assert_rank_said(0, "output folder");
}

/* ---- files of one rank --------------------------------------------------------------------- */

enum { samples = 7, numbers = samples * 16 * 16 };

/* 7 samples as FOLDER/name; one value for all numbers of y unless it is 0. */
static void write_data(const char *name, double y_value) {
  static double x[numbers], y[numbers];
  const ritz_index n[3] = {samples, 16, 16};
  hid_t file;
  fill_uniform(1, numbers, x);
  fill_uniform(2, numbers, y);
  for (int i = 0; y_value != 0 && i < numbers; i++) y[i] = y_value;
  assert_ok(ritz_h5_create(in_folder("%s", name), &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, x));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 3, n, y));
  assert_ok(ritz_h5_close(&file));
}

/* A run whose last rank reads @p theirs instead of good.h5. */
static changes data_of_last(const char *theirs, const char *more, const char *grid) {
  static char text[256];
  snprintf(text, sizeof text, "data.train={path: %s%s}",
           in_folder("%s", rank == size - 1 ? theirs : "good.h5"), rank == size - 1 ? more : "");
  return (changes){3, {text, "train.batch_size=4", grid}};
}

/* Found by the pass for the normalisers, or, where samples are streamed as they are, by the rank
 * that meets one in its share of the first batch. */
static void samples_that_are_no_numbers_are_named(void **state) {
  const char *stream =
      "data={train: {path: %s}, cache_mib: 0, normalize_x: none, "
      "normalize_y: none}";
  if (rank == 0) write_data("good.h5", 0), write_data("bad.h5", NAN);
  assert_ok(ritz_comm_barrier(together->comm));
  for (int split = 0; split < 2; split++) {
    const char *grid = split_of(split ? size : 1);
    changes c = data_of_last("bad.h5", "", grid);
    expect("bad", &c, RITZ_ERR_NUMERIC);
    assert_rank_said(size - 1, "not finite");
    assert_rank_said(size - 1, "bad.h5");
    char text[512];
    snprintf(text, sizeof text, stream, in_folder(rank == size - 1 ? "bad.h5" : "good.h5"));
    c.text[0] = text;
    expect("bad_stream", &c, RITZ_ERR_NUMERIC);
    assert_rank_said(size - 1, "not finite");
    assert_rank_said(size - 1, "bad.h5");
  }
}

/* Weights of several buckets, and one rank of two domains or more that meets a sample which is no
 * number: the others have begun to send their gradients by then. */
static void others_do_not_wait_for_gradients(void **state) {
  char text[512];
  const char *wide = "operator={name: fno, n_modes: [12, 12], hidden_channels: 32, n_layers: 3}";
  const bool last = rank == size - 1;
  snprintf(text, sizeof text,
           "data={train: {path: %s}, cache_mib: 0, normalize_x: none, normalize_y: none}",
           in_folder(last ? "bad.h5" : "good.h5"));
  for (int split = 0; split < 2; split++) {
    const char *grid = split_of(split && size % 2 == 0 ? size / 2 : 1);
    const changes c = {4, {wide, text, grid, "train.batch_size=4"}};
    expect("wide", &c, RITZ_ERR_NUMERIC);
    assert_message_contains("not finite"); /* of a rank of the domain, where there are several */
  }
}

static void files_that_cannot_be_read_are_named(void **state) {
  const char *grid = "train.grid=1";
  changes c = data_of_last("missing.h5", "", grid);
  expect("missing", &c, RITZ_ERR_IO);
  assert_rank_said(size - 1, "missing.h5");
  const file_bytes whole = file_read(in_folder("good.h5"));
  if (rank == 0) file_write(in_folder("half.h5"), whole.count / 2, whole.byte);
  free(whole.byte);
  assert_ok(ritz_comm_barrier(together->comm));
  c = data_of_last("half.h5", "", grid);
  expect("half", &c, RITZ_ERR_FORMAT);
  assert_rank_said(size - 1, "half.h5");
}

/* Where ranks did not do the same they would wait for each other. */
static void ranks_have_to_do_the_same(void **state) {
  const bool last = rank == size - 1;
  changes c = {1, {last ? "train.epochs=3" : "train.epochs=2"}};
  if (size == 1) return;
  expect("other", &c, RITZ_ERR_CONFIG);
  assert_rank_said(size - 1, "section train");
  c.text[0] = last ? "data.normalize_x=channel" : "data.normalize_x=none";
  expect("other", &c, RITZ_ERR_CONFIG);
  assert_rank_said(size - 1, "section data");
  c.text[0] = last ? "data.test=null" : "data.test=" RITZ_REAL_DATA "/darcy_test_16.h5";
  expect("other", &c, RITZ_ERR_CONFIG);
  assert_rank_said(size - 1, "0 test sets");
  c = data_of_last("good.h5", ", first: 6", "train.grid=1");
  expect("other", &c, RITZ_ERR_CONFIG);
  assert_rank_said(size - 1, "6 samples");
}

static void a_checkpoint_is_seen_by_all_or_none(void **state) {
  record r = {.stop_after = 2};
  if (size == 1) return;
  assert_int_equal(train(together, "seen", false, NULL, &r), RITZ_ERR_INTERRUPTED);
  const ritz_status status = train(together, rank ? "unseen" : "seen", true, NULL, &r);
  assert_int_equal(status, RITZ_ERR_IO);
  assert_rank_said(0, "only 1 of");
}

/* ---- signals ------------------------------------------------------------------------------- */

/* A batch system may tell one rank only. */
static void every_rank_can_stop_all(void **state) {
  for (int asking = 0; asking < size; asking++) {
    record r = {.ask_after = rank == asking ? 5 : 0};
    assert_int_equal(train(together, "asked", false, NULL, &r), RITZ_ERR_INTERRUPTED);
    assert_rank_said(0, "in epoch 2, step 1; checkpoint.h5 holds the state");
    if (rank == 0) assert_int_equal(r.steps, 4);
  }
}

/* ---- memory -------------------------------------------------------------------------------- */

/* The k-th allocation of a rank fails, for more and more k: all ranks end, and say why. */
static void check_memory_failures(int failing, const char *grid) {
  int failures = 0;
  long k = 0;
  const char *change[] = {"train.epochs=1", grid};
  record r = {0};
  while (memory_fails(rank == failing ? k : -1,
                      train_with(together, "memory", false, 2, change, &r))) {
    if (size > 1) assert_rank_said(failing, "");
    r = (record){0};
    k += 1 + k / 3;
    failures++;
  }
  assert_in_range(failures, 10, 100);
}

static void a_rank_without_memory_stops_all(void **state) {
  check_memory_failures(size - 1, "train.grid=1");
  check_memory_failures(0, "train.grid=1");
}

static void a_rank_of_a_split_grid_without_memory_stops_all(void **state) {
  check_memory_failures(size - 1, split_of(size));
  check_memory_failures(size / 2, split_of(size));
}

/* A run that is there goes on: the way of the checkpoint. */
static void a_rank_without_memory_stops_those_that_go_on(void **state) {
  record r = {.stop_after = 2};
  assert_int_equal(train(together, "going", false, NULL, &r), RITZ_ERR_INTERRUPTED);
  for (long k = 0;; k += 1 + k / 3) {
    r = (record){.stop_after = 1};
    if (rank == size - 1) ritz_test_fail_allocation(k);
    const ritz_status status = train(together, "going", true, NULL, &r);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_ERR_INTERRUPTED) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
  }
}

static void evaluation_fails_on_all_ranks(void **state) {
  ritz_model *model;
  ritz_evaluation *evaluation;
  record r = {0};
  assert_ok(train(together, "evaluated", false, "train.epochs=1", &r));
  assert_ok(ritz_model_load(together, in_folder("evaluated/model.h5"), &model));
  for (int split = 0; split < 2; split++) {
    const ritz_index parts[] = {split ? size : 1};
    long k = 0;
    while (creation_fails(rank == size - 1 ? k : -1, evaluation,
                          ritz_evaluate_split(model, 1, parts, RITZ_REAL_DATA "/darcy_test_16.h5",
                                              "first: 5", &evaluation)))
      k += 1 + k / 3;
    ritz_evaluation_destroy(&evaluation);
  }
  const char *options = rank == size - 1 ? "first: 4" : "first: 5";
  const ritz_status status =
      ritz_evaluate(model, RITZ_REAL_DATA "/darcy_test_16.h5", options, &evaluation);
  assert_int_equal(status, size == 1 ? RITZ_OK : RITZ_ERR_CONFIG);
  if (size > 1) assert_rank_said(size - 1, "4 samples");
  ritz_evaluation_destroy(&evaluation);
  ritz_model_destroy(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_that_explodes_stops_all),
      cmocka_unit_test(a_folder_that_cannot_be_made_stops_all),
      cmocka_unit_test(samples_that_are_no_numbers_are_named),
      cmocka_unit_test(others_do_not_wait_for_gradients),
      cmocka_unit_test(files_that_cannot_be_read_are_named),
      cmocka_unit_test(ranks_have_to_do_the_same),
      cmocka_unit_test(a_checkpoint_is_seen_by_all_or_none),
      cmocka_unit_test(every_rank_can_stop_all),
      cmocka_unit_test(a_rank_without_memory_stops_all),
      cmocka_unit_test(a_rank_of_a_split_grid_without_memory_stops_all),
      cmocka_unit_test(a_rank_without_memory_stops_those_that_go_on),
      cmocka_unit_test(evaluation_fails_on_all_ranks),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, ranks_folder_make, ranks_folder_remove));
}
