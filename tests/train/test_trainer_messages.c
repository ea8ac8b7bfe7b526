/* SPDX-License-Identifier: BSD-3-Clause
 * What can be wrong with a configuration or its data: one line that names the thing and the place,
 * and no folder is made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/h5.h"
#include "train_run.h"

static void write_data_with_nan(void) {
  enum { samples = 4, points = 16 * 16 };
  static double x[samples * points], y[samples * points];
  const ritz_index n[3] = {samples, 16, 16};
  hid_t file;
  fill_uniform(1, samples * points, x);
  fill_uniform(2, samples * points, y);
  y[2 * points + 5] = NAN;
  assert_ok(ritz_h5_create(in_folder("nan.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, x));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 3, n, y));
  assert_ok(ritz_h5_write_array(file, "z", RITZ_H5_FLOAT64, 3, (ritz_index[]){samples, 8, 32}, y));
  assert_ok(ritz_h5_close(&file));
}

/* A data set option: KEY={path: FOLDER/FILE, MORE}. */
static const char *data_set(const char *key, const char *file, const char *more) {
  static char text[16][512];
  static int next;
  char *out = text[next++ % 16];
  snprintf(out, 512, "%s={path: %s%s}", key, in_folder("%s", file), more);
  return out;
}

/* Overrides have no line; what they say is named all the same. */
static void wrong_options_are_named(void **state) {
  static const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {"train.epoch=3", "did you mean 'epochs'", RITZ_ERR_CONFIG},
      {"trian.epochs=3", "did you mean 'train'", RITZ_ERR_CONFIG},
      {"operator.n_mode=3", "did you mean 'n_modes'", RITZ_ERR_CONFIG},
      {"operator.name=fnp", "did you mean 'fno'", RITZ_ERR_NOT_FOUND},
      {"loss.name=rel_l3", "did you mean 'rel_l2'", RITZ_ERR_NOT_FOUND},
      {"loss.colour=red", "colour", RITZ_ERR_CONFIG},
      {"optimizer.name=adamm", "did you mean 'adamw'", RITZ_ERR_NOT_FOUND},
      {"optimizer.beta=3", "beta", RITZ_ERR_CONFIG},
      {"schedule.name=cosin", "did you mean 'cosine'", RITZ_ERR_NOT_FOUND},
      {"schedule.gamma=cosin", "gamma", RITZ_ERR_CONFIG},
      {"train.best=rel_l3", "rel_l2", RITZ_ERR_CONFIG},
      {"train.batch_size=0", "batch_size", RITZ_ERR_CONFIG},
      {"train.dtype=half", "float, double", RITZ_ERR_CONFIG},
      {"train=3", "train", RITZ_ERR_CONFIG},
      {"operator=fno", "operator", RITZ_ERR_CONFIG},
      {"data.normalize_y=field", "none, channel", RITZ_ERR_CONFIG},
      {"operator.n_modes=[6, 6, 6, 6]", "n_modes", RITZ_ERR_CONFIG},
      {"operator.n_modes=[6]", "grid axes", RITZ_ERR_SHAPE},
      {"operator.n_modes=[6, 32]", "32", RITZ_ERR_CONFIG},
      {"operator.in_channels=2", "channel", RITZ_ERR_SHAPE},
      {"operator.out_channels=2", "channel", RITZ_ERR_SHAPE},
      {"data.train=none.h5", "none.h5", RITZ_ERR_IO},
      {"data.test=none.h5", "none.h5", RITZ_ERR_IO},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set}};
    train_refused(&c, cases[i].status, cases[i].text);
    assert_false(file_exists(in_folder("none")));
  }
}

/* What needs no data is not hidden behind data that are not there. */
static void options_are_checked_before_the_data_are_opened(void **state) {
  static const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {"operator.n_mode=3", "did you mean 'n_modes'", RITZ_ERR_CONFIG},
      {"operator.hidden_channels=many", "hidden_channels", RITZ_ERR_CONFIG},
      {"operator={name: uno}", "uno_out_channels", RITZ_ERR_CONFIG},
      {"optimizer.beta=3", "beta", RITZ_ERR_CONFIG},
      {"loss.colour=red", "colour", RITZ_ERR_CONFIG},
      {"schedule.gamma=cosin", "gamma", RITZ_ERR_CONFIG},
      {"rollout.loss_steps=2", "last 2 steps of 1", RITZ_ERR_CONFIG},
      {"rollout.steps=2", "normalize_y", RITZ_ERR_CONFIG},
      {"train.incremental={stat: 2}", "did you mean 'start'", RITZ_ERR_CONFIG},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set, "data.train=none.h5"}};
    train_refused(&c, cases[i].status, cases[i].text);
  }
}

