/* SPDX-License-Identifier: BSD-3-Clause
 * Out-size rule, margins and incidence lists of sliding windows. */
#include "kernels/window.h"

#include "core/fail.h"
#include "core/memory.h"

static ritz_status check_axis(const char *who, int a, ritz_window_axis *w) {
  RITZ_REQUIRE(w->in >= 1 && w->kernel >= 1, RITZ_ERR_SHAPE,
               "%s: axis %d has %td points and a window of %td, both must be at least 1", who, a,
               w->in, w->kernel);
  RITZ_REQUIRE(w->stride >= 1 && w->dilation >= 1, RITZ_ERR_ARGUMENT,
               "%s: axis %d has stride %td and dilation %td, both must be at least 1", who, a,
               w->stride, w->dilation);
  RITZ_REQUIRE(w->low >= 0 && w->high >= 0, RITZ_ERR_ARGUMENT,
               "%s: axis %d has margins %td and %td, none may be negative", who, a, w->low,
               w->high);
  RITZ_REQUIRE(w->boundary >= RITZ_BOUNDARY_ZERO && w->boundary <= RITZ_BOUNDARY_REPLICATE,
               RITZ_ERR_ARGUMENT, "%s: axis %d has no known boundary (%d)", who, a,
               (int)w->boundary);
  const ritz_index widest = w->low > w->high ? w->low : w->high;
  RITZ_REQUIRE(w->boundary != RITZ_BOUNDARY_REFLECT || widest < w->in, RITZ_ERR_SHAPE,
               "%s: axis %d has a margin of %td, its %td reflected points fill %td", who, a, widest,
               w->in, w->in - 1);
  const ritz_index extent = w->dilation * (w->kernel - 1) + 1, room = w->in + w->low + w->high;
  RITZ_REQUIRE(extent <= room, RITZ_ERR_SHAPE,
               "%s: the window covers %td points of axis %d, which has %td with its margins", who,
               extent, a, room);
  w->out = (room - extent) / w->stride + 1;
  return RITZ_OK;
}

static ritz_index one_if_zero(ritz_index n) { return n == 0 ? 1 : n; }

ritz_status ritz_window_make(const char *who, int dim, const ritz_index *in,
                             const ritz_index *kernel, const ritz_window_options *options,
                             ritz_window *out) {
  const ritz_window_options none = {0};
  if (!options) options = &none;
  *out = (ritz_window){.dim = dim};
  for (int a = 0; a < 3; a++) {
    ritz_window_axis *w = &out->axis[a];
    const int j = a - (3 - dim);
    *w = (ritz_window_axis){.in = 1, .kernel = 1, .stride = 1, .dilation = 1, .out = 1};
    if (j < 0) continue;
    *w = (ritz_window_axis){.in = in[j],
                            .kernel = kernel[j],
                            .stride = one_if_zero(options->stride[j]),
                            .dilation = one_if_zero(options->dilation[j]),
                            .low = options->low[j],
                            .high = options->high[j],
                            .boundary = options->boundary[j]};
    RITZ_TRY(check_axis(who, j, w));
  }
  return RITZ_OK;
}

ritz_index ritz_window_source(const ritz_window_axis *axis, ritz_index position) {
  const ritz_index n = axis->in;
  if (position >= 0 && position < n) return position;
  switch (axis->boundary) {
    case RITZ_BOUNDARY_PERIODIC: return (position % n + n) % n;
    case RITZ_BOUNDARY_REFLECT: return position < 0 ? -position : 2 * (n - 1) - position;
    case RITZ_BOUNDARY_REPLICATE: return position < 0 ? 0 : n - 1;
    case RITZ_BOUNDARY_ZERO: break;
  }
  return -1;
}

ritz_index ritz_window_points_in(const ritz_window *w) {
  return w->axis[0].in * w->axis[1].in * w->axis[2].in;
}
ritz_index ritz_window_points_out(const ritz_window *w) {
  return w->axis[0].out * w->axis[1].out * w->axis[2].out;
}
ritz_index ritz_window_taps(const ritz_window *w) {
  return w->axis[0].kernel * w->axis[1].kernel * w->axis[2].kernel;
}

/* Calls for every pair that sees each other, outputs and taps ascending: counts (entry NULL) or
 * fills, moving start[row] forward. */
static void visit(const ritz_window_axis *axis, bool adjoint, ritz_sights *s, bool fill) {
  for (ritz_index o = 0; o < axis->out; o++)
    for (ritz_index t = 0; t < axis->kernel; t++) {
      const ritz_index i =
          ritz_window_source(axis, o * axis->stride - axis->low + t * axis->dilation);
      if (i < 0) continue;
      const ritz_index row = adjoint ? i : o, point = adjoint ? o : i;
      if (fill)
        s->entry[s->start[row]++] = (ritz_sight){point, t};
      else
        s->start[row + 1]++;
    }
}

/* By insertion: rows are as long as a window. */
static void sort_by_tap(ritz_sight *entry, ritz_index count) {
  for (ritz_index i = 1; i < count; i++) {
    const ritz_sight moved = entry[i];
    ritz_index k = i;
    for (; k > 0 && entry[k - 1].tap > moved.tap; k--) entry[k] = entry[k - 1];
    entry[k] = moved;
  }
}

ritz_status ritz_sights_init(const ritz_window_axis *axis, bool adjoint, ritz_sights *out) {
  *out = (ritz_sights){.rows = adjoint ? axis->in : axis->out};
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(out->rows + 1, &out->start));
  RITZ_TRY_DONE(RITZ_NEW(axis->out * axis->kernel, &out->entry));
  visit(axis, adjoint, out, false);
  for (ritz_index i = 0; i < out->rows; i++) out->start[i + 1] += out->start[i];
  visit(axis, adjoint, out, true);
  for (ritz_index i = out->rows; i > 0; i--) out->start[i] = out->start[i - 1];
  out->start[0] = 0;
  for (ritz_index i = 0; i < out->rows; i++)
    sort_by_tap(out->entry + out->start[i], out->start[i + 1] - out->start[i]);
done:
  if (status != RITZ_OK) ritz_sights_release(out);
  return status;
}

void ritz_sights_release(ritz_sights *sights) {
  ritz_free(sights->start);
  ritz_free(sights->entry);
  *sights = (ritz_sights){0};
}
