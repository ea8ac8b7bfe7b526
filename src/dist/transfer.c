/* SPDX-License-Identifier: BSD-3-Clause */
#include "dist/transfer.h"

#include "core/fail.h"
#include "core/memory.h"
#include "dist/ranks.h"

struct ritz_transfer {
  ritz_comm *comm;
  void *task;
  bool under_way;
};

static int pieces_of(ritz_index bytes) {
  return (int)((bytes + RITZ_PIECE_BYTES - 1) / RITZ_PIECE_BYTES);
}

ritz_status ritz_transfer_create(ritz_comm *comm, int count, const ritz_message *message,
                                 ritz_transfer **out) {
  int messages = 0;
  for (int i = 0; i < count; i++)
    messages += pieces_of(message[i].out_bytes) + pieces_of(message[i].in_bytes);
  RITZ_TRY(RITZ_NEW(1, out));
  (*out)->comm = comm;
  const ritz_status status =
      comm->transport->make_task(comm->state, RITZ_TASK_HALO, messages, &(*out)->task);
  if (status != RITZ_OK) ritz_transfer_destroy(out);
  return status;
}

void ritz_transfer_destroy(ritz_transfer **transfer) {
  ritz_transfer *t = *transfer;
  *transfer = NULL;
  if (t && t->task) t->comm->transport->destroy_task(t->task);
  ritz_free(t);
}

ritz_status ritz_transfer_start(ritz_transfer *t, int count, const ritz_message *message) {
  for (int i = 0; i < count; i++) t->comm->bytes += (uint64_t)message[i].out_bytes;
  t->under_way = true;
  return t->comm->transport->start(t->task, count, message);
}

ritz_status ritz_transfer_move_on(ritz_transfer *t) {
  bool done = false;
  if (!t->under_way) return RITZ_OK;
  RITZ_TRY(t->comm->transport->test(t->task, &done));
  t->under_way = !done;
  return RITZ_OK;
}

ritz_status ritz_transfer_wait(ritz_transfer *t) {
  if (!t->under_way) return RITZ_OK;
  t->under_way = false;
  return t->comm->transport->wait(t->task);
}
