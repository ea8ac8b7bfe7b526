/* SPDX-License-Identifier: BSD-3-Clause
 * The ranks of a context and what they do together.
 *
 * NULL is the communicator of one rank, at no cost: every function accepts it. All functions but
 * the queries and ritz_comm_move() are collective: every rank calls them in the same order with the
 * same sizes. What can fail on one rank alone is agreed upon first (ritz_status_agree), so that
 * nobody waits for a rank that has left.
 *
 * Counts are 64-bit; data travel in blocks of bounded size. A failure is RITZ_ERR_COMMUNICATION;
 * after one the communicator is of no more use. */
#ifndef RITZ_DIST_COMM_H
#define RITZ_DIST_COMM_H

#include "core/context.h"

/** From here on a message to each rank, straight from where the numbers are, beats a collective
 * that wants them packed. */
enum { RITZ_LONG_BYTES = 1 << 15 };

typedef struct ritz_comm ritz_comm;

int ritz_comm_rank(const ritz_comm *comm);
int ritz_comm_size(const ritz_comm *comm);

/** Rank @p rank's part of @p count things: [*first, *first + *share). Parts follow each other in
 * rank order and differ by at most one; some are empty where count < size. */
void ritz_comm_share(const ritz_comm *comm, ritz_index count, ritz_index *first, ritz_index *share);
/** The same of one of @p size ranks. */
void ritz_share_of(int rank, int size, ritz_index count, ritz_index *first, ritz_index *share);

/**
 * Sum over ranks in place. Added in double in rank order whatever arrives first, and rounded once:
 * the same bits on all ranks and in every run.
 *
 * Cost: a rank sends about 2 count (size - 1) / size numbers, for short arrays count (size - 1) in
 * one message each.
 */
ritz_status ritz_comm_sum(ritz_comm *comm, ritz_dtype dtype, ritz_index count, void *values);

/**
 * Sums over ranks of @p count things of @p width numbers, in[count][width]; out: those of this
 * rank's share (ritz_comm_share()). Added as by ritz_comm_sum().
 *
 * @param in   Not changed; must not overlap @p out.
 * Cost: a rank sends count width (size - 1) / size numbers.
 */
ritz_status ritz_comm_sum_share(ritz_comm *comm, ritz_dtype dtype, ritz_index count,
                                ritz_index width, const void *in, void *out);

/**
 * Every rank's share of @p count things of @p bytes each to all ranks: all[count].
 *
 * @param share  This rank's; may be where it belongs in @p all.
 * Cost: a rank sends its share to size - 1 ranks.
 */
ritz_status ritz_comm_gather_shares(ritz_comm *comm, ritz_index count, ritz_index bytes,
                                    const void *share, void *all);

/**
 * Sums over ranks in place, of which each rank gets its part, [offset[rank], offset[rank + 1]), and
 * nothing else: the other numbers stay as they are. Added as by ritz_comm_sum().
 *
 * @param offset  [size + 1], from 0, the same on all ranks.
 * Cost: a rank sends size - 1 times the numbers of the largest part.
 */
ritz_status ritz_comm_sum_part(ritz_comm *comm, ritz_dtype dtype, const ritz_index *offset,
                               void *values);

/** Every rank's part of things of @p bytes each to all ranks, in place. Cost: as above. */
ritz_status ritz_comm_gather_parts(ritz_comm *comm, ritz_index bytes, const ritz_index *offset,
                                   void *all);

/** Largest values over ranks in place; NaN if any is. */
ritz_status ritz_comm_largest(ritz_comm *comm, ritz_index count, double *values);

/** What two ranks tell each other. */
typedef struct ritz_message {
  int rank; /* the other one */
  ritz_index out_bytes, in_bytes;
  const void *out;
  void *in;
} ritz_message;

/** Exchanges @p count messages at once, at most one with each other rank; empty ones cost
 * nothing. Both sides of a pair know both lengths. */
ritz_status ritz_comm_swap(ritz_comm *comm, int count, const ritz_message *message);

/** Memory for a communicator of some of the ranks: each rank's own, to be agreed upon. @param out
 * NULL on failure, and for one rank. */
ritz_status ritz_comm_make_part(const ritz_comm *comm, ritz_comm **out);
/** Ranks that give the same @p color >= 0 become the communicator @p part, in the same order. */
ritz_status ritz_comm_split(ritz_comm *comm, int color, ritz_comm *part);

/** @p bytes of @p root to all. */
ritz_status ritz_comm_broadcast(ritz_comm *comm, int root, ritz_index bytes, void *data);

/** Rank @p from sends @p bytes of its @p data to rank @p to, which receives into its own; the
 * others do nothing. */
ritz_status ritz_comm_move(ritz_comm *comm, int from, int to, ritz_index bytes, void *data);

ritz_status ritz_comm_barrier(ritz_comm *comm);

/** @return  The MPI_Comm, for libraries that speak MPI themselves (io/h5_ranks.h); lives with
 * @p comm. NULL: one rank, or no MPI. */
const void *ritz_comm_native(const ritz_comm *comm);

void ritz_comm_destroy(ritz_comm **comm);

/** @return  Bytes of data this rank has sent to other ranks; of a broadcast, what a root that
 * sends to each rank would. */
uint64_t ritz_comm_bytes(const ritz_comm *comm);

/**
 * One failure for all: RITZ_OK if every rank gives that, else the status and sentence of the first
 * rank that failed, on every rank. The sentence starts with "rank 2: " unless all ranks failed, or
 * the one that speaks for all.
 */
ritz_status ritz_status_agree(const ritz_context *context, ritz_status status);

/** @return  True on the rank that writes files and speaks for all. */
static inline bool ritz_is_first_rank(const ritz_context *context) {
  return ritz_comm_rank(context->comm) == 0;
}

#endif
