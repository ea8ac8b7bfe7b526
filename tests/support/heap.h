/* SPDX-License-Identifier: BSD-3-Clause
 * Counts what this process asks of the heap, by any library. Only a test that calls
 * heap_count_begin is linked with it. */
#ifndef RITZ_TESTS_HEAP_H
#define RITZ_TESTS_HEAP_H

#include <stdbool.h>

/** @return  False under ThreadSanitizer: the counts are then zero. */
bool heap_is_counted(void);

/** Allocations are counted from now on, from zero. */
void heap_count_begin(void);
/** @return  Allocations since heap_count_begin(), which ends. */
long heap_count_end(void);

#endif
