/* SPDX-License-Identifier: BSD-3-Clause
 * Spectra of split fields by whole lines: where nearly all modes are kept, or many ranks share few
 * points, this sends less than sums of all modes over the ranks (mode_share.h).
 *
 * To modes, each rank transforms the axes that are not split to their kept modes, the columns
 * (mode_columns.h). Then, one split axis after the other, the ranks along it exchange columns, so
 * that each has its share of them at all points of the axis, and transform those. At last each mode
 * goes to the rank that owns it, by mode_share.h as ever. From modes all goes back the same way.
 *
 * With P ranks in slabs, N points and k kept modes of the split axis and K columns a rank sends
 * about (P - 1)/P (N/P + k/P) 2 K B C numbers each way, where sums send (P - 1)/P 2 k K B C. No
 * sum is taken over ranks, no rank has all modes, and whole axes are folded as without a split. */
#ifndef RITZ_GRAPH_MODE_LINES_H
#define RITZ_GRAPH_MODE_LINES_H

#include "graph/ops/mode_share.h"

typedef struct ritz_mode_lines ritz_mode_lines;

/**
 * Plans both ways between a field and its modes.
 *
 * @param shape  Of the whole grid, its batch and channels; the parts are those of @p field.
 * @param share  The modes that are owned here.
 * @param out    NULL where this form does not serve (ritz_mode_columns_of()), or sends more than
 *               sums from the rank that sends most: a pure function of shape and layout, the same
 *               on all ranks. The graph's modes_way forces either.
 */
ritz_status ritz_mode_lines_create(const ritz_node *field, const ritz_transform_shape *shape,
                                   const ritz_mode_share *share, ritz_mode_lines **out);
void ritz_mode_lines_destroy(ritz_mode_lines **lines);

/** @return  Bytes of scratch a run needs, 64-byte aligned. */
size_t ritz_mode_lines_work(const ritz_mode_lines *lines);
/** Of one run in either direction. */
double ritz_mode_lines_flops(const ritz_mode_lines *lines);
/** What a run sends, @p back from modes to the field. */
void ritz_mode_lines_traffic(const ritz_mode_lines *lines, bool back, ritz_traffic *traffic);

/** The own modes of a field, own [count, 3 (plain: 2), B, C]; @p backward its gradient's, as
 * ritz_transform_to_modes() with @p adjoint and @p for_gradient. */
void ritz_mode_lines_to_own(const ritz_mode_lines *lines, bool backward, const void *field,
                            void *own, void *work);
/** The field of all ranks' own modes, own [count, 2, B, C]; @p adjoint and @p add as in
 * ritz_transform_from_modes(). */
void ritz_mode_lines_from_own(const ritz_mode_lines *lines, bool adjoint, bool add, const void *own,
                              void *field, void *work);

#endif
