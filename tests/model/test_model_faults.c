/* SPDX-License-Identifier: BSD-3-Clause
 * Damaged, foreign and changed model files are refused with a sentence. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "model/seal.h"
#include "saved_model.h"

/* A copy of a saved model to change. */
static const char *fresh_copy(const char *from) {
  const char *to = in_folder("changed.h5");
  file_copy(from, to);
  return to;
}

/* Puts a value into the middle of a stored weight. */
static void set_weight(const char *path, const char *name, double value) {
  hid_t file, dataset;
  ritz_h5_info info;
  assert_ok(ritz_h5_open_writable(path, &file));
  assert_ok(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &dataset));
  assert_ok(ritz_h5_describe(dataset, &info));
  ritz_index count[RITZ_MAX_RANK], start[RITZ_MAX_RANK];
  for (int a = 0; a < info.rank; a++) count[a] = 1, start[a] = info.n[a] / 2;
  const double pair[2] = {value, value};
  assert_ok(ritz_h5_write(
      dataset, start, count,
      info.class == RITZ_H5_CLASS_COMPLEX ? RITZ_H5_COMPLEX128 : RITZ_H5_FLOAT64, pair));
  ritz_h5_dataset_close(&dataset);
  assert_ok(ritz_h5_close(&file));
}

static void one_changed_weight_fails_the_golden_check(void **state) {
  const char *whole = saved(RITZ_FLOAT32, 2, "");
  ritz_model *model;
  double error;
  assert_ok(ritz_model_load(context, whole, &model));
  for (int i = 0; i < ritz_params_count(model->params); i++) {
    const char *path = fresh_copy(whole), *name = ritz_params_info(model->params, i)->name;
    char full[160];
    ritz_model *changed;
    snprintf(full, sizeof full, "weights/%s", name);
    set_weight(path, full, 3);
    assert_ok(ritz_model_load(context, path, &changed));
    if (ritz_model_check(changed, &error) != RITZ_ERR_NUMERIC) fail_msg("%s: not noticed", name);
    assert_message_contains("golden output differs");
    assert_true(error > 1e-4);
    ritz_model_destroy(&changed);
  }
  ritz_model_destroy(&model);
}

static void weights_that_are_not_finite_are_named(void **state) {
  const double bad[] = {NAN, INFINITY, -INFINITY};
  const char *whole = saved(RITZ_FLOAT64, 2, "");
  ritz_model *model;
  assert_ok(ritz_model_load(context, whole, &model));
  const char *const last =
      ritz_params_info(model->params, ritz_params_count(model->params) - 1)->name;
  char name[160];
  snprintf(name, sizeof name, "weights/%s", last);
  for (int i = 0; i < 3; i++) {
    const char *path = fresh_copy(whole);
    ritz_model *changed = NULL;
    set_weight(path, name, bad[i]);
    assert_int_equal(ritz_model_load(context, path, &changed), RITZ_ERR_NUMERIC);
    assert_null(changed);
    assert_message_contains(last);
    assert_message_contains("changed.h5");
  }
  ritz_model_destroy(&model);
}

/* A golden pair with NaN would agree with everything. */
static void golden_numbers_that_are_not_finite_are_refused(void **state) {
  const char *whole = saved(RITZ_FLOAT64, 2, ""), *const names[] = {"golden/x", "golden/y"};
  for (int i = 0; i < 2; i++) {
    const char *path = fresh_copy(whole);
    ritz_model *changed = NULL;
    set_weight(path, names[i], NAN);
    assert_int_equal(ritz_model_load(context, path, &changed), RITZ_ERR_NUMERIC);
    assert_null(changed);
    assert_message_contains(names[i]);
  }
}

static void refused(const char *path, ritz_status expected, const char *text) {
  ritz_model *model = NULL;
  const ritz_status status = ritz_model_load(context, path, &model);
  if (status != expected) fail_msg("%s: %d %s", text, status, ritz_error_message());
  assert_null(model);
  assert_message_contains(path);
  assert_message_contains(text);
  assert_null(strchr(ritz_error_message(), '\n'));
}

