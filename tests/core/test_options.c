/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/options.h"

#include <math.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "io/yaml.h"
#include "support.h"

typedef struct settings {
  ritz_ints n_modes, padding, skips;
  ritz_index hidden_channels, seed;
  double lr, dropout;
  bool resume;
  int fno_skip;
  char *name, *path;
  ritz_reals scales, levels;
  ritz_texts test;
  const ritz_value *loss;
  int guard; /* described by no option */
} settings;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(settings, n_modes, 1, 1 << 20, NULL, "modes kept per axis"),
    RITZ_OPTION_INTS(settings, padding, 0, 100, "null", "points added per axis"),
    RITZ_OPTION_INT(settings, hidden_channels, 1, 1 << 20, "64", "width of every block"),
    RITZ_OPTION_INT(settings, seed, -9.3e18, 9.3e18, "0", "of all random numbers"),
    RITZ_OPTION_REAL(settings, lr, 0, INFINITY, "1e-3", "learning rate"),
    RITZ_OPTION_REAL(settings, dropout, 0, 1, ".5", "share of channels dropped"),
    RITZ_OPTION_BOOL(settings, resume, "false", "go on from a checkpoint"),
    RITZ_OPTION_CHOICE(settings, fno_skip, "linear|identity|soft-gating|null", "linear",
                       "skip path"),
    RITZ_OPTION_TEXT(settings, name, "'12'", "of the run"),
    RITZ_OPTION_TEXT(settings, path, "null", "where to write"),
    RITZ_OPTION_REALS(settings, scales, -1e300, 1e300, "[1, 0.5]", "of each level"),
    RITZ_OPTION_INT_ROWS(settings, skips, 0, 100, "null", "pairs of layers"),
    RITZ_OPTION_REAL_ROWS(settings, levels, 0, 100, "[1, 2]", "scales of each level"),
    RITZ_OPTION_TEXTS(settings, test, "[]", "files to test on"),
    RITZ_OPTION_VALUE(settings, loss, "null", "read by the loss"),
    RITZ_OPTION_END,
};

static ritz_status read_text(const char *text, ritz_value **tree, settings *fields) {
  assert_ok(ritz_yaml_read_text(text, "config.yaml", tree));
  memset(fields, 0xa5, sizeof *fields);
  fields->guard = 42;
  const ritz_status status = ritz_options_read(options, "operator fno", *tree, fields);
  assert_int_equal(fields->guard, 42);
  return status;
}

static void assert_refused(const char *text, const char *message) {
  ritz_value *tree;
  settings fields;
  const ritz_status status = read_text(text, &tree, &fields);
  if (status == RITZ_OK) fail_msg("accepted: %s", text);
  assert_int_equal(status, RITZ_ERR_CONFIG);
  assert_string_equal(ritz_error_message(), message);
  assert_null(fields.name);
  assert_int_equal(fields.test.count, 0);
  ritz_value_destroy(&tree);
}

static void defaults_fill_what_is_not_given(void **state) {
  ritz_value *tree;
  settings s;
  assert_ok(read_text("n_modes: [12, 7]", &tree, &s));
  assert_int_equal(s.n_modes.count, 2);
  assert_true(s.n_modes.is_list);
  assert_int_equal(s.n_modes.n[1], 7);
  assert_int_equal(s.padding.count, 0);
  assert_int_equal(s.hidden_channels, 64);
  assert_true(s.lr == 1e-3 && s.dropout == 0.5);
  assert_false(s.resume);
  assert_int_equal(s.fno_skip, 0);
  assert_string_equal(s.name, "12");
  assert_null(s.path);
  assert_int_equal(s.scales.count, 2);
  assert_true(s.scales.v[1] == 0.5);
  assert_int_equal(s.test.count, 0);
  assert_null(s.loss);
  ritz_options_clear(options, &s);
  assert_null(s.name);
  ritz_options_clear(options, &s);
  ritz_options_clear(options, NULL);
  ritz_value_destroy(&tree);
}

