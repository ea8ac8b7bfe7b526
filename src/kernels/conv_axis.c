/* SPDX-License-Identifier: BSD-3-Clause
 * Which input positions and taps an output position of a leading axis takes. */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/conv_plan.h"

ritz_index ritz_boundary_source(ritz_boundary boundary, ritz_index j, ritz_index n) {
  if (j >= 0 && j < n) return j;
  switch (boundary) {
    case RITZ_BOUNDARY_ZERO: return -1;
    case RITZ_BOUNDARY_PERIODIC: return (j % n + n) % n;
    case RITZ_BOUNDARY_REFLECT: return j < 0 ? -j : 2 * (n - 1) - j;
    case RITZ_BOUNDARY_REPLICATE: return j < 0 ? 0 : n - 1;
  }
  return -1;
}

/* Calls for each (output, input, tap) of K in order; start and link of @p axis count or store them,
 * by output or, for K^T, by input. */
static void visit(const ritz_conv_axis_shape *s, bool adjoint, ritz_conv_axis *axis) {
  for (ritz_index p = 0; p < s->out; p++)
    for (ritz_index t = 0; t < s->kernel; t++) {
      const ritz_index x =
          ritz_boundary_source(s->boundary, p * s->stride + t * s->dilation - s->before, s->in);
      if (x < 0) continue;
      const ritz_index to = adjoint ? x : p, from = adjoint ? p : x;
      if (axis->link)
        axis->link[axis->start[to]++] = (ritz_conv_link){.from = from, .tap = t};
      else
        axis->start[to + 1]++;
    }
}

ritz_status ritz_conv_axis_init(const ritz_conv_axis_shape *shape, bool adjoint,
                                ritz_conv_axis *out) {
  out->in = adjoint ? shape->out : shape->in;
  out->out = adjoint ? shape->in : shape->out;
  out->taps = shape->kernel;
  RITZ_TRY(RITZ_NEW(out->out + 1, &out->start));
  visit(shape, adjoint, out);
  for (ritz_index i = 0; i < out->out; i++) {
    if (out->start[i + 1] > out->most_links) out->most_links = out->start[i + 1];
    out->start[i + 1] += out->start[i];
  }
  RITZ_TRY(RITZ_NEW(out->start[out->out], &out->link));
  visit(shape, adjoint, out);
  for (ritz_index i = out->out; i > 0; i--) out->start[i] = out->start[i - 1];
  out->start[0] = 0;
  return RITZ_OK;
}

/* slot[from] is 1 + the slot of an input position in this block. */
static ritz_index collect(ritz_conv_axis *axis, ritz_index b, ritz_index *slot) {
  const ritz_index end = (b + 1) * axis->block < axis->out ? (b + 1) * axis->block : axis->out;
  ritz_index *need = axis->need + axis->need_start[b], count = 0;
  for (ritz_index l = axis->start[b * axis->block]; l < axis->start[end]; l++) {
    ritz_conv_link *link = &axis->link[l];
    if (!slot[link->from]) {
      need[count++] = link->from;
      slot[link->from] = count;
    }
    link->slot = slot[link->from] - 1;
  }
  for (ritz_index i = 0; i < count; i++) slot[need[i]] = 0;
  return count;
}

ritz_status ritz_conv_axis_cut(ritz_conv_axis *axis, ritz_index block) {
  ritz_index *slot;
  axis->block = block;
  axis->blocks = (axis->out + block - 1) / block;
  RITZ_TRY(RITZ_NEW(axis->blocks + 1, &axis->need_start));
  RITZ_TRY(RITZ_NEW(axis->start[axis->out], &axis->need));
  RITZ_TRY(RITZ_NEW(axis->in, &slot));
  for (ritz_index b = 0; b < axis->blocks; b++) {
    const ritz_index count = collect(axis, b, slot);
    axis->need_start[b + 1] = axis->need_start[b] + count;
    if (count > axis->most_needs) axis->most_needs = count;
  }
  ritz_free(slot);
  return RITZ_OK;
}

void ritz_conv_axis_release(ritz_conv_axis *axis) {
  ritz_free(axis->start);
  ritz_free(axis->link);
  ritz_free(axis->need_start);
  ritz_free(axis->need);
  *axis = (ritz_conv_axis){0};
}
