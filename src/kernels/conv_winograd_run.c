/* SPDX-License-Identifier: BSD-3-Clause
 * Convolution by Winograd's minimal filtering: a quarter of the multiplications and less. Lavin &
 * Gray 2016, arXiv:1509.09308; the transforms are in variants/conv_winograd.c.
 *
 * Per frequency f of 36 or 25 a block of T tiles is one product, M_f [T, Co] = V_f [T, Ci] U_f [Ci,
 * Co], summed over images: the taps of a third axis and the phases of a stride (conv_winograd.c). V
 * and M of a block stay in the second-level cache. A gradient of the weight is the transpose:
 * U'_f += V_f^T Z_f with Z from the cotangent, and its transform back to taps.
 *
 * Rounding errors are about twice those of the plain sum, since the transforms add numbers that
 * cancel later (a scalar model in float with 64 channels errs by up to 1.3e-6 of the largest value,
 * the plain sum by 0.7e-6). */
#include <stdint.h>
#include <string.h>

#include "core/threads.h"
#include "kernels/conv_plan.h"

enum {
  tile = RITZ_WINOGRAD_TILE,
  most_patch = 6,
  most_images = 4 * RITZ_WINOGRAD_DEEPEST,
  weight_rows = 8,      /* input channels whose taps are transformed at a time ... */
  few_weights = 1 << 14 /* ... unless all are so few that threads are not worth waking */
};

/* Where a tile lies: sample and slice, first row and column. */
typedef struct place {
  ritz_index sample, slice, row, column;
} place;

static place place_of(const ritz_conv_winograd *w, ritz_index index) {
  place p = {.column = index % w->along[1] * tile};
  index /= w->along[1];
  p.row = index % w->along[0] * tile;
  index /= w->along[0];
  p.slice = index % w->out[0];
  p.sample = index / w->out[0];
  return p;
}

/* The next tile; divisions would take a tenth of its time. */
static void advance(const ritz_conv_winograd *w, place *p) {
  if ((p->column += tile) < tile * w->along[1]) return;
  p->column = 0;
  if ((p->row += tile) < tile * w->along[0]) return;
  p->row = 0;
  if (++p->slice < w->out[0]) return;
  p->slice = 0;
  p->sample++;
}

/* The phases along both axes of image `image`, or of part `part`. */
static void phases_of(const ritz_conv_winograd *w, ritz_index image, ritz_index part,
                      ritz_index q[2]) {
  const ritz_index both = w->scatter ? part : image;
  q[0] = w->phases == 1 ? 0 : both / 2 % 2;
  q[1] = w->phases == 1 ? 0 : both % 2;
}

static ritz_index depth_of(const ritz_conv_winograd *w, ritz_index image) {
  return w->scatter || w->phases == 1 ? image : image / 4;
}

/* The input pixels of a tile for one image. */
static void find_patch(const ritz_conv_winograd *w, place p, ritz_index image, ritz_index part,
                       const char *from, const void **pixel) {
  ritz_index q[2];
  phases_of(w, image, part, q);
  const ritz_index slice = w->source[0][p.slice * w->depth + depth_of(w, image)];
  const ritz_index *rows = w->source[1] + q[0] * w->points[0] + p.row;
  const ritz_index *columns = w->source[2] + q[1] * w->points[1] + p.column;
  const size_t bytes = (size_t)w->from_channels * w->size;
  for (int i = 0; i < w->patch; i++) {
    const bool off = slice < 0 || rows[i] < 0;
    const ritz_index line = ((p.sample * w->in[0] + slice) * w->in[1] + rows[i]) * w->in[2];
    for (int j = 0; j < w->patch; j++)
      pixel[w->patch * i + j] =
          off || columns[j] < 0 ? w->zeros : from + (size_t)(line + columns[j]) * bytes;
  }
}

/* Fetches `tile` pixels, `gap` bytes from one to the next, that a tile further on in a row of tiles
 * is the first to read or write: at a distance of one, what comes from memory is late. They may lie
 * beyond the field, where nothing is read. */
static void fetch_ahead(const void *pixel, ritz_index ahead, size_t gap) {
  const uintptr_t start = (uintptr_t)pixel + (size_t)ahead * gap;
  if (gap * tile > 4096) return; /* the machine fetches by itself */
  for (uintptr_t at = start; at < start + gap * tile; at += 64)
    __builtin_prefetch((const void *)at);
}

/* V of tiles first ... first + count - 1. */
static void transform_inputs(const ritz_conv_winograd *w, ritz_index part, ritz_index first,
                             ritz_index count, const char *from, char *v) {
  const void *pixel[most_patch * most_patch] = {0};
  place p = place_of(w, first);
  const size_t gap = (size_t)((w->scatter ? 1 : w->phases) * w->from_channels) * w->size;
  for (ritz_index t = 0; t < count; t++, advance(w, &p))
    for (ritz_index image = 0; image < w->images; image++) {
      find_patch(w, p, image, part, from, pixel);
      const bool first_phase = part == 0 && (w->phases == 1 || image % 2 == 0);
      for (int i = 0; first_phase && i < w->patch; i++)
        fetch_ahead(pixel[w->patch * i + 1], 2 * tile - 1, gap);
      const ritz_index at = image * w->frequencies * w->from_plane + t * w->from_channels;
      w->kernels->winograd_input(w->taps, w->from_channels, pixel, v + (size_t)at * w->size,
                                 w->from_plane);
    }
}

