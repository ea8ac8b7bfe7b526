/* SPDX-License-Identifier: BSD-3-Clause
 * Tables of shifted windows. */
#include "kernels/windows.h"

#include <assert.h>

#include "core/fail.h"
#include "core/memory.h"

/* Coordinates of a row-major number; the last axis runs fastest. */
static void split(int dim, const ritz_index *extent, ritz_index number, ritz_index *at) {
  for (int a = dim - 1; a >= 0; a--) {
    at[a] = number % extent[a];
    number /= extent[a];
  }
}

/* On the shifted grid: before the last window, its part before the seam, its part behind. */
static int region(ritz_index at, ritz_index grid, ritz_index window, ritz_index shift) {
  return (at >= grid - window) + (at >= grid - shift);
}

/* One window for a whole axis has all its points as neighbours already. */
static ritz_index shift_of(const ritz_windows_shape *s, int axis) {
  return s->grid[axis] == s->window[axis] ? 0 : s->shift[axis];
}

static void place_token(const ritz_windows_shape *s, const ritz_index *corner, ritz_index token,
                        ritz_index *row, int *label) {
  ritz_index inside[3];
  split(s->dim, s->window, token, inside);
  *row = 0;
  *label = 0;
  for (int a = 0; a < s->dim; a++) {
    const ritz_index at = corner[a] * s->window[a] + inside[a];
    *row = *row * s->grid[a] + (at + shift_of(s, a)) % s->grid[a];
    *label = *label * 3 + region(at, s->grid[a], s->window[a], shift_of(s, a));
  }
}

static int offset_of(const ritz_windows_shape *s, ritz_index query, ritz_index key) {
  ritz_index q[3], k[3], flat = 0;
  split(s->dim, s->window, query, q);
  split(s->dim, s->window, key, k);
  for (int a = 0; a < s->dim; a++)
    flat = flat * (2 * s->window[a] - 1) + q[a] - k[a] + s->window[a] - 1;
  return (int)flat;
}

ritz_status ritz_windows_init(const ritz_windows_shape *s, ritz_windows *out) {
  const int dim = s->dim;
  ritz_index extent[3] = {1, 1, 1};
  assert(dim >= 1 && dim <= 3);
  *out = (ritz_windows){.count = 1, .tokens = 1, .offsets = 1};
  for (int a = 0; a < dim; a++) {
    extent[a] = s->grid[a] / s->window[a];
    out->count *= extent[a];
    out->tokens *= s->window[a];
    out->offsets *= 2 * s->window[a] - 1;
  }
  RITZ_TRY(RITZ_NEW(out->count * out->tokens, &out->row));
  RITZ_TRY(RITZ_NEW(out->count * out->tokens, &out->label));
  RITZ_TRY(RITZ_NEW(out->count, &out->mixed));
  RITZ_TRY(RITZ_NEW(out->tokens * out->tokens, &out->offset));
  for (ritz_index w = 0; w < out->count; w++) {
    ritz_index corner[3];
    split(dim, extent, w, corner);
    const ritz_index first = w * out->tokens;
    for (ritz_index t = 0; t < out->tokens; t++) {
      place_token(s, corner, t, &out->row[first + t], &out->label[first + t]);
      out->mixed[w] = out->mixed[w] || out->label[first + t] != out->label[first];
    }
  }
  for (ritz_index k = 0; k < out->tokens; k++)
    for (ritz_index q = 0; q < out->tokens; q++)
      out->offset[k * out->tokens + q] = offset_of(s, q, k);
  return RITZ_OK;
}

void ritz_windows_release(ritz_windows *windows) {
  ritz_free(windows->row);
  ritz_free(windows->label);
  ritz_free(windows->mixed);
  ritz_free(windows->offset);
  *windows = (ritz_windows){0};
}
