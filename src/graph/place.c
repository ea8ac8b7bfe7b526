/* SPDX-License-Identifier: BSD-3-Clause
 * Greedy placement by size, as in Pisarchyk & Lee 2020, arXiv:2001.03288, Sec. 5. */
#include <stdlib.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

static int larger_first(const void *a, const void *b) {
  const ritz_lease *x = *(ritz_lease *const *)a, *y = *(ritz_lease *const *)b;
  if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
  return x < y ? -1 : x > y;
}

static bool meet_in_time(const ritz_lease *a, const ritz_lease *b) {
  return a->start <= b->end && b->start <= a->end;
}

/* Lowest offset where @p lease fits beside the @p count placed ones, which are sorted by offset. */
static size_t lowest_gap(const ritz_lease *lease, int count, ritz_lease *const *placed) {
  size_t offset = 0;
  for (int i = 0; i < count; i++) {
    const ritz_lease *other = placed[i];
    if (!meet_in_time(lease, other)) continue;
    if (other->offset >= offset + lease->bytes) break;
    if (other->offset + other->bytes > offset) offset = other->offset + other->bytes;
  }
  return offset;
}

static void insert_by_offset(ritz_lease *lease, int count, ritz_lease **placed) {
  int i = count;
  for (; i > 0 && placed[i - 1]->offset > lease->offset; i--) placed[i] = placed[i - 1];
  placed[i] = lease;
}

ritz_status ritz_place(int count, ritz_lease *lease, size_t *total) {
  ritz_lease **queue, **placed;
  RITZ_TRY(RITZ_NEW(2 * count, &queue));
  placed = queue + count;
  for (int i = 0; i < count; i++) {
    lease[i].bytes = ritz_aligned(lease[i].bytes);
    queue[i] = &lease[i];
  }
  if (count > 0) qsort(queue, (size_t)count, sizeof *queue, larger_first);
  *total = 0;
  for (int i = 0; i < count; i++) {
    ritz_lease *next = queue[i];
    next->offset = lowest_gap(next, i, placed);
    insert_by_offset(next, i, placed);
    if (next->offset + next->bytes > *total) *total = next->offset + next->bytes;
  }
  ritz_free(queue);
  return RITZ_OK;
}
