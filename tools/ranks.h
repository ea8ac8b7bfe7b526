/* SPDX-License-Identifier: BSD-3-Clause
 * `mpirun -n P ritz ...`: the ranks of this run. Without MPI, or without mpirun, there is one.
 *
 * The first rank speaks for all: stdout of the others leads nowhere, and so does ritz_say(). */
#ifndef RITZ_TOOLS_RANKS_H
#define RITZ_TOOLS_RANKS_H

#include <ritz/context.h>

/** Before anything else in main(). */
void ritz_ranks_begin(void);

/** Last in main(): waits for the others. A rank that failed while others still work together waits
 * half a minute, then says why and ends them all.
 *
 * @return  The largest exit status of all ranks. */
int ritz_ranks_end(int code);

/** @return  True on one rank only. */
bool ritz_ranks_first(void);

/** @return  Threads this rank may use by default: what OMP_NUM_THREADS says; else the processors
 * of its affinity mask, divided among the ranks of this machine whose masks have them too. */
int ritz_ranks_threads(void);

/** A context over all ranks. Collective. */
ritz_status ritz_ranks_context(const ritz_context_options *options, ritz_context **out);

#endif
