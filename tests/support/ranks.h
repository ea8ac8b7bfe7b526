/* SPDX-License-Identifier: BSD-3-Clause
 * Tests that run on several ranks: ctest starts them by mpirun in builds with MPI. Without MPI the
 * same tests run on one. */
#ifndef RITZ_TESTS_RANKS_H
#define RITZ_TESTS_RANKS_H

#include "core/memory.h" /* whose `size` is not this one */
#include "dist/comm.h"
#include "support.h"

extern ritz_context *together, *single; /* all ranks of the run, with one thread; this one */
extern int rank, size;                  /* of `together` */

/** First and last in main(), around the group; between them the contexts are there. A failure of
 * a collective ends the program. */
void ranks_begin(void);
/** Ends all ranks if this one failed: the others may wait for it. @return  @p failures. */
int ranks_end(int failures);

#endif
