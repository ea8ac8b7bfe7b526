/* SPDX-License-Identifier: BSD-3-Clause
 * The only door to the heap: aligned, counted, and able to fail on demand for tests. */
#ifndef RITZ_CORE_MEMORY_H
#define RITZ_CORE_MEMORY_H

#include <ritz/status.h>

/** Cache line and widest vector: every block starts on a multiple of this. */
#define RITZ_ALIGNMENT 64

/** The least multiple of RITZ_ALIGNMENT that holds @p bytes: the place of what comes behind them.
 */
static inline size_t ritz_aligned(size_t bytes) {
  return (bytes + RITZ_ALIGNMENT - 1) / RITZ_ALIGNMENT * RITZ_ALIGNMENT;
}

/** The least multiple of RITZ_ALIGNMENT, in numbers of @p size bytes, that holds @p count: rows of
 * so many numbers start on whole vectors. */
static inline ritz_index ritz_padded(ritz_index count, size_t size) {
  return (ritz_index)(ritz_aligned((size_t)count * size) / size);
}

/**
 * @p count objects of @p size bytes, zero-filled, aligned to RITZ_ALIGNMENT. A count of zero gives
 * a valid pointer.
 *
 * @param out  NULL on failure. Release with ritz_free().
 *             RITZ_ERR_MEMORY  not available, or count * size overflows
 */
ritz_status ritz_calloc(ritz_index count, size_t size, void **out);

/** Allocates `count` zeroed elements of what *pointer points at. */
#define RITZ_NEW(count, pointer) ritz_calloc((count), sizeof **(pointer), (void **)(pointer))

/** Grows @p *block to @p new_count objects, new ones zeroed; on failure it is unchanged. */
ritz_status ritz_grow(ritz_index old_count, ritz_index new_count, size_t size, void **block);

void ritz_free(void *block);

/** A copy of @p text; NULL gives NULL. Release with ritz_free(). */
ritz_status ritz_strdup(const char *text, char **out);

/** @p text with @p more behind it ("m.h5", ".tmp"). Release with ritz_free(). */
ritz_status ritz_strjoin(const char *text, const char *more, char **out);

/** Tests: the k-th allocation from now (0 = the next) fails in this thread; -1 switches off. */
void ritz_test_fail_allocation(long k);

#endif
