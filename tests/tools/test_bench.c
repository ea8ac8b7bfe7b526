/* SPDX-License-Identifier: BSD-3-Clause
 * ritz bench: a copy of the command with benchmarks of our own beside it. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command.h"

static void write_program(const char *path, const char *body) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fprintf(file, "#!/bin/sh\n%s\n", body) > 0);
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
  write_program("a/bin/ritz-bench-one",
                "echo '{\"bench\": \"one\", \"n\": 64, \"seconds\": 0.25}'; echo note");
  write_program("a/libexec/ritz/ritz-bench-two", "echo '{\"bench\": \"two\", \"n\": 1}'");
  expect_copy(0, "one  n 64  seconds 0.25\nnote\ntwo  n 1\n", "", "bench");
  expect_copy(0, "two  n 1\n", "", "bench two");
  expect_copy(0, "{\"bench\": \"two\", \"n\": 1}\n", "", "bench two --json");
  expect_copy(2, "", "ritz bench: unknown case 'on'; did you mean 'one'?\n", "bench two on");
}

static void a_wrong_answer_is_a_failure(void **state) {
  write_program("a/bin/ritz-bench-bad", "exit 3");
  expect_copy(1, "", NULL, "bench bad");
  write_program("a/bin/ritz-bench-bad", "kill -9 $$");
  expect_copy(1, "", NULL, "bench bad");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_benchmarks_it_says_where_it_looked),
      cmocka_unit_test(measurements_are_readable_or_json),
      cmocka_unit_test(a_wrong_answer_is_a_failure),
  };
  return cmocka_run_group_tests_name("tools.bench", tests, prepare, leave_directory);
}
