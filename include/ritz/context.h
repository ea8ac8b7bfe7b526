/* SPDX-License-Identifier: BSD-3-Clause
 * What every object of one user of the library shares: threads, log sink. */
#ifndef RITZ_CONTEXT_H
#define RITZ_CONTEXT_H

#include <ritz/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_context ritz_context;

typedef enum ritz_log_level {
  RITZ_LOG_ERROR = 0,
  RITZ_LOG_WARNING,
  RITZ_LOG_INFO,
  RITZ_LOG_DEBUG
} ritz_log_level;

/** Receives one message without a trailing newline; may be called from any thread of the caller. */
typedef void ritz_log_fn(void *user, ritz_log_level level, const char *message);

typedef struct ritz_context_options {
  int threads; /**< OpenMP threads of a parallel kernel; 0: all in the affinity mask. Default 1. */
  ritz_log_fn *log; /**< Log sink; NULL (default): silent. The library itself never prints. */
  void *log_user;   /**< First argument of log. */
  ritz_log_level log_level;         /**< Most detailed level delivered. Default RITZ_LOG_WARNING. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_context_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_context_options_defaults(ritz_context_options *options);

/**
 * @param options  NULL for the defaults.
 * @param out      One reference; NULL on failure. Objects made from it keep it alive.
 *                 RITZ_ERR_ARGUMENT  negative thread count
 */
RITZ_API ritz_status ritz_context_create(const ritz_context_options *options, ritz_context **out);

/** Drops one reference; accepts NULL and clears the pointer. */
RITZ_API void ritz_context_destroy(ritz_context **context);

/** @return  The threads a parallel kernel of this context uses (resolved, at least 1). */
RITZ_API int ritz_context_threads(const ritz_context *context);

#ifdef __cplusplus
}
#endif
#endif
