/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/value.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/builder.h"
#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/number.h"
#include "support.h"

static ritz_value *map(void) {
  ritz_value *value;
  assert_ok(ritz_value_create(RITZ_VALUE_MAP, "c.yaml", 1, &value));
  return value;
}

static ritz_value *scalar(const char *text, bool quoted) {
  ritz_value *value;
  assert_ok(ritz_value_create_scalar(text, quoted, "c.yaml", 7, &value));
  return value;
}

/* {a: 1, b: [x, "2", ~]} */
static ritz_value *sample(void) {
  ritz_value *tree = map(), *list;
  assert_ok(ritz_value_create(RITZ_VALUE_LIST, "c.yaml", 2, &list));
  assert_ok(ritz_value_add(list, NULL, scalar("x", false)));
  assert_ok(ritz_value_add(list, NULL, scalar("2", true)));
  assert_ok(ritz_value_add(list, NULL, scalar("~", false)));
  assert_ok(ritz_value_add(tree, "a", scalar("1", false)));
  assert_ok(ritz_value_add(tree, "b", list));
  return tree;
}

static void assert_json(const ritz_value *value, const char *expected) {
  char *text;
  assert_ok(ritz_value_to_json(value, &text));
  assert_string_equal(text, expected);
  ritz_free(text);
}

static void assert_yaml(const ritz_value *value, const char *expected) {
  char *text;
  assert_ok(ritz_value_to_yaml(value, &text));
  assert_string_equal(text, expected);
  ritz_free(text);
}

static void trees_are_written_as_json_and_yaml(void **state) {
  ritz_value *tree = sample();
  assert_json(tree, "{\"a\": 1, \"b\": [\"x\", \"2\", null]}");
  assert_yaml(tree, "a: 1\nb: [x, \"2\", null]\n");
  assert_ok(ritz_value_set(tree, "c.d", map()));
  assert_ok(ritz_value_set(tree, "c.e", sample()));
  assert_yaml(tree,
              "a: 1\nb: [x, \"2\", null]\nc:\n  d: {}\n  e:\n    a: 1\n    b: [x, \"2\", null]\n");
  ritz_value_destroy(&tree);
}

