/* SPDX-License-Identifier: BSD-3-Clause
 * Collectives in blocks, with sums in rank order.
 *
 * A reduction of the transport is free to add in any order. Here every rank instead gets the
 * addends: of all numbers where they are few, else of its own slice (an exchange), whose sum then
 * goes to all (a gather). That is the traffic of reduce-scatter + all-gather. */
#include "dist/comm.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/transport.h"
#include "kernels/kernels.h"

/* Below the first, one message with everything beats two with slices. From the second on a message
 * to each rank, straight from where the numbers are, beats a collective that wants them packed. */
enum { short_bytes = 4096, long_bytes = 1 << 15 };

struct ritz_comm {
  const ritz_transport *transport;
  void *state;
  int rank, size;
  uint64_t bytes;
  void *out, *in;        /* staging, RITZ_MESSAGE_BYTES or a number per rank */
  ritz_message *message; /* [size] */
  const void **row;      /* [size] */
};

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

uint64_t ritz_comm_bytes(const ritz_comm *comm) { return comm ? comm->bytes : 0; }

static bool alone(const ritz_comm *comm) { return ritz_comm_size(comm) == 1; }

void ritz_share_of(int rank, int size, ritz_index count, ritz_index *first, ritz_index *share) {
  const ritz_index each = count / size, left = count % size; /* the first ones take what is left */
  *first = rank * each + (rank < left ? rank : left);
  *share = each + (rank < left);
}

void ritz_comm_share(const ritz_comm *comm, ritz_index count, ritz_index *first,
                     ritz_index *share) {
  ritz_share_of(ritz_comm_rank(comm), ritz_comm_size(comm), count, first, share);
}

/* What goes to every other rank. */
static void count_bytes(ritz_comm *comm, ritz_index bytes) {
  comm->bytes += (uint64_t)bytes * (uint64_t)(comm->size - 1);
}

/* sum[i] = row[0][i] + row[1][i] + ...; may be one of them. */
static void add_rows(ritz_dtype dtype, int rows, const void *const *row, ritz_index count,
                     void *sum) {
  enum { tile = 512 };
  double total[tile];
  for (ritz_index first = 0; first < count; first += tile) {
    const ritz_index n = count - first < tile ? count - first : tile;
    for (ritz_index i = 0; i < n; i++) total[i] = 0;
    for (int r = 0; r < rows; r++) {
      if (dtype == RITZ_FLOAT64)
        for (ritz_index i = 0; i < n; i++) total[i] += ((const double *)row[r])[first + i];
      else
        for (ritz_index i = 0; i < n; i++) total[i] += ((const float *)row[r])[first + i];
    }
    if (dtype == RITZ_FLOAT64)
      memcpy((double *)sum + first, total, (size_t)n * sizeof(double));
    else
      for (ritz_index i = 0; i < n; i++) ((float *)sum)[first + i] = (float)total[i];
  }
}

/* What the ranks have sent, `stride` bytes from one to the next. */
static void add_received(ritz_comm *comm, ritz_dtype dtype, ritz_index stride, ritz_index count,
                         void *sum) {
  for (int r = 0; r < comm->size; r++) comm->row[r] = (const char *)comm->in + r * stride;
  add_rows(dtype, comm->size, comm->row, count, sum);
}

static ritz_status sum_short(ritz_comm *comm, ritz_dtype dtype, ritz_index count, void *values) {
  const ritz_index bytes = count * (ritz_index)ritz_dtype_size(dtype);
  RITZ_TRY(comm->transport->gather_all(comm->state, (int)bytes, values, comm->in));
  count_bytes(comm, bytes);
  add_received(comm, dtype, bytes, count, values);
  return RITZ_OK;
}

/* ---- parts of the ranks -------------------------------------------------------------------- */

/* Parts travel in blocks that fit a rank's part of the staging; the last ones are padded. */
typedef struct parts {
  ritz_comm *comm;
  const ritz_index *offset; /* [ranks + 1] of things; NULL: equal shares of `count` */
  ritz_index count, bytes;  /* things, and bytes of a thing */
  ritz_index block, most;   /* bytes of a full block, of the largest part */
} parts;

/* Rank r's part of all: bytes from its beginning, and how many. */
static ritz_index range_of(const parts *p, int r, ritz_index *bytes) {
  ritz_index first, share;
  if (p->offset) {
    first = p->offset[r];
    share = p->offset[r + 1] - first;
  } else {
    ritz_share_of(r, p->comm->size, p->count, &first, &share);
  }
  *bytes = share * p->bytes;
  return first * p->bytes;
}

