/* SPDX-License-Identifier: BSD-3-Clause
 * Inputs as files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static char path[256];

static void write_file(const char *name, const void *data, size_t size) {
  FILE *file = fopen(name, "wb");
  fuzz_require(file && (!size || fwrite(data, 1, size, file) == size) && fclose(file) == 0,
               "an input cannot be written");
}

void fuzz_write(const char *folder, const char *name, const void *data, long size) {
  char full[512];
  snprintf(full, sizeof full, "%s/%s", folder, name);
  write_file(full, data, size < 0 ? strlen(data) : (size_t)size);
}

static void remove_file(void) { remove(path); }

const char *fuzz_temporary(void) {
  const char *wanted = getenv("TMPDIR");
  return wanted && *wanted ? wanted : "/tmp";
}

const char *fuzz_file(const uint8_t *data, size_t size) {
  if (!*path) {
    snprintf(path, sizeof path, "%s/ritz-fuzz-%ld.h5", fuzz_temporary(), (long)getpid());
    atexit(remove_file);
  }
  write_file(path, data, size);
  return path;
}

void fuzz_require(int holds, const char *sentence) {
  if (holds) return;
  fprintf(stderr, "%s\n", sentence);
  abort();
}
