/* SPDX-License-Identifier: BSD-3-Clause
 * Which rank makes which kept modes of a split field, where axes are transformed in whole lines.
 *
 * A *column* is a set of kept modes, one of each axis that has been transformed; a rank has columns
 * at its own points of the axes that have not. At first those are the split axes. They are done one
 * after the other, the last one first: the ranks that differ in their place along it alone have the
 * same columns, of which each takes an equal share, at all points of the axis. Its modes then are
 * columns in their turn. All of this is arithmetic on shapes, the same on all ranks. */
#ifndef RITZ_GRAPH_MODE_COLUMNS_H
#define RITZ_GRAPH_MODE_COLUMNS_H

#include "dist/layout.h"

enum { RITZ_LINE_STEPS = 2 };

typedef struct ritz_mode_columns {
  const ritz_layout *layout;
  int dim;
  ritz_index batch, modes[3];
  int steps, axis[RITZ_LINE_STEPS]; /* split axes, in the order in which they are done */
} ritz_mode_columns;

/** One split axis, as the rank at some place does it. */
typedef struct ritz_line_step {
  int axis, ranks, place;           /* of the rank along the axis */
  ritz_index outer;                 /* batch, and own points of the split axes before this one */
  ritz_index points, own;           /* of the axis: all, and the rank's */
  ritz_index columns, first, count; /* those that are there, and its share */
  ritz_index modes;                 /* kept along the axis */
} ritz_line_step;

/**
 * Of a field on @p layout.
 *
 * @param half  The axis with the half spectrum.
 * @return      False where this form does not serve: no axis is split, or the axis of the half
 *              spectrum is (its real lines come before all else), or two that do not lead, or the
 *              spectrum is real (@p half < 0).
 */
bool ritz_mode_columns_of(const ritz_layout *layout, int dim, ritz_index batch,
                          const ritz_index *modes, int half, ritz_mode_columns *columns);

/** Whether an axis is among those that are cut. */
bool ritz_mode_columns_split(const ritz_mode_columns *columns, int axis);
/** Modes of all axes. */
ritz_index ritz_mode_columns_all(const ritz_mode_columns *columns);

/** The steps of rank @p rank. @return  How many modes it makes. */
ritz_index ritz_mode_columns_steps(const ritz_mode_columns *columns, int rank,
                                   ritz_line_step step[RITZ_LINE_STEPS]);

/** @return  The rank that makes mode @p mode. @param index  Its number among those, which are
 * ordered by the last step's axis and then by its columns. */
int ritz_mode_columns_maker(const ritz_mode_columns *columns, ritz_index mode, ritz_index *index);
/** @return  The rank that owns mode @p mode of @p all (ritz_share_of()). */
int ritz_mode_owner(int ranks, ritz_index all, ritz_index mode);

/**
 * Complex numbers a channel that the rank which sends most sends, to the modes and back.
 *
 * @param lines  By whole lines: columns, and modes to and from their owners.
 * @param sums   By sums of all modes over the ranks (mode_share.h).
 */
ritz_status ritz_mode_columns_sent(const ritz_mode_columns *columns, ritz_index *lines,
                                   ritz_index *sums);

#endif