static void missing_parts_are_named(void **state) {
  static const struct {
    const char *group, *attribute, *text;
    ritz_status status;
  } parts[] = {
      {"weights", NULL, "weights", RITZ_ERR_NOT_FOUND},
      {"data", NULL, "data", RITZ_ERR_NOT_FOUND},
      {"golden/y", NULL, "golden/y", RITZ_ERR_NOT_FOUND},
      {".", "format", "not a Ritz model", RITZ_ERR_FORMAT},
      {".", "format_version", "format_version", RITZ_ERR_NOT_FOUND},
      {".", "operator", "operator", RITZ_ERR_NOT_FOUND},
      {".", "options", "options", RITZ_ERR_NOT_FOUND},
      {".", "dtype", "dtype", RITZ_ERR_NOT_FOUND},
      {"data", "grid", "grid", RITZ_ERR_NOT_FOUND},
      {"data", "periodic", "periodic", RITZ_ERR_NOT_FOUND},
      {"data", "length", "length", RITZ_ERR_NOT_FOUND},
      {"data", "x_channel", "x_channel", RITZ_ERR_NOT_FOUND},
      {"data", "x_mean", "x_mean", RITZ_ERR_NOT_FOUND},
      {"data", "y_std", "y_std", RITZ_ERR_NOT_FOUND},
  };
  const char *whole = saved(RITZ_FLOAT32, 2, "");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const char *path = fresh_copy(whole);
    hid_t file, group;
    assert_ok(ritz_h5_open_writable(path, &file));
    if (!parts[i].attribute) {
      assert_true(H5Ldelete(file, parts[i].group, H5P_DEFAULT) >= 0);
    } else {
      group = H5Oopen(file, parts[i].group, H5P_DEFAULT);
      assert_true(H5Adelete(group, parts[i].attribute) >= 0);
      H5Oclose(group);
    }
    assert_ok(ritz_h5_close(&file));
    refused(path, parts[i].status, parts[i].text);
  }
}

typedef void edit(hid_t file, hid_t data);

static void set_version(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integer(file, "format_version", 2));
}
static void set_format(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "format", "ritz-maps"));
}
static void set_unknown_operator(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "operator", "fnp"));
}
static void set_unknown_option(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "options", "{n_modes: [5, 4], colour: 3}"));
}
static void set_broken_options(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "options", "{n_modes: [5, 4"));
}
static void set_other_width(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(
      file, "options",
      "{n_modes: [5, 4], in_channels: 2, out_channels: 3, hidden_channels: 7, n_layers: 2}"));
}
static void set_other_channels(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "options", "{n_modes: [5, 4], hidden_channels: 6}"));
}
static void set_huge_width(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "options",
                               "{n_modes: [5, 4], in_channels: 2, out_channels: 3, "
                               "hidden_channels: 20000, n_layers: 2}"));
}
static void set_huge_modes(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "options",
                               "{n_modes: [1048576, 1048576], in_channels: 2, out_channels: 3, "
                               "hidden_channels: 1048576}"));
}
static void set_dtype(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_text(file, "dtype", "half"));
}
static void set_negative_grid(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integers(data, "grid", 2, (int64_t[]){9, -12}));
}
static void set_huge_grid(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integers(data, "grid", 2, (int64_t[]){1 << 24, 1 << 24}));
}
static void set_overflowing_grid(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integers(data, "grid", 3, (int64_t[]){1 << 24, 1 << 24, 1 << 24}));
  assert_ok(ritz_h5_write_integers(data, "periodic", 3, (int64_t[]){0, 0, 0}));
  assert_ok(ritz_h5_write_numbers(data, "length", 3, (double[]){1, 1, 1}));
}
static void set_axes(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integers(data, "grid", 1, (int64_t[]){9}));
}
static void set_periodic(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_integers(data, "periodic", 2, (int64_t[]){0, 7}));
}
static void set_length(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_numbers(data, "length", 2, (double[]){1, NAN}));
}
static void set_deviation(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_numbers(data, "x_std", 2, (double[]){1, 0}));
}
static void set_mean(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_numbers(data, "y_mean", 3, (double[]){1, INFINITY, 0}));
}
static void set_count(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_numbers(data, "x_std", 3, (double[]){1, 1, 1}));
}
static void set_names(hid_t file, hid_t data) {
  assert_ok(ritz_h5_write_texts(data, "y_channel", 1, (const char *const[]){"u"}));
}

