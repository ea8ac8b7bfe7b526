/* SPDX-License-Identifier: BSD-3-Clause
 * From a planned generator to a finished data set file. */
#ifndef RITZ_TOOLS_GENERATE_H
#define RITZ_TOOLS_GENERATE_H

#include <ritz/generator.h>

#include "datasets/split_generator.h"
#include "io/map_writer.h"

typedef struct ritz_generate_job {
  const char *command;         /**< for messages */
  ritz_context *context;       /**< of all ranks, which share the work */
  ritz_generator *generator;   /**< of whole samples; NULL: split makes them */
  ritz_split_generator *split; /**< of the ranks that make a sample together; else NULL */
  int group, groups;           /**< with split: number of those ranks, and of such groups */
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

/** What the generator makes. */
const ritz_generator_info *ritz_generate_info(const ritz_generate_job *job);

/* -- Samples that ranks make together, split_generate.c -----------------------------------------
 */

enum { RITZ_GENERATE_RESIDUAL, RITZ_GENERATE_ITERATIONS, RITZ_GENERATE_REASON };

/** Numbers of a field that a rank needs room for: of any rank's part. */
ritz_index ritz_split_generate_room(const ritz_generate_job *job);

/** Makes samples from ... from + groups - 1 of the file, one a group, and writes them.
 * @param x,y  Room for a part.  @param extra  Numbers of a sample.  @param writer  Of the first
 * rank; NULL on the others. */
ritz_status ritz_split_generate_round(const ritz_generate_job *job, ritz_index from, void *x,
                                      void *y, double *const *extra, ritz_map_writer *writer);

#endif