static parts parts_of(ritz_comm *comm, const ritz_index *offset, ritz_index count,
                      ritz_index bytes) {
  const ritz_index block = RITZ_MESSAGE_BYTES / comm->size / 8 * 8;
  parts p = {.comm = comm,
             .offset = offset,
             .count = count,
             .bytes = bytes,
             .block = block > 8 ? block : 8};
  for (int r = 0; r < comm->size; r++) {
    ritz_index own;
    range_of(&p, r, &own);
    if (own > p.most) p.most = own;
  }
  return p;
}

static ritz_index block_bytes(const parts *p, ritz_index done) {
  return p->most - done < p->block ? p->most - done : p->block;
}

/* Where the block `done` bytes into rank r's part lies among all, and how much of it there is. */
static ritz_index part_of(const parts *p, int r, ritz_index done, ritz_index *bytes) {
  ritz_index own;
  const ritz_index first = range_of(p, r, &own), left = own - done, block = block_bytes(p, done);
  *bytes = left < 0 ? 0 : left < block ? left : block;
  return first + done;
}

/* A block packed for a collective. */
static ritz_status sum_packed(const parts *p, ritz_dtype dtype, ritz_index done, const void *in,
                              void *out) {
  ritz_comm *comm = p->comm;
  const ritz_index bytes = block_bytes(p, done);
  ritz_index part;
  for (int r = 0; r < comm->size; r++) {
    const ritz_index at = part_of(p, r, done, &part);
    char *slot = (char *)comm->out + r * bytes;
    memcpy(slot, (const char *)in + at, (size_t)part);
    memset(slot + part, 0, (size_t)(bytes - part));
  }
  RITZ_TRY(comm->transport->exchange(comm->state, (int)bytes, comm->out, comm->in));
  count_bytes(comm, bytes);
  part_of(p, comm->rank, done, &part);
  add_received(comm, dtype, bytes, part / (ritz_index)ritz_dtype_size(dtype), (char *)out + done);
  return RITZ_OK;
}

/* A block from where it is; the own addend stays there. */
static ritz_status sum_straight(const parts *p, ritz_dtype dtype, ritz_index done, const void *in,
                                void *out) {
  ritz_comm *comm = p->comm;
  ritz_index own, part;
  const ritz_index own_at = part_of(p, comm->rank, done, &own);
  int count = 0;
  for (int r = 0; r < comm->size; r++) {
    const ritz_index at = part_of(p, r, done, &part);
    char *slot = (char *)comm->in + r * p->block;
    comm->row[r] = r == comm->rank ? (const char *)in + own_at : slot;
    if (r == comm->rank) continue;
    comm->message[count++] = (ritz_message){
        .rank = r, .out = (const char *)in + at, .out_bytes = part, .in = slot, .in_bytes = own};
  }
  RITZ_TRY(ritz_comm_swap(comm, count, comm->message));
  add_rows(dtype, comm->size, comm->row, own / (ritz_index)ritz_dtype_size(dtype),
           (char *)out + done);
  return RITZ_OK;
}

static bool are_long(const parts *p) { return p->most >= long_bytes && p->block >= long_bytes; }

/* `out` may be the own part of `in`: what a block writes has been read. */
static ritz_status sum_blocks(const parts *p, ritz_dtype dtype, const void *in, void *out) {
  for (ritz_index done = 0; done < p->most; done += p->block)
    RITZ_TRY((are_long(p) ? sum_straight : sum_packed)(p, dtype, done, in, out));
  return RITZ_OK;
}

static ritz_status gather_packed(const parts *p, ritz_index done, const void *own, void *all) {
  ritz_comm *comm = p->comm;
  const ritz_index block = block_bytes(p, done);
  ritz_index part;
  part_of(p, comm->rank, done, &part);
  memcpy(comm->out, (const char *)own + done, (size_t)part);
  RITZ_TRY(comm->transport->gather_all(comm->state, (int)block, comm->out, comm->in));
  count_bytes(comm, block);
  for (int r = 0; r < comm->size; r++) {
    const ritz_index at = part_of(p, r, done, &part);
    memcpy((char *)all + at, (const char *)comm->in + r * block, (size_t)part);
  }
  return RITZ_OK;
}

/* Everything at once, to where it belongs. */
static ritz_status gather_straight(const parts *p, const void *own, void *all) {
  ritz_comm *comm = p->comm;
  ritz_index bytes, part;
  char *const place = (char *)all + range_of(p, comm->rank, &bytes);
  int count = 0;
  if (place != own) memcpy(place, own, (size_t)bytes);
  for (int r = 0; r < comm->size; r++) {
    char *const at = (char *)all + range_of(p, r, &part);
    if (r == comm->rank) continue;
    comm->message[count++] =
        (ritz_message){.rank = r, .out = place, .out_bytes = bytes, .in = at, .in_bytes = part};
  }
  return ritz_comm_swap(comm, count, comm->message);
}

