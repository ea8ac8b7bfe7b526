/* SPDX-License-Identifier: BSD-3-Clause
 * Aligned, zeroed blocks; a counter makes the k-th request fail in tests. */
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

static _Thread_local long requests_until_failure = -1;

void ritz_test_fail_allocation(long k) {
  requests_until_failure = k;
}

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
  bytes = (bytes / RITZ_ALIGNMENT + 1) * RITZ_ALIGNMENT; /* aligned_alloc wants a multiple, > 0 */
  void *block = told_to_fail() ? NULL : aligned_alloc(RITZ_ALIGNMENT, bytes);
  RITZ_REQUIRE(block, RITZ_ERR_MEMORY, "%.1f MiB are not available", (double)bytes / 1048576.0);
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

void ritz_free(void *block) {
  free(block);
}

ritz_status ritz_strdup(const char *text, char **out) {
  *out = NULL;
  if (!text) return RITZ_OK;
  const size_t length = strlen(text) + 1;
  RITZ_TRY(ritz_calloc((ritz_index)length, 1, (void **)out));
  memcpy(*out, text, length);
  return RITZ_OK;
}
