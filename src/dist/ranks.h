/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a communicator. */
#ifndef RITZ_DIST_RANKS_H
#define RITZ_DIST_RANKS_H

#include "dist/traffic.h"
#include "dist/transport.h"

struct ritz_comm {
  const ritz_transport *transport;
  void *state;
  int rank, size;
  uint64_t bytes;
  void *out, *in;        /* staging, RITZ_MESSAGE_BYTES or a number per rank */
  ritz_message *message; /* [size] */
  const void **row;      /* [size] */
};

static inline bool ritz_comm_is_alone(const ritz_comm *comm) { return ritz_comm_size(comm) == 1; }

/** Counts what goes to every other rank. */
static inline void ritz_comm_count(ritz_comm *comm, ritz_index bytes) {
  comm->bytes += (uint64_t)bytes * (uint64_t)(comm->size - 1);
}

/** sum[i] = row[0][i] + row[1][i] + ..., in double; may be one of them. */
void ritz_add_rows(ritz_dtype dtype, int rows, const void *const *row, ritz_index count, void *sum);

#endif
