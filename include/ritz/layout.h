/* SPDX-License-Identifier: BSD-3-Clause
 * Which rank has which part of a grid.
 *
 * The ranks of a context form a grid of ranks R0 x R1 x R2 (slabs: one of them > 1, pencils: two,
 * blocks: three; the last one counts fastest). Each axis is cut at R + 1 offsets that every rank
 * knows; parts may differ in size and may be empty. */
#ifndef RITZ_LAYOUT_H
#define RITZ_LAYOUT_H

#include <ritz/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_layout ritz_layout;

/**
 * Every rank gives the same arguments; nothing is sent.
 *
 * @param dim      1 to 3 grid axes.
 * @param grid     Extents of the whole grid.
 * @param ranks    Parts of each axis; their product is the number of ranks of @p context.
 * @param offsets  offsets[axis][0 ... ranks[axis]], from 0 to the extent, never decreasing: part r
 *                 is [offset r, offset r + 1). NULL, or NULL for an axis: parts as equal as can be.
 * @param out      NULL on failure. RITZ_ERR_ARGUMENT, RITZ_ERR_SHAPE (offsets)
 */
RITZ_API ritz_status ritz_layout_create(ritz_context *context, int dim, const ritz_index *grid,
                                        const int *ranks, const ritz_index *const *offsets,
                                        ritz_layout **out);
/** One more reference. @return  @p layout. */
RITZ_API ritz_layout *ritz_layout_retain(ritz_layout *layout);
/** Gives one reference back; accepts NULL and clears the pointer. */
RITZ_API void ritz_layout_destroy(ritz_layout **layout);

/** Grid axes. */
RITZ_API int ritz_layout_dim(const ritz_layout *layout);
/** Points of the whole grid along @p axis. */
RITZ_API ritz_index ritz_layout_extent(const ritz_layout *layout, int axis);
/** Parts of @p axis. */
RITZ_API int ritz_layout_ranks(const ritz_layout *layout, int axis);
/** The ranks[axis] + 1 offsets of @p axis. */
RITZ_API const ritz_index *ritz_layout_offsets(const ritz_layout *layout, int axis);
/** This rank's part of @p axis: [*first, *first + *count). */
RITZ_API void ritz_layout_part(const ritz_layout *layout, int axis, ritz_index *first,
                               ritz_index *count);

#ifdef __cplusplus
}
#endif
#endif
