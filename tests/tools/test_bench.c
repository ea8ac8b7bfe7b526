/* SPDX-License-Identifier: BSD-3-Clause
 * ritz bench: a copy of the command with benchmarks of our own beside it, then the real ones. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "core/number.h"
#include "files.h"
#include "io/yaml.h"

/* A shell script: what it answers to --list, and what it does otherwise. */
static void write_program(const char *path, const char *list, const char *body) {
  char text[1024];
  snprintf(text, sizeof text,
           "#!/bin/sh\nif [ \"$1\" = --list ]; then printf '%s\\n'; exit; fi\n%s\n", list, body);
  file_write_text(path, text);
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
  char line[256];
  snprintf(line, sizeof line, "a/bin/ritz %s >.out 2>.err", arguments);
  const int status = system(line);
  const file_bytes said[2] = {file_read(".out"), file_read(".err")};
  assert_int_equal(status, code << 8); /* as waitpid() packs an exit status */
  assert_string_equal((char *)said[0].byte, out);
  if (err) assert_string_equal((char *)said[1].byte, err);
  for (int i = 0; i < 2; i++) free(said[i].byte);
}

static void without_benchmarks_it_says_where_it_looked(void **state) {
  expect_copy(1, "", NULL, "bench");
}

static void measurements_are_readable_or_json(void **state) {
  write_program("a/bin/ritz-bench-one", "x/one a first",
                "echo '{\"case\": \"x/one\", \"n\": 64, \"ms\": 0.25}'; echo note");
  write_program("a/libexec/ritz/ritz-bench-two", "x/two another\ny/two one more", "echo $*");
  expect_copy(0, "x/one  n 64  ms 0.25\nnote\nx/two y/two\n", "", "bench '*'");
  expect_copy(0, "{\"case\": \"x/one\", \"n\": 64, \"ms\": 0.25}\nnote\n", "",
              "bench x/one --json");
}

