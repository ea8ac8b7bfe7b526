/* SPDX-License-Identifier: BSD-3-Clause
 * Interpolation matrices and their transposes. */
#include "kernels/resize.h"

#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/kernels.h"

enum { chunk_rows = 16 };

/* Keys 1981, IEEE Trans. Acoust. Speech Signal Process. 29, eq. (4), at distance d. */
static double keys(double a, double d) {
  d = fabs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
}

static ritz_index clamp(ritz_index i, ritz_index n) { return i < 0 ? 0 : i < n ? i : n - 1; }

/* Position of output i in the old grid, base + fraction, in integers: exact at coinciding points.
 */
static ritz_index locate(ritz_resampling_kind kind, ritz_alignment alignment, ritz_index i,
                         ritz_index from, ritz_index to, double *fraction) {
  ritz_index upper, lower;
  if (kind == RITZ_RESIZE_NEAREST)
    upper = i * from / to, lower = 1;
  else if (alignment == RITZ_ALIGN_ENDS)
    upper = i * (from - 1), lower = to > 1 ? to - 1 : 1;
  else
    upper = (2 * i + 1) * from - to, lower = 2 * to;
  const ritz_index base = upper >= 0 ? upper / lower : -((lower - 1 - upper) / lower);
  *fraction = (double)(upper - base * lower) / (double)lower;
  return base;
}

/* Appends output point i to the band: neighbours in ascending order, so clamped ones are adjacent.
 */
static void append_row(ritz_resampling_kind kind, ritz_alignment alignment, ritz_band *band,
                       ritz_index i) {
  const ritz_index n = band->columns;
  double fraction;
  const ritz_index base = locate(kind, alignment, i, n, band->rows, &fraction);
  const int before = kind == RITZ_RESIZE_CUBIC ? 1 : 0, taps = kind == RITZ_RESIZE_CUBIC ? 4 : 2;
  ritz_index end = band->start[i];
  for (int k = -before; k < taps - before; k++) {
    const double distance = fraction - k;
    const double weight = kind == RITZ_RESIZE_CUBIC ? keys(-0.75, distance) : 1 - fabs(distance);
    const ritz_index column = clamp(base + k, n);
    if (weight == 0) continue;
    if (end > band->start[i] && band->column[end - 1] == column) {
      band->weight[end - 1] += weight;
    } else {
      band->column[end] = column;
      band->weight[end++] = weight;
    }
  }
  band->start[i + 1] = end;
}

/* Spacing of the new grid in that of the old one, at least 1. */
static double stretch(ritz_alignment alignment, ritz_index from, ritz_index to) {
  const bool ends = alignment == RITZ_ALIGN_ENDS;
  const double ratio =
      ends ? (double)(from - 1) / (double)(to > 1 ? to - 1 : 1) : (double)from / (double)to;
  return fmax(ratio, 1);
}

/* The same for a kernel that reaches two spacings of the coarser grid to both sides. */
static void append_smooth_row(ritz_alignment alignment, ritz_band *band, ritz_index i) {
  const ritz_index n = band->columns;
  const double spacing = stretch(alignment, n, band->rows);
  const ritz_index reach = (ritz_index)ceil(2 * spacing);
  double fraction, sum = 0;
  const ritz_index base = locate(RITZ_RESIZE_SMOOTH, alignment, i, n, band->rows, &fraction);
  ritz_index end = band->start[i];
  for (ritz_index k = -reach; k <= reach; k++) {
    const double weight = keys(-0.5, (fraction - (double)k) / spacing);
    if (weight == 0 || base + k < 0 || base + k >= n) continue;
    band->column[end] = base + k;
    band->weight[end++] = weight;
    sum += weight;
  }
  for (ritz_index k = band->start[i]; k < end; k++) band->weight[k] /= sum;
  band->start[i + 1] = end;
}

