/* SPDX-License-Identifier: BSD-3-Clause */
#include "allocations.h"

bool memory_failed(long k, ritz_status status, const char *call) {
  ritz_test_fail_allocation(-1);
  if (status == RITZ_OK && k == 0) fail_msg("%s: made no allocation", call);
  if (status != RITZ_OK && status != RITZ_ERR_MEMORY)
    fail_msg("%s: %s (%s) when allocation %ld failed", call, ritz_error_message(),
             ritz_error_origin(), k);
  return status != RITZ_OK;
}

void *not_an_object(void) {
  static char nothing;
  return &nothing;
}

bool left_nothing(const void *object, const char *call) {
  if (object) fail_msg("%s: the pointer is not NULL after a failure", call);
  return true;
}
