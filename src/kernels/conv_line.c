/* SPDX-License-Identifier: BSD-3-Clause
 * The last axis of a convolution: phases and padded rows.
 *
 * K has one phase, output p takes tap t from position p u + t d of the padded input. K^T has u of
 * them: position j of the padded input receives tap t from output (j - t d)/u where that is whole,
 * which depends on j modulo u only. */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/conv_plan.h"

static ritz_status add_source(const ritz_window_axis *s, bool adjoint, ritz_conv_line *line) {
  RITZ_TRY(RITZ_NEW(line->width, &line->source));
  for (ritz_index j = 0; j < line->width; j++)
    line->source[j] = j >= line->margin && j < line->margin + line->in ? j - line->margin
                      : adjoint                                        ? -1
                                : ritz_window_source(s, j - line->margin);
  return RITZ_OK;
}

static ritz_status add_phase(ritz_conv_line *line, ritz_index first, ritz_index taps) {
  ritz_conv_phase *phase = &line->phase[line->phases++];
  phase->first = first;
  phase->count =
      ((line->padded_out ? line->padded_out : line->out) - first + line->step - 1) / line->step;
  if (phase->count > line->longest) line->longest = phase->count;
  RITZ_TRY(RITZ_NEW(taps, &phase->tap));
  return RITZ_NEW(taps, &phase->from);
}

static void add_tap(ritz_conv_phase *phase, ritz_index tap, ritz_index from) {
  phase->tap[phase->taps] = tap;
  phase->from[phase->taps++] = from;
}

static ritz_status forward_line(const ritz_window_axis *s, ritz_conv_line *line) {
  line->width = s->low + s->in + s->high;
  line->margin = s->low;
  line->step = 1;
  line->in_step = s->stride;
  line->span = (s->kernel - 1) * s->dilation + 1;
  RITZ_TRY(RITZ_NEW(1, &line->phase));
  RITZ_TRY(add_phase(line, 0, s->kernel));
  for (ritz_index t = 0; t < s->kernel; t++) add_tap(line->phase, t, t * s->dilation);
  return RITZ_OK;
}

static ritz_index floor_quotient(ritz_index a, ritz_index b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static ritz_status adjoint_line(const ritz_window_axis *s, ritz_conv_line *line) {
  const ritz_index reach = (s->kernel - 1) * s->dilation;
  const bool folds = s->boundary != RITZ_BOUNDARY_ZERO && s->low + s->high > 0;
  const ritz_index start = folds ? 0 : s->low; /* padded position of output 0 */
  if (folds) line->padded_out = s->low + s->in + s->high;
  const ritz_index outputs = folds ? line->padded_out : line->out;
  line->out_margin = s->low;
  line->step = s->stride;
  line->in_step = 1;
  const ritz_index lowest = floor_quotient(start - reach, s->stride);
  const ritz_index highest = (start + outputs - 1) / s->stride;
  line->margin = lowest < 0 ? -lowest : 0;
  line->width = line->margin + (highest + 1 > line->in ? highest + 1 : line->in);
  RITZ_TRY(RITZ_NEW(s->stride, &line->phase));
  for (ritz_index first = 0; first < s->stride && first < outputs; first++) {
    RITZ_TRY(add_phase(line, first, s->kernel));
    for (ritz_index t = s->kernel - 1; t >= 0; t--) { /* ascending positions */
      const ritz_index offset = start + first - t * s->dilation;
      const ritz_index q = floor_quotient(offset, s->stride);
      if (q * s->stride != offset) continue;
      add_tap(&line->phase[line->phases - 1], t, line->margin + q);
      if (line->margin + q + 1 > line->span) line->span = line->margin + q + 1;
    }
  }
  if (!folds) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(line->padded_out, &line->fold));
  for (ritz_index j = 0; j < line->padded_out; j++)
    line->fold[j] = ritz_window_source(s, j - s->low);
  return RITZ_OK;
}

/* Rows this long are cut, so that a strip stays in the second-level cache and one long row has work
 * for several threads. Folding needs whole rows. */
enum { longest_block = 512 };

ritz_status ritz_conv_line_init(const ritz_window_axis *shape, bool adjoint, ritz_conv_line *out) {
  out->in = adjoint ? shape->out : shape->in;
  out->out = adjoint ? shape->in : shape->out;
  out->taps = shape->kernel;
  RITZ_TRY(adjoint ? adjoint_line(shape, out) : forward_line(shape, out));
  RITZ_TRY(add_source(shape, adjoint, out));
  out->block = out->fold || out->longest < 2 * longest_block ? out->longest : longest_block;
  out->blocks = (out->longest + out->block - 1) / out->block;
  return RITZ_OK;
}

void ritz_conv_line_release(ritz_conv_line *line) {
  for (int i = 0; i < line->phases; i++) {
    ritz_free(line->phase[i].tap);
    ritz_free(line->phase[i].from);
  }
  ritz_free(line->phase);
  ritz_free(line->source);
  ritz_free(line->fold);
  *line = (ritz_conv_line){0};
}
