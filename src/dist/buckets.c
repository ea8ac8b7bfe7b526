/* SPDX-License-Identifier: BSD-3-Clause */
#include "dist/buckets.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/ranks.h"

struct ritz_buckets {
  ritz_comm *comm;
  ritz_dtype dtype;
  int count;
  const ritz_index *offset;
  ritz_index room;                  /* bytes of the largest own slice */
  char *in[RITZ_BUCKETS_AT_ONCE];   /* [size][room]: slices of others; bucket b's is in[b % ...] */
  void *task[RITZ_BUCKETS_AT_ONCE]; /* as well */
  void *gather;                     /* task of all buckets */
  ritz_message *message;            /* [count (size - 1)] */

  /* The sum under way: buckets [0, added) are done, those up to `started` are travelling. */
  char *values;
  int added, started;
  ritz_status status; /* the first failure */
};

static ritz_index number_bytes(const ritz_buckets *b) {
  return (ritz_index)ritz_dtype_size(b->dtype);
}

/* Bytes from the beginning to rank r's slice of a bucket, and how many it has. */
static ritz_index slice_of(const ritz_buckets *b, int bucket, int r, ritz_index *bytes) {
  const ritz_index *offset = b->offset + (ritz_index)bucket * (b->comm->size + 1) + r;
  *bytes = (offset[1] - offset[0]) * number_bytes(b);
  return offset[0] * number_bytes(b);
}

static ritz_status take_memory(ritz_buckets *b) {
  const int others = b->comm->size - 1;
  const ritz_transport *transport = b->comm->transport;
  for (int i = 0; i < b->count; i++) {
    ritz_index own;
    slice_of(b, i, b->comm->rank, &own);
    if (own > b->room) b->room = own;
  }
  RITZ_TRY(RITZ_NEW((ritz_index)b->count * others, &b->message));
  RITZ_TRY(transport->make_task(b->comm->state, RITZ_TASK_BUCKETS, b->count * others, &b->gather));
  for (int i = 0; i < RITZ_BUCKETS_AT_ONCE && i < b->count; i++) {
    RITZ_TRY(ritz_calloc(others, (size_t)b->room, (void **)&b->in[i]));
    RITZ_TRY(transport->make_task(b->comm->state, RITZ_TASK_BUCKETS, others, &b->task[i]));
  }
  return RITZ_OK;
}

ritz_status ritz_buckets_create(ritz_comm *comm, ritz_dtype dtype, int count,
                                const ritz_index *offset, ritz_buckets **out) {
  RITZ_TRY(RITZ_NEW(1, out));
  **out = (ritz_buckets){.comm = comm, .dtype = dtype, .count = count, .offset = offset};
  const ritz_status status = take_memory(*out);
  if (status != RITZ_OK) ritz_buckets_destroy(out);
  return status;
}

void ritz_buckets_destroy(ritz_buckets **buckets) {
  ritz_buckets *b = *buckets;
  if (!b) return;
  *buckets = NULL;
  for (int i = 0; i < RITZ_BUCKETS_AT_ONCE; i++) {
    if (b->task[i]) b->comm->transport->destroy_task(b->task[i]);
    ritz_free(b->in[i]);
  }
  if (b->gather) b->comm->transport->destroy_task(b->gather);
  ritz_free(b->message);
  ritz_free(b);
}

size_t ritz_buckets_memory(const ritz_buckets *b) {
  const int at_once = b->count < RITZ_BUCKETS_AT_ONCE ? b->count : RITZ_BUCKETS_AT_ONCE;
  return (size_t)(at_once * (b->comm->size - 1)) * (size_t)b->room;
}

/* ---- the sum ------------------------------------------------------------------------------- */

void ritz_buckets_begin_sum(ritz_buckets *b, void *values) {
  b->values = values;
  b->added = b->started = 0;
  b->status = RITZ_OK;
}

