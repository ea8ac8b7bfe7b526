/* SPDX-License-Identifier: BSD-3-Clause
 * Context: reference count, threads, log sink. */
#include "core/context.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

void ritz_context_options_defaults(ritz_context_options *options) {
  *options = (ritz_context_options){.threads = 1, .log_level = RITZ_LOG_WARNING};
}

ritz_status ritz_context_create(const ritz_context_options *options, ritz_context **out) {
  *out = NULL;
  ritz_context_options chosen;
  ritz_context_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_TRY(ritz_reserved_check(chosen.reserved, "context options"));
  RITZ_REQUIRE(chosen.threads >= 0, RITZ_ERR_ARGUMENT, "threads is %d, wanted 0 (all) or more",
               chosen.threads);
  RITZ_TRY(RITZ_NEW(1, out));
  (*out)->references = 1;
  (*out)->options = chosen;
  (*out)->threads = chosen.threads ? chosen.threads : ritz_threads_available();
  return RITZ_OK;
}

ritz_context *ritz_context_retain(ritz_context *context) {
  __atomic_add_fetch(&context->references, 1, __ATOMIC_RELAXED);
  return context;
}

void ritz_context_destroy(ritz_context **context) {
  if (!context || !*context) return;
  if (__atomic_sub_fetch(&(*context)->references, 1, __ATOMIC_ACQ_REL) == 0) {
    if ((*context)->comm) (*context)->destroy_comm(&(*context)->comm);
    ritz_free(*context);
  }
  *context = NULL;
}

int ritz_context_threads(const ritz_context *context) { return context->threads; }

void ritz_log(const ritz_context *context, ritz_log_level level, const char *format, ...) {
  if (!context->options.log || level > context->options.log_level) return;
  char message[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  context->options.log(context->options.log_user, level, message);
}
