/* SPDX-License-Identifier: BSD-3-Clause
 * How bytes get from rank to rank: what comm.c wants of MPI, and no more. */
#ifndef RITZ_DIST_TRANSPORT_H
#define RITZ_DIST_TRANSPORT_H

#include "dist/comm.h"

/** No message is longer, so that any int count of bytes will do. */
enum { RITZ_MESSAGE_BYTES = 1 << 21 };

/** Longer messages of swaps and tasks go in pieces. */
enum { RITZ_PIECE_BYTES = 1 << 30 };

/** What tasks carry: messages of one kind meet none of another. */
typedef enum ritz_task_kind { RITZ_TASK_BUCKETS, RITZ_TASK_HALO } ritz_task_kind;

/* All but send, receive and tasks are collective. `state` is the communicator's. */
typedef struct ritz_transport {
  /* out[r] = in of rank r, for all r; @p bytes each. */
  ritz_status (*gather_all)(void *state, int bytes, const void *in, void *out);
  /* out[r] = in[own rank] of rank r; @p bytes each. */
  ritz_status (*exchange)(void *state, int bytes, const void *in, void *out);
  ritz_status (*broadcast)(void *state, int root, int bytes, void *data);
  ritz_status (*send)(void *state, int to, int bytes, const void *data);
  ritz_status (*receive)(void *state, int from, int bytes, void *data);
  ritz_status (*barrier)(void *state);
  /* All messages at once, of any length; each pair of ranks has as many for each other. */
  ritz_status (*swap)(void *state, int count, const ritz_message *message);
  /* Messages that travel while the rank does something else: memory for @p messages at a time; the
   * rank's own. */
  ritz_status (*make_task)(void *state, ritz_task_kind kind, int messages, void **task);
  /* All messages, any number for a pair, each piece of one counting: ranks start what they
   * have for each other in the same order among those of a kind. They meet nothing that is sent in
   * another way. */
  ritz_status (*start)(void *task, int count, const ritz_message *message);
  /* Moves them on. */
  ritz_status (*test)(void *task, bool *done);
  ritz_status (*wait)(void *task);
  /* Gives up what is under way. */
  void (*destroy_task)(void *task);
  /* Memory for the state of some of the ranks; the rank's own. */
  ritz_status (*make_part)(void *state, void **part);
  /* Fills it with the ranks that give the same @p color, in the same order. */
  ritz_status (*split)(void *state, int color, void *part, int *rank, int *size);
  /* What other libraries know the ranks by; NULL: nobody does. */
  const void *(*native)(const void *state);
  void (*destroy)(void *state);
} ritz_transport;

/** @param state  Taken by the communicator on success only. @param out  NULL on failure. */
ritz_status ritz_comm_create(const ritz_transport *transport, void *state, int rank, int size,
                             ritz_comm **out);

#endif
