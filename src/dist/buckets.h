/* SPDX-License-Identifier: BSD-3-Clause
 * An array that ranks share out bucket by bucket: of every bucket each rank has a slice. Its sum
 * over the ranks goes on while other work is done, a bucket as soon as its numbers are there.
 *
 * No thread: messages are started, and moved on, by the calls below. At most RITZ_BUCKETS_AT_ONCE
 * buckets are under way; one more waits for room, not the caller. Ranks start buckets in the same
 * order, each when it can. Li et al. 2020, arXiv:2006.15704, Sec. 3.2. */
#ifndef RITZ_DIST_BUCKETS_H
#define RITZ_DIST_BUCKETS_H

#include "dist/traffic.h"

/** Two would do on a quiet machine; more let a rank run ahead of others. */
enum { RITZ_BUCKETS_AT_ONCE = 4 };

typedef struct ritz_buckets ritz_buckets;

/**
 * @param comm    Of two ranks or more, borrowed.
 * @param offset  [count][size + 1], borrowed: of bucket b rank r has the numbers
 *                [offset[b][r], offset[b][r + 1]), as long as an int can count in bytes. Buckets
 *                are summed in this order. The same on all ranks. Nothing is sent.
 * @param out     NULL on failure: RITZ_ERR_MEMORY.
 */
ritz_status ritz_buckets_create(ritz_comm *comm, ritz_dtype dtype, int count,
                                const ritz_index *offset, ritz_buckets **out);
/** Accepts NULL. Gives up a sum that has not been finished, which only a failed communication
 * allows. */
void ritz_buckets_destroy(ritz_buckets **buckets);

/** Begins a sum over the ranks in place: each gets the numbers of its slices, bit for bit those of
 * ritz_comm_sum(); others stay as they are. Sends nothing yet. Between this and the end of the sum
 * @p values must stay, and no bucket be written that was said to be ready. */
void ritz_buckets_begin_sum(ritz_buckets *buckets, void *values);
/** The first @p ready buckets have their numbers: starts those for which there is room, adds up
 * what has arrived. Never waits. A failure comes out at the end. */
void ritz_buckets_go_on(ritz_buckets *buckets, int ready);
/** All buckets are ready; returns when their sums are there. Collective: a rank that has nothing to
 * give but a failure calls it, too, so that no rank waits for it. RITZ_ERR_COMMUNICATION */
ritz_status ritz_buckets_finish_sum(ritz_buckets *buckets);

/** All ranks' slices of @p values to all ranks, in place. Collective; not during a sum. */
ritz_status ritz_buckets_gather(ritz_buckets *buckets, void *values);

/** Adds what the sum of bucket @p bucket sends. */
void ritz_buckets_add_sum(const ritz_buckets *buckets, int bucket, ritz_traffic *traffic);
/** Adds what a gather sends. */
void ritz_buckets_add_gather(const ritz_buckets *buckets, ritz_traffic *traffic);
/** Bytes for what arrives. */
size_t ritz_buckets_memory(const ritz_buckets *buckets);

#endif
