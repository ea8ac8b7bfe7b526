/* SPDX-License-Identifier: BSD-3-Clause
 * Sums in rank order, and what goes to all, in blocks; beside each what it sends.
 *
 * A reduction of the transport is free to add in any order. Here every rank instead gets the
 * addends: of all numbers where they are few, else of its own slice (an exchange), whose sum then
 * goes to all (a gather). That is the traffic of reduce-scatter + all-gather. */
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "dist/ranks.h"

/* Below this, one message with everything beats two with slices. */
enum { short_bytes = 4096 };

void ritz_add_rows(ritz_dtype dtype, int rows, const void *const *row, ritz_index count,
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
  ritz_add_rows(dtype, comm->size, comm->row, count, sum);
}

static ritz_status sum_short(ritz_comm *comm, ritz_dtype dtype, ritz_index count, void *values) {
  const ritz_index bytes = count * (ritz_index)ritz_dtype_size(dtype);
  RITZ_TRY(comm->transport->gather_all(comm->state, (int)bytes, values, comm->in));
  ritz_comm_count(comm, bytes);
  add_received(comm, dtype, bytes, count, values);
  return RITZ_OK;
}

static bool is_short(const ritz_comm *comm, ritz_index bytes) {
  return bytes <= short_bytes && bytes * comm->size <= RITZ_MESSAGE_BYTES;
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
  ritz_comm_count(comm, bytes);
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
  ritz_add_rows(dtype, comm->size, comm->row, own / (ritz_index)ritz_dtype_size(dtype),
                (char *)out + done);
  return RITZ_OK;
}

static bool are_long(const parts *p) {
  return p->most >= RITZ_LONG_BYTES && p->block >= RITZ_LONG_BYTES;
}

/* `out` may be the own part of `in`: what a block writes has been read. */
static ritz_status sum_blocks(const parts *p, ritz_dtype dtype, const void *in, void *out) {
  for (ritz_index done = 0; done < p->most; done += p->block)
    RITZ_TRY((are_long(p) ? sum_straight : sum_packed)(p, dtype, done, in, out));
  return RITZ_OK;
}

/* Blocks go to all ranks in full where they are packed, else only what there is of them. */
static void add_sum_blocks(ritz_traffic *traffic, const parts *p) {
  ritz_index part;
  for (ritz_index done = 0; done < p->most; done += p->block) {
    if (!are_long(p)) ritz_traffic_add_exchange(traffic, p->comm->size, block_bytes(p, done));
    for (int r = 0; are_long(p) && r < p->comm->size; r++) {
      part_of(p, r, done, &part);
      if (r != p->comm->rank) ritz_traffic_add_message(traffic, part);
    }
  }
}

static ritz_status gather_packed(const parts *p, ritz_index done, const void *own, void *all) {
  ritz_comm *comm = p->comm;
  const ritz_index block = block_bytes(p, done);
  ritz_index part;
  part_of(p, comm->rank, done, &part);
  memcpy(comm->out, (const char *)own + done, (size_t)part);
  RITZ_TRY(comm->transport->gather_all(comm->state, (int)block, comm->out, comm->in));
  ritz_comm_count(comm, block);
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

static void add_gather_blocks(ritz_traffic *traffic, const parts *p) {
  ritz_index own;
  range_of(p, p->comm->rank, &own);
  for (int r = 1; are_long(p) && r < p->comm->size; r++) ritz_traffic_add_message(traffic, own);
  for (ritz_index done = 0; !are_long(p) && done < p->most; done += p->block)
    ritz_traffic_add_gather(traffic, p->comm->size, block_bytes(p, done));
}

/* ---- of all numbers ------------------------------------------------------------------------ */

ritz_status ritz_comm_sum(ritz_comm *comm, ritz_dtype dtype, ritz_index count, void *values) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype), bytes = count * number;
  if (is_short(comm, bytes)) return sum_short(comm, dtype, count, values);
  const parts p = parts_of(comm, NULL, count, number);
  ritz_index own;
  char *const place = (char *)values + range_of(&p, comm->rank, &own);
  RITZ_TRY(sum_blocks(&p, dtype, values, place));
  return gather_blocks(&p, place, values);
}

void ritz_traffic_add_sum(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                          ritz_index count) {
  if (ritz_comm_is_alone(comm)) return;
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype), bytes = count * number;
  if (is_short(comm, bytes)) {
    ritz_traffic_add_gather(traffic, comm->size, bytes);
    return;
  }
  const parts p = parts_of(comm, NULL, count, number);
  add_sum_blocks(traffic, &p);
  add_gather_blocks(traffic, &p);
}

ritz_status ritz_comm_sum_share(ritz_comm *comm, ritz_dtype dtype, ritz_index count,
                                ritz_index width, const void *in, void *out) {
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype);
  if (ritz_comm_is_alone(comm)) {
    memcpy(out, in, (size_t)(count * width * number));
    return RITZ_OK;
  }
  const parts p = parts_of(comm, NULL, count, width * number);
  return sum_blocks(&p, dtype, in, out);
}

void ritz_traffic_add_sum_share(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                                ritz_index count, ritz_index width) {
  if (ritz_comm_is_alone(comm)) return;
  const parts p = parts_of(comm, NULL, count, width * (ritz_index)ritz_dtype_size(dtype));
  add_sum_blocks(traffic, &p);
}

ritz_status ritz_comm_gather_shares(ritz_comm *comm, ritz_index count, ritz_index bytes,
                                    const void *share, void *all) {
  if (ritz_comm_is_alone(comm)) {
    memmove(all, share, (size_t)(count * bytes));
    return RITZ_OK;
  }
  const parts p = parts_of(comm, NULL, count, bytes);
  return gather_blocks(&p, share, all);
}

void ritz_traffic_add_gather_shares(ritz_traffic *traffic, ritz_comm *comm, ritz_index count,
                                    ritz_index bytes) {
  if (ritz_comm_is_alone(comm)) return;
  const parts p = parts_of(comm, NULL, count, bytes);
  add_gather_blocks(traffic, &p);
}

ritz_status ritz_comm_sum_part(ritz_comm *comm, ritz_dtype dtype, const ritz_index *offset,
                               void *values) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  const ritz_index number = (ritz_index)ritz_dtype_size(dtype);
  const parts p = parts_of(comm, offset, offset[comm->size], number);
  return sum_blocks(&p, dtype, values, (char *)values + offset[comm->rank] * number);
}

void ritz_traffic_add_sum_part(ritz_traffic *traffic, ritz_comm *comm, ritz_dtype dtype,
                               const ritz_index *offset) {
  if (ritz_comm_is_alone(comm)) return;
  const parts p = parts_of(comm, offset, offset[comm->size], (ritz_index)ritz_dtype_size(dtype));
  add_sum_blocks(traffic, &p);
}

ritz_status ritz_comm_gather_parts(ritz_comm *comm, ritz_index bytes, const ritz_index *offset,
                                   void *all) {
  if (ritz_comm_is_alone(comm)) return RITZ_OK;
  const parts p = parts_of(comm, offset, offset[comm->size], bytes);
  return gather_blocks(&p, (const char *)all + offset[comm->rank] * bytes, all);
}

void ritz_traffic_add_gather_parts(ritz_traffic *traffic, ritz_comm *comm, ritz_index bytes,
                                   const ritz_index *offset) {
  if (ritz_comm_is_alone(comm)) return;
  const parts p = parts_of(comm, offset, offset[comm->size], bytes);
  add_gather_blocks(traffic, &p);
}
