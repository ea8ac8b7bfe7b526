/* SPDX-License-Identifier: BSD-3-Clause
 * ritz bench: a copy of the command with benchmarks of our own beside it. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command.h"

/* A shell script: what it answers to --list, and what it does otherwise. */
static void write_program(const char *path, const char *list, const char *body) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fprintf(file,
                      "#!/bin/sh\nif [ \"$1\" = --list ]; then printf '%s\\n'; exit; fi\n%s\n",
                      list, body) > 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(chmod(path, 0755), 0);
}

static int prepare(void **state) {
  return enter_directory(state) != 0 || system("mkdir -p a/bin a/libexec/ritz") ||
                 system("cp " RITZ_TEST_COMMAND " a/bin/ritz")
             ? -1
             : 0;
}

/* Like expect(), for the copy. */
static void expect_copy(int code, const char *out, const char *err, const char *arguments) {
  char line[256], said[2][512] = {"", ""};
  static const char *const name[2] = {".out", ".err"};
  snprintf(line, sizeof line, "a/bin/ritz %s >.out 2>.err", arguments);
  const int status = system(line);
  for (int i = 0; i < 2; i++) {
    FILE *file = fopen(name[i], "r");
    assert_non_null(file);
    said[i][fread(said[i], 1, sizeof said[i] - 1, file)] = 0;
    fclose(file);
  }
  assert_int_equal(status, code << 8); /* as waitpid() packs an exit status */
  assert_string_equal(said[0], out);
  if (err) assert_string_equal(said[1], err);
}

static void without_benchmarks_it_says_where_it_looked(void **state) {
  expect_copy(1, "", NULL, "bench");
}

static void measurements_are_readable_or_json(void **state) {
  write_program("a/bin/ritz-bench-one", "x/one a first",
                "echo '{\"case\": \"x/one\", \"n\": 64, \"ms\": 0.25}'; echo note");
  write_program("a/libexec/ritz/ritz-bench-two", "x/two another\ny/two one more", "echo $*");
  expect_copy(0, "x/one  n 64  ms 0.25\nnote\nx/two y/two\n", "", "bench");
  expect_copy(0, "{\"case\": \"x/one\", \"n\": 64, \"ms\": 0.25}\nnote\n", "",
              "bench x/one --json");
}

static void cases_are_chosen_by_name_pattern_or_group(void **state) {
  expect_copy(0, "y/two\n", "", "bench y/two");
  expect_copy(0, "x/two y/two\n", "", "bench 'y*' '*/two'");
  expect_copy(0, "--threads 2 --seconds 0.5 y/two\n", "", "bench y --threads 2 --seconds 0.5");
  expect_copy(0, "x/one                        a first\nx/two                        another\n", "",
              "bench x --list");
  expect_copy(2, "", "ritz bench: unknown case 'x/tow'; did you mean 'x/two'?\n", "bench y x/tow");
  expect_copy(2, "", "ritz bench: unknown case 'nothing'; known: x/one, x/two, y/two\n",
              "bench nothing");
  expect_copy(2, "", "ritz bench: --seconds takes a number >= 0, not 'soon'\n",
              "bench --seconds soon");
}

static void a_wrong_answer_is_a_failure(void **state) {
  write_program("a/bin/ritz-bench-bad", "bad", "exit 3");
  expect_copy(1, "", NULL, "bench bad");
  write_program("a/bin/ritz-bench-bad", "bad", "kill -9 $$");
  expect_copy(1, "", NULL, "bench bad");
  write_program("a/bin/ritz-bench-bad", "{}", "true"); /* no list of cases */
  expect_copy(1, "", NULL, "bench bad");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_benchmarks_it_says_where_it_looked),
      cmocka_unit_test(measurements_are_readable_or_json),
      cmocka_unit_test(cases_are_chosen_by_name_pattern_or_group),
      cmocka_unit_test(a_wrong_answer_is_a_failure),
  };
  return cmocka_run_group_tests_name("tools.bench", tests, prepare, leave_directory);
}
