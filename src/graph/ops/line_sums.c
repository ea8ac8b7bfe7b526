/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/line_sums.h"

#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/ranks.h"
#include "graph/distribute.h"

/* T for some of its rows and points. */
typedef struct block {
  ritz_axis_entry *entry;
  const void *user;
  ritz_index mode, point;
} block;

static double entry_of(const void *arg, ritz_index mode, ritz_index point) {
  const block *b = arg;
  return b->entry(b->user, b->mode + mode, b->point + point);
}

static ritz_status find_line(const ritz_node *x, int axis, ritz_line_sums *s) {
  const ritz_layout *layout = x->layout;
  s->ranks = layout ? layout->ranks[axis] : 1;
  s->own = layout ? layout->place[axis] : 0;
  s->comm = layout ? ritz_layout_comm(layout) : NULL;
  RITZ_TRY(RITZ_NEW(s->ranks, &s->rank));
  RITZ_TRY(RITZ_NEW(s->ranks, &s->part));
  RITZ_TRY(RITZ_NEW(s->ranks, &s->message));
  RITZ_TRY(ritz_calloc(s->ranks, sizeof *s->row, (void **)&s->row));
  for (int r = 0; layout && r < s->ranks; r++) {
    int place[3] = {layout->place[0], layout->place[1], layout->place[2]};
    place[axis] = r;
    s->rank[r] = ritz_layout_rank_at(layout, place);
  }
  return RITZ_OK;
}

/* Numbers of a sample of the rows of rank r of the line. */
static ritz_index numbers_of(const ritz_line_sums *s, int r) {
  const ritz_axis_pass *p = &s->part[r];
  return p->slabs * p->modes * p->inner;
}

ritz_status ritz_line_sums_plan(const ritz_node *x, int axis, ritz_index modes,
                                ritz_axis_entry *entry, const void *user, ritz_index row_sample,
                                ritz_line_sums *s) {
  block b = {.entry = entry, .user = user, .point = ritz_first_point(x, axis)};
  RITZ_TRY(find_line(x, axis, s));
  s->row_sample = row_sample;
  s->channels = ritz_channels(x);
  s->size = ritz_number_size(x);
  for (int r = 0; r < s->ranks; r++) {
    ritz_axis_pass *p = &s->part[r];
    p->samples = x->shape.n[0];
    p->slabs = 1;
    p->points = x->shape.n[axis + 1];
    p->inner = ritz_channels(x);
    for (int i = 0; i < axis; i++) p->slabs *= x->shape.n[i + 1];
    for (int i = axis + 1; i < ritz_grid_dim(x); i++) p->inner *= x->shape.n[i + 1];
    ritz_share_of(r, s->ranks, modes, &b.mode, &p->modes);
    p->mode_sample = r == s->own ? row_sample : numbers_of(s, r);
    if (p->points > 0) RITZ_TRY(ritz_axis_pass_plan(x->graph->dtype, entry_of, &b, p));
  }
  return RITZ_OK;
}

void ritz_line_sums_clear(ritz_line_sums *s) {
  for (int r = 0; s->part && r < s->ranks; r++) ritz_axis_pass_clear(&s->part[r]);
  ritz_free(s->rank);
  ritz_free(s->part);
  ritz_free(s->message);
  ritz_free((void *)s->row);
}

ritz_index ritz_line_sums_rows(const ritz_line_sums *s) {
  return s->channels > 0 ? numbers_of(s, s->own) / s->channels : 0;
}

static size_t bytes_of(const ritz_line_sums *s, int r) {
  return (size_t)(s->part[r].samples * numbers_of(s, r)) * s->size;
}

/* Rows of others, then others' sums for the own rows, or the own rows in one piece. */
static size_t others_bytes(const ritz_line_sums *s) {
  size_t bytes = 0;
  for (int r = 0; r < s->ranks; r++)
    if (r != s->own) bytes += ritz_aligned(bytes_of(s, r));
  return bytes;
}

size_t ritz_line_sums_scratch(const ritz_line_sums *s) {
  return others_bytes(s) + (size_t)(s->ranks - 1) * ritz_aligned(bytes_of(s, s->own));
}