typedef struct winograd_run {
  const ritz_conv_winograd *w;
  bool add;
  const char *from, *taps;
  const void *b;
  char *to, *u, *scratch;
} winograd_run;

/* Number of the tap that stands at (i, j) of an image or part. Patches run forwards, so the taps of
 * K^T run backwards. */
static ritz_index tap_at(const ritz_conv_winograd *w, ritz_index image, ritz_index part, int i,
                         int j) {
  ritz_index q[2];
  phases_of(w, image, part, q);
  const ritz_index last = w->taps - 1;
  const ritz_index row = w->phases * (w->scatter ? last - i : i) + q[0];
  const ritz_index column = w->phases * (w->scatter ? last - j : j) + q[1];
  const ritz_index kernel = w->phases * w->taps;
  return (depth_of(w, image) * kernel + row) * kernel + column;
}

/* U of weight_rows input channels of one image of a part. */
static void transform_weights(void *arg, ritz_index chunk, int thread) {
  const winograd_run *run = arg;
  const ritz_conv_winograd *w = run->w;
  const ritz_index chunks = (w->from_channels + weight_rows - 1) / weight_rows;
  const ritz_index number = chunk / chunks, row = chunk % chunks * weight_rows;
  const ritz_index left = w->from_channels - row, rows = left < weight_rows ? left : weight_rows;
  const ritz_index matrix = w->from_channels * w->to_channels, at = row * w->to_channels;
  const void *tap[9];
  for (int i = 0; i < w->taps * w->taps; i++) {
    const ritz_index t =
        tap_at(w, number % w->images, number / w->images, i / w->taps, i % w->taps);
    tap[i] = run->taps + (size_t)(t * matrix + at) * w->size;
  }
  w->kernels->winograd_weight(
      w->taps, rows * w->to_channels, tap,
      run->u + (size_t)(number * w->frequencies * w->weight_plane + at) * w->size, w->weight_plane);
}

static void multiply(const ritz_conv_winograd *w, bool last, const char *v, const char *u,
                     char *m) {
  unsigned long long v_offset[most_images], u_offset[most_images];
  for (ritz_index image = 0; image < w->images; image++) {
    v_offset[image] = (size_t)(image * w->frequencies * w->from_plane) * w->size;
    u_offset[image] = (size_t)(image * w->frequencies * w->weight_plane) * w->size;
  }
  for (ritz_index f = 0; f < w->frequencies; f++)
    ritz_gemm_batch_run(&w->product[last], (int)w->images,
                        v + (size_t)(f * w->from_plane) * w->size, v_offset,
                        u + (size_t)(f * w->weight_plane) * w->size, u_offset,
                        m + (size_t)(f * w->to_plane) * w->size);
}

/* The pixels of a tile of a part of the output, `off` where there is none. */
static void find_outputs(const ritz_conv_winograd *w, place p, ritz_index part, char *field,
                         void *off, void **pixel) {
  ritz_index q[2];
  phases_of(w, 0, part, q);
  const ritz_index step = w->scatter ? w->phases : 1;
  const ritz_index row = w->first[0][q[0]] + step * p.row;
  const ritz_index column = w->first[1][q[1]] + step * p.column;
  const size_t bytes = (size_t)w->to_channels * w->size;
  for (int i = 0; i < tile; i++) {
    const ritz_index at = row + step * i;
    char *line =
        field + (size_t)(((p.sample * w->out[0] + p.slice) * w->out[1] + at) * w->out[2]) * bytes;
    for (int j = 0; j < tile; j++)
      pixel[tile * i + j] = at >= w->out[1] || column + step * j >= w->out[2]
                                ? off
                                : line + (size_t)(column + step * j) * bytes;
  }
  for (int i = 0; part % 2 == 0 && i < tile; i++) /* the next phase's lie between */
    fetch_ahead(pixel[tile * i], tile, (size_t)step * bytes);
}

