/* SPDX-License-Identifier: BSD-3-Clause
 * Copies around the exchanges of mode_lines.h, in threads: fields, columns and modes in the orders
 * that transforms and messages want. */
#ifndef RITZ_GRAPH_MODE_MOVES_H
#define RITZ_GRAPH_MODE_MOVES_H

#include "kernels/kernels.h"

/** What all of them need. */
typedef struct ritz_mover {
  const ritz_kernels *kernels;
  int threads;
  size_t number; /* bytes */
} ritz_mover;

/** A field [batch, front, split, inner numbers]. */
typedef struct ritz_front {
  ritz_index batch, front, split, inner;
} ritz_front;
/** The field to [batch, split, front, inner], or @p back, which adds with @p add. */
void ritz_move_axes(const ritz_mover *mover, const ritz_front *field, bool back, bool add,
                    const char *from, char *to);

/** Columns at the points of an axis, those of part p [offset[p], offset[p + 1]). */
typedef struct ritz_line_rows {
  int parts;
  const ritz_index *offset;           /* [parts + 1] */
  ritz_index outer, planes, channels; /* columns times 2 */
} ritz_line_rows;
/** Of all parts p [planes, outer, points of p, C], one after the other, to [outer, points, planes,
 * C], or @p back. */
void ritz_move_rows(const ritz_mover *mover, const ritz_line_rows *rows, bool back,
                    const char *from, char *to);

/** to[i] = from[place[i]], or with @p scatter to[place[i]] = from[i], for @p count modes of
 * @p numbers numbers that lie side by side in @p from, and in @p to @p step numbers apart. */
void ritz_move_modes(const ritz_mover *mover, ritz_index count, const ritz_index *place,
                     bool scatter, ritz_index numbers, ritz_index step, const char *from, char *to);

#endif