static void json_numbers_are_valid_json(void **state) {
  static const char *const cases[][2] = {
      {"3", "3"},
      {"-3", "-3"},
      {"+3", "3"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1.", "1"},
      {"1.e-3", "1e-3"},
      {"1E+05", "1E+05"},
      {"010", "\"010\""},
      {"0x1f", "\"0x1f\""},
      {".inf", "\".inf\""},
      {"1_000", "\"1_000\""},
      {"1e", "\"1e\""},
      {".", "\".\""},
      {"true", "true"},
      {"True", "\"True\""},
      {"-", "\"-\""},
      {"NULL", "null"},
      {"a\"b", "\"a\\\"b\""},
      {"\x01", "\"\\u0001\""},
      {"\xff", "\"\xef\xbf\xbd\""},
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ritz_value *value = scalar(cases[i][0], false);
    assert_json(value, cases[i][1]);
    ritz_value_destroy(&value);
  }
}

static void clone_is_equal_and_separate(void **state) {
  ritz_value *tree = sample(), *copy;
  assert_ok(ritz_value_clone(tree, &copy));
  assert_ok(ritz_value_set(tree, "a", scalar("9", false)));
  assert_json(copy, "{\"a\": 1, \"b\": [\"x\", \"2\", null]}");
  assert_int_equal(copy->item[1]->line, 2);
  ritz_value_destroy(&tree);
  ritz_value_destroy(&copy);
  assert_null(copy);
  ritz_value_destroy(&copy);
  ritz_value_destroy(NULL);
}

static void children_must_fit_their_parent(void **state) {
  ritz_value *tree = sample();
  assert_int_equal(ritz_value_add(tree, NULL, scalar("1", false)), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_value_add(tree->item[1], "k", scalar("1", false)), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_value_add(tree->item[0], "k", scalar("1", false)), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_value_add(tree, "a", scalar("1", false)), RITZ_ERR_CONFIG);
  assert_message_contains("c.yaml:7: key 'a' is there twice; first at c.yaml:7");
  assert_int_equal(tree->count, 2);
  ritz_value_destroy(&tree);
}

static void look_up_is_safe_everywhere(void **state) {
  ritz_value *tree = sample();
  assert_null(ritz_value_get(NULL, "a"));
  assert_null(ritz_value_get(tree, "c"));
  assert_null(ritz_value_get(tree, ""));
  assert_null(ritz_value_get(ritz_value_get(tree, "a"), "a"));
  assert_null(ritz_value_get(ritz_value_get(tree, "b"), "x"));
  ritz_value_destroy(&tree);
}

static void a_list_takes_many_items(void **state) {
  ritz_value *list;
  assert_ok(ritz_value_create(RITZ_VALUE_LIST, NULL, 0, &list));
  for (int i = 0; i < 1000; i++)
    assert_ok(ritz_value_add(list, NULL, scalar(i % 2 ? "1" : "0", false)));
  for (int i = 0; i < 1000; i++) assert_string_equal(list->item[i]->text, i % 2 ? "1" : "0");
  ritz_value_destroy(&list);
}

static void setting_through_a_scalar_is_refused(void **state) {
  ritz_value *tree = sample();
  assert_int_equal(ritz_value_set(tree, "a.b", scalar("1", false)), RITZ_ERR_CONFIG);
  assert_message_contains("a.b cannot be set: a is '1', which can only be set as a whole");
  assert_int_equal(ritz_value_set(tree->item[1], "b", scalar("1", false)), RITZ_ERR_CONFIG);
  assert_message_contains("b cannot be set: the configuration is a list");
  assert_json(tree, "{\"a\": 1, \"b\": [\"x\", \"2\", null]}");
  ritz_value_destroy(&tree);
}

/* Clone, set and both writers with the k-th allocation failing, for all k. */
static ritz_status use_everything(const ritz_value *tree, ritz_value **copy, char **json,
                                  char **yaml) {
  RITZ_TRY(ritz_value_clone(tree, copy));
  ritz_value *child;
  RITZ_TRY(ritz_value_create_scalar("v", false, NULL, 0, &child));
  RITZ_TRY(ritz_value_set(*copy, "p.q.r", child));
  RITZ_TRY(ritz_value_to_json(*copy, json));
  return ritz_value_to_yaml(*copy, yaml);
}

static void every_failing_allocation_is_survived(void **state) {
  ritz_value *tree = sample();
  long k = 0;
  for (bool failed = true; failed; k++) {
    ritz_value *copy = NULL;
    char *json = NULL, *yaml = NULL;
    failed = memory_fails(k, use_everything(tree, &copy, &json, &yaml));
    assert_int_equal(failed, yaml == NULL);
    if (!failed) assert_string_equal(yaml, "a: 1\nb: [x, \"2\", null]\np:\n  q:\n    r: v\n");
    ritz_value_destroy(&copy);
    ritz_free(json);
    ritz_free(yaml);
  }
  assert_true(k > 15);
  ritz_value_destroy(&tree);
}

static void whole_numbers_are_exact(void **state) {
  static const struct {
    const char *text;
    ritz_index value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"+7", 7},
              {"1e3", 1000},
              {"1.5e1", 15},
              {"2.0", 2},
              {"1200e-2", 12},
              {"0e999999999999", 0},
              {"0.0e-99", 0},
              {"9007199254740993", 9007199254740993},
              {"9223372036854775807", PTRDIFF_MAX},
              {"-9223372036854775808", PTRDIFF_MIN},
              {"9.223372036854775807e18", PTRDIFF_MAX}};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    ritz_index n = -1;
    if (!ritz_text_to_index(good[i].text, &n)) fail_msg("refused %s", good[i].text);
    assert_int_equal(n, good[i].value);
  }
  static const char *const bad[] = {"",
                                    "-",
                                    "+",
                                    ".",
                                    "1.5",
                                    "1e-1",
                                    "1e400",
                                    "1e19",
                                    "e3",
                                    "1e",
                                    "1e+",
                                    "0x10",
                                    "010",
                                    "1 ",
                                    " 1",
                                    "1_0",
                                    "--1",
                                    "+-1",
                                    "nan",
                                    "inf",
                                    "1e99999999999",
                                    "12a",
                                    "1..0",
                                    "1.0.",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "0.1",
                                    "1e-99999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ritz_index n;
    if (ritz_text_to_index(bad[i], &n)) fail_msg("took %s", bad[i]);
  }
}

static void reals_are_finite_and_free_of_locale(void **state) {
  static const char *const bad[] = {"",       "nan", ".nan",  "inf", "-.inf",    "1e400",
                                    "-1e400", "1,5", "0x1p3", "1f",  "infinity", "00.5"};
  double x = 0;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (ritz_text_to_real(bad[i], &x)) fail_msg("took %s", bad[i]);
  setlocale(LC_ALL, "de_DE.UTF-8"); /* stays "C" where it is not installed */
  assert_true(ritz_text_to_real("-1.25e-3", &x));
  assert_true(x == -1.25e-3);
  const double values[] = {0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, -2, 1e20};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    char text[32];
    ritz_real_to_text(values[i], text);
    assert_true(ritz_text_is_number(text));
    assert_true(ritz_text_to_real(text, &x));
    assert_true(x == values[i]);
  }
  char text[32];
  ritz_real_to_text(0.1, text);
  assert_string_equal(text, "0.1");
  setlocale(LC_ALL, "C");
}