static void wrong_data_are_named(void **state) {
  const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {data_set("data.train", "nan.h5", ""), "sample 2", RITZ_ERR_NUMERIC},
      {data_set("data.train", "nan.h5", ", x: q, y: y"), "x, y, z", RITZ_ERR_NOT_FOUND},
      {data_set("data.train", "nan.h5",
                ", x: {dataset: x, axes: [sample, x, y]}, y: {dataset: z, axes: [sample, x, y]}"),
       "along axis x", RITZ_ERR_SHAPE},
      {data_set("data.train", "nan.h5", ", reader: natve"), "natve", RITZ_ERR_NOT_FOUND},
      {data_set("data.train", "nan.h5", ", strid: 2"), "did you mean 'stride'", RITZ_ERR_CONFIG},
      {data_set("data.train", "nan.h5", ", x: x"), "no y", RITZ_ERR_SHAPE},
      {data_set("data.train", "short.h5", ""), "cut short", RITZ_ERR_FORMAT},
      {data_set("data.test", "short.h5", ""), "cut short", RITZ_ERR_FORMAT},
  };
  write_data_with_nan();
  const file_bytes whole = file_read(in_folder("nan.h5"));
  file_write(in_folder("short.h5"), whole.count / 2, whole.byte);
  free(whole.byte);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set}};
    train_refused(&c, cases[i].status, cases[i].text);
    assert_false(file_exists(in_folder("none")));
  }
  const train_case streamed = {
      .out = "nan",
      .set = {data_set("data.train", "nan.h5", ""), "data.cache_mib=0", "data.normalize_y=none"}};
  train_refused(&streamed, RITZ_ERR_NUMERIC, "sample 2");
}

/* train_config with line @p line replaced. */
static const char *with_line(int line, const char *text) {
  static char out[2048];
  const char *at = train_config;
  int length = 0;
  for (int i = 1; *at; i++) {
    const int bytes = (int)strcspn(at, "\n") + 1;
    if (i == line)
      length += snprintf(out + length, sizeof out - (size_t)length, "%s\n", text);
    else
      length += snprintf(out + length, sizeof out - (size_t)length, "%.*s", bytes, at);
    at += bytes;
  }
  return out;
}

static void messages_carry_the_line(void **state) {
  static const struct {
    int line;
    const char *text;
  } cases[] = {
      {2, "  name: fnp"},
      {3, "  n_modes: [6, 48]"},
      {4, "  hiddenchannels: 6"},
      {4, "  hidden_channels: six"},
      {7, "  train: none.h5"},
      {7, "  train: {path: none.h5}"},
      {7, "  train: {path: none.h5, strid: 3}"},
      {8, "  test: none.h5"},
      {8, "  test: [" RITZ_REAL_DATA "/darcy_test_16.h5, none.h5]"},
      {8, "  test: " RITZ_REAL_DATA "/burgers_train_16.h5"},
      {10, "  name: rel_l3"},
      {10, "  nam: rel_l2"},
      {12, "  name: adamm"},
      {13, "  lr: fast"},
      {13, "  lr: -1"},
      {15, "  epochs: 0"},
      {16, "  batch_size: 1.5"},
      {16, "  best: rel_l3"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char place[300];
    const train_case c = {.out = "none", .config = with_line(cases[i].line, cases[i].text)};
    snprintf(place, sizeof place, "%s:%d", in_folder("config.yaml"), cases[i].line);
    const ritz_status status = train_run(&c);
    if (status == RITZ_OK) fail_msg("%s: accepted", cases[i].text);
    if (strncmp(ritz_error_message(), place, strlen(place)) != 0)
      fail_msg("%s: \"%s\" does not begin with %s", cases[i].text, ritz_error_message(), place);
    if (strstr(ritz_error_message() + 1, place))
      fail_msg("%s: \"%s\" says the place twice", cases[i].text, ritz_error_message());
    assert_null(strchr(ritz_error_message(), '\n'));
    assert_false(file_exists(in_folder("none")));
  }
}

/* What only the check of several options together finds is blamed on the section. */
static void checks_of_several_options_carry_a_line(void **state) {
  const train_case c = {.out = "none", .config = with_line(5, "  max_n_modes: [6]")};
  assert_int_equal(train_run(&c), RITZ_ERR_CONFIG);
  assert_message_contains("config.yaml:");
  assert_message_contains("max_n_modes has 1 axes");
}

static void a_missing_configuration_is_named(void **state) {
  ritz_context *context;
  assert_ok(ritz_context_create(NULL, &context));
  assert_int_equal(ritz_train(context, in_folder("absent.yaml"), NULL), RITZ_ERR_IO);
  assert_message_contains("absent.yaml: No such file");
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(options_are_checked_before_the_data_are_opened),
      cmocka_unit_test(wrong_data_are_named),
      cmocka_unit_test(messages_carry_the_line),
      cmocka_unit_test(checks_of_several_options_carry_a_line),
      cmocka_unit_test(a_missing_configuration_is_named),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
