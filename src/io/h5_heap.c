/* SPDX-License-Identifier: BSD-3-Clause
 * A look at global heaps before HDF5 takes one.
 *
 * Texts of variable length lie in global heap collections (HDF5 File Format 2.0, section III.E):
 *
 *   "GCOL", version 1, 3 zeros, bytes of all (8), then objects:
 *   index (2), references (2), zeros (4), bytes (8), data to a multiple of 8; index 0 is free space
 *   whose bytes include this header.
 *
 * HDF5 1.10 walks over them without looking: an object of no length keeps it walking for ever, one
 * longer than its heap is copied from beyond the end. Only that is looked for here, and only in
 * files up to a size that is read in a moment. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "io/h5.h"

static const off_t most_bytes = (off_t)256 << 20;
enum { HEADER = 16, ALIGNMENT = 8 };

static uint64_t number(const unsigned char *at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;) value = value << 8 | at[i];
  return value;
}

/* @p most  Bytes up to the end of the file. */
static bool is_whole(const unsigned char *heap, uint64_t most) {
  const uint64_t given = number(heap + ALIGNMENT, 8), size = given < most ? given : most;
  for (uint64_t at = HEADER; at + HEADER <= size;) {
    const uint64_t bytes = number(heap + at + ALIGNMENT, 8);
    const bool is_free = number(heap + at, 2) == 0;
    const uint64_t step =
        is_free ? bytes : HEADER + (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (step == 0 || (!is_free && (bytes > size - at || step > size - at))) return false;
    if (step > size - at) break;
    at += step;
  }
  return true;
}

static bool all_whole(const unsigned char *file, uint64_t size) {
  static const unsigned char mark[8] = {'G', 'C', 'O', 'L', 1, 0, 0, 0};
  for (uint64_t at = 0; at + 2 * HEADER <= size; at++) {
    const unsigned char *next = memchr(file + at, mark[0], size - 2 * HEADER - at + 1);
    if (!next) return true;
    at = (uint64_t)(next - file);
    if (memcmp(next, mark, sizeof mark) == 0 && !is_whole(next, size - at)) return false;
  }
  return true;
}

ritz_status ritz_h5_check_heaps(const char *path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat about;
  bool good = true;
  if (descriptor < 0) return RITZ_OK; /* HDF5 will say why */
  if (fstat(descriptor, &about) == 0 && about.st_size > 0 && about.st_size <= most_bytes) {
    const size_t size = (size_t)about.st_size;
    void *file = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (file != MAP_FAILED) {
      good = all_whole(file, size);
      munmap(file, size);
    }
  }
  close(descriptor);
  RITZ_REQUIRE(good, RITZ_ERR_FORMAT, "%s: damaged: its heap of texts cannot be read", path);
  return RITZ_OK;
}
