/* SPDX-License-Identifier: BSD-3-Clause
 * Every command where nobody reads what it prints, a disk is full or a folder is read-only: it ends
 * with a documented exit status and one sentence, and what it leaves under a final name is whole.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "command_lines.h"
#include "files.h"

static const char nobody[] = "ritz: cannot write to standard output: ";

/* Runs `ritz ARGUMENTS MORE` after @p prepare in the child; what it says goes to .err.
 * @return  Its wait status. */
static int run_after(void (*prepare)(void), const char *arguments, const char *more) {
  char line[1024];
  int status;
  snprintf(line, sizeof line, "exec %s %s %s", RITZ_TEST_COMMAND, arguments, more);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    const int in = open("/dev/null", O_RDONLY),
              out = open(".out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = open(".err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(98);
    for (int i = 3; i < 32; i++) close(i);
    prepare();
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(99);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

/* What is said in .err, its last line; the buffer is the next call's. */
static const char *last_words(void) {
  static char text[4096];
  const file_bytes err = file_read(".err");
  snprintf(text, sizeof text, "%s", (char *)err.byte);
  free(err.byte);
  const size_t length = strlen(text);
  if (length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
  const char *line = strrchr(text, '\n');
  return line ? line + 1 : text;
}

static void exits_with(int code, int status, const char *words, const command_line *c) {
  if (!WIFEXITED(status)) fail_msg("ritz %s: signal %d", c->arguments, WTERMSIG(status));
  if (WEXITSTATUS(status) != code || (words && !strstr(last_words(), words)))
    fail_msg("ritz %s: status %d, \"%s\"; wanted %d, \"%s\"", c->arguments, WEXITSTATUS(status),
             last_words(), code, words ? words : "");
}

/* Files that are the same in every run. */
static bool is_fixed(const command_line *c) { return strstr(c->arguments, "train ") == NULL; }
static bool prints(const command_line *c) { return strncmp(c->arguments, "plot", 4) != 0; }

/* What the command leaves when all is well, to compare with: NAME under whole/. */
static void make_whole(void) {
  clear_out();
  assert_int_equal(system("rm -rf whole"), 0);
  for (int i = 0; i < command_line_count; i++)
    if (command_lines[i].file) assert_int_equal(run_command("%s", command_lines[i].arguments), 0);
  assert_int_equal(system("mv out whole"), 0);
  clear_out();
}

static void assert_left_whole(const command_line *c) {
  if (!c->file) return;
  if (is_fixed(c)) {
    char whole[128];
    snprintf(whole, sizeof whole, "whole/%s", c->file + strlen("out/"));
    assert_files_equal(c->file, whole);
  } else {
    expect(0, "golden pair recomputed", "info %s --check", c->file);
  }
}

/* ---- nobody reads ---------------------------------------------------------------------------- */

static void close_out(void) { close(1); }
static void close_all(void) {
  for (int i = 0; i < 3; i++) close(i);
}
static void fill_out(void) {
  const int full = open("/dev/full", O_WRONLY);
  if (dup2(full, 1) < 0) _exit(97);
  close(full);
}
static void break_out(void) {
  int ends[2];
  if (pipe(ends) != 0 || dup2(ends[1], 1) < 0) _exit(97);
  close(ends[0]);
  close(ends[1]);
  signal(SIGPIPE, SIG_DFL);
}

/* The number of a closed stream is the first that a file would get. */
static void what_is_printed_goes_into_no_file(void **state) {
  static const struct {
    void (*prepare)(void);
    const char *says;
  } way[] = {
      {close_out, "Bad file descriptor"}, {close_all, ""}, {fill_out, "No space left on device"}};
  for (size_t w = 0; w < sizeof way / sizeof *way; w++)
    for (int i = 0; i < command_line_count; i++) {
      const command_line *c = &command_lines[i];
      clear_out();
      const int status = run_after(way[w].prepare, c->arguments, "");
      exits_with(prints(c), status, prints(c) ? way[w].says : NULL, c);
      if (prints(c) && *way[w].says) exits_with(1, status, nobody, c);
      assert_left_whole(c);
    }
}

/* What has work to save finishes it; what only prints ends as other programs do. */
static void a_reader_that_has_gone_ends_no_work(void **state) {
  for (int i = 0; i < command_line_count; i++) {
    const command_line *c = &command_lines[i];
    clear_out();
    const int status = run_after(break_out, c->arguments, "");
    if (c->file && prints(c))
      exits_with(1, status, "ritz: cannot write to standard output: Broken pipe", c);
    else if (c->file)
      exits_with(0, status, NULL, c);
    else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGPIPE)
      fail_msg("ritz %s: status %x", c->arguments, (unsigned)status);
    assert_left_whole(c);
  }
}

/* ---- nothing can be written ------------------------------------------------------------------ */

static rlim_t largest;

static void limit_files(void) {
  const struct rlimit limit = {largest, largest};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(97);
  signal(SIGXFSZ, SIG_DFL);
}

/* Beside what is whole nothing is left but what the next run goes on with or replaces. */
static void assert_no_rest(const command_line *c) {
  if (system("find out -name '*.tmp' | grep -q .") == 0)
    fail_msg("ritz %s leaves a temporary file", c->arguments);
}

/* Of the size that the file will have, so that it ends within. */
static void a_full_disk_leaves_what_was_there(void **state) {
  for (int i = 0; i < command_line_count; i++) {
    const command_line *c = &command_lines[i];
    char from[128], kept[128];
    struct stat whole;
    if (!c->file) continue;
    snprintf(from, sizeof from, "whole/%s", c->file + strlen("out/"));
    snprintf(kept, sizeof kept, "cp -r whole/. out");
    assert_int_equal(stat(from, &whole), 0);
    const char *force = prints(c) && is_fixed(c) ? "--force" : "";
    for (int part = 2; part <= 9; part += 6) {
      largest = (rlim_t)(whole.st_size * part / 10);
      clear_out();
      exits_with(1, run_after(limit_files, c->arguments, force), "written: ", c);
      assert_false(file_exists(c->file));
      assert_no_rest(c);
      assert_int_equal(system(kept), 0);
      exits_with(1, run_after(limit_files, c->arguments, force), "written: ", c);
      assert_files_equal(c->file, from);
      assert_no_rest(c);
    }
  }
}

/* Root writes anywhere; without this it obeys. */
static void obey_permissions(void) {
  if (geteuid() == 0 && prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0) _exit(97);
}

static void a_read_only_folder_is_named(void **state) {
  for (int i = 0; i < command_line_count; i++) {
    const command_line *c = &command_lines[i];
    if (!c->file) continue;
    clear_out();
    assert_int_equal(chmod("out", 0555), 0);
    const int status = run_after(obey_permissions, c->arguments, "");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 97) skip();
    exits_with(1, status, "Permission denied", c);
    exits_with(1, status, "out", c);
    assert_int_equal(files_ending("out", ""), 2);
    assert_int_equal(chmod("out", 0755), 0);
  }
}

static int prepare(void **state) {
  if (enter_command_directory(state) != 0) return -1;
  make_whole();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_printed_goes_into_no_file),
      cmocka_unit_test(a_reader_that_has_gone_ends_no_work),
      cmocka_unit_test(a_full_disk_leaves_what_was_there),
      cmocka_unit_test(a_read_only_folder_is_named),
  };
  return cmocka_run_group_tests(tests, prepare, leave_directory);
}