static void without_a_case_they_are_listed(void **state) {
  expect_copy(0,
              "x/one                        a first\nx/two                        another\n"
              "y/two                        one more\n",
              "", "bench");
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

/* A name that others begin with stands for itself. */
static void cases_are_chosen_by_their_beginning(void **state) {
  write_program("a/bin/ritz-bench-one", "x/one-4 a\nx/one-8 b\nx/one-8-c c\nx/only d", "echo $*");
  write_program("a/libexec/ritz/ritz-bench-two", "y/two another", "echo $*");
  expect_copy(0, "x/one-4 x/one-8 x/one-8-c\n", "", "bench x/one");
  expect_copy(0, "x/one-8\n", "", "bench x/one-8");
  expect_copy(2, "", NULL, "bench x/on");
}

static void a_wrong_answer_is_a_failure(void **state) {
  write_program("a/bin/ritz-bench-bad", "bad", "exit 3");
  expect_copy(1, "", NULL, "bench bad");
  write_program("a/bin/ritz-bench-bad", "bad", "kill -9 $$");
  expect_copy(1, "", NULL, "bench bad");
  write_program("a/bin/ritz-bench-bad", "{}", "true"); /* no list of cases */
  expect_copy(1, "", NULL, "bench bad");
}

/* -- The real programs ------------------------------------------------------------------------- */

/* Quick cases, one or more for what stands before the slash. */
static const char *const quick[] = {
    "attention/latent-encode",
    "conv/3x3-8-24",
    "depthwise/7x7-64-20",
    "filter/long-256",
    "generate/darcy-16",
    "generate/darcy-table-16",
    "generate/poisson-auto-16",
    "gradients/unet2d-16",
    "infer/fno2d-16",
    "kernel/gelu",
    "krylov/step-32",
    "loss/h1-fourier-64",
    "pieces/shuffle-2x2-64-64",
    "pool/average-2x2-128-64",
    "resample/nearest-64-64",
    "sequence/darcy-16",
    "spectral/16-24-4",
    "sweep/2d-32-c16-b16",
    "train/fno2d-16",
#ifdef RITZ_WITH_HYPRE
    "cavity/10-amg",
#endif
};
enum { families = sizeof quick / sizeof *quick };

static void every_family_has_a_quick_case(void **state) {
  expect(0, NULL, "bench");
  for (const char *line = command_out; *line; line += strcspn(line, "\n") + 1) {
    const size_t length = strcspn(line, "/") + 1;
    bool found = false;
    for (int i = 0; i < families; i++) found |= strncmp(line, quick[i], length) == 0;
    if (!found) fail_msg("add a quick case of %.*s to this test", (int)length, line);
  }
}

static double number(const ritz_value *line, const char *key) {
  const ritz_value *item = ritz_value_get(line, key);
  double value;
  if (!item || item->kind != RITZ_VALUE_SCALAR || item->quoted ||
      !ritz_text_to_real(item->text, &value)) {
    fail_msg("%s is no number", key);
    return 0;
  }
  return value;
}

static void check_text(const ritz_value *line, const char *key, const char *wanted) {
  const ritz_value *item = ritz_value_get(line, key);
  assert_true(item && item->kind == RITZ_VALUE_SCALAR && item->quoted);
  if (wanted) assert_string_equal(item->text, wanted);
}

/* What is not counted is null, never missing. */
static void check_rate(const ritz_value *line, const char *key) {
  const ritz_value *item = ritz_value_get(line, key);
  assert_non_null(item);
  if (item->kind != RITZ_VALUE_NULL) assert_true(number(line, key) > 0);
}

static void check_line(const char *name, const char *text) {
  ritz_value *line;
  assert_ok(ritz_yaml_read_text(text, "line", &line));
  assert_int_equal(line->kind, RITZ_VALUE_MAP);
  check_text(line, "case", name);
  check_text(line, "isa", NULL);
  check_text(line, "dtype", NULL);
  assert_true(number(line, "threads") == 1);
  assert_true(number(line, "runs") >= 1);
  assert_true(number(line, "min_ms") > 0);
  assert_true(number(line, "median_ms") >= number(line, "min_ms"));
  assert_true(number(line, "p99_ms") >= number(line, "median_ms"));
  assert_true(number(line, "peak_gflops") > 0);
  assert_true(number(line, "allocations") >= 0);
  check_rate(line, "gflops");
  check_rate(line, "gbytes_per_s");
  check_rate(line, "peak_fraction");
  ritz_value_destroy(&line);
}

static void every_family_prints_whole_lines(void **state) {
  for (int i = 0; i < families; i++) {
    expect(0, quick[i], "bench %s --json --seconds 0 --threads 1", quick[i]);
    for (char *line = command_out, *end; *line; line = end + 1) {
      end = strchr(line, '\n');
      assert_non_null(end);
      *end = 0;
      check_line(quick[i], line);
    }
  }
}

static void an_unknown_case_names_the_nearest(void **state) {
  expect(2, "did you mean 'spectral/64-32-12'?", "bench spectral/64-32-21");
  expect(2, "did you mean 'train/fno2d-64'?", "bench train/fno2-64");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_benchmarks_it_says_where_it_looked),
      cmocka_unit_test(measurements_are_readable_or_json),
      cmocka_unit_test(without_a_case_they_are_listed),
      cmocka_unit_test(cases_are_chosen_by_name_pattern_or_group),
      cmocka_unit_test(cases_are_chosen_by_their_beginning),
      cmocka_unit_test(a_wrong_answer_is_a_failure),
      cmocka_unit_test(every_family_has_a_quick_case),
      cmocka_unit_test(every_family_prints_whole_lines),
      cmocka_unit_test(an_unknown_case_names_the_nearest),
  };
  return cmocka_run_group_tests_name("tools.bench", tests, prepare, leave_directory);
}
