/* SPDX-License-Identifier: BSD-3-Clause
 * A list of blocks; each hands out its bytes from the front. */
#include "core/arena.h"

#include "core/fail.h"
#include "core/memory.h"

typedef struct ritz_arena_block {
  struct ritz_arena_block *next;
  size_t size, used; /* bytes, header included */
} block;

static const size_t block_bytes = 64 * 1024;

ritz_status ritz_arena_take(ritz_arena *arena, size_t size, void **out) {
  *out = NULL;
  const size_t header = ritz_aligned(sizeof(block));
  size = ritz_aligned(size ? size : 1);
  if (!arena->blocks || arena->blocks->size - arena->blocks->used < size) {
    const size_t bytes = header + (size > block_bytes ? size : block_bytes);
    block *fresh;
    RITZ_TRY(ritz_calloc((ritz_index)bytes, 1, (void **)&fresh));
    *fresh = (block){.next = arena->blocks, .size = bytes, .used = header};
    arena->blocks = fresh;
  }
  *out = (char *)arena->blocks + arena->blocks->used;
  arena->blocks->used += size;
  return RITZ_OK;
}

void ritz_arena_clear(ritz_arena *arena) {
  while (arena->blocks) {
    block *next = arena->blocks->next;
    ritz_free(arena->blocks);
    arena->blocks = next;
  }
}
