/* SPDX-License-Identifier: BSD-3-Clause
 * What communication costs, told before it happens: the bytes that ritz_comm_bytes() will have
 * counted, messages, and the time they take on a network.
 *
 * A message of n bytes takes alpha + beta n seconds (Hockney 1994,
 * doi:10.1016/S0167-8191(06)80021-9), whoever else sends; a rank sends one after the other. What
 * goes to all ranks, or from all to all, is a collective of MPI, with the rounds and bytes of the
 * best known algorithm: Thakur, Rabenseifner & Gropp 2005, doi:10.1177/1094342005051521, Sec. 4. */
#ifndef RITZ_DIST_TRAFFIC_H
#define RITZ_DIST_TRAFFIC_H

#include "dist/comm.h"

typedef struct ritz_network {
  double latency;   /* alpha, seconds of a message */
  double byte_time; /* beta, seconds of a byte */
} ritz_network;

/** Sums over what a rank does. One without a network counts messages and bytes alone. */
typedef struct ritz_traffic {
  ritz_network network;
  double messages; /* that the rank sends, by the algorithm that takes least */
  double bytes;    /* as ritz_comm_bytes() counts them */
  double seconds;
} ritz_traffic;

/** One message of @p bytes to one rank; none where there is nothing to say. */
void ritz_traffic_add_message(ritz_traffic *traffic, ritz_index bytes);
/** The same @p bytes to each of the other ranks of @p size. */
void ritz_traffic_add_gather(ritz_traffic *traffic, int size, ritz_index bytes);
/** Other @p bytes to each of them. */
void ritz_traffic_add_exchange(ritz_traffic *traffic, int size, ritz_index bytes);

/* Of the functions of comm.h without `traffic_add`, with the same arguments. */
void ritz_traffic_add_sum(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                          ritz_index count);
void ritz_traffic_add_sum_share(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                                ritz_index count, ritz_index width);
void ritz_traffic_add_gather_shares(ritz_traffic *traffic, ritz_comm *comm, ritz_index count,
                                    ritz_index bytes);
void ritz_traffic_add_sum_part(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                               const ritz_index *offset);
void ritz_traffic_add_gather_parts(ritz_traffic *traffic, ritz_comm *comm, ritz_index bytes,
                                   const ritz_index *offset);
void ritz_traffic_add_largest(ritz_traffic *traffic, ritz_comm *comm, ritz_index count);
/** Of ritz_status_agree() where all is well. */
void ritz_traffic_add_agreement(ritz_traffic *traffic, ritz_comm *comm);

/** Adds the sums of @p more. */
void ritz_traffic_add(ritz_traffic *traffic, const ritz_traffic *more);

#endif
