/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks, messages, and agreement on failures; what is added up is in sum.c. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/ranks.h"

ritz_status ritz_comm_create(const ritz_transport *transport, void *state, int rank, int size,
                             ritz_comm **out) {
  ritz_comm *comm;
  *out = NULL;
  const ritz_index least = (ritz_index)size * (ritz_index)sizeof(double);
  const ritz_index staging = least > RITZ_MESSAGE_BYTES ? least : RITZ_MESSAGE_BYTES;
  RITZ_TRY(RITZ_NEW(1, &comm));
  *comm = (ritz_comm){.transport = transport, .rank = rank, .size = size};
  ritz_status status = ritz_calloc(staging, 1, &comm->out);
  if (status == RITZ_OK) status = ritz_calloc(staging, 1, &comm->in);
  if (status == RITZ_OK) status = RITZ_NEW(size, &comm->message);
  if (status == RITZ_OK) status = ritz_calloc(size, sizeof *comm->row, (void **)&comm->row);
  if (status != RITZ_OK) {
    ritz_comm_destroy(&comm);
    return status;
  }
  comm->state = state;
  *out = comm;
  return RITZ_OK;
}

void ritz_comm_destroy(ritz_comm **comm) {
  if (!*comm) return;
  if ((*comm)->state) (*comm)->transport->destroy((*comm)->state);
  ritz_free((*comm)->out);
  ritz_free((*comm)->in);
  ritz_free((*comm)->message);
  ritz_free((void *)(*comm)->row);
  ritz_free(*comm);
  *comm = NULL;
}

int ritz_comm_rank(const ritz_comm *comm) { return comm ? comm->rank : 0; }

int ritz_comm_size(const ritz_comm *comm) { return comm ? comm->size : 1; }

const void *ritz_comm_native(const ritz_comm *comm) {
  return ritz_comm_is_alone(comm) ? NULL : comm->transport->native(comm->state);
}

uint64_t ritz_comm_bytes(const ritz_comm *comm) { return comm ? comm->bytes : 0; }

void ritz_share_of(int rank, int size, ritz_index count, ritz_index *first, ritz_index *share) {
  const ritz_index each = count / size, left = count % size; /* the first ones take what is left */
  *first = rank * each + (rank < left ? rank : left);
  *share = each + (rank < left);
}

void ritz_comm_share(const ritz_comm *comm, ritz_index count, ritz_index *first,
                     ritz_index *share) {
  ritz_share_of(ritz_comm_rank(comm), ritz_comm_size(comm), count, first, share);
}

/* Numbers that fit the staging. */
static ritz_index largest_block(const ritz_comm *comm) {
  const ritz_index most = RITZ_MESSAGE_BYTES / (ritz_index)sizeof(double) / comm->size;
  return most > 1 ? most : 1;
}

void ritz_traffic_add_largest(ritz_traffic *traffic, ritz_comm *comm, ritz_index count) {
  if (ritz_comm_is_alone(comm)) return;
  const ritz_index block = largest_block(comm);
  for (ritz_index first = 0; first < count; first += block)
    ritz_traffic_add_gather(
        traffic, comm->size,
        (count - first < block ? count - first : block) * (ritz_index)sizeof(double));
}

ritz_status ritz_comm_largest(ritz_comm *comm, ritz_index count, double *values) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  const ritz_index block = largest_block(comm);
  for (ritz_index first = 0; first < count; first += block) {
    const ritz_index n = count - first < block ? count - first : block;
    const int bytes = (int)(n * (ritz_index)sizeof *values);
    const double *all = comm->in;
    RITZ_TRY(comm->transport->gather_all(comm->state, bytes, values + first, comm->in));
    ritz_comm_count(comm, bytes);
    for (ritz_index i = 0; i < n; i++)
      for (int r = 0; r < comm->size; r++)
        if (r == 0 || all[r * n + i] > values[first + i] || all[r * n + i] != all[r * n + i])
          values[first + i] = all[r * n + i];
  }
  return RITZ_OK;
}

