/* SPDX-License-Identifier: BSD-3-Clause
 * A box of a split field for every rank: halos, other layouts, or everything (graph/distribute.h).
 *
 * What rank q needs of rank r's part is a product of index lists, one per axis, that both can
 * compute: of the points of an axis those in r's part that q's positions stand for. So one message
 * per pair of ranks carries it, however deep a halo is and wherever it wraps.
 *
 * vjp: what came in goes back and is added to its source, in rank order. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/traffic.h"
#include "graph/ops/fetch.h"
#include "graph/ops/ops.h"
#include "kernels/window.h"

static ritz_status fetch_infer(ritz_node *node) {
  const ritz_fetch_attr *attr = node->attr;
  const ritz_layout *layout = node->in[0]->layout;
  node->shape = node->in[0]->shape;
  for (int a = 0; a < layout->dim; a++)
    node->shape.n[a + 1] = attr->reach[a].count[layout->place[a]];
  return RITZ_OK;
}

/* Those of part p's points that stand in the box of part b. @return how many; NULL: only that. */
static ritz_index find_meeting(const ritz_layout *layout, const ritz_reach *reach, int axis, int p,
                               int b, ritz_meeting *out) {
  const ritz_window_axis ends = {.in = layout->grid[axis], .boundary = reach->boundary};
  const ritz_index first = layout->offset[axis][p], end = layout->offset[axis][p + 1];
  ritz_index count = 0;
  for (ritz_index i = 0; i < reach->count[b]; i++) {
    const ritz_index source = ritz_window_source(&ends, reach->first[b] + i);
    if (source < first || source >= end) continue;
    if (out) out->point[count] = source - first, out->position[count] = i;
    count++;
  }
  return count;
}

static ritz_status meet(const ritz_layout *layout, const ritz_reach *reach, int axis, int p, int b,
                        ritz_meeting *out) {
  out->count = find_meeting(layout, reach, axis, p, b, NULL);
  RITZ_TRY(RITZ_NEW(out->count, &out->point));
  RITZ_TRY(RITZ_NEW(out->count, &out->position));
  find_meeting(layout, reach, axis, p, b, out);
  return RITZ_OK;
}

static ritz_status meet_all(const ritz_node *node, ritz_fetch_state *s) {
  const ritz_fetch_attr *attr = node->attr;
  const ritz_layout *layout = s->layout;
  for (int a = 0; a < 3; a++) {
    const int parts = layout->ranks[a], own = layout->place[a];
    const bool grid = a < layout->dim;
    s->field[a] = grid ? node->in[0]->shape.n[a + 1] : 1;
    s->box[a] = grid ? node->shape.n[a + 1] : 1;
    RITZ_TRY(RITZ_NEW(parts, &s->mine[a]));
    RITZ_TRY(RITZ_NEW(parts, &s->its[a]));
    ritz_index found = 0, zero = 0, one = 1;
    const ritz_reach single = {.first = &zero, .count = &one};
    for (int p = 0; p < parts; p++) {
      RITZ_TRY(meet(layout, grid ? &attr->reach[a] : &single, a, own, p, &s->mine[a][p]));
      RITZ_TRY(meet(layout, grid ? &attr->reach[a] : &single, a, p, own, &s->its[a][p]));
      found += s->its[a][p].count;
    }
    s->zeros = s->zeros || found < s->box[a];
  }
  return RITZ_OK;
}

/* The three meetings with rank r. */
static void with_rank(const ritz_fetch_state *s, bool mine, int r, const ritz_meeting *out[3]) {
  int place[3];
  ritz_layout_place_of(s->layout, r, place);
  for (int a = 0; a < 3; a++) out[a] = (mine ? s->mine : s->its)[a] + place[a];
}

static ritz_index bytes_of(const ritz_node *node, const ritz_meeting *m[3]) {
  const ritz_fetch_state *s = node->state;
  return node->shape.n[0] * m[0]->count * m[1]->count * m[2]->count * (ritz_index)s->points;
}

/* Channels, and what else lies behind the axes of the grid. */
static ritz_index numbers_of_point(const ritz_node *node, const ritz_layout *layout) {
  ritz_index numbers = 1;
  for (int i = layout->dim + 1; i < node->shape.rank; i++) numbers *= node->shape.n[i];
  return numbers;
}