static void run_block(void *arg, ritz_index index, int thread) {
  const winograd_run *run = arg;
  const ritz_conv_winograd *w = run->w;
  const ritz_index first = index * w->block, left = w->tiles - first;
  const ritz_index count = left < w->block ? left : w->block;
  const size_t u_part = (size_t)(w->images * w->frequencies * w->weight_plane) * w->size;
  char *v = run->scratch + (size_t)thread * w->thread_bytes;
  char *m = v + (size_t)(w->images * w->frequencies * w->from_plane) * w->size;
  void *pixel[tile * tile];
  for (ritz_index part = 0; part < w->parts; part++) {
    transform_inputs(w, part, first, count, run->from, v);
    multiply(w, index == w->blocks - 1, v, run->u + (size_t)part * u_part, m);
    place p = place_of(w, first);
    for (ritz_index t = 0; t < count; t++, advance(w, &p)) {
      find_outputs(w, p, part, run->to, NULL, pixel);
      w->kernels->winograd_output(w->taps, w->to_channels,
                                  m + (size_t)(t * w->to_channels) * w->size, w->to_plane, run->b,
                                  pixel, run->add);
    }
  }
}

/* All parts of the output: phase q of pixel i of a tile is output first[q] + step i. */
static bool touches(const void *arg, const ritz_halo *halo, ritz_index index) {
  const ritz_conv_winograd *w = ((const winograd_run *)arg)->w;
  const ritz_index begin = index * w->block, left = w->tiles - begin;
  const ritz_index count = left < w->block ? left : w->block, step = w->scatter ? w->phases : 1;
  place p = place_of(w, begin);
  for (ritz_index t = 0; t < count; t++, advance(w, &p)) {
    ritz_index first[3] = {p.slice, 0, 0}, end[3] = {p.slice + 1, 0, 0};
    for (int a = 0; a < 2; a++) {
      const ritz_index from = step * (a == 0 ? p.row : p.column), to = from + step * tile;
      first[a + 1] = from < w->out[a + 1] ? from : w->out[a + 1];
      end[a + 1] = to < w->out[a + 1] ? to : w->out[a + 1];
    }
    if (ritz_halo_touches(halo, first, end)) return true;
  }
  return false;
}

void ritz_conv_winograd_run(const ritz_conv_winograd *w, int threads, bool add, const void *from,
                            const void *taps, const void *b, void *to, char *scratch,
                            const ritz_halo *halo) {
  winograd_run run = {w, add, from, taps, b, to, scratch, scratch + w->weight_bytes};
  const ritz_index chunks =
      w->parts * w->images * ((w->from_channels + weight_rows - 1) / weight_rows);
  const bool few = w->depth * w->from_channels * w->to_channels * 9 < few_weights;
  ritz_parallel(few ? 1 : threads, chunks, transform_weights, &run);
  ritz_parallel_halo(halo, touches, threads, w->blocks, run_block, &run);
}

/* Z of tiles first ... first + count - 1. */
static void transform_cotangents(const ritz_conv_winograd *w, ritz_index first, ritz_index count,
                                 const char *y, char *z) {
  void *pixel[tile * tile];
  place p = place_of(w, first);
  for (ritz_index t = 0; t < count; t++, advance(w, &p)) {
    find_outputs(w, p, 0, (char *)y, w->zeros, pixel);
    w->kernels->winograd_cotangent(w->taps, w->to_channels, (const void *const *)pixel,
                                   z + (size_t)(t * w->to_channels) * w->size, w->to_plane);
  }
}

/* gw of every tap from U'. */
static void finish_weights(const ritz_conv_winograd *w, const char *u, char *gw) {
  const ritz_index matrix = w->from_channels * w->to_channels;
  for (ritz_index image = 0; image < w->images; image++) {
    void *tap[9];
    for (int i = 0; i < w->taps * w->taps; i++) {
      const ritz_index t = tap_at(w, image, 0, i / w->taps, i % w->taps);
      tap[i] = gw + (size_t)(t * matrix) * w->size;
    }
    w->kernels->winograd_weight_vjp(
        w->taps, matrix, u + (size_t)(image * w->frequencies * w->weight_plane) * w->size,
        w->weight_plane, tap);
  }
}

void ritz_conv_winograd_weight_share(const ritz_conv_winograd *w, ritz_index share,
                                     ritz_index shares, const void *x, const void *y, char *gw,
                                     char *scratch) {
  char *v = scratch, *z = v + (size_t)(w->images * w->frequencies * w->from_plane) * w->size;
  char *u = z + (size_t)(w->frequencies * w->to_plane) * w->size;
  memset(u, 0, (size_t)(w->images * w->frequencies * w->weight_plane) * w->size);
  const ritz_index end = (share + 1) * w->blocks / shares;
  for (ritz_index block = share * w->blocks / shares; block < end; block++) {
    const ritz_index first = block * w->block, left = w->tiles - first;
    const ritz_index count = left < w->block ? left : w->block;
    const ritz_gemm *product = &w->weight_product[block == w->blocks - 1];
    transform_inputs(w, 0, first, count, x, v);
    transform_cotangents(w, first, count, y, z);
    for (ritz_index i = 0; i < w->images * w->frequencies; i++)
      ritz_gemm_run(product, v + (size_t)(i * w->from_plane) * w->size,
                    z + (size_t)(i % w->frequencies * w->to_plane) * w->size,
                    u + (size_t)(i * w->weight_plane) * w->size);
  }
  finish_weights(w, u, gw);
}
