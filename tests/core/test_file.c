/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "core/file.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "allocations.h"
#include "core/fail.h"
#include "files.h"
#include "support.h"

static ritz_status put_text(FILE *file, const void *text) {
  fputs(text, file);
  return RITZ_OK;
}

/* As many bytes as asked for: more than a stream's buffer, or fewer. */
static ritz_status put_bytes(FILE *file, const void *count) {
  for (int i = 0; i < *(const int *)count; i++) fputc('x', file);
  return RITZ_OK;
}

static ritz_status put_half(FILE *file, const void *what) {
  fputs(what, file);
  return RITZ_FAIL(RITZ_ERR_MEMORY, "no room for the other half");
}

static void assert_holds(const char *path, const char *text) {
  file_bytes bytes = file_read(path);
  assert_non_null(bytes.byte);
  assert_string_equal((const char *)bytes.byte, text);
  free(bytes.byte);
}

static void a_file_is_replaced_at_once(void **state) {
  const char *path = in_folder("a.txt");
  assert_ok(ritz_file_write(path, put_text, "first"));
  assert_holds(path, "first");
  assert_ok(ritz_file_write(path, put_text, ""));
  assert_holds(path, "");
  assert_ok(ritz_file_append(path, put_text, "one "));
  assert_ok(ritz_file_append(path, put_text, "two"));
  assert_holds(path, "one two");
  assert_int_equal(files_ending(folder_name(), ".tmp"), 0);
}

static void what_cannot_be_written_is_named_and_nothing_is_left(void **state) {
  const char *path = in_folder("b.txt");
  assert_ok(ritz_file_write(path, put_text, "old"));
  assert_int_equal(ritz_file_write(path, put_half, "new"), RITZ_ERR_MEMORY);
  assert_message_contains("b.txt.tmp: no room for the other half");
  assert_int_equal(ritz_file_write(in_folder("none/b.txt"), put_text, "new"), RITZ_ERR_IO);
  assert_message_contains("none/b.txt.tmp: cannot be written: No such file");
  assert_int_equal(ritz_file_append(in_folder("none/b.txt"), put_text, "new"), RITZ_ERR_IO);
  assert_message_contains("none/b.txt: cannot be written: No such file");
  assert_int_equal(ritz_file_write(folder_name(), put_text, "new"), RITZ_ERR_IO);
  assert_message_contains("cannot be renamed");
  char temporary[folder_bytes + 8];
  snprintf(temporary, sizeof temporary, "%s.tmp", folder_name());
  assert_false(file_exists(temporary));
  assert_holds(path, "old");
  assert_int_equal(files_ending(folder_name(), ".tmp"), 0);
}

/* A limit on the size of files stands for the full disk. It shows in the middle of a text that is
 * longer than the stream's buffer, and at the end of a short one. */
static void a_full_disk_leaves_the_old_file(void **state) {
  const char *path = in_folder("c.txt");
  assert_ok(ritz_file_write(path, put_text, "old"));
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 200;
  signal(SIGXFSZ, SIG_IGN);
  for (int count = 300; count <= 300000; count *= 1000) {
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const ritz_status written = ritz_file_write(path, put_bytes, &count);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(written, RITZ_ERR_IO);
    assert_message_contains("c.txt.tmp: cannot be written: File too large");
    assert_holds(path, "old");
    assert_int_equal(files_ending(folder_name(), ".tmp"), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const ritz_status appended = ritz_file_append(in_folder("d.txt"), put_bytes, &count);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(appended, RITZ_ERR_IO);
    assert_message_contains("d.txt: cannot be written: File too large");
  }
}

static void every_failing_allocation_is_reported(void **state) {
  const char *path = in_folder("e.txt");
  int k = 0;
  for (; memory_fails(k, ritz_file_write(path, put_text, "whole")); k++) {
    assert_false(file_exists(path));
    assert_int_equal(files_ending(folder_name(), ".tmp"), 0);
  }
  assert_int_equal(k, 2);
  assert_holds(path, "whole");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_is_replaced_at_once),
      cmocka_unit_test(what_cannot_be_written_is_named_and_nothing_is_left),
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(every_failing_allocation_is_reported),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