static ritz_status fetch_plan(ritz_node *node, bool gradients) {
  ritz_fetch_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->layout = ritz_layout_retain(node->in[0]->layout);
  s->points = (size_t)numbers_of_point(node, s->layout) * ritz_number_size(node);
  RITZ_TRY(meet_all(node, s));
  const int ranks = ritz_comm_size(ritz_layout_comm(s->layout));
  size_t received = 0;
  int messages = 0;
  RITZ_TRY(RITZ_NEW(ranks, &s->message));
  for (int r = 0; r < ranks; r++) {
    if (r == ritz_comm_rank(ritz_layout_comm(s->layout))) continue;
    const ritz_meeting *m[3];
    ritz_message *message = &s->message[messages];
    with_rank(s, true, r, m);
    message->out_bytes = bytes_of(node, m);
    s->sent += ritz_aligned((size_t)message->out_bytes);
    with_rank(s, false, r, m);
    message->in_bytes = bytes_of(node, m);
    received += ritz_aligned((size_t)message->in_bytes);
    messages += message->out_bytes || message->in_bytes;
  }
  node->need.scratch = s->sent + received;
  return node->ahead && messages > 0 ? ritz_fetch_plan_halo(node, messages) : RITZ_OK;
}

static void fetch_destroy(ritz_node *node) {
  ritz_fetch_state *s = node->state;
  if (!s) return;
  for (int a = 0; a < 3; a++)
    for (int p = 0; p < s->layout->ranks[a]; p++)
      for (int way = 0; way < 2; way++) {
        const ritz_meeting *m = way ? s->mine[a] : s->its[a];
        if (m) ritz_free(m[p].point);
        if (m) ritz_free(m[p].position);
      }
  for (int a = 0; a < 3; a++) {
    ritz_free(s->mine[a]);
    ritz_free(s->its[a]);
  }
  ritz_fetch_release_halo(s);
  ritz_free(s->message);
  ritz_layout_destroy(&s->layout);
  ritz_free(s);
}

/* Where the points of a meeting stand. */
typedef enum side { AT_POINTS, AT_POSITIONS, IN_MESSAGE } side;

typedef struct end {
  side side;
  char *data;
} end;

/* Bytes before point (i, j, k) of the meeting's lists in sample b. */
static size_t place(const ritz_fetch_state *s, const ritz_meeting *m[3], side at, ritz_index b,
                    ritz_index i, ritz_index j, ritz_index k) {
  const ritz_index *n = at == AT_POINTS ? s->field : s->box;
  if (at == IN_MESSAGE)
    return (size_t)(((b * m[0]->count + i) * m[1]->count + j) * m[2]->count + k) * s->points;
  const bool points = at == AT_POINTS;
  i = (points ? m[0]->point : m[0]->position)[i];
  j = (points ? m[1]->point : m[1]->position)[j];
  k = (points ? m[2]->point : m[2]->position)[k];
  return (size_t)(((b * n[0] + i) * n[1] + j) * n[2] + k) * s->points;
}

/* Entries from k on that lie side by side at both ends. */
static ritz_index run_of(const ritz_meeting *m, ritz_index k) {
  ritz_index n = 1;
  while (k + n < m->count && m->point[k + n] == m->point[k] + n &&
         m->position[k + n] == m->position[k] + n)
    n++;
  return n;
}

static void move(const ritz_node *node, const ritz_meeting *m[3], end from, end to, bool add) {
  const ritz_fetch_state *s = node->state;
  const ritz_index c = numbers_of_point(node, s->layout);
  for (ritz_index b = 0; b < node->shape.n[0]; b++)
    for (ritz_index i = 0; i < m[0]->count; i++)
      for (ritz_index j = 0; j < m[1]->count; j++)
        for (ritz_index k = 0, n; k < m[2]->count; k += n) {
          n = run_of(m[2], k);
          node->graph->kernels->row_copy(1, n * c, from.data + place(s, m, from.side, b, i, j, k),
                                         n * c, to.data + place(s, m, to.side, b, i, j, k), n * c,
                                         add);
        }
}

/* What others need (forward), or what goes back to where it came from. @return Messages. */
static int pack(const ritz_node *node, bool back, end from) {
  const ritz_fetch_state *s = node->state;
  ritz_comm *comm = ritz_layout_comm(s->layout);
  char *forth = node->scratch.data, *other = forth + s->sent;
  int count = 0;
  for (int r = 0; r < ritz_comm_size(comm); r++) {
    const ritz_meeting *mine[3], *its[3];
    if (r == ritz_comm_rank(comm)) continue;
    with_rank(s, true, r, mine);
    with_rank(s, false, r, its);
    const ritz_index sent = bytes_of(node, mine), received = bytes_of(node, its);
    char *packed = back ? other : forth;
    move(node, back ? its : mine, from, (end){IN_MESSAGE, packed}, false);
    if (sent || received)
      s->message[count++] = (ritz_message){.rank = r,
                                           .out_bytes = back ? received : sent,
                                           .in_bytes = back ? sent : received,
                                           .out = packed,
                                           .in = back ? forth : other};
    forth += ritz_aligned((size_t)sent);
    other += ritz_aligned((size_t)received);
  }
  return count;
}

