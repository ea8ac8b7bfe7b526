/* SPDX-License-Identifier: BSD-3-Clause
 * Reading YAML and JSON: trees, mistakes with their places, limits; assignments on a tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "files.h"
#include "yaml_text.h"

static void assert_refused(const char *text, const char *message) {
  ritz_value *tree = (ritz_value *)1;
  const ritz_status status = ritz_yaml_read_text(text, "config.yaml", &tree);
  if (status == RITZ_OK) fail_msg("accepted: %s", text);
  assert_int_equal(status, RITZ_ERR_CONFIG);
  assert_null(tree);
  assert_message_contains(message);
  assert_null(strchr(ritz_error_message(), '\n'));
}

static void tree_has_kinds_texts_and_lines(void **state) {
  ritz_value *tree = parse(config);
  const ritz_value *op = ritz_value_get(tree, "operator");
  assert_int_equal(op->line, 2);
  assert_int_equal(ritz_value_get(op, "fno_skip")->kind, RITZ_VALUE_NULL);
  assert_int_equal(ritz_value_get(op, "fno_skip")->line, 5);
  assert_true(ritz_value_get(op, "name")->quoted);
  assert_string_equal(ritz_value_get(op, "n_modes")->item[1]->text, "12");
  assert_string_equal(op->file, "config.yaml");
  const ritz_value *data = ritz_value_get(tree, "data");
  assert_string_equal(ritz_value_get(data, "test")->item[1]->text, "b c.h5");
  assert_int_equal(ritz_value_get(data, "train")->item[1]->line, 10);
  assert_string_equal(ritz_value_get(data, "note")->text, "two\nlines\n");
  const ritz_value *train = ritz_value_get(tree, "train");
  assert_int_equal(ritz_value_get(train, "empty")->kind, RITZ_VALUE_NULL);
  assert_int_equal(ritz_value_get(train, "map")->kind, RITZ_VALUE_MAP);
  ritz_value_destroy(&tree);
}

static void json_reads_as_yaml(void **state) {
  ritz_value *tree = parse(
      "{\n\t\"a\": [1, 2.5e-3, -4],\n\t\"b\":{\"c\":\"x\\u00e9\\ud83d\\ude00\\n\"}, \"d\": "
      "null\n}");
  assert_string_equal(ritz_value_get(ritz_value_get(tree, "b"), "c")->text,
                      "x\xc3\xa9\xf0\x9f\x98\x80\n");
  char *json;
  assert_ok(ritz_value_to_json(tree, &json));
  assert_string_equal(
      json,
      "{\"a\": [1, 2.5e-3, -4], \"b\": {\"c\": \"x\xc3\xa9\xf0\x9f\x98\x80\\n\"}, \"d\": null}");
  ritz_free(json);
  ritz_value_destroy(&tree);
}

static void empty_text_is_an_empty_map(void **state) {
  static const char *const empty[] = {"",      "\n",           "# only a remark\n",
                                      "---\n", "\xef\xbb\xbf", "null"};
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
    ritz_value *tree = parse(empty[i]);
    assert_int_equal(tree->kind, RITZ_VALUE_MAP);
    assert_int_equal(tree->count, 0);
    ritz_value_destroy(&tree);
  }
  ritz_value *tree = parse(
      "\xef\xbb\xbf"
      "a: 1\r\nb: 2\r\n");
  assert_string_equal(ritz_value_get(tree, "a")->text, "1");
  assert_int_equal(ritz_value_get(tree, "b")->line, 2);
  ritz_value_destroy(&tree);
}

static void mistakes_come_with_file_line_and_column(void **state) {
  assert_refused("a: 1\nb: [1, 2\nc: 3\n", "config.yaml:");
  assert_refused("a: 1\nb: \"x\n", "config.yaml:2:5: invalid YAML: ");
  assert_refused("a: 1\n\tb: 2\n", "config.yaml:1:4: invalid YAML");
  assert_refused("a: 1\n  b: 2\n", "config.yaml:1:4: invalid YAML");
  assert_refused("a: @x\n", "config.yaml:1:4: invalid YAML");
  assert_refused("a: 1\nb: 2\na: 3\n",
                 "config.yaml:3: key 'a' is there twice; first at config.yaml:1");
  assert_refused("a: 1\n---\nb: 2\n", "config.yaml:2:1: a second document");
  assert_refused("a: 1\n12: 2\n", "config.yaml:2:1: key 12 is not text; write it in quotes");
  assert_refused("true: 2\n", "key true is not text");
  assert_refused("~: 2\n", "key ~ is not text");
  assert_refused(": 2\n", "a key is missing");
  assert_refused("? [a, b]\n: 2\n", "a key must be plain text");
  assert_refused("a: !!str 2\n", "config.yaml:1:10: tags");
  assert_refused("a: &x {b: 1}\nc:\n  <<: *x\n", "config.yaml:3:3: merge keys");
  assert_refused("a: *x\n", "config.yaml:1:5: nothing complete before *x");
  assert_refused("a: &x [1, *x]\n", "nothing complete before *x");
  assert_refused("a: \"x\\0y\"\n", "NUL");
  assert_refused("{\"a\": \"\\ud83d\"}", "config.yaml:1:");
  assert_refused("a: 1\nb: \xff\n", "config.yaml:2:4: the text is not UTF-8");
}

static void limits_hold(void **state) {
  enum { deep = 100000 };
  char *text = malloc(deep + 1);
  memset(text, '[', deep);
  text[deep] = '\0';
  assert_refused(text, "config.yaml:1:");
  char *at = text;
  for (int i = 0; i < 200; i++) at += sprintf(at, "%*sk:\n", i, "");
  assert_refused(text, "config.yaml:");
  memset(text, 'k', 200);
  strcpy(text + 200, ": 1\n");
  assert_refused(text, "config.yaml:1:1: a key is longer than 128 bytes");
  for (int depth = 60; depth <= 70; depth++) {
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    text[2 * depth] = '\0';
    ritz_value *tree;
    const ritz_status status = ritz_yaml_read_text(text, "<text>", &tree);
    assert_int_equal(status, depth <= 64 ? RITZ_OK : RITZ_ERR_CONFIG);
    ritz_value_destroy(&tree);
  }
  free(text);
  /* 10^9 copies of one value, if they were made */
  assert_refused(
      "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
      "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
      "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
      "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]\n",
      "more than 262144 values");
}