static void wrong_contents_are_named(void **state) {
  static const struct {
    edit *change;
    const char *text;
    ritz_status status;
  } cases[] = {
      {set_version, "version 2, this library reads 1; use the Ritz that wrote it", RITZ_ERR_FORMAT},
      {set_format, "not a Ritz model", RITZ_ERR_FORMAT},
      {set_unknown_operator, "did you mean 'fno'", RITZ_ERR_NOT_FOUND},
      {set_unknown_option, "colour", RITZ_ERR_CONFIG},
      {set_broken_options, "options", RITZ_ERR_CONFIG},
      {set_other_width, "weights", RITZ_ERR_SHAPE},
      {set_other_channels, "channels", RITZ_ERR_SHAPE},
      {set_huge_width, "weights", RITZ_ERR_SHAPE},
      {set_huge_modes, "weights", RITZ_ERR_SHAPE},
      {set_dtype, "dtype", RITZ_ERR_FORMAT},
      {set_negative_grid, "axis 1 is -12", RITZ_ERR_FORMAT},
      {set_huge_grid, "grid", RITZ_ERR_FORMAT},
      {set_overflowing_grid, "grid", RITZ_ERR_FORMAT},
      {set_axes, "axes", RITZ_ERR_FORMAT},
      {set_periodic, "periodic", RITZ_ERR_FORMAT},
      {set_length, "length", RITZ_ERR_FORMAT},
      {set_deviation, "std 0", RITZ_ERR_FORMAT},
      {set_mean, "mean inf", RITZ_ERR_FORMAT},
      {set_count, "x_std", RITZ_ERR_SHAPE},
      {set_names, "y channel 1", RITZ_ERR_FORMAT},
  };
  const char *whole = saved(RITZ_FLOAT32, 2, "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *path = fresh_copy(whole);
    hid_t file, data;
    assert_ok(ritz_h5_open_writable(path, &file));
    assert_ok(ritz_h5_group(file, "data", false, &data));
    cases[i].change(file, data);
    ritz_h5_group_close(&data);
    assert_ok(ritz_h5_close(&file));
    refused(path, cases[i].status, cases[i].text);
  }
}

static void foreign_files_are_refused(void **state) {
  const char *path = in_folder("foreign.h5");
  hid_t file;
  refused(in_folder("none.h5"), RITZ_ERR_IO, "No such file");
  file_write_text(path, "");
  refused(path, RITZ_ERR_FORMAT, "not an HDF5 file");
  file_write_text(path, "{operator: fno}\n");
  refused(path, RITZ_ERR_FORMAT, "not an HDF5 file");
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(
      ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 1, (ritz_index[]){3}, (double[]){1, 2, 3}));
  assert_ok(ritz_h5_close(&file));
  refused(path, RITZ_ERR_FORMAT, "not a Ritz model");
  refused(in_folder("."), RITZ_ERR_IO, "");
}

static void files_cut_short_are_refused(void **state) {
  const file_bytes whole = file_read(saved(RITZ_FLOAT32, 2, ""));
  const char *path = in_folder("short.h5");
  const size_t step = whole.count / 37;
  for (size_t length = 0; length < whole.count - RITZ_SEAL_BYTES;
       length += length < 16 ? 1 : step) {
    ritz_model *model = NULL;
    file_write(path, length, whole.byte);
    assert_int_equal(ritz_model_load(context, path, &model), RITZ_ERR_FORMAT);
    assert_null(model);
    assert_message_contains(path);
  }
  file_write(path, whole.count - RITZ_SEAL_BYTES - 1, whole.byte);
  refused(path, RITZ_ERR_FORMAT, "cut short");
  free(whole.byte);
}

/* Without its seal a file has lost nothing; everything before is covered by it. */
static void flipped_bits_are_noticed(void **state) {
  const ritz_random random = {.seed = 11, .purpose = RITZ_RANDOM_TEST};
  const file_bytes whole = file_read(saved(RITZ_FLOAT32, 2, ""));
  const char *path = in_folder("flipped.h5");
  const size_t covered = whole.count - RITZ_SEAL_BYTES;
  for (int i = 0; i < 200; i++) {
    const double u = ritz_random_uniform(random, (uint64_t)i);
    const size_t bit = (size_t)(u * 8 * (double)covered);
    ritz_model *model = NULL;
    whole.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
    file_write(path, whole.count, whole.byte);
    whole.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
    const ritz_status status = ritz_model_load(context, path, &model);
    if (status != RITZ_ERR_FORMAT) fail_msg("bit %zu is not noticed", bit);
    assert_null(model);
    assert_message_contains("checksum");
  }
  free(whole.byte);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_that_are_not_finite_are_named),
      cmocka_unit_test(golden_numbers_that_are_not_finite_are_refused),
      cmocka_unit_test(one_changed_weight_fails_the_golden_check),
      cmocka_unit_test(missing_parts_are_named),
      cmocka_unit_test(wrong_contents_are_named),
      cmocka_unit_test(foreign_files_are_refused),
      cmocka_unit_test(files_cut_short_are_refused),
      cmocka_unit_test(flipped_bits_are_noticed),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
