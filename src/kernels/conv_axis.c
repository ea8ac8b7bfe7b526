/* SPDX-License-Identifier: BSD-3-Clause
 * Which input positions and taps an output position of a leading axis takes, and where a chunk
 * holds them. */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/conv_plan.h"

ritz_status ritz_conv_axis_init(const ritz_window_axis *shape, bool adjoint, ritz_conv_axis *out) {
  out->in = adjoint ? shape->out : shape->in;
  out->out = adjoint ? shape->in : shape->out;
  out->taps = shape->kernel;
  RITZ_TRY(ritz_sights_init(shape, adjoint, &out->sights));
  const ritz_index *start = out->sights.start;
  for (ritz_index i = 0; i < out->out; i++)
    if (start[i + 1] - start[i] > out->most_sights) out->most_sights = start[i + 1] - start[i];
  return RITZ_OK;
}

/* seen[point] is 1 + the slot of an input position in this block. */
static ritz_index collect(ritz_conv_axis *axis, ritz_index b, ritz_index *seen) {
  const ritz_index end = (b + 1) * axis->block < axis->out ? (b + 1) * axis->block : axis->out;
  const ritz_sights *s = &axis->sights;
  ritz_index *need = axis->need + axis->need_start[b], count = 0;
  for (ritz_index k = s->start[b * axis->block]; k < s->start[end]; k++) {
    const ritz_index point = s->entry[k].point;
    if (!seen[point]) {
      need[count++] = point;
      seen[point] = count;
    }
    axis->slot[k] = seen[point] - 1;
  }
  for (ritz_index i = 0; i < count; i++) seen[need[i]] = 0;
  return count;
}

ritz_status ritz_conv_axis_cut(ritz_conv_axis *axis, ritz_index block, bool in_place) {
  const ritz_index entries = axis->sights.start[axis->out];
  ritz_index *seen;
  axis->block = block;
  axis->blocks = (axis->out + block - 1) / block;
  RITZ_TRY(RITZ_NEW(axis->blocks + 1, &axis->need_start));
  RITZ_TRY(RITZ_NEW(entries, &axis->need));
  RITZ_TRY(RITZ_NEW(entries, &axis->slot));
  RITZ_TRY(RITZ_NEW(axis->in, &seen));
  for (ritz_index b = 0; b < axis->blocks; b++) {
    const ritz_index count = collect(axis, b, seen);
    axis->need_start[b + 1] = axis->need_start[b] + count;
    if (count > axis->most_needs) axis->most_needs = count;
  }
  for (ritz_index k = 0; in_place && k < entries; k++) axis->slot[k] = axis->sights.entry[k].point;
  ritz_free(seen);
  return RITZ_OK;
}

void ritz_conv_axis_release(ritz_conv_axis *axis) {
  ritz_sights_release(&axis->sights);
  ritz_free(axis->slot);
  ritz_free(axis->need_start);
  ritz_free(axis->need);
  *axis = (ritz_conv_axis){0};
}
