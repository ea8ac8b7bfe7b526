/* SPDX-License-Identifier: BSD-3-Clause
 * Many small objects that live and die together: the nodes and attributes of a graph. */
#ifndef RITZ_CORE_ARENA_H
#define RITZ_CORE_ARENA_H

#include <ritz/status.h>

typedef struct ritz_arena {
  struct ritz_arena_block *blocks; /* newest first */
} ritz_arena;

/** @p size zeroed, aligned bytes that live until ritz_arena_clear(). */
ritz_status ritz_arena_take(ritz_arena *arena, size_t size, void **out);

/** Frees everything taken. A zeroed arena is empty and ready. */
void ritz_arena_clear(ritz_arena *arena);

#endif