/* Most weights in a row of a resampling matrix. */
static ritz_index most_taps(ritz_resampling_kind kind, ritz_alignment alignment, ritz_index from,
                            ritz_index to) {
  if (kind != RITZ_RESIZE_SMOOTH) return 4;
  const ritz_index taps = 2 * (ritz_index)ceil(2 * stretch(alignment, from, to)) + 1;
  return taps < from ? taps : from;
}

static ritz_status allocate(ritz_index rows, ritz_index columns, ritz_index weights,
                            ritz_band *band) {
  band->rows = rows;
  band->columns = columns;
  RITZ_TRY(RITZ_NEW(rows + 1, &band->start));
  RITZ_TRY(RITZ_NEW(weights, &band->column));
  return RITZ_NEW(weights, &band->weight);
}

/* b = a^T by counting; within a row of b the columns ascend. */
static void transpose(const ritz_band *a, ritz_band *b) {
  for (ritz_index k = 0; k < a->start[a->rows]; k++) b->start[a->column[k] + 1]++;
  for (ritz_index i = 0; i < b->rows; i++) b->start[i + 1] += b->start[i];
  for (ritz_index i = 0; i < a->rows; i++) {
    for (ritz_index k = a->start[i]; k < a->start[i + 1]; k++) {
      const ritz_index to = b->start[a->column[k]]++;
      b->column[to] = i;
      b->weight[to] = a->weight[k];
    }
  }
  for (ritz_index i = b->rows; i > 0; i--) b->start[i] = b->start[i - 1];
  b->start[0] = 0;
}

static ritz_status add_adjoint(ritz_resampling *resize) {
  const ritz_band *forward = &resize->forward;
  RITZ_TRY(
      allocate(forward->columns, forward->rows, forward->start[forward->rows], &resize->adjoint));
  transpose(forward, &resize->adjoint);
  return RITZ_OK;
}

ritz_status ritz_resampling_init(ritz_resampling_kind kind, ritz_alignment alignment,
                                 ritz_index from, ritz_index to, ritz_resampling *out) {
  *out = (ritz_resampling){0};
  RITZ_REQUIRE(from >= 1 && to >= 1, RITZ_ERR_SHAPE,
               "resizing an axis from %td to %td points: both must be at least 1", from, to);
  ritz_status status;
  RITZ_TRY_DONE(allocate(to, from, most_taps(kind, alignment, from, to) * to, &out->forward));
  for (ritz_index i = 0; i < to; i++) {
    if (kind == RITZ_RESIZE_SMOOTH)
      append_smooth_row(alignment, &out->forward, i);
    else
      append_row(kind, alignment, &out->forward, i);
  }
  RITZ_TRY_DONE(add_adjoint(out));
done:
  if (status != RITZ_OK) ritz_resampling_release(out);
  return status;
}

ritz_status ritz_resampling_init_mean(const ritz_window_axis *window, bool count_zeros,
                                      ritz_resampling *out) {
  ritz_sights sights;
  *out = (ritz_resampling){0};
  RITZ_TRY(ritz_sights_init(window, false, &sights));
  ritz_status status;
  RITZ_TRY_DONE(allocate(window->out, window->in, sights.start[sights.rows], &out->forward));
  for (ritz_index i = 0; i < sights.rows; i++) {
    const ritz_index seen = sights.start[i + 1] - sights.start[i];
    for (ritz_index k = sights.start[i]; k < sights.start[i + 1]; k++) {
      out->forward.column[k] = sights.entry[k].point;
      out->forward.weight[k] = 1.0 / (double)(count_zeros ? window->kernel : seen);
    }
    out->forward.start[i + 1] = sights.start[i + 1];
  }
  RITZ_TRY_DONE(add_adjoint(out));
done:
  ritz_sights_release(&sights);
  if (status != RITZ_OK) ritz_resampling_release(out);
  return status;
}

static void release(ritz_band *band) {
  ritz_free(band->start);
  ritz_free(band->column);
  ritz_free(band->weight);
}

void ritz_resampling_release(ritz_resampling *resize) {
  release(&resize->forward);
  release(&resize->adjoint);
  *resize = (ritz_resampling){0};
}