double ritz_line_sums_flops(const ritz_line_sums *s) {
  double flops = 0;
  for (int r = 0; r < s->ranks; r++) flops += ritz_axis_pass_flops(&s->part[r]);
  return flops;
}

void ritz_line_sums_traffic(const ritz_line_sums *s, bool backward, ritz_traffic *traffic) {
  for (int r = 0; r < s->ranks; r++)
    if (r != s->own)
      ritz_traffic_add_message(traffic, (ritz_index)bytes_of(s, backward ? s->own : r));
}

static void swap(const ritz_line_sums *s, const ritz_node *node, int count) {
  const ritz_status status = ritz_comm_swap(s->comm, count, s->message);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

/* T on what is here; nothing where there are no points. */
static void run_part(const ritz_line_sums *s, const ritz_node *node, int r, const void *points,
                     void *rows) {
  const ritz_axis_pass *p = &s->part[r];
  if (p->points > 0) {
    ritz_axis_pass_run(p, node->graph->context->threads, true, false, points, rows);
    return;
  }
  for (ritz_index b = 0; b < p->samples; b++)
    memset((char *)rows + (size_t)(b * p->mode_sample) * s->size, 0,
           (size_t)numbers_of(s, r) * s->size);
}

/* The own rows are one addend of R, sample by sample. */
static void add_up(const ritz_line_sums *s, const ritz_node *node, void *rows) {
  const ritz_index numbers = numbers_of(s, s->own);
  for (ritz_index b = 0; b < s->part[s->own].samples; b++) {
    char *own = (char *)rows + (size_t)(b * s->row_sample) * s->size;
    char *came = (char *)node->scratch.data + others_bytes(s) + (size_t)(b * numbers) * s->size;
    for (int r = 0; r < s->ranks; r++) {
      s->row[r] = r == s->own ? own : came;
      if (r != s->own) came += ritz_aligned(bytes_of(s, s->own));
    }
    ritz_add_rows(node->graph->dtype, s->ranks, s->row, numbers, own);
  }
}

void ritz_line_sums_forward(const ritz_line_sums *s, const ritz_node *node, const void *points,
                            void *rows) {
  char *out = node->scratch.data, *in = out + others_bytes(s);
  int count = 0;
  run_part(s, node, s->own, points, rows);
  for (int r = 0; r < s->ranks; r++) {
    if (r == s->own) continue;
    run_part(s, node, r, points, out);
    s->message[count++] = (ritz_message){.rank = s->rank[r],
                                         .out = out,
                                         .out_bytes = (ritz_index)bytes_of(s, r),
                                         .in = in,
                                         .in_bytes = (ritz_index)bytes_of(s, s->own)};
    out += ritz_aligned(bytes_of(s, r));
    in += ritz_aligned(bytes_of(s, s->own));
  }
  if (s->ranks == 1) return;
  swap(s, node, count);
  add_up(s, node, rows);
}

static void pack(const ritz_line_sums *s, const void *rows, char *to) {
  const size_t bytes = (size_t)numbers_of(s, s->own) * s->size;
  for (ritz_index b = 0; b < s->part[s->own].samples; b++)
    memcpy(to + (size_t)b * bytes, (const char *)rows + (size_t)(b * s->row_sample) * s->size,
           bytes);
}

void ritz_line_sums_adjoint(const ritz_line_sums *s, const ritz_node *node, const void *rows,
                            void *points) {
  char *in = node->scratch.data, *out = in + others_bytes(s);
  const int threads = node->graph->context->threads;
  int count = 0;
  if (s->ranks > 1) pack(s, rows, out);
  for (int r = 0; r < s->ranks; r++) {
    if (r == s->own) continue;
    s->message[count++] = (ritz_message){.rank = s->rank[r],
                                         .out = out,
                                         .out_bytes = (ritz_index)bytes_of(s, s->own),
                                         .in = in,
                                         .in_bytes = (ritz_index)bytes_of(s, r)};
    in += ritz_aligned(bytes_of(s, r));
  }
  swap(s, node, count);
  in = node->scratch.data;
  for (int r = 0; r < s->ranks; r++) {
    if (s->part[r].points > 0)
      ritz_axis_pass_run(&s->part[r], threads, false, true, r == s->own ? rows : in, points);
    if (r != s->own) in += ritz_aligned(bytes_of(s, r));
  }
}