/* Where rank r's addend of the own slice arrives. */
static char *arrival(const ritz_buckets *b, int bucket, int r) {
  return b->in[bucket % RITZ_BUCKETS_AT_ONCE] + (r - (r > b->comm->rank)) * b->room;
}

static void *task_of(const ritz_buckets *b, int bucket) {
  return b->task[bucket % RITZ_BUCKETS_AT_ONCE];
}

/* Every other rank's slice leaves from where it is; the own addend stays there. */
static ritz_status start(ritz_buckets *b, int bucket) {
  ritz_comm *comm = b->comm;
  ritz_index own, part;
  int count = 0;
  slice_of(b, bucket, comm->rank, &own);
  for (int r = 0; r < comm->size; r++) {
    if (r == comm->rank) continue;
    const ritz_index at = slice_of(b, bucket, r, &part);
    b->message[count++] = (ritz_message){.rank = r,
                                         .out = b->values + at,
                                         .out_bytes = part,
                                         .in = arrival(b, bucket, r),
                                         .in_bytes = own};
    comm->bytes += (uint64_t)part;
  }
  return comm->transport->start(task_of(b, bucket), count, b->message);
}

static void add(ritz_buckets *b, int bucket) {
  ritz_comm *comm = b->comm;
  ritz_index own;
  char *const place = b->values + slice_of(b, bucket, comm->rank, &own);
  for (int r = 0; r < comm->size; r++)
    comm->row[r] = r == comm->rank ? place : arrival(b, bucket, r);
  ritz_add_rows(b->dtype, comm->size, comm->row, own / number_bytes(b), place);
}

static ritz_status go_on(ritz_buckets *b, int ready, bool wait) {
  const ritz_transport *transport = b->comm->transport;
  bool done = true;
  while (done) {
    while (b->started < ready && b->started < b->added + RITZ_BUCKETS_AT_ONCE)
      RITZ_TRY(start(b, b->started++));
    if (b->added == b->started) return RITZ_OK;
    RITZ_TRY(wait ? transport->wait(task_of(b, b->added))
                  : transport->test(task_of(b, b->added), &done));
    if (done) add(b, b->added++);
  }
  return RITZ_OK;
}

void ritz_buckets_go_on(ritz_buckets *b, int ready) {
  if (b->status == RITZ_OK) b->status = go_on(b, ready, false);
}

ritz_status ritz_buckets_finish_sum(ritz_buckets *b) {
  if (b->status == RITZ_OK) b->status = go_on(b, b->count, true);
  return b->status;
}

/* The others' slices of a bucket, one message each. */
void ritz_buckets_add_sum(const ritz_buckets *b, int bucket, ritz_traffic *traffic) {
  ritz_index part;
  for (int r = 0; r < b->comm->size; r++) {
    slice_of(b, bucket, r, &part);
    if (r != b->comm->rank) ritz_traffic_add_message(traffic, part);
  }
}

/* ---- the gather ---------------------------------------------------------------------------- */

ritz_status ritz_buckets_gather(ritz_buckets *b, void *values) {
  ritz_comm *comm = b->comm;
  char *const all = values;
  int count = 0;
  for (int i = 0; i < b->count; i++) {
    ritz_index own, part;
    const ritz_index own_at = slice_of(b, i, comm->rank, &own);
    for (int r = 0; r < comm->size; r++) {
      if (r == comm->rank) continue;
      const ritz_index at = slice_of(b, i, r, &part);
      b->message[count++] = (ritz_message){
          .rank = r, .out = all + own_at, .out_bytes = own, .in = all + at, .in_bytes = part};
      comm->bytes += (uint64_t)own;
    }
  }
  RITZ_TRY(comm->transport->start(b->gather, count, b->message));
  return comm->transport->wait(b->gather);
}

void ritz_buckets_add_gather(const ritz_buckets *b, ritz_traffic *traffic) {
  ritz_index own;
  for (int i = 0; i < b->count; i++) {
    slice_of(b, i, b->comm->rank, &own);
    for (int r = 1; r < b->comm->size; r++) ritz_traffic_add_message(traffic, own);
  }
}