static void nearest_name_is_what_was_meant(void **state) {
  static const char *const names[] = {"fno", "tfno", "uno", "mgno", "hidden_channels", "n_modes"};
  enum { count = sizeof names / sizeof *names };
  assert_string_equal(ritz_nearest_name("hiden_channels", names, count), "hidden_channels");
  assert_string_equal(ritz_nearest_name("Hidden_Channels", names, count), "hidden_channels");
  assert_string_equal(ritz_nearest_name("n_mdoes", names, count), "n_modes");
  assert_string_equal(ritz_nearest_name("nfo", names, count), "fno");
  assert_string_equal(ritz_nearest_name("fn", names, count), "fno");
  assert_null(ritz_nearest_name("deeponet", names, count));
  assert_null(ritz_nearest_name("", names, count));
  assert_null(ritz_nearest_name("fno", names, 0));
  char long_name[200];
  memset(long_name, 'f', sizeof long_name);
  long_name[199] = '\0';
  assert_null(ritz_nearest_name(long_name, names, count));
  ritz_fail_unknown(RITZ_ERR_NOT_FOUND, "operator", "fon", "", names, count);
  assert_string_equal(ritz_error_message(), "unknown operator 'fon'; did you mean 'fno'?");
  ritz_fail_unknown(RITZ_ERR_NOT_FOUND, "operator", "transolver", "", names, 3);
  assert_string_equal(ritz_error_message(), "unknown operator 'transolver'; known: fno, tfno, uno");
  const char *many[200];
  for (int i = 0; i < 200; i++) many[i] = "a_name_of_some_length";
  assert_int_equal(ritz_fail_unknown(RITZ_ERR_NOT_FOUND, "case", "x", "", many, 200),
                   RITZ_ERR_NOT_FOUND);
  const char *end = strrchr(ritz_error_message(), ','); /* whole names, and that there are more */
  assert_string_equal(end, ", ...");
  assert_memory_equal(end - 6, "length", 6);
}

static void names_are_found_in_lists(void **state) {
  static const char *const names[] = {"fno", "tfno", "uno"};
  int at;
  for (int i = 0; i < 3; i++) {
    assert_ok(ritz_name_find("operator", names[i], names, 3, &at));
    assert_int_equal(at, i);
  }
  assert_int_equal(ritz_name_find("operator", "FNO", names, 3, &at), RITZ_ERR_NOT_FOUND);
  assert_string_equal(ritz_error_message(), "unknown operator 'FNO'; did you mean 'fno'?");
  assert_int_equal(ritz_name_find("operator", NULL, names, 3, &at), RITZ_ERR_NOT_FOUND);
  assert_string_equal(ritz_error_message(), "unknown operator ''; known: fno, tfno, uno");
}

static void formatted_text_grows_to_any_length(void **state) {
  ritz_builder builder = {0};
  char *text, line[32];
  for (int i = 100; i < 400; i++) ritz_builder_format(&builder, "%d of %s;", i, "many");
  ritz_builder_add(&builder, "!");
  assert_ok(ritz_builder_take(&builder, &text));
  assert_int_equal(strlen(text), 300 * 12 + 1);
  for (int i = 100; i < 400; i++) {
    snprintf(line, sizeof line, "%d of many;", i);
    assert_memory_equal(text + (i - 100) * 12, line, 12);
  }
  ritz_free(text);
  ritz_builder_format(&builder, "%s", "");
  assert_ok(ritz_builder_take(&builder, &text));
  assert_string_equal(text, "");
  ritz_free(text);
  ritz_test_fail_allocation(0);
  ritz_builder_format(&builder, "%d", 1);
  ritz_test_fail_allocation(-1);
  ritz_builder_format(&builder, "%d", 2); /* the failure latches */
  assert_int_equal(ritz_builder_take(&builder, &text), RITZ_ERR_MEMORY);
  assert_null(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trees_are_written_as_json_and_yaml),
      cmocka_unit_test(json_numbers_are_valid_json),
      cmocka_unit_test(clone_is_equal_and_separate),
      cmocka_unit_test(children_must_fit_their_parent),
      cmocka_unit_test(look_up_is_safe_everywhere),
      cmocka_unit_test(a_list_takes_many_items),
      cmocka_unit_test(setting_through_a_scalar_is_refused),
      cmocka_unit_test(every_failing_allocation_is_survived),
      cmocka_unit_test(whole_numbers_are_exact),
      cmocka_unit_test(reals_are_finite_and_free_of_locale),
      cmocka_unit_test(nearest_name_is_what_was_meant),
      cmocka_unit_test(names_are_found_in_lists),
      cmocka_unit_test(formatted_text_grows_to_any_length),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