static void fetch_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const ritz_fetch_state *s = node->state;
  const ritz_comm *comm = ritz_layout_comm(s->layout);
  for (int r = 0; r < ritz_comm_size(comm); r++) {
    const ritz_meeting *m[3];
    if (r == ritz_comm_rank(comm)) continue;
    with_rank(s, !backward, r, m);
    ritz_traffic_add_message(traffic, bytes_of(node, m));
  }
}

/* What came, and the own points unless `others`: to the box (forward) or added to the field (back),
 * in rank order. */
static void spread(const ritz_node *node, bool back, bool others, end own, end to) {
  const ritz_fetch_state *s = node->state;
  ritz_comm *comm = ritz_layout_comm(s->layout);
  char *came = (char *)node->scratch.data + (back ? 0 : s->sent);
  for (int r = 0; r < ritz_comm_size(comm); r++) {
    const ritz_meeting *m[3];
    with_rank(s, back, r, m);
    if (r == ritz_comm_rank(comm)) {
      if (!others) move(node, m, own, to, back);
      continue;
    }
    move(node, m, (end){IN_MESSAGE, came}, to, back);
    came += ritz_aligned((size_t)bytes_of(node, m));
  }
}

static void latch(const ritz_node *node, ritz_status status) {
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

static void swap(const ritz_node *node, bool back, end from) {
  const ritz_fetch_state *s = node->state;
  const int count = pack(node, back, from);
  latch(node, s->ahead ? ritz_transfer_start(s->ahead, count, s->message)
                       : ritz_comm_swap(ritz_layout_comm(s->layout), count, s->message));
}

static void fetch_forward(const ritz_node *node) {
  const ritz_fetch_state *s = node->state;
  const end field = {AT_POINTS, (char *)ritz_in(node, 0)}, box = {AT_POSITIONS, node->value.data};
  swap(node, false, field);
  if (s->zeros)
    memset(node->value.data, 0, (size_t)ritz_shape_count(&node->shape) * ritz_number_size(node));
  if (!s->ahead) {
    spread(node, false, false, field, box);
    return;
  }
  const ritz_meeting *m[3]; /* the halo follows */
  with_rank(s, true, ritz_comm_rank(ritz_layout_comm(s->layout)), m);
  move(node, m, field, box, false);
}

void ritz_fetch_arrive(void *arg) {
  const ritz_node *node = arg;
  const ritz_fetch_state *s = node->state;
  const end box = {AT_POSITIONS, node->value.data};
  latch(node, ritz_transfer_wait(s->ahead));
  spread(node, false, true, box, box);
}

void ritz_fetch_leave(void *arg) {
  const ritz_node *node = arg;
  swap(node, true, (end){AT_POSITIONS, node->gradient.data});
}

static void fetch_vjp(const ritz_node *node) {
  const ritz_fetch_state *s = node->state;
  const end box = {AT_POSITIONS, node->gradient.data}, field = {AT_POINTS, ritz_gin(node, 0)};
  if (!field.data) return;
  if (s->ahead)
    latch(node, ritz_transfer_wait(s->ahead));
  else
    swap(node, true, box);
  if (!node->add[0])
    memset(field.data, 0, (size_t)ritz_shape_count(&node->in[0]->shape) * ritz_number_size(node));
  spread(node, true, false, box, field);
}

const ritz_op ritz_op_fetch = {
    .name = "fetch",
    .distribution = RITZ_HALO,
    .infer = fetch_infer,
    .plan = fetch_plan,
    .destroy = fetch_destroy,
    .forward = fetch_forward,
    .vjp = fetch_vjp,
    .traffic = fetch_traffic,
};

ritz_var ritz_fetch(ritz_graph *graph, ritz_var x, const ritz_reach *reach) {
  ritz_fetch_attr attr = {.reach = {{0}}};
  for (int a = 0; x && a < x->layout->dim; a++) attr.reach[a] = reach[a];
  ritz_var y = ritz_graph_append(graph, &ritz_op_fetch, 1, &x, &attr, sizeof attr);
  if (y) y->moves = true;
  return y;
}