static ritz_status gather_blocks(const parts *p, const void *own, void *all) {
  if (are_long(p)) return gather_straight(p, own, all);
  for (ritz_index done = 0; done < p->most; done += p->block)
    RITZ_TRY(gather_packed(p, done, own, all));
  return RITZ_OK;
}

ritz_status ritz_comm_sum(ritz_comm *comm, ritz_dtype dtype, ritz_index count, void *values) {
  if (alone(comm)) return RITZ_OK;
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype), bytes = count * number;
  if (bytes <= short_bytes && bytes * comm->size <= RITZ_MESSAGE_BYTES)
    return sum_short(comm, dtype, count, values);
  const parts p = parts_of(comm, NULL, count, number);
  ritz_index own;
  char *const place = (char *)values + range_of(&p, comm->rank, &own);
  RITZ_TRY(sum_blocks(&p, dtype, values, place));
  return gather_blocks(&p, place, values);
}

ritz_status ritz_comm_sum_share(ritz_comm *comm, ritz_dtype dtype, ritz_index count,
                                ritz_index width, const void *in, void *out) {
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype);
  if (alone(comm)) {
    memcpy(out, in, (size_t)(count * width * number));
    return RITZ_OK;
  }
  const parts p = parts_of(comm, NULL, count, width * number);
  return sum_blocks(&p, dtype, in, out);
}

ritz_status ritz_comm_gather_shares(ritz_comm *comm, ritz_index count, ritz_index bytes,
                                    const void *share, void *all) {
  if (alone(comm)) {
    memmove(all, share, (size_t)(count * bytes));
    return RITZ_OK;
  }
  const parts p = parts_of(comm, NULL, count, bytes);
  return gather_blocks(&p, share, all);
}

ritz_status ritz_comm_sum_part(ritz_comm *comm, ritz_dtype dtype, const ritz_index *offset,
                               void *values) {
  if (alone(comm)) return RITZ_OK;
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype);
  const parts p = parts_of(comm, offset, offset[comm->size], number);
  return sum_blocks(&p, dtype, values, (char *)values + offset[comm->rank] * number);
}

ritz_status ritz_comm_gather_parts(ritz_comm *comm, ritz_index bytes, const ritz_index *offset,
                                   void *all) {
  if (alone(comm)) return RITZ_OK;
  const parts p = parts_of(comm, offset, offset[comm->size], bytes);
  return gather_blocks(&p, (const char *)all + offset[comm->rank] * bytes, all);
}

ritz_status ritz_comm_largest(ritz_comm *comm, ritz_index count, double *values) {
  if (alone(comm)) return RITZ_OK;
  const ritz_index most = RITZ_MESSAGE_BYTES / (ritz_index)sizeof *values / comm->size;
  const ritz_index block = most > 1 ? most : 1;
  for (ritz_index first = 0; first < count; first += block) {
    const ritz_index n = count - first < block ? count - first : block;
    const int bytes = (int)(n * (ritz_index)sizeof *values);
    const double *all = comm->in;
    RITZ_TRY(comm->transport->gather_all(comm->state, bytes, values + first, comm->in));
    count_bytes(comm, bytes);
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
  if (alone(comm)) return RITZ_OK;
  RITZ_TRY(comm->transport->make_part(comm->state, &state));
  const ritz_status status = ritz_comm_create(comm->transport, state, 0, comm->size, out);
  if (status != RITZ_OK) comm->transport->destroy(state);
  return status;
}

ritz_status ritz_comm_split(ritz_comm *comm, int color, ritz_comm *part) {
  if (alone(comm)) return RITZ_OK;
  return comm->transport->split(comm->state, color, part->state, &part->rank, &part->size);
}

static int message(ritz_index left) {
  return left < RITZ_MESSAGE_BYTES ? (int)left : RITZ_MESSAGE_BYTES;
}

ritz_status ritz_comm_broadcast(ritz_comm *comm, int root, ritz_index bytes, void *data) {
  if (alone(comm)) return RITZ_OK;
  for (ritz_index done = 0; done < bytes; done += message(bytes - done))
    RITZ_TRY(
        comm->transport->broadcast(comm->state, root, message(bytes - done), (char *)data + done));
  if (comm->rank == root) count_bytes(comm, bytes);
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
  return alone(comm) ? RITZ_OK : comm->transport->barrier(comm->state);
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
  count_bytes(comm, 1);
  for (int r = comm->size - 1; r >= 0; r--)
    if (all[r]) *first = r, ++*count;
  return RITZ_OK;
}

ritz_status ritz_status_agree(const ritz_context *context, ritz_status status) {
  ritz_comm *comm = context->comm;
  if (alone(comm) || status == RITZ_ERR_COMMUNICATION) return status;
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
