/* SPDX-License-Identifier: BSD-3-Clause */
#include "dist/imagined.h"

#include "core/fail.h"
#include "dist/transport.h"

static ritz_status nobody(void) {
  return RITZ_FAIL(RITZ_ERR_COMMUNICATION, "the other ranks are only imagined");
}

static ritz_status gather_all(void *state, int bytes, const void *in, void *out) {
  return nobody();
}
static ritz_status exchange(void *state, int bytes, const void *in, void *out) { return nobody(); }
static ritz_status broadcast(void *state, int root, int bytes, void *data) { return nobody(); }
static ritz_status send(void *state, int to, int bytes, const void *data) { return nobody(); }
static ritz_status receive(void *state, int from, int bytes, void *data) { return nobody(); }
static ritz_status barrier(void *state) { return nobody(); }
static ritz_status swap(void *state, int count, const ritz_message *message) { return nobody(); }
static ritz_status make_task(void *state, ritz_task_kind kind, int messages, void **task) {
  *task = NULL;
  return RITZ_OK;
}
static ritz_status start(void *task, int count, const ritz_message *message) { return nobody(); }
static ritz_status test(void *task, bool *done) { return nobody(); }
static ritz_status wait(void *task) { return nobody(); }
static void destroy_task(void *task) {}
static ritz_status make_part(void *state, void **part) { return nobody(); }
static ritz_status split(void *state, int color, void *part, int *rank, int *size) {
  return nobody();
}
static const void *native(const void *state) { return NULL; }
static void destroy(void *state) {}

static const ritz_transport transport = {
    .gather_all = gather_all,
    .exchange = exchange,
    .broadcast = broadcast,
    .send = send,
    .receive = receive,
    .barrier = barrier,
    .swap = swap,
    .make_task = make_task,
    .start = start,
    .test = test,
    .wait = wait,
    .destroy_task = destroy_task,
    .make_part = make_part,
    .split = split,
    .native = native,
    .destroy = destroy,
};

ritz_status ritz_context_imagine(const ritz_context_options *options, int rank, int size,
                                 ritz_context **out) {
  *out = NULL;
  RITZ_REQUIRE(size >= 1 && rank >= 0 && rank < size, RITZ_ERR_ARGUMENT, "rank %d of %d ranks",
               rank, size);
  RITZ_TRY(ritz_context_create(options, out));
  if (size == 1) return RITZ_OK;
  (*out)->destroy_comm = ritz_comm_destroy;
  const ritz_status status = ritz_comm_create(&transport, NULL, rank, size, &(*out)->comm);
  if (status != RITZ_OK) ritz_context_destroy(out);
  return status;
}
