/* SPDX-License-Identifier: BSD-3-Clause
 * In a terminal every command that may take long says how far it is and when it will be done. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "files.h"

static char shown[1 << 16];

/* Runs a line of the shell with a terminal as stderr; `shown` is what it saw. @return  The exit
 * status. */
static int run_in_terminal(const char *line) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  assert_true(terminal >= 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    close(master);
    setenv("TERM", "xterm", 1);
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(99);
  }
  close(terminal);
  size_t used = 0;
  for (ssize_t got; (got = read(master, shown + used, sizeof shown - 1 - used)) > 0;)
    used += (size_t)got;
  shown[used] = '\0';
  close(master);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void shows(const char *text, const char *line) {
  char whole[1024];
  snprintf(whole, sizeof whole, "%s %s > .said", RITZ_TEST_COMMAND, line);
  if (run_in_terminal(whole) != 0) fail_msg("%s: %s", line, shown);
  if (!strstr(shown, text) || !strstr(shown, " left")) fail_msg("%s shows: %s", line, shown);
}

static void commands_say_how_far_they_are(void **state) {
  file_write_text("config.yaml",
                  "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4}\n"
                  "data: {train: data.h5}\n"
                  "train: {epochs: 2}\n");
  shows("of 40 samples (", "generate darcy --resolution 16 --samples 40 --out data.h5");
  shows("epoch 1 of 2, step ", "train config.yaml --out run");
  shows("data.h5: 16 of 40 predictions (40 %)", "eval run/model.h5 data.h5");
  shows("of 40 samples (", "predict run/model.h5 data.h5 predicted.h5");
}

/* Two cases, of which the first has two lines. */
static void benchmarks_count_cases(void **state) {
  assert_int_equal(system("mkdir -p a/bin && cp " RITZ_TEST_COMMAND " a/bin/ritz"), 0);
  file_write_text("a/bin/ritz-bench-one",
                  "#!/bin/sh\n"
                  "if [ \"$1\" = --list ]; then printf 'x/one first\\nx/two second\\n'; exit; fi\n"
                  "echo '{\"case\": \"x/one\", \"n\": 1}'; echo '{\"case\": \"x/one\", \"n\": 2}'\n"
                  "echo '{\"case\": \"x/two\", \"n\": 1}'\n");
  assert_int_equal(chmod("a/bin/ritz-bench-one", 0755), 0);
  assert_int_equal(run_in_terminal("a/bin/ritz bench x > .said"), 0);
  const char *const zero = strstr(shown, "bench: 0 of 2 cases"), *const one = strstr(
                                                                     shown, "bench: 1 of 2 cases");
  assert_true(zero && one && zero < one);
  assert_null(strstr(shown, "bench: 2 of 2"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands_say_how_far_they_are),
      cmocka_unit_test(benchmarks_count_cases),
  };
  return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
