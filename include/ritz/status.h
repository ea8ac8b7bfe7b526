/* SPDX-License-Identifier: BSD-3-Clause
 * What went wrong: a code for the program, a sentence for the person. */
#ifndef RITZ_STATUS_H
#define RITZ_STATUS_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One list of codes and texts. Append only: the numbers are part of the ABI. */
#define RITZ_STATUS_LIST(X)                                  \
  X(RITZ_OK, "success")                                      \
  X(RITZ_ERR_ARGUMENT, "invalid argument")                   \
  X(RITZ_ERR_SHAPE, "shapes do not agree")                   \
  X(RITZ_ERR_MEMORY, "out of memory")                        \
  X(RITZ_ERR_IO, "file could not be read or written")        \
  X(RITZ_ERR_FORMAT, "file does not have the expected form") \
  X(RITZ_ERR_CONFIG, "invalid configuration")                \
  X(RITZ_ERR_NOT_FOUND, "no such name")                      \
  X(RITZ_ERR_NUMERIC, "a value is not finite")               \
  X(RITZ_ERR_UNSUPPORTED, "not supported by this build")     \
  X(RITZ_ERR_INTERRUPTED, "stopped on request")              \
  X(RITZ_ERR_COMMUNICATION, "communication between ranks failed")

typedef enum ritz_status {
#define RITZ_STATUS_ENUM(code, text) code,
  RITZ_STATUS_LIST(RITZ_STATUS_ENUM)
#undef RITZ_STATUS_ENUM
} ritz_status;

/** @return  A short fixed text for @p status; never NULL. */
RITZ_API const char *ritz_status_text(ritz_status status);

/**
 * The sentence behind the last failure in the calling thread, with the offending values
 * ("x is [4, 64, 64, 3], weight wants Ci = 5"). Valid until the next failure in this thread.
 *
 * @return  Never NULL; empty if nothing failed yet.
 */
RITZ_API const char *ritz_error_message(void);

/** @return  "file:line function" of the last failure in the calling thread; never NULL. */
RITZ_API const char *ritz_error_origin(void);

#ifdef __cplusplus
}
#endif
#endif
