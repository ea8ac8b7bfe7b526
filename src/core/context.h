/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a context, and logging to its sink. */
#ifndef RITZ_CORE_CONTEXT_H
#define RITZ_CORE_CONTEXT_H

#include <ritz/context.h>

struct ritz_context {
  int references; /* atomic */
  ritz_context_options options;
  int threads;
  struct ritz_comm *comm;                        /* dist/comm.h; NULL: one rank */
  void (*destroy_comm)(struct ritz_comm **comm); /* set with it: this layer knows no ranks */
};

ritz_context *ritz_context_retain(ritz_context *context);

/** Sends a message to the sink, "key = value" style; does nothing without one. */
void ritz_log(const ritz_context *context, ritz_log_level level, const char *format, ...)
    RITZ_PRINTF(3, 4);

#endif
