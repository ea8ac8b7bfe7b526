/* SPDX-License-Identifier: BSD-3-Clause
 * Reading samples in pieces that are checked while they are still in the cache. */
#include <stdio.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "datasets/window.h"
#include "io/finite.h"

static ritz_index points(const ritz_grid_part *p) {
  return p->extent[0] * p->extent[1] * p->extent[2];
}

static const ritz_source *source_of_channel(const ritz_side *side, ritz_index channel) {
  int s = side->sources - 1;
  while (side->source[s].offset > channel) s--;
  return &side->source[s];
}

static ritz_status fail_not_finite(const ritz_dataset *set, const ritz_side *side,
                                   const ritz_grid_part *p, ritz_index first, ritz_index at) {
  const ritz_index *grid = p->extent;
  const ritz_index channel = at % side->channels, point = at / side->channels % points(p);
  const ritz_index sample = first + at / side->channels / points(p);
  const ritz_index where[3] = {p->first[0] + point / (grid[1] * grid[2]),
                               p->first[1] + point / grid[2] % grid[1],
                               p->first[2] + point % grid[2]};
  char text[96];
  return RITZ_H5_REJECT(source_of_channel(side, channel)->dataset, RITZ_ERR_NUMERIC,
                        "sample %td is not finite at grid point %s, channel %s", sample,
                        ritz_h5_shape_text(set->info.dim, where, sizeof text, text),
                        side->channel[channel]);
}

/* A run of consecutive samples of x or y. */
static ritz_status read_run(ritz_dataset *set, const ritz_side *side, const ritz_grid_part *p,
                            ritz_index first, ritz_index count, ritz_dtype dtype, char *out) {
  const ritz_index values = points(p) * side->channels;
  const size_t bytes = (size_t)values * ritz_dtype_size(dtype);
  ritz_index piece = (ritz_index)(RITZ_SOURCE_PIECE / bytes);
  if (piece < 1) piece = 1;
  for (ritz_index start = 0; start < count; start += piece) {
    const ritz_index n = count - start < piece ? count - start : piece;
    char *to = out + (size_t)start * bytes;
    for (int s = 0; s < side->sources; s++) {
      const ritz_source source = ritz_source_cut(&side->source[s], p);
      RITZ_TRY(ritz_source_read(&source, &set->room, first + start, n, p->extent, side->channels,
                                dtype, to));
    }
    const ritz_index at = ritz_first_not_finite(dtype, n * values, to);
    if (at >= 0) return fail_not_finite(set, side, p, first + start, at);
  }
  return RITZ_OK;
}

/* Windows one by one: those of one trajectory overlap. */
static ritz_status read_windows(ritz_dataset *set, int side, const ritz_grid_part *p,
                                ritz_index count, const ritz_index *sample, ritz_dtype dtype,
                                char *out) {
  const ritz_side *s = &set->side[side];
  const ritz_index values = points(p) * s->channels;
  for (ritz_index i = 0; i < count; i++, out += (size_t)values * ritz_dtype_size(dtype)) {
    const ritz_index number = sample ? sample[i] : i, window = number % set->windows.count;
    const ritz_index trajectory = set->first_sample + number / set->windows.count;
    RITZ_TRY(ritz_window_read(set, side, p, trajectory, window, dtype, out));
    const ritz_index at = ritz_first_not_finite(dtype, values, out);
    if (at >= 0)
      return RITZ_H5_REJECT(set->file, RITZ_ERR_NUMERIC,
                            "trajectory %td is not finite in window %td, channel %s", trajectory,
                            window, s->channel[at % s->channels]);
  }
  return RITZ_OK;
}

static ritz_status read_side(ritz_dataset *set, int which, const ritz_grid_part *p,
                             ritz_index count, const ritz_index *sample, ritz_dtype dtype,
                             void *out) {
  if (set->windows.count) return read_windows(set, which, p, count, sample, dtype, out);
  const ritz_side *side = &set->side[which];
  const size_t bytes = (size_t)(points(p) * side->channels) * ritz_dtype_size(dtype);
  for (ritz_index i = 0, next; i < count; i = next) {
    const ritz_index first = sample ? sample[i] : i;
    for (next = i + 1; next < count; next++)
      if (sample && sample[next] != first + next - i) break;
    RITZ_TRY(read_run(set, side, p, set->first_sample + first, next - i, dtype,
                      (char *)out + (size_t)i * bytes));
  }
  return RITZ_OK;
}

static ritz_status read(ritz_dataset *set, const ritz_grid_part *p, ritz_index count,
                        const ritz_index *sample, ritz_dtype dtype, void *x, void *y) {
  const ritz_index samples = set->info.samples;
  RITZ_REQUIRE(count >= 0 && (sample || count <= samples), RITZ_ERR_ARGUMENT,
               "%s: has %td samples, %td are asked for", set->path, samples, count);
  for (ritz_index i = 0; sample && i < count; i++)
    RITZ_REQUIRE(sample[i] >= 0 && sample[i] < samples, RITZ_ERR_ARGUMENT,
                 "%s: sample %td does not exist, there are %td", set->path, sample[i], samples);
  RITZ_REQUIRE(!y || set->info.channels_out > 0, RITZ_ERR_ARGUMENT, "%s: has no y", set->path);
  if (points(p) == 0) return RITZ_OK;
  RITZ_TRY(read_side(set, RITZ_SIDE_X, p, count, sample, dtype, x));
  return y ? read_side(set, RITZ_SIDE_Y, p, count, sample, dtype, y) : RITZ_OK;
}

ritz_status ritz_dataset_read(ritz_dataset *set, ritz_index count, const ritz_index *sample,
                              ritz_dtype dtype, void *x, void *y) {
  const ritz_index *grid = set->info.grid;
  const ritz_grid_part whole = {.extent = {grid[0], grid[1], grid[2]}};
  return read(set, &whole, count, sample, dtype, x, y);
}

ritz_status ritz_dataset_read_part(ritz_dataset *set, const ritz_index *first,
                                   const ritz_index *extent, ritz_index count,
                                   const ritz_index *sample, ritz_dtype dtype, void *x, void *y) {
  ritz_grid_part p = {.extent = {1, 1, 1}};
  for (int a = 0; a < set->info.dim; a++) {
    const ritz_index n = set->info.grid[a];
    RITZ_REQUIRE(first[a] >= 0 && first[a] <= n && extent[a] >= 0 && extent[a] <= n - first[a],
                 RITZ_ERR_ARGUMENT, "%s: %td points from number %td on are not on axis %d of %td",
                 set->path, extent[a], first[a], a, n);
    p.first[a] = first[a];
    p.extent[a] = extent[a];
  }
  return read(set, &p, count, sample, dtype, x, y);
}