void ritz_band_reach(const ritz_band *band, ritz_index row, ritz_index rows, ritz_index *first,
                     ritz_index *count) {
  ritz_index low = band->columns, high = -1;
  for (ritz_index k = band->start[row]; k < band->start[row + rows]; k++) {
    if (band->column[k] < low) low = band->column[k];
    if (band->column[k] > high) high = band->column[k];
  }
  *first = high < 0 ? 0 : low;
  *count = high < 0 ? 0 : high - low + 1;
}

ritz_status ritz_resampling_cut(ritz_resampling *resampling, ritz_index row, ritz_index rows) {
  const ritz_band *whole = &resampling->forward;
  const ritz_index begin = whole->start[row], weights = whole->start[row + rows] - begin;
  ritz_resampling part = {.forward = {0}};
  ritz_index first, columns;
  ritz_status status;
  ritz_band_reach(whole, row, rows, &first, &columns);
  RITZ_TRY_DONE(allocate(rows, columns, weights, &part.forward));
  for (ritz_index i = 0; i <= rows; i++) part.forward.start[i] = whole->start[row + i] - begin;
  for (ritz_index k = 0; k < weights; k++) {
    part.forward.column[k] = whole->column[begin + k] - first;
    part.forward.weight[k] = whole->weight[begin + k];
  }
  RITZ_TRY_DONE(add_adjoint(&part));
done:
  ritz_resampling_release(resampling);
  if (status != RITZ_OK) ritz_resampling_release(&part);
  *resampling = part;
  return status;
}

typedef struct run {
  const ritz_band *band;
  const ritz_kernels *kernels;
  ritz_index inner, chunks_per_slab;
  size_t x_slab, y_slab, row; /* bytes */
  const char *x;
  char *y;
  bool add;
} run;

/* Chunk: chunk_rows rows of y in one of the outer slabs. */
static void run_chunk(void *arg, ritz_index chunk, int thread) {
  const run *r = arg;
  const ritz_band *band = r->band;
  const ritz_index slab = chunk / r->chunks_per_slab;
  const ritz_index first = chunk % r->chunks_per_slab * chunk_rows;
  const ritz_index left = band->rows - first, rows = left < chunk_rows ? left : chunk_rows;
  r->kernels->sparse_rows(rows, band->start + first, band->column, band->weight, r->inner,
                          r->x + (size_t)slab * r->x_slab,
                          r->y + (size_t)slab * r->y_slab + (size_t)first * r->row, r->add);
}

static bool touches(const void *arg, const ritz_halo *halo, ritz_index chunk) {
  const run *r = arg;
  const ritz_index slab = chunk / r->chunks_per_slab, row = chunk % r->chunks_per_slab * chunk_rows;
  const ritz_index i = slab / halo->outputs[1] % halo->outputs[0], j = slab % halo->outputs[1];
  const ritz_index left = r->band->rows - row;
  const ritz_index first[3] = {i, j, row};
  const ritz_index end[3] = {i + 1, j + 1, row + (left < chunk_rows ? left : chunk_rows)};
  return ritz_halo_touches(halo, first, end);
}

void ritz_resampling_run(const ritz_resampling *resize, bool adjoint, bool add, ritz_dtype dtype,
                         ritz_index outer, ritz_index inner, const void *x, void *y, int threads,
                         const ritz_halo *halo) {
  const ritz_band *band = adjoint ? &resize->adjoint : &resize->forward;
  const size_t row = (size_t)inner * ritz_dtype_size(dtype);
  run r = {.band = band,
           .kernels = ritz_kernels_get(dtype),
           .inner = inner,
           .chunks_per_slab = (band->rows + chunk_rows - 1) / chunk_rows,
           .x_slab = (size_t)band->columns * row,
           .y_slab = (size_t)band->rows * row,
           .row = row,
           .x = x,
           .y = y,
           .add = add};
  ritz_parallel_halo(halo, touches, threads, outer * r.chunks_per_slab, run_chunk, &r);
}
