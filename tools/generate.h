/* SPDX-License-Identifier: BSD-3-Clause
 * From a planned generator to a finished data set file. */
#ifndef RITZ_TOOLS_GENERATE_H
#define RITZ_TOOLS_GENERATE_H

#include <ritz/generator.h>

typedef struct ritz_generate_job {
  const char *command;   /**< for messages */
  ritz_context *context; /**< of all ranks, which share the work */
  ritz_generator *generator;
  const char *path;
  ritz_index samples, first; /**< sample numbers first ... first + samples - 1 */
  uint64_t seed;
  ritz_dtype dtype; /**< on file */
  int threads;
  bool verbose;
} ritz_generate_job;

/**
 * Makes what is missing in PATH.part, publishes PATH, prints the summary to stdout. Collective:
 * each rank makes blocks of its own, the first one writes them all. The file does not depend on the
 * number of ranks.
 *
 * @return  RITZ_ERR_INTERRUPTED  a signal; PATH.part can be continued
 *          RITZ_ERR_NUMERIC      PATH is complete, but samples did not reach the tolerance
 */
ritz_status ritz_generate(const ritz_generate_job *job);

#endif
