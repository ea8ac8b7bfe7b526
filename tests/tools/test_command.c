/* SPDX-License-Identifier: BSD-3-Clause
 * The command line itself: names, options, help, lists, exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "tools/command.h"

static const char *const names[] = {
#define RITZ_COMMAND(name) #name,
#include "tools/commands.def"
#undef RITZ_COMMAND
};
enum { count = sizeof names / sizeof *names };

static void without_a_command_the_list_is_a_usage_error(void **state) {
  assert_int_equal(run_command(" "), RITZ_EXIT_USAGE);
  assert_string_equal(command_out, "");
  for (int i = 0; i < count; i++) assert_non_null(strstr(command_err, names[i]));
}

static void help_lists_every_command(void **state) {
  static const char *const ways[] = {"help", "--help", "-h"};
  for (int w = 0; w < 3; w++) {
    expect(0, "usage: ritz", "%s", ways[w]);
    for (int i = 0; i < count; i++) assert_non_null(strstr(command_out, names[i]));
  }
}

/* Usage, options, examples that start with this very command; two ways to the same page. */
static void every_command_has_a_help_page(void **state) {
  char example[64], page[sizeof command_out];
  for (int i = 0; i < count; i++) {
    snprintf(example, sizeof example, "Examples:\n  ritz %s", names[i]);
    expect(0, example, "%s --help", names[i]);
    assert_non_null(strstr(command_out, "usage: ritz "));
    assert_string_equal(command_err, "");
    strcpy(page, command_out);
    expect(0, "Options:", "help %s", names[i]);
    assert_string_equal(page, command_out);
  }
}

static void help_pages_fit_a_terminal(void **state) {
  for (int i = 0; i < count; i++) {
    expect(0, NULL, "help %s", names[i]);
    for (const char *line = command_out; *line; line += strcspn(line, "\n") + 1)
      if (strcspn(line, "\n") > 100) fail_msg("too long: %.120s", line);
  }
}

static void help_of_an_equation_lists_its_options(void **state) {
  expect(0, "coefficient", "generate darcy --help");
  assert_non_null(strstr(command_out, "lognormal"));
  expect(0, "darcy", "generate --help");
  expect(0, "log_scale", "help generate darcy");
  expect(0, "unknown generator 'dracy'; did you mean 'darcy'?", "help generate dracy");
}

static void version_says_what_is_built_in(void **state) {
  expect(0, "ritz 0.", "--version");
  assert_non_null(strstr(command_out, "HDF5"));
}

static void unknown_names_show_the_nearest(void **state) {
  expect(2, "ritz: unknown command 'genrate'; did you mean 'generate'?", "genrate");
  expect(2, "known: generate", "zzzzzzzz");
  expect(2, "unknown option '--verison'", "--verison");
  expect(2, "did you mean '--samples'?", "generate darcy --sampels 3");
  expect(2, "did you mean '--samples'?", "generate darcy --sampels=3");
  expect(2, "did you mean 'darcy'?", "generate darzy");
  expect(2, "did you mean 'solvers'?", "list solver");
  expect(2, "did you mean 'plot'?", "help plto");
}

static void options_want_fitting_values(void **state) {
  expect(2, "--samples wants a value: --samples N", "generate darcy --samples");
  expect(2, "--samples wants a value", "generate darcy --samples --force");
  expect(2, "--samples takes whole numbers >= 1, not '0'", "generate darcy --samples 0");
  expect(2, "not '1.5'", "generate darcy --samples 1.5");
  expect(2, "not ''", "generate darcy --samples=");
  expect(2, "--threads takes whole numbers from 1 to", "generate darcy --threads 0");
  expect(2, "--force takes no value", "generate darcy --force=yes");
  expect(2, "--dtype takes float or double, not 'half'", "generate darcy --dtype half");
}

static void operands_are_counted(void **state) {
  expect(2, "PDE is missing; see `ritz help generate`", "generate");
  expect(2, "'poisson' is one operand too many", "generate darcy poisson");
  expect(2, "'-x' is one operand too many", "generate darcy -- -x");
  expect(2, "FILE is missing", "plot --out a.png");
}

static void lists_expand_the_registries(void **state) {
  expect(0, "fno_2020", "list operators");
  assert_non_null(strstr(command_out, "arXiv:2010.08895"));
  expect(0, "darcy", "list generators");
  expect(0, "cg", "list solvers");
  expect(0, "jacobi", "list preconditioners");
  expect(0, "native", "list readers");
  expect(0, "rel_l2", "list losses");
  expect(0, "adamw", "list optimizers");
  expect(0, "operators:", "list");
  expect(0, "modes kept per axis", "list operators fno");
  expect(0, "adamw", "list optimizers adamw");
  expect(2, "did you mean 'fno'?", "list operators fnp");
  expect(2, "one operand too many", "list operators fno uno");
}

static void a_full_disk_for_results_is_a_failure(void **state) {
  char line[512];
  snprintf(line, sizeof line, "%s list 2>.err >/dev/full", RITZ_TEST_COMMAND);
  assert_int_not_equal(system(line), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_command_the_list_is_a_usage_error),
      cmocka_unit_test(help_lists_every_command),
      cmocka_unit_test(every_command_has_a_help_page),
      cmocka_unit_test(help_pages_fit_a_terminal),
      cmocka_unit_test(help_of_an_equation_lists_its_options),
      cmocka_unit_test(version_says_what_is_built_in),
      cmocka_unit_test(unknown_names_show_the_nearest),
      cmocka_unit_test(options_want_fitting_values),
      cmocka_unit_test(operands_are_counted),
      cmocka_unit_test(lists_expand_the_registries),
      cmocka_unit_test(a_full_disk_for_results_is_a_failure),
  };
  return cmocka_run_group_tests_name("tools.command", tests, enter_directory, leave_directory);
}
