/* SPDX-License-Identifier: BSD-3-Clause
 * Calls that must survive the failure of every allocation they make: the first, then the second,
 * and so on until the call needs no more.
 *
 *   long k = 0;
 *   while (creation_fails(k, solver, ritz_solver_create("cg", &solver))) k++;
 *   assert_int_equal(k, 3); // it makes three
 *   ritz_solver_destroy(&solver);
 */
#ifndef RITZ_TESTS_ALLOCATIONS_H
#define RITZ_TESTS_ALLOCATIONS_H

#include "core/memory.h"
#include "support.h"

/** Makes @p call while its allocation k (0 is the first) fails. True if it gave RITZ_ERR_MEMORY,
 * false if it succeeded. Fails the test on any other status, and on success with k = 0: a call
 * that asked for nothing has not been tested. With k = -1 nothing fails here: of the ranks that
 * make a call together, those that have memory. */
#define memory_fails(k, call) (ritz_test_fail_allocation(k), memory_failed((k), (call), #call))

/** The same for a call that hands over @p object: after a failure the pointer must be NULL, though
 * it was not before. After success the object is the caller's. */
#define creation_fails(k, object, call) \
  ((object) = not_an_object(), memory_fails(k, call) && left_nothing((object), #call))

/** What the macros need: no allocation fails any more; judges the status. */
bool memory_failed(long k, ritz_status status, const char *call);
/** Address of nothing that a test may use. */
void *not_an_object(void);
/** True; fails the test if @p object is not NULL. */
bool left_nothing(const void *object, const char *call);

#endif