static void alias_means_the_latest_value_of_its_name(void **state) {
  ritz_value *tree = parse("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
  assert_string_equal(ritz_value_get(tree, "b")->text, "1");
  assert_string_equal(ritz_value_get(tree, "d")->text, "2");
  ritz_value_destroy(&tree);
}

static void files_that_cannot_be_read_say_why(void **state) {
  ritz_value *tree;
  assert_int_equal(ritz_yaml_read_file("/nowhere/config.yaml", &tree), RITZ_ERR_IO);
  assert_null(tree);
  assert_message_contains("cannot read /nowhere/config.yaml: No such file or directory");
  assert_int_equal(ritz_yaml_read_file("/tmp", &tree), RITZ_ERR_IO);
  assert_message_contains("cannot read /tmp: Is a directory");
  assert_int_equal(ritz_yaml_read_file("/dev/zero", &tree), RITZ_ERR_CONFIG);
  assert_message_contains("larger than 16 MiB");
}

static void file_reads_like_text(void **state) {
  const char *path = in_folder("config.yaml");
  file_write_text(path, config);
  ritz_value *from_file, *from_text = parse(config);
  assert_ok(ritz_yaml_read_file(path, &from_file));
  assert_same(from_text, from_file);
  assert_string_equal(from_file->item[0]->file, path);
  ritz_value_destroy(&from_file);
  ritz_value_destroy(&from_text);
}

static void assignments_set_values_and_create_maps(void **state) {
  ritz_value *tree = parse(config);
  assert_ok(ritz_yaml_set(tree, "train.epochs=3"));
  assert_ok(ritz_yaml_set(tree, "operator.n_modes=[8, 8]"));
  assert_ok(ritz_yaml_set(tree, "data.test=a.h5,b.h5"));
  assert_ok(ritz_yaml_set(tree, "output.plots.colours=a=b"));
  assert_ok(ritz_yaml_set(tree, "train.empty.inner=1"));
  assert_ok(ritz_yaml_set(tree, "train.resume="));
  const ritz_value *train = ritz_value_get(tree, "train");
  assert_string_equal(ritz_value_get(train, "epochs")->text, "3");
  assert_string_equal(ritz_value_get(train, "epochs")->file, "--set");
  assert_int_equal(ritz_value_get(train, "epochs")->line, 0);
  assert_int_equal(ritz_value_get(train, "resume")->kind, RITZ_VALUE_NULL);
  assert_string_equal(ritz_value_get(ritz_value_get(train, "empty"), "inner")->text, "1");
  assert_int_equal(ritz_value_get(ritz_value_get(tree, "operator"), "n_modes")->count, 2);
  assert_string_equal(ritz_value_get(ritz_value_get(tree, "data"), "test")->text, "a.h5,b.h5");
  const ritz_value *plots = ritz_value_get(ritz_value_get(tree, "output"), "plots");
  assert_string_equal(ritz_value_get(plots, "colours")->text, "a=b");
  ritz_value_destroy(&tree);
}

static void bad_assignments_change_nothing(void **state) {
  static const char *const bad[][2] = {
      {"train.epochs", "--set: 'train.epochs' is not of the form key.path=value"},
      {"=3", "is not of the form"},
      {"train..epochs=3", "is not a path"},
      {".=3", "is not a path"},
      {"train.epochs=[3", "--set train.epochs: invalid YAML"},
      {"train.epochs.x=3", "train.epochs is '5', which can only be set as a whole"},
      {"operator.n_modes.0=3", "operator.n_modes is a list, which can only be set as a whole"},
      {"a={b: 1, b: 2}", "key 'b' is there twice"},
  };
  ritz_value *tree = parse(config), *before = parse(config);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(ritz_yaml_set(tree, bad[i][0]), RITZ_ERR_CONFIG);
    assert_message_contains(bad[i][1]);
    assert_same(before, tree);
  }
  ritz_value_destroy(&tree);
  ritz_value_destroy(&before);
}

static void every_failing_allocation_is_survived(void **state) {
  const char *path = in_folder("config.yaml");
  file_write_text(path, config);
  ritz_value *tree;
  long k = 0;
  while (creation_fails(k, tree, ritz_yaml_read_file(path, &tree))) k++;
  assert_true(k > 20);
  ritz_value *before = parse(config);
  k = 0;
  while (memory_fails(k, ritz_yaml_set(tree, "a.b.c=[1, {x: y}, text]"))) {
    assert_same(before, tree);
    k++;
  }
  assert_true(k > 5);
  ritz_value_destroy(&before);
  ritz_value_destroy(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tree_has_kinds_texts_and_lines),
      cmocka_unit_test(json_reads_as_yaml),
      cmocka_unit_test(empty_text_is_an_empty_map),
      cmocka_unit_test(mistakes_come_with_file_line_and_column),
      cmocka_unit_test(limits_hold),
      cmocka_unit_test(alias_means_the_latest_value_of_its_name),
      cmocka_unit_test(files_that_cannot_be_read_say_why),
      cmocka_unit_test(file_reads_like_text),
      cmocka_unit_test(assignments_set_values_and_create_maps),
      cmocka_unit_test(bad_assignments_change_nothing),
      cmocka_unit_test(every_failing_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
