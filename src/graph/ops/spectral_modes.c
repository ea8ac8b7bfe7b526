/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/spectral_modes.h"

#include "core/fail.h"
#include "core/memory.h"

static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }

static ritz_status reserve(ritz_axis_modes *modes, ritz_index most) {
  RITZ_TRY(RITZ_NEW(3 * most, &modes->in));
  modes->out = modes->in + most;
  modes->row = modes->out + most;
  return RITZ_OK;
}

/* Frequency on a grid of m points of what is frequency f on one of n; false if it is dropped. The
 * result may exceed m/2 (it counts modulo m). */
static bool moved_frequency(const ritz_axis_choice *c, ritz_index f, ritz_index *out) {
  const ritz_index n = c->in, m = c->out;
  *out = f;
  if (c->half) return f <= m / 2;
  if (n == m) return true;
  if (c->resample == RITZ_RESAMPLE_REFERENCE) { /* rows 0 ... n-1 are padded or cut at the end */
    *out = f < 0 ? f + n : f;
    return *out < m;
  }
  return f >= -(m / 2) && f < m - m / 2;
}

/* Functions 0, 1, 2 ... that both grids have. */
static ritz_status choose_functions(const ritz_axis_choice *c, ritz_axis_modes *modes) {
  const ritz_index both = smaller(ritz_axis_transform_modes(c->transform, c->in),
                                  ritz_axis_transform_modes(c->transform, c->out));
  const ritz_index count = smaller(smaller(c->most, c->rows), both);
  RITZ_TRY(reserve(modes, count));
  modes->count = count;
  for (ritz_index i = 0; i < count; i++) modes->in[i] = modes->out[i] = modes->row[i] = i;
  return RITZ_OK;
}

/* Frequencies -floor(k/2) ... ceil(k/2) - 1, of the half axis 0 ... k - 1; of W the middle rows. */
static ritz_status choose_frequencies(const ritz_axis_choice *c, ritz_axis_modes *modes) {
  const ritz_index k = smaller(smaller(c->most, c->rows), c->half ? c->in / 2 + 1 : c->in);
  RITZ_TRY(reserve(modes, k));
  for (ritz_index i = 0; i < k; i++) {
    const ritz_index f = c->half ? i : i - k / 2, at = modes->count;
    if (!moved_frequency(c, f, &modes->out[at])) continue;
    modes->in[at] = f;
    modes->row[at] = c->half ? i : (c->rows - k) / 2 + i;
    modes->count++;
  }
  return RITZ_OK;
}

ritz_status ritz_axis_modes_choose(const ritz_axis_choice *choice, ritz_axis_modes *modes) {
  return choice->transform == RITZ_TRANSFORM_FOURIER ? choose_frequencies(choice, modes)
                                                     : choose_functions(choice, modes);
}