ritz_status ritz_comm_swap(ritz_comm *comm, int count, const ritz_message *message) {
  if (count == 0) return RITZ_OK;
  for (int i = 0; i < count; i++) comm->bytes += (uint64_t)message[i].out_bytes;
  return comm->transport->swap(comm->state, count, message);
}

/* Staging for as many ranks as there are now. */
ritz_status ritz_comm_make_part(const ritz_comm *comm, ritz_comm **out) {
  void *state;
  *out = NULL;
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  RITZ_TRY(comm->transport->make_part(comm->state, &state));
  const ritz_status status = ritz_comm_create(comm->transport, state, 0, comm->size, out);
  if (status != RITZ_OK) comm->transport->destroy(state);
  return status;
}

ritz_status ritz_comm_split(ritz_comm *comm, int color, ritz_comm *part) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  return comm->transport->split(comm->state, color, part->state, &part->rank, &part->size);
}

static int message(ritz_index left) {
  return left < RITZ_MESSAGE_BYTES ? (int)left : RITZ_MESSAGE_BYTES;
}

ritz_status ritz_comm_broadcast(ritz_comm *comm, int root, ritz_index bytes, void *data) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  for (ritz_index done = 0; done < bytes; done += message(bytes - done))
    RITZ_TRY(
        comm->transport->broadcast(comm->state, root, message(bytes - done), (char *)data + done));
  if (comm->rank == root) ritz_comm_count(comm, bytes);
  return RITZ_OK;
}

ritz_status ritz_comm_move(ritz_comm *comm, int from, int to, ritz_index bytes, void *data) {
  const int rank = ritz_comm_rank(comm);
  if (from == to || (rank != from && rank != to)) return RITZ_OK;
  for (ritz_index done = 0; done < bytes; done += message(bytes - done)) {
    const int n = message(bytes - done);
    char *const part = (char *)data + done;
    RITZ_TRY(rank == from ? comm->transport->send(comm->state, to, n, part)
                          : comm->transport->receive(comm->state, from, n, part));
  }
  if (rank == from) comm->bytes += (uint64_t)bytes;
  return RITZ_OK;
}

ritz_status ritz_comm_barrier(ritz_comm *comm) {
  return ritz_comm_is_alone(comm) ? RITZ_OK : comm->transport->barrier(comm->state);
}

/* ---- agreement ----------------------------------------------------------------------------- */

/* What the others hear of a failure. */
typedef struct failure {
  int status;
  char message[1020];
} failure;

/* First rank that failed (-1: none), and how many did. */
static ritz_status find_failed(ritz_comm *comm, bool failed, int *first, int *count) {
  const char own = failed;
  const char *all = comm->in;
  *first = -1;
  *count = 0;
  RITZ_TRY(comm->transport->gather_all(comm->state, 1, &own, comm->in));
  ritz_comm_count(comm, 1);
  for (int r = comm->size - 1; r >= 0; r--)
    if (all[r]) *first = r, ++*count;
  return RITZ_OK;
}

void ritz_traffic_add_agreement(ritz_traffic *traffic, ritz_comm *comm) {
  if (!ritz_comm_is_alone(comm)) ritz_traffic_add_gather(traffic, comm->size, 1);
}

ritz_status ritz_status_agree(const ritz_context *context, ritz_status status) {
  ritz_comm *comm = context->comm;
  if (ritz_comm_is_alone(comm) || status == RITZ_ERR_COMMUNICATION) return status;
  int first, count;
  RITZ_TRY(find_failed(comm, status != RITZ_OK, &first, &count));
  if (first < 0) return RITZ_OK;
  failure told = {.status = status};
  strncpy(told.message, ritz_error_message(), sizeof told.message - 1);
  RITZ_TRY(ritz_comm_broadcast(comm, first, sizeof told, &told));
  if (first != comm->rank) RITZ_FAIL((ritz_status)told.status, "%s", told.message);
  if (count < comm->size && first > 0) ritz_fail_prefix((ritz_status)told.status, "rank %d", first);
  return (ritz_status)told.status;
}
