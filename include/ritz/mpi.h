/* SPDX-License-Identifier: BSD-3-Clause
 * A context over the ranks of an MPI communicator; in builds with MPI only (library ritz_mpi).
 *
 * Distributed: the samples of ritz_train() and ritz_evaluate(), and their grids where asked for.
 * With such a context these are collective: every rank calls them alike, and all ranks return the
 * same status and message, also where only one of them failed ("rank 2: ..."; without a number it
 * was rank 0 or all). So are runs of predictors and plans on fields that are split by a layout
 * (layout.h). Everything else is each rank's own. */
#ifndef RITZ_MPI_H
#define RITZ_MPI_H

#include <mpi.h>
#include <ritz/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * As ritz_context_create(), over all ranks of @p comm. Collective; the last
 * ritz_context_destroy() is too, and belongs before MPI_Finalize.
 *
 * The library never initialises or finalises MPI and calls it only from the thread that calls the
 * library: MPI_THREAD_FUNNELED is enough if that is the thread which initialised MPI.
 *
 * @param comm     Duplicated: messages of the library never meet those of the host.
 * @param options  NULL for the defaults. The log sink is used on rank 0 only.
 * @param out      NULL on failure.
 *                 RITZ_ERR_ARGUMENT       MPI is not running, an intercommunicator or
 *                                         MPI_COMM_NULL, several threads under MPI_THREAD_SINGLE
 *                 RITZ_ERR_COMMUNICATION  the communicator could not be duplicated
 */
RITZ_API ritz_status ritz_context_create_mpi(MPI_Comm comm, const ritz_context_options *options,
                                             ritz_context **out);

#ifdef __cplusplus
}
#endif
#endif
