/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that travel while the ranks compute. */
#ifndef RITZ_DIST_TRANSFER_H
#define RITZ_DIST_TRANSFER_H

#include "dist/comm.h"

typedef struct ritz_transfer ritz_transfer;

/** Memory for messages of the lengths in @p message; the rank's own. @param out  NULL on failure.
 */
ritz_status ritz_transfer_create(ritz_comm *comm, int count, const ritz_message *message,
                                 ritz_transfer **out);
void ritz_transfer_destroy(ritz_transfer **transfer);

/** Sends and receives @p count messages as ritz_comm_swap(), but does not wait: data stay where
 * they are until ritz_transfer_wait(). All transfers of a communicator start in the same order on
 * all ranks. Both are collective. */
ritz_status ritz_transfer_start(ritz_transfer *transfer, int count, const ritz_message *message);
ritz_status ritz_transfer_wait(ritz_transfer *transfer);

/** Moves the messages on, where a library does so only in its calls. */
ritz_status ritz_transfer_move_on(ritz_transfer *transfer);

#endif
