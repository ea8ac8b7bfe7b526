/* SPDX-License-Identifier: BSD-3-Clause
 * Copies around the exchanges of mode_lines.h, in threads: fields, columns and modes in the orders
 * that transforms and messages want. Each way is undone with @p back. */
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

/** Columns of @p width numbers at points, [points, columns], to those of each rank's share
 * (ritz_share_of()), one rank after the other: [points, its columns]. */
typedef struct ritz_columns_cut {
  int ranks;
  ritz_index points, columns, width;
} ritz_columns_cut;
void ritz_move_columns(const ritz_mover *mover, const ritz_columns_cut *cut, bool back,
                       const char *from, char *to);

/** Of all parts p of an axis [outer, points of p, width numbers], one after the other, to [outer,
 * points, width]; those of part p are [offset[p], offset[p + 1]). */
typedef struct ritz_parts_laid {
  int parts;
  const ritz_index *offset; /* [parts + 1] */
  ritz_index outer, width;
} ritz_parts_laid;
void ritz_move_parts(const ritz_mover *mover, const ritz_parts_laid *laid, bool back,
                     const char *from, char *to);

/** Where the parts of a mode are: numbers from one mode, sample and plane (Re, Im) to the next. */
typedef struct ritz_mode_order_of {
  ritz_index mode, sample, plane;
} ritz_mode_order_of;
/** Modes of [batch, 2 planes, channels] between two orders. */
typedef struct ritz_modes_ordered {
  ritz_index count, batch, channels;
  const ritz_index *place; /* [count] */
  ritz_mode_order_of at_place, in_order;
} ritz_modes_ordered;
/** From place[i] to i, or @p back from i to place[i]. */
void ritz_move_modes(const ritz_mover *mover, const ritz_modes_ordered *modes, bool back,
                     const char *from, char *to);

#endif
