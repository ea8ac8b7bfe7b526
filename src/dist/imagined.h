/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks that are not there. */
#ifndef RITZ_DIST_IMAGINED_H
#define RITZ_DIST_IMAGINED_H

#include "dist/comm.h"

/**
 * A context that is rank @p rank of @p size, alone in the world: layouts, graphs and outlines of
 * plans (graph/plan.h) are those that this rank would have. What communicates fails.
 *
 * @param out  NULL on failure. RITZ_ERR_ARGUMENT  no such rank; RITZ_ERR_MEMORY
 */
ritz_status ritz_context_imagine(const ritz_context_options *options, int rank, int size,
                                 ritz_context **out);

#endif
