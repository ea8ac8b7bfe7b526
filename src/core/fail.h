/* SPDX-License-Identifier: BSD-3-Clause
 * Raising and passing on errors inside the library. */
#ifndef RITZ_CORE_FAIL_H
#define RITZ_CORE_FAIL_H

#include <ritz/status.h>

/** Stores the sentence and its origin for the calling thread. @return @p status. */
ritz_status ritz_fail(ritz_status status, const char *file, int line, const char *function,
                      const char *format, ...) RITZ_PRINTF(5, 6);

/** Puts "prefix: " before the stored sentence, for callers that know the file or sample.
 * @return @p status. */
ritz_status ritz_fail_prefix(ritz_status status, const char *format, ...) RITZ_PRINTF(2, 3);

/** RITZ_ERR_ARGUMENT where a caller's struct holds something in a field that this version does not
 * have. @param what  Names the struct in the message. */
ritz_status ritz_reserved_check(const uint64_t reserved[RITZ_RESERVED], const char *what);

#ifdef __clang_analyzer__ /* does not see from the caller's file that the status comes back */
#define RITZ_FAIL(status, ...) \
  (ritz_fail((status), __FILE__, __LINE__, __func__, __VA_ARGS__), (status))
#else
#define RITZ_FAIL(status, ...) ritz_fail((status), __FILE__, __LINE__, __func__, __VA_ARGS__)
#endif

/** Nothing owned yet: leave at once. */
#define RITZ_REQUIRE(condition, status, ...)                   \
  do {                                                         \
    if (!(condition)) return RITZ_FAIL((status), __VA_ARGS__); \
  } while (0)

/** Nothing owned yet: pass the failure on. */
#define RITZ_TRY(call)                          \
  do {                                          \
    const ritz_status ritz_try_ = (call);       \
    if (ritz_try_ != RITZ_OK) return ritz_try_; \
  } while (0)

/** Something owned: one exit, `done:`, and a local `status`. */
#define RITZ_TRY_DONE(call)                      \
  do {                                           \
    if ((status = (call)) != RITZ_OK) goto done; \
  } while (0)

#endif
