/* SPDX-License-Identifier: BSD-3-Clause
 * Aligned, zeroed blocks; a counter makes the k-th request fail in tests. */
#define _DEFAULT_SOURCE /* madvise */
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/fail.h"

static const size_t huge_page = (size_t)2 << 20;

static _Thread_local long requests_until_failure = -1;

void ritz_test_fail_allocation(long k) { requests_until_failure = k; }

static bool told_to_fail(void) {
  if (requests_until_failure < 0) return false;
  return requests_until_failure-- == 0;
}

ritz_status ritz_calloc(ritz_index count, size_t size, void **out) {
  *out = NULL;
  size_t bytes;
  const bool fits = count >= 0 && !__builtin_mul_overflow((size_t)count, size, &bytes) &&
                    bytes <= PTRDIFF_MAX - RITZ_ALIGNMENT;
  RITZ_REQUIRE(fits, RITZ_ERR_MEMORY, "%td objects of %zu bytes do not fit into memory", count,
               size);
  const bool large = bytes >= 2 * huge_page;
  const size_t alignment = large ? huge_page : RITZ_ALIGNMENT;
  bytes = (bytes / alignment + 1) * alignment; /* aligned_alloc wants a multiple, > 0 */
  void *block = told_to_fail() ? NULL : aligned_alloc(alignment, bytes);
  RITZ_REQUIRE(block, RITZ_ERR_MEMORY, "%.1f MiB are not available", (double)bytes / 1048576.0);
#ifdef MADV_HUGEPAGE
  if (large) madvise(block, bytes, MADV_HUGEPAGE); /* a wish: fewer page faults and TLB misses */
#endif
  memset(block, 0, bytes);
  *out = block;
  return RITZ_OK;
}

ritz_status ritz_grow(ritz_index old_count, ritz_index new_count, size_t size, void **block) {
  void *grown;
  RITZ_TRY(ritz_calloc(new_count, size, &grown));
  if (old_count > 0) memcpy(grown, *block, (size_t)old_count * size);
  free(*block);
  *block = grown;
  return RITZ_OK;
}

void ritz_free(void *block) { free(block); }

ritz_status ritz_strdup(const char *text, char **out) {
  *out = NULL;
  if (!text) return RITZ_OK;
  const size_t length = strlen(text) + 1;
  RITZ_TRY(ritz_calloc((ritz_index)length, 1, (void **)out));
  memcpy(*out, text, length);
  return RITZ_OK;
}

ritz_status ritz_strjoin(const char *text, const char *more, char **out) {
  const size_t length = strlen(text);
  RITZ_TRY(ritz_calloc((ritz_index)(length + strlen(more) + 1), 1, (void **)out));
  memcpy(*out, text, length);
  strcpy(*out + length, more);
  return RITZ_OK;
}