static void given_values_arrive(void **state) {
  ritz_value *tree;
  settings s;
  assert_ok(
      read_text("n_modes: 16\npadding: [1, 2]\nhidden_channels: 1e3\n"
                "seed: -9223372036854775808\nlr: 2\ndropout: 0\nresume: true\n"
                "fno_skip: null\nname: run 1, second\npath: \"null\"\nscales: -1.\n"
                "test: a.h5, b.h5\nloss: {type: h1}\n",
                &tree, &s));
  assert_int_equal(s.n_modes.count, 1);
  assert_false(s.n_modes.is_list);
  assert_int_equal(s.n_modes.n[0], 16);
  assert_int_equal(s.padding.n[1], 2);
  assert_int_equal(s.hidden_channels, 1000);
  assert_true(s.seed == PTRDIFF_MIN);
  assert_true(s.lr == 2 && s.dropout == 0 && s.resume);
  assert_int_equal(s.fno_skip, 3);
  assert_string_equal(s.name, "run 1, second");
  assert_string_equal(s.path, "null");
  assert_true(s.scales.count == 1 && s.scales.v[0] == -1 && !s.scales.is_list);
  assert_true(s.test.count == 2 && s.test.is_list);
  assert_string_equal(s.test.text[1], "b.h5");
  assert_ptr_equal(s.loss, ritz_value_get(tree, "loss"));
  ritz_options_clear(options, &s);
  ritz_value_destroy(&tree);
}

static void quoted_commas_do_not_cut(void **state) {
  ritz_value *tree;
  settings s;
  assert_ok(read_text("n_modes: 8,8\ntest: 'a,b.h5'\n", &tree, &s));
  assert_int_equal(s.n_modes.count, 2);
  assert_int_equal(s.test.count, 1);
  assert_string_equal(s.test.text[0], "a,b.h5");
  ritz_options_clear(options, &s);
  ritz_value_destroy(&tree);
}

static void assignments_reach_the_options(void **state) {
  ritz_value *tree;
  settings s;
  assert_ok(ritz_yaml_read_text("operator: {n_modes: 3}", "config.yaml", &tree));
  assert_ok(ritz_yaml_set(tree, "operator.test=a.h5,b.h5"));
  assert_ok(ritz_options_read(options, "operator fno", ritz_value_get(tree, "operator"), &s));
  assert_int_equal(s.test.count, 2);
  ritz_options_clear(options, &s);
  assert_ok(ritz_yaml_set(tree, "operator.seed=many"));
  assert_int_equal(ritz_options_read(options, "operator fno", ritz_value_get(tree, "operator"), &s),
                   RITZ_ERR_CONFIG);
  assert_string_equal(ritz_error_message(), "--set: seed wants a whole number, found 'many'");
  ritz_value_destroy(&tree);
}

static void mistakes_are_told_with_place_and_remedy(void **state) {
  assert_refused("n_modes: 1\nhiden_channels: 3",
                 "config.yaml:2: unknown key 'hiden_channels' in operator fno; did you mean "
                 "'hidden_channels'?");
  assert_refused("n_modes: 1\nx: 3",
                 "config.yaml:2: unknown key 'x' in operator fno; known: n_modes, padding, "
                 "hidden_channels, seed, lr, dropout, resume, fno_skip, name, path, scales, "
                 "skips, levels, test, loss");
  assert_refused(
      "seed: 3",
      "config.yaml:1: an option of operator fno is missing: n_modes (modes kept per axis)");
  assert_refused("n_modes: abc", "config.yaml:1: n_modes wants whole numbers >= 1, found 'abc'");
  assert_refused("n_modes: [4,\n 0]", "config.yaml:2: n_modes wants whole numbers >= 1, found '0'");
  assert_refused("n_modes: [[4]]", "config.yaml:1: n_modes wants whole numbers >= 1, found a list");
  assert_refused("n_modes: []",
                 "config.yaml:1: n_modes wants whole numbers >= 1, found an empty list");
  assert_refused("n_modes: null", "config.yaml:1: n_modes wants whole numbers >= 1, found null");
  assert_refused("n_modes: {a: 1}", "config.yaml:1: n_modes wants whole numbers >= 1, found a map");
  assert_refused("n_modes: 1.5", "config.yaml:1: n_modes wants whole numbers >= 1, found '1.5'");
  assert_refused("n_modes: 1e400",
                 "config.yaml:1: n_modes wants whole numbers >= 1, found '1e400'");
  assert_refused("n_modes: '4'", "config.yaml:1: n_modes wants whole numbers >= 1, found \"4\"");
  assert_refused("n_modes: 1048577",
                 "config.yaml:1: n_modes wants whole numbers from 1 to 1048576, found '1048577'");
  assert_refused("n_modes: 1\npadding: -1",
                 "config.yaml:2: padding wants whole numbers from 0 to 100, found '-1'");
  assert_refused("n_modes: 1\nseed: 9223372036854775808",
                 "config.yaml:2: seed wants a whole number, found '9223372036854775808'");
  assert_refused("n_modes: 1\nlr: .nan",
                 "config.yaml:2: lr wants a finite number >= 0, found '.nan'");
  assert_refused("n_modes: 1\nlr: 1e400",
                 "config.yaml:2: lr wants a finite number >= 0, found '1e400'");
  assert_refused("n_modes: 1\ndropout: 1.5",
                 "config.yaml:2: dropout wants a finite number from 0 to 1, found '1.5'");
  assert_refused("n_modes: 1\nresume: yes",
                 "config.yaml:2: resume wants true or false, found 'yes'");
  assert_refused("n_modes: 1\nresume: 'true'",
                 "config.yaml:2: resume wants true or false, found \"true\"");
  assert_refused("n_modes: 1\nfno_skip: liner",
                 "config.yaml:2: fno_skip wants one of linear, identity, soft-gating, null, found "
                 "'liner'; did you mean 'linear'?");
  assert_refused(
      "n_modes: 1\nfno_skip: [linear]",
      "config.yaml:2: fno_skip wants one of linear, identity, soft-gating, null, found a "
      "list");
  assert_refused("n_modes: 1\nname: [a]", "config.yaml:2: name wants a text, found a list");
  assert_refused("n_modes: 1\nname:", "config.yaml:2: name wants a text, found null");
  assert_refused("n_modes: 1\ntest: [a, [b]]", "config.yaml:2: test wants texts, found a list");
  assert_refused("n_modes: 1\ntest: a,,b", "config.yaml:2: test wants texts, found null");
  assert_refused("[1]", "config.yaml:1: operator fno wants a map of options, found a list");
}

