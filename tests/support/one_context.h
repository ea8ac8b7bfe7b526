/* SPDX-License-Identifier: BSD-3-Clause
 * One context for all tests of a program:
 *
 *   return cmocka_run_group_tests(tests, context_begin, context_end);
 */
#ifndef RITZ_TESTS_ONE_CONTEXT_H
#define RITZ_TESTS_ONE_CONTEXT_H

#include <ritz/context.h>

#include "support.h"

static ritz_context *context;

static int context_begin(void **state) {
  assert_ok(ritz_context_create(NULL, &context));
  return 0;
}

static int context_end(void **state) {
  ritz_context_destroy(&context);
  return 0;
}

#endif
