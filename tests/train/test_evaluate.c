/* SPDX-License-Identifier: BSD-3-Clause
 * Evaluations tell how far they are. */
#include "files.h"
#include "io/h5.h"
#include "small_model.h"
#include "train/evaluate.h"

enum { samples = 37 };

/* Random fields on the grid of the small model. */
static void write_data(const char *path) {
  const ritz_index x[4] = {samples, 9, 12, small_in}, y[4] = {samples, 9, 12, small_out};
  static double numbers[samples * 9 * 12 * small_out];
  hid_t file;
  fill_uniform(1, sizeof numbers / sizeof *numbers, numbers);
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 4, x, numbers));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 4, y, numbers));
  assert_ok(ritz_h5_close(&file));
}

typedef struct record {
  int calls;
  ritz_index done, total;
} record;

static void follow(void *user, ritz_index done, ritz_index total) {
  record *r = user;
  assert_true(done > r->done);
  *r = (record){r->calls + 1, done, total};
}

/* 16, 16 and 5 samples at a time, for all channels together and then for each. */
static void every_batch_is_told(void **state) {
  static const char map[] =
      "{x: {dataset: x, axes: [sample, x, y, channel]}, y: {dataset: y, axes: [sample, x, y, "
      "channel]}}";
  ritz_context *context;
  ritz_evaluation *watched, *alone;
  record r = {0};
  assert_ok(ritz_context_create(NULL, &context));
  ritz_model *model = small_model_create(context, RITZ_FLOAT64, 2, "");
  const char *path = in_folder("data.h5");
  write_data(path);
  assert_ok(ritz_evaluate_watched(model, 0, NULL, path, map, follow, &r, &watched));
  assert_int_equal(r.calls, 3 * (1 + small_out));
  assert_int_equal(r.done, samples * (1 + small_out));
  assert_int_equal(r.total, r.done);
  assert_ok(ritz_evaluate(model, path, map, &alone));
  int metrics = 0;
  for (; ritz_evaluation_metric(alone, metrics); metrics++)
    assert_true(ritz_evaluation_metric(alone, metrics)->value ==
                ritz_evaluation_metric(watched, metrics)->value);
  assert_true(metrics > small_out);
  assert_null(ritz_evaluation_metric(watched, metrics));
  ritz_evaluation_destroy(&watched);
  ritz_evaluation_destroy(&alone);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_batch_is_told)};
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
