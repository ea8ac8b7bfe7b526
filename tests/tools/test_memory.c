/* SPDX-License-Identifier: BSD-3-Clause
 * Every command without memory at some point: it says so in one line, exits with 1, leaks nothing
 * and leaves no file that is not whole; the same command then works. The command runs in copies of
 * this process. RITZ_TEST_ALLOCATIONS=all: at every point, not at ever fewer. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "command.h"
#include "command_lines.h"
#include "core/memory.h"
#include "files.h"

/* main() of tools/main.c. */
int ritz_command_main(int argc, char **argv);

enum { ENOUGH = 111 }; /* exit status: the allocation was never reached */

/* Of the k + 1 allocations from the start of the command, were some left? */
static bool was_reached(long k) {
  for (long i = 0; i <= k; i++) {
    void *block;
    if (ritz_calloc(1, 1, &block) != RITZ_OK) return false;
    ritz_free(block);
  }
  return true;
}

/* In the child: the exit status of the command, or ENOUGH. */
static int run_failing(char **words, int count, long k) {
  if (!freopen(".out", "w", stdout) || !freopen(".err", "w", stderr)) return 99;
  ritz_test_fail_allocation(k);
  const int code = ritz_command_main(count, words);
  const bool reached = was_reached(k);
  ritz_test_fail_allocation(-1);
  return reached ? code : code == 0 ? ENOUGH : 98;
}

static int exit_status(const char *arguments, long k) {
  char line[512];
  wordexp_t words;
  int status;
  snprintf(line, sizeof line, "ritz %s", arguments);
  assert_int_equal(wordexp(line, &words, WRDE_NOCMD), 0);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    const int code = run_failing(words.we_wordv, (int)words.we_wordc, k);
    wordfree(&words);
    exit(code);
  }
  wordfree(&words);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status))
    fail_msg("ritz %s, allocation %ld: signal %d", arguments, k, WTERMSIG(status));
  return WEXITSTATUS(status);
}

/* The last line is the sentence of the failure. */
static void assert_says_memory(const command_line *c, long k) {
  const file_bytes err = file_read(".err");
  const size_t length = strlen((char *)err.byte);
  if (length > 0) err.byte[length - 1] = 0;
  const char *line = strrchr((char *)err.byte, '\n');
  line = line ? line + 1 : (char *)err.byte;
  if (strncmp(line, "ritz ", 5) != 0 || !strstr(line, "MiB are not available"))
    fail_msg("ritz %s, allocation %ld: \"%s\"", c->arguments, k, err.byte);
  free(err.byte);
}

static void assert_whole(const command_line *c, long k) {
  if (!c->file || !file_exists(c->file)) return;
  if (strstr(c->file, ".h5") && run_command("info %s", c->file) != 0)
    fail_msg("ritz %s, allocation %ld: %s", c->arguments, k, command_err);
  const file_bytes file = file_read(c->file);
  static const char png_end[] = "IEND\xae\x42\x60\x82";
  if (strstr(c->file, ".png")) {
    assert_true(file.count > 8);
    assert_memory_equal(file.byte + file.count - 8, png_end, 8);
  }
  free(file.byte);
}

/* `ritz bench` starts programs that lie beside it, and this one has none beside it. */
static bool is_apart(const command_line *c) { return strncmp(c->arguments, "bench", 5) == 0; }

static long next(long k) {
  const char *all = getenv("RITZ_TEST_ALLOCATIONS");
  return all && strcmp(all, "all") == 0 ? k + 1 : k + 1 + k / 3;
}

static void every_allocation_of_a_command_may_fail(void **state) {
  for (int i = 0; i < command_line_count; i++) {
    const command_line *c = &command_lines[i];
    long k = 0;
    if (is_apart(c)) continue;
    clear_out();
    for (int code; (code = exit_status(c->arguments, k)) != ENOUGH; k = next(k)) {
      if (code != 1) {
        const file_bytes err = file_read(".err");
        fail_msg("ritz %s, allocation %ld: status %d, %s", c->arguments, k, code, err.byte);
      }
      assert_says_memory(c, k);
      assert_whole(c, k);
      if (c->file && file_exists(c->file)) clear_out();
    }
    print_message("  ritz %s: less than %ld allocations\n", c->arguments, k);
    assert_true(k > 0);
    assert_true(!c->file || file_exists(c->file));
    assert_whole(c, k);
  }
}

static void every_command_has_a_line(void **state) { assert_every_command_has_a_line(); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_command_has_a_line),
      cmocka_unit_test(every_allocation_of_a_command_may_fail),
  };
  setenv("OMP_WAIT_POLICY", "passive", 0); /* or the command would start itself anew */
  return cmocka_run_group_tests(tests, enter_command_directory, leave_directory);
}
