/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/mode_columns.h"

#include "core/fail.h"
#include "core/memory.h"

bool ritz_mode_columns_of(const ritz_layout *layout, int dim, ritz_index batch,
                          const ritz_index *modes, int half, ritz_mode_columns *c) {
  *c = (ritz_mode_columns){.layout = layout, .dim = dim, .batch = batch};
  if (!layout || half < 0 || ritz_layout_ranks(layout, half) > 1) return false;
  for (int a = dim - 1; a >= 0; a--) {
    c->modes[a] = modes[a];
    if (ritz_layout_ranks(layout, a) == 1) continue;
    if (c->steps > 0 && c->axis[0] != 1) return false;
    c->axis[c->steps++] = a;
  }
  return c->steps > 0;
}

bool ritz_mode_columns_split(const ritz_mode_columns *c, int axis) {
  return ritz_layout_ranks(c->layout, axis) > 1;
}

ritz_index ritz_mode_columns_all(const ritz_mode_columns *c) {
  ritz_index all = 1;
  for (int a = 0; a < c->dim; a++) all *= c->modes[a];
  return all;
}

ritz_index ritz_mode_columns_steps(const ritz_mode_columns *c, int rank,
                                   ritz_line_step step[RITZ_LINE_STEPS]) {
  ritz_index columns = 1, own[3];
  int place[3];
  ritz_layout_place_of(c->layout, rank, place);
  for (int a = 0; a < c->dim; a++) {
    const ritz_index *offset = ritz_layout_offsets(c->layout, a) + place[a];
    own[a] = offset[1] - offset[0];
    if (!ritz_mode_columns_split(c, a)) columns *= c->modes[a];
  }
  for (int i = 0; i < c->steps; i++) {
    const int a = c->axis[i];
    step[i] = (ritz_line_step){.axis = a,
                               .ranks = ritz_layout_ranks(c->layout, a),
                               .place = place[a],
                               .outer = c->batch,
                               .points = ritz_layout_extent(c->layout, a),
                               .own = own[a],
                               .columns = columns,
                               .modes = c->modes[a]};
    for (int later = i + 1; later < c->steps; later++) step[i].outer *= own[c->axis[later]];
    ritz_share_of(place[a], step[i].ranks, columns, &step[i].first, &step[i].count);
    columns = step[i].modes * step[i].count;
  }
  return columns;
}

int ritz_mode_owner(int ranks, ritz_index all, ritz_index mode) {
  const ritz_index each = all / ranks, left = all % ranks; /* the first ones have one more */
  const ritz_index longer = left * (each + 1);
  return (int)(mode < longer ? mode / (each + 1) : left + (mode - longer) / each);
}

int ritz_mode_columns_maker(const ritz_mode_columns *c, ritz_index mode, ritz_index *index) {
  ritz_index of[3] = {0}, column = 0, columns = 1, first, count;
  int place[3] = {0};
  for (int a = c->dim - 1; a >= 0; a--) of[a] = mode % c->modes[a], mode /= c->modes[a];
  for (int a = 0; a < c->dim; a++) {
    if (ritz_mode_columns_split(c, a)) continue;
    column = column * c->modes[a] + of[a];
    columns *= c->modes[a];
  }
  for (int i = 0; i < c->steps; i++) {
    const int a = c->axis[i], ranks = ritz_layout_ranks(c->layout, a);
    place[a] = ritz_mode_owner(ranks, columns, column);
    ritz_share_of(place[a], ranks, columns, &first, &count);
    column = of[a] * count + column - first;
    columns = c->modes[a] * count;
  }
  *index = column;
  return ritz_layout_rank_at(c->layout, place);
}

static ritz_index larger(ritz_index a, ritz_index b) { return a > b ? a : b; }

ritz_status ritz_mode_columns_sent(const ritz_mode_columns *c, ritz_index *lines,
                                   ritz_index *sums) {
  const ritz_index all = ritz_mode_columns_all(c);
  const int ranks = ritz_comm_size(ritz_layout_comm(c->layout));
  ritz_index to = 0, back = 0, first, own, index, *kept; /* modes that stay where they are made */
  RITZ_TRY(RITZ_NEW(ranks, &kept));
  for (ritz_index m = 0; m < all; m++) {
    const int maker = ritz_mode_columns_maker(c, m, &index);
    kept[maker] += maker == ritz_mode_owner(ranks, all, m);
  }
  *sums = 0;
  for (int r = 0; r < ranks; r++) {
    ritz_line_step step[RITZ_LINE_STEPS];
    const ritz_index made = ritz_mode_columns_steps(c, r, step);
    ritz_share_of(r, ranks, all, &first, &own);
    ritz_index out = c->batch * (made - kept[r]), in = c->batch * (own - kept[r]);
    for (int i = 0; i < c->steps; i++) {
      out += (step[i].columns - step[i].count) * step[i].outer * step[i].own;
      in += step[i].count * step[i].outer * (step[i].points - step[i].own);
    }
    to = larger(to, out);
    back = larger(back, in);
    *sums = larger(*sums, c->batch * (all - own + own * (ranks - 1)));
  }
  *lines = to + back;
  ritz_free(kept);
  return RITZ_OK;
}