static void lists_are_bounded(void **state) {
  char text[512] = "n_modes: [1";
  for (int i = 0; i < RITZ_OPTION_LIST; i++) strcat(text, ",1");
  strcat(text, "]");
  assert_refused(text, "config.yaml:1: n_modes takes at most 64 items, found 65");
}

static void rows_are_lists_of_lists_or_maps(void **state) {
  ritz_value *tree, *written;
  settings s;
  char *json;
  assert_ok(read_text("n_modes: 1\nskips: {\"4\": 0, '3': 1}\nlevels: [[1, .5], [2, 3], [4, 5]]",
                      &tree, &s));
  assert_true(s.skips.count == 4 && s.skips.columns == 2 && s.skips.is_list);
  assert_true(s.skips.n[0] == 4 && s.skips.n[1] == 0 && s.skips.n[2] == 3 && s.skips.n[3] == 1);
  assert_true(s.levels.count == 6 && s.levels.columns == 2 && s.levels.v[1] == 0.5);
  assert_ok(ritz_options_write(options, &s, &written));
  assert_ok(ritz_value_to_json(written, &json));
  assert_non_null(strstr(json, "\"skips\": [[4, 0], [3, 1]]"));
  assert_non_null(strstr(json, "\"levels\": [[1, 0.5], [2, 3], [4, 5]]"));
  ritz_free(json);
  ritz_value_destroy(&written);
  ritz_options_clear(options, &s);
  ritz_value_destroy(&tree);

  assert_ok(read_text("n_modes: 1\nskips: []\nlevels: 3", &tree, &s));
  assert_true(s.skips.count == 0 && s.skips.is_list);
  assert_true(s.levels.count == 1 && s.levels.columns == 0);
  ritz_options_clear(options, &s);
  ritz_value_destroy(&tree);

  assert_refused("n_modes: 1\nskips: [[1, 2],\n  [3]]",
                 "config.yaml:3: skips wants lists of one length");
  assert_refused("n_modes: 1\nskips: [[1, 2], 3]",
                 "config.yaml:2: skips wants lists of one length");
  assert_refused("n_modes: 1\nskips: [[]]", "config.yaml:2: skips wants lists of one length");
  assert_refused("n_modes: 1\nskips: {a: 1}",
                 "config.yaml:2: skips wants whole numbers from 0 to 100, found 'a'");
  assert_refused("n_modes: 1\nlevels: [[1, [2]]]",
                 "config.yaml:2: levels wants finite numbers from 0 to 100, found a list");
}

static void no_map_means_all_defaults(void **state) {
  settings s;
  assert_ok(ritz_options_read(options + 1, "x", NULL, &s));
  assert_int_equal(s.hidden_channels, 64);
  ritz_options_clear(options + 1, &s);
  assert_int_equal(ritz_options_read(options, "operator fno", NULL, &s), RITZ_ERR_CONFIG);
  assert_string_equal(ritz_error_message(),
                      "an option of operator fno is missing: n_modes (modes kept per axis)");
}

