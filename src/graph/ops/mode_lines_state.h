/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of whole lines: planned in mode_lines_plan.c, run in mode_lines.c.
 *
 * Symbols of one step (ritz_line_step): O outer, N points of the axis and n of them here, K columns
 * and J of them here, k modes.
 *
 *   to modes   S [O, n, K, 2, C]  -> to each rank of the line [O, n, its J, 2, C], and of each
 *              [O, its n, J, 2, C] -> rows [O, N, J, 2, C] -> S' [O, k J, 2, C]
 *   back       S' -> rows -> messages, the other way round -> S
 *
 * S' is the S of the next step, whose own points are part of O here. Everything goes to and fro
 * between two buffers. */
#ifndef RITZ_GRAPH_MODE_LINES_STATE_H
#define RITZ_GRAPH_MODE_LINES_STATE_H

#include "graph/ops/mode_columns.h"
#include "graph/ops/mode_lines.h"
#include "graph/ops/mode_moves.h"

/** One split axis. */
typedef struct ritz_mode_step {
  ritz_line_step at;
  ritz_transform *lines; /* between rows and S', of one of O; NULL: nothing here */
} ritz_mode_step;

struct ritz_mode_lines {
  const ritz_node *field;
  ritz_mode_columns columns;
  ritz_mode_share share;
  ritz_index channels;
  ritz_transform *local; /* of the axes that are not split, at one point of the others; NULL: no
                            points here */
  size_t local_scratch;  /* bytes of a thread's */
  ritz_front axes;       /* of the field; the local transform wants the split ones in front */
  ritz_mover mover;
  ritz_mode_step step[RITZ_LINE_STEPS];
  ritz_index made;      /* modes of the last step */
  ritz_index *position; /* [made], in the order of all modes: where the last step has them */
  bool in_order;        /* in that order */
  ritz_index *slot;     /* [own modes] place among those that come from their makers */
  ritz_index *out, *in; /* [ranks + 1] offsets among the made modes, and among those that come */
  ritz_message *message;
  size_t buffer, scratch; /* bytes of one of two buffers, and of the transforms' scratch */
};

/** Points of the split axes here, of the whole batch. */
static inline ritz_index ritz_mode_lines_points(const ritz_mode_lines *l) {
  return l->axes.batch * l->axes.split;
}

#endif
