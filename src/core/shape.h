/* SPDX-License-Identifier: BSD-3-Clause
 * Extents: counting, comparing, printing. */
#ifndef RITZ_CORE_SHAPE_H
#define RITZ_CORE_SHAPE_H

#include <ritz/types.h>
#include <stdbool.h>

/** @return  Numbers of a tensor of that shape. */
ritz_index ritz_shape_count(const ritz_shape *shape);
bool ritz_shape_equal(const ritz_shape *a, const ritz_shape *b);
/** "[2, 64, 64, 3]" in a caller's buffer. @return @p text. */
const char *ritz_shape_text(const ritz_shape *shape, char text[128]);

#endif