static void what_is_written_reads_back(void **state) {
  ritz_value *tree, *written, *again;
  settings s, t;
  assert_ok(
      read_text("n_modes: [16]\nlr: 0.1\nfno_skip: null\nname: '1,2'\ntest: [a, 'b,c', '7']\n"
                "scales: [0.1, 1e-20]\nloss: {type: h1}\n",
                &tree, &s));
  assert_ok(ritz_options_write(options, &s, &written));
  char *json, *yaml;
  assert_ok(ritz_value_to_json(written, &json));
  assert_string_equal(json,
                      "{\"n_modes\": [16], \"padding\": null, \"hidden_channels\": 64, "
                      "\"seed\": 0, \"lr\": 0.1, \"dropout\": 0.5, \"resume\": false, "
                      "\"fno_skip\": null, \"name\": \"1,2\", \"path\": null, "
                      "\"scales\": [0.1, 1e-20], \"skips\": null, \"levels\": [1, 2], \"test\": "
                      "[\"a\", \"b,c\", \"7\"], "
                      "\"loss\": {\"type\": \"h1\"}}");
  assert_ok(ritz_value_to_yaml(written, &yaml));
  const char *const texts[] = {json, yaml};
  for (int i = 0; i < 2; i++) {
    char *json_again;
    ritz_value *written_again;
    assert_ok(ritz_yaml_read_text(texts[i], "again", &again));
    assert_ok(ritz_options_read(options, "operator fno", again, &t));
    assert_memory_equal(&s.n_modes, &t.n_modes, sizeof s.n_modes);
    assert_ok(ritz_options_write(options, &t, &written_again));
    assert_ok(ritz_value_to_json(written_again, &json_again));
    assert_string_equal(json, json_again);
    ritz_free(json_again);
    ritz_value_destroy(&written_again);
    ritz_options_clear(options, &t);
    ritz_value_destroy(&again);
  }
  s.lr = NAN;
  assert_int_equal(ritz_options_write(options, &s, &again), RITZ_ERR_NUMERIC);
  assert_null(again);
  s.lr = 1, s.fno_skip = 4;
  assert_int_equal(ritz_options_write(options, &s, &again), RITZ_ERR_ARGUMENT);
  ritz_free(json);
  ritz_free(yaml);
  ritz_options_clear(options, &s);
  ritz_value_destroy(&written);
  ritz_value_destroy(&tree);
}

static void help_is_a_table(void **state) {
  char *text;
  assert_ok(ritz_options_help(options + 6, &text));
  assert_string_equal(text,
                      "resume    false     go on from a checkpoint\n"
                      "fno_skip  linear    skip path (linear|identity|soft-gating|null)\n"
                      "name      '12'      of the run\n"
                      "path      null      where to write\n"
                      "scales    [1, 0.5]  of each level\n"
                      "skips     null      pairs of layers\n"
                      "levels    [1, 2]    scales of each level\n"
                      "test      []        files to test on\n"
                      "loss      null      read by the loss\n");
  ritz_free(text);
  assert_ok(ritz_options_help(options, &text));
  assert_memory_equal(text, "n_modes          (required)  modes kept per axis\n", 49);
  ritz_free(text);
}

static void bad_tables_are_told(void **state) {
  static const ritz_option bad[] = {
      RITZ_OPTION_INT(settings, seed, 1, 9, "10", "beyond its own range"), RITZ_OPTION_END};
  settings s;
  assert_int_equal(ritz_options_read(bad, "x", NULL, &s), RITZ_ERR_CONFIG);
  assert_string_equal(ritz_error_message(),
                      "<default>: seed wants a whole number from 1 to 9, found '10'");
}

static void every_failing_allocation_is_survived(void **state) {
  ritz_value *tree, *written;
  assert_ok(ritz_yaml_read_text("n_modes: 8,8\ntest: a,b,c\npath: x\n", "c", &tree));
  settings s;
  long k = 0;
  while (memory_fails(k, ritz_options_read(options, "x", tree, &s))) {
    assert_null(s.name);
    assert_int_equal(s.test.count, 0);
    k++;
  }
  assert_true(k > 20);
  k = 0;
  while (creation_fails(k, written, ritz_options_write(options, &s, &written))) k++;
  assert_true(k > 20);
  char *text;
  k = 0;
  while (creation_fails(k, text, ritz_options_help(options, &text))) k++;
  ritz_free(text);
  ritz_value_destroy(&written);
  ritz_options_clear(options, &s);
  ritz_value_destroy(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_fill_what_is_not_given),
      cmocka_unit_test(given_values_arrive),
      cmocka_unit_test(quoted_commas_do_not_cut),
      cmocka_unit_test(assignments_reach_the_options),
      cmocka_unit_test(mistakes_are_told_with_place_and_remedy),
      cmocka_unit_test(lists_are_bounded),
      cmocka_unit_test(rows_are_lists_of_lists_or_maps),
      cmocka_unit_test(no_map_means_all_defaults),
      cmocka_unit_test(what_is_written_reads_back),
      cmocka_unit_test(help_is_a_table),
      cmocka_unit_test(bad_tables_are_told),
      cmocka_unit_test(every_failing_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
