/* SPDX-License-Identifier: BSD-3-Clause
 * Tests that run on several ranks: ctest starts them by mpirun in builds with MPI. Without MPI the
 * same tests run on one. */
#ifndef RITZ_TESTS_RANKS_H
#define RITZ_TESTS_RANKS_H

#include "dist/comm.h"
#include "support.h"

/** First and last in main(). A failure of a collective ends the program. */
void ranks_begin(void);
void ranks_end(void);

/** A context over all ranks of the run, with one thread. */
ritz_context *ranks_context(void);

/** Ends all ranks if this one failed: the others may wait for it. @return @p failures. */
int ranks_result(int failures);

#endif
