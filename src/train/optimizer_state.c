/* SPDX-License-Identifier: BSD-3-Clause
 * What of weights and state lies on which rank. */
#include "core/fail.h"
#include "dist/comm.h"
#include "train/optimizer_inside.h"

static ritz_index larger(ritz_index a, ritz_index b) { return a > b ? a : b; }

ritz_status ritz_optimizer_complete(ritz_optimizer *o) {
  const ritz_index size = ritz_section_number(&o->common);
  char *const data = ritz_params_data(o->params);
  for (const ritz_run *run = o->owned.run; run < o->owned.run + o->owned.runs; run++)
    RITZ_TRY(ritz_comm_gather_shares(
        ritz_optimizer_comm_of(o->domain), o->shares[run->param],
        ritz_optimizer_block_of(o, run->param) * size, data + run->first * size,
        data + ritz_params_info(o->params, run->param)->offset * size));
  return RITZ_OK;
}

/* What a parameter's owners in the first domain have of it, each at the beginning of its room, to
 * the first rank, which has room for all. */
static ritz_status bring_shares(const ritz_optimizer *o, int param, char *room) {
  const ritz_index block = ritz_optimizer_block_of(o, param) * ritz_section_number(&o->common);
  const int ranks = ritz_comm_size(ritz_optimizer_comm_of(o->domain)),
            rank = ritz_comm_rank(ritz_optimizer_comm_of(o->domain));
  for (int r = 1; r < ranks; r++) {
    ritz_index first, share;
    ritz_share_of(r, ranks, o->shares[param], &first, &share);
    RITZ_TRY(ritz_comm_move(ritz_optimizer_comm_of(o->domain), r, 0, share * block,
                            rank == 0 ? room + first * block : room));
  }
  return RITZ_OK;
}

ritz_index ritz_optimizer_room(const ritz_optimizer *o) {
  const bool first = ritz_is_first_rank(o->context);
  ritz_index numbers = 0;
  for (int i = 0; first && i < ritz_params_count(o->params); i++)
    numbers = larger(numbers, ritz_params_info(o->params, i)->count);
  for (int i = 0; i < o->owned.runs; i++) numbers = larger(numbers, o->owned.run[i].count);
  return numbers;
}

ritz_status ritz_optimizer_collect(ritz_optimizer *o, int slot, int param, void *room) {
  ritz_section *section = ritz_optimizer_section_of(o, param);
  RITZ_TRY(ritz_section_collect(section, slot, ritz_section_run(section, param), room));
  const bool owned =
      o->shares[param] > 0 && ritz_comm_rank(ritz_optimizer_comm_of(o->siblings)) == 0;
  return owned ? bring_shares(o, param, room) : RITZ_OK;
}

int ritz_optimizer_pieces(ritz_optimizer *o, int param) {
  return ritz_optimizer_section_of(o, param)->buckets;
}

void *ritz_optimizer_piece(ritz_optimizer *o, int slot, int param, int piece, ritz_index *first,
                           ritz_index *count) {
  const ritz_section *section = ritz_optimizer_section_of(o, param);
  const ritz_run *run = ritz_section_run(section, param);
  ritz_index end;
  const int bucket = section->buckets - 1 - piece; /* the last numbers come first */
  void *state = ritz_section_state(section, slot, run, bucket, first, &end);
  *count = state ? end - *first : 0;
  *first += run->first - run->place - ritz_params_info(o->params, param)->offset;
  return state;
}
