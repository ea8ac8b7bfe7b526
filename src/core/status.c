/* SPDX-License-Identifier: BSD-3-Clause
 * Status texts and the last failure of each thread. */
#include <ritz/version.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"

static _Thread_local char message[1024];
static _Thread_local char origin[256];

const char *ritz_status_text(ritz_status status) {
  switch (status) {
#define RITZ_STATUS_TEXT(code, text) \
  case code: return text;
    RITZ_STATUS_LIST(RITZ_STATUS_TEXT)
#undef RITZ_STATUS_TEXT
  }
  return "unknown status";
}

ritz_status ritz_reserved_check(const uint64_t reserved[RITZ_RESERVED], const char *what) {
  for (int i = 0; i < RITZ_RESERVED; i++)
    RITZ_REQUIRE(reserved[i] == 0, RITZ_ERR_ARGUMENT,
                 "%s: a field is set that version %s does not have; start from the defaults, or "
                 "from zeros where there are none",
                 what, ritz_version());
  return RITZ_OK;
}

const char *ritz_error_message(void) { return message; }
const char *ritz_error_origin(void) { return origin; }

ritz_status ritz_fail(ritz_status status, const char *file, int line, const char *function,
                      const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  snprintf(origin, sizeof origin, "%s:%d %s", file, line, function);
  return status;
}

ritz_status ritz_fail_prefix(ritz_status status, const char *format, ...) {
  char joined[sizeof message];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(joined, sizeof joined, format, args);
  va_end(args);
  const int room = (int)sizeof joined - length - 3; /* for ": " and the end; the rest is cut off */
  if (length >= 0 && room > 0) snprintf(joined + length, (size_t)room + 3, ": %.*s", room, message);
  memcpy(message, joined, sizeof message);
  return status;
}
