/* SPDX-License-Identifier: BSD-3-Clause */
#include "solvers/split/slabs.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_slabs_init(ritz_comm *comm, ritz_slabs *slabs) {
  *slabs = (ritz_slabs){.comm = comm,
                        .rank = ritz_comm_rank(comm),
                        .size = ritz_comm_size(comm),
                        .below = -1,
                        .above = -1};
  return RITZ_NEW(slabs->size + 1, &slabs->offset);
}

void ritz_slabs_clear(ritz_slabs *slabs) {
  ritz_free(slabs->offset);
  slabs->offset = NULL;
}

static bool has_planes(const ritz_slabs *slabs, int rank) {
  return slabs->offset[rank] < slabs->offset[rank + 1];
}

void ritz_slabs_find_neighbours(ritz_slabs *slabs) {
  slabs->below = slabs->above = -1;
  if (!has_planes(slabs, slabs->rank)) return;
  for (int r = 0; r < slabs->rank; r++)
    if (has_planes(slabs, r)) slabs->below = r;
  for (int r = slabs->size - 1; r > slabs->rank; r--)
    if (has_planes(slabs, r)) slabs->above = r;
}

static ritz_status check_layout(const ritz_layout *layout, const double *h) {
  RITZ_REQUIRE(layout->dim == 2 || layout->dim == 3, RITZ_ERR_ARGUMENT,
               "a layout of %d grid axes, wanted 2 or 3", layout->dim);
  for (int axis = 0; axis < layout->dim; axis++) {
    RITZ_REQUIRE(layout->grid[axis] >= 3 && layout->grid[axis] <= 1 << 14, RITZ_ERR_ARGUMENT,
                 "axis %d has %td nodes, wanted 3 ... 2^14", axis, layout->grid[axis]);
    RITZ_REQUIRE(axis == 0 || layout->ranks[axis] == 1, RITZ_ERR_ARGUMENT,
                 "axis %d is cut into %d parts: only axis 0 can be, into slabs", axis,
                 layout->ranks[axis]);
    RITZ_REQUIRE(h[axis] > 0 && isfinite(h[axis]), RITZ_ERR_ARGUMENT,
                 "spacing of axis %d is %g, wanted a positive number", axis, h[axis]);
  }
  return RITZ_OK;
}

ritz_status ritz_slabs_of_layout(const ritz_layout *layout, const double *h, ritz_slabs *slabs) {
  RITZ_TRY(check_layout(layout, h));
  RITZ_TRY(ritz_slabs_init(ritz_layout_comm(layout), slabs));
  memcpy(slabs->offset, layout->offset[0], (size_t)(slabs->size + 1) * sizeof *slabs->offset);
  ritz_slabs_find_neighbours(slabs);
  return RITZ_OK;
}

ritz_index ritz_slabs_thinnest(const ritz_slabs *slabs) {
  ritz_index least = slabs->offset[1] - slabs->offset[0];
  for (int r = 1; r < slabs->size; r++)
    if (slabs->offset[r + 1] - slabs->offset[r] < least)
      least = slabs->offset[r + 1] - slabs->offset[r];
  return least;
}

ritz_status ritz_slabs_sum(const ritz_slabs *slabs, int count, double *value, double *sum) {
  if (slabs->size > 1)
    RITZ_TRY(ritz_comm_gather_parts(slabs->comm, count * (ritz_index)sizeof *value, slabs->offset,
                                    value));
  for (int c = 0; c < count; c++) sum[c] = 0;
  for (ritz_index p = slabs->offset[0]; p < slabs->offset[slabs->size]; p++)
    for (int c = 0; c < count; c++) sum[c] += value[p * count + c];
  return RITZ_OK;
}

/* Returns their number. */
static int messages_of(const ritz_ghosts *g, ritz_index depth, const void *own, void *before,
                       void *after, ritz_message *message) {
  const ritz_slabs *s = g->slabs;
  const ritz_index bytes = depth * g->bytes, planes = ritz_slabs_end(s) - ritz_slabs_first(s);
  int count = 0;
  if (s->below >= 0)
    message[count++] = (ritz_message){
        .rank = s->below, .out_bytes = bytes, .in_bytes = bytes, .out = own, .in = before};
  if (s->above >= 0)
    message[count++] = (ritz_message){.rank = s->above,
                                      .out_bytes = bytes,
                                      .in_bytes = bytes,
                                      .out = (const char *)own + (planes - depth) * g->bytes,
                                      .in = after};
  return count;
}

ritz_status ritz_ghosts_init(const ritz_slabs *slabs, ritz_index depth, ritz_index bytes,
                             ritz_ghosts *ghosts) {
  ritz_message message[2];
  const char nothing = 0;
  *ghosts = (ritz_ghosts){.slabs = slabs, .depth = depth, .bytes = bytes};
  const int count = slabs->size > 1 ? messages_of(ghosts, 0, &nothing, NULL, NULL, message) : 0;
  for (int i = 0; i < count; i++) message[i].in_bytes = message[i].out_bytes = depth * bytes;
  return slabs->size > 1 ? ritz_transfer_create(slabs->comm, count, message, &ghosts->transfer)
                         : RITZ_OK;
}

void ritz_ghosts_clear(ritz_ghosts *ghosts) { ritz_transfer_destroy(&ghosts->transfer); }

ritz_status ritz_ghosts_start(ritz_ghosts *ghosts, ritz_index depth, const void *own, void *before,
                              void *after) {
  ritz_message message[2];
  if (!ghosts->transfer) return RITZ_OK;
  const int count = messages_of(ghosts, depth, own, before, after, message);
  return ritz_transfer_start(ghosts->transfer, count, message);
}

ritz_status ritz_ghosts_wait(ritz_ghosts *ghosts) {
  return ghosts->transfer ? ritz_transfer_wait(ghosts->transfer) : RITZ_OK;
}
