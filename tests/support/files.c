/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include "files.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[folder_bytes];

int folder_create(void **state) {
  snprintf(folder, sizeof folder, "/tmp/ritz-test-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  return remove(path);
}

char *folder_name(void) { return folder; }

int folder_remove(void **state) { return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

const char *in_folder(const char *format, ...) {
  static char path[32][256];
  static int next;
  char *out = path[next++ % 32];
  const int length = snprintf(out, 256, "%s/", folder);
  va_list args;
  va_start(args, format);
  vsnprintf(out + length, (size_t)(256 - length), format, args);
  va_end(args);
  return out;
}

file_bytes file_read(const char *path) {
  file_bytes out = {0};
  FILE *file = fopen(path, "rb");
  if (!file) return out;
  fseek(file, 0, SEEK_END);
  out.count = (size_t)ftell(file);
  rewind(file);
  out.byte = calloc(1, out.count + 1);
  assert_int_equal(fread(out.byte, 1, out.count, file), out.count);
  fclose(file);
  return out;
}

void file_write(const char *path, size_t count, const void *byte) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(byte, 1, count, file), count);
  assert_int_equal(fclose(file), 0);
}

void file_write_text(const char *path, const char *text) { file_write(path, strlen(text), text); }

void file_copy(const char *from, const char *to) {
  const file_bytes bytes = file_read(from);
  assert_non_null(bytes.byte);
  file_write(to, bytes.count, bytes.byte);
  free(bytes.byte);
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

void assert_files_equal(const char *a, const char *b) {
  const file_bytes x = file_read(a), y = file_read(b);
  if (!x.byte || !y.byte) fail_msg("%s is missing", x.byte ? b : a);
  if (x.count != y.count) fail_msg("%s has %zu bytes, %s %zu", a, x.count, b, y.count);
  for (size_t i = 0; i < x.count; i++)
    if (x.byte[i] != y.byte[i]) fail_msg("%s and %s differ at byte %zu", a, b, i);
  free(x.byte);
  free(y.byte);
}

int files_ending(const char *where, const char *suffix) {
  DIR *directory = opendir(where);
  int count = 0;
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory));) {
    const size_t length = strlen(entry->d_name), tail = strlen(suffix);
    count += length >= tail && strcmp(entry->d_name + length - tail, suffix) == 0;
  }
  closedir(directory);
  return count;
}
