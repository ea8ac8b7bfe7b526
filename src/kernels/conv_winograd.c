/* SPDX-License-Identifier: BSD-3-Clause
 * Convolution with 3 x 3 taps by Winograd's minimal filtering F(4 x 4, 3 x 3): a quarter of the
 * multiplications. Lavin & Gray 2016, arXiv:1509.09308; the transforms are in
 * variants/conv_winograd.c.
 *
 * Per frequency f of 36 a block of T tiles is one product, M_f [T, Co] = V_f [T, Ci] U_f [Ci, Co],
 * summed over the taps of a third axis. V and M of a block stay in the second-level cache. A
 * gradient of the weight is the transpose: U'_f += V_f^T Z_f with Z from the cotangent, and its
 * transform back to taps.
 *
 * Rounding errors are about twice those of the plain sum, since the transforms add numbers that
 * cancel later (a scalar model in float with 64 channels errs by up to 1.3e-6 of the largest value,
 * the plain sum by 0.7e-6). */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/conv_plan.h"

enum {
  frequencies = 36,
  tile = 4,
  patch = 6,
  fewest_channels = 16, /* a vector in every instruction set */
  deepest = 5,
  weight_rows = 8,      /* input channels whose taps are transformed at a time ... */
  few_weights = 1 << 14 /* ... unless all are so few that threads are not worth waking */
};

bool ritz_conv_winograd_fits(const ritz_conv_shape *shape, bool adjoint) {
  const ritz_window_axis *axis = shape->window.axis;
  if (shape->direct) return false;
  for (int a = 0; a < 3; a++) {
    if (axis[a].stride != 1 || (adjoint && !ritz_window_adjoint_is_window(&axis[a]))) return false;
    if (a > 0 && (axis[a].kernel != 3 || axis[a].dilation != 1)) return false;
  }
  if (axis[0].kernel > deepest || shape->groups != 1 || shape->channels_in < fewest_channels ||
      shape->channels_out < fewest_channels)
    return false;
  const ritz_index n0 = adjoint ? axis[1].in : axis[1].out, n1 = adjoint ? axis[2].in : axis[2].out;
  const ritz_index tiles = ((n0 + 3) / tile) * ((n1 + 3) / tile);
  /* The transforms cost about as much again as a third of the products. */
  return tiles * frequencies * 4 < n0 * n1 * 9 * 3 &&
         shape->batch * axis[0].out * tiles >= fewest_channels;
}

/* Input position of output position p and tap t; -1: zero. */
static ritz_index source(const ritz_window_axis *s, bool adjoint, ritz_index p, ritz_index t) {
  if (!adjoint) return ritz_window_source(s, p + t * s->dilation - s->low);
  const ritz_window_axis y = ritz_window_adjoint(s);
  return ritz_window_source(&y, p - t * s->dilation + s->low);
}

/* Patches run forwards; so tap t of K^T is the tap 2 - t of what is computed here. */
static ritz_status list_sources(const ritz_conv_shape *shape, bool adjoint, ritz_conv_winograd *w) {
  const ritz_window_axis *axis = shape->window.axis;
  const ritz_index points[2] = {tile * w->rows + 2, tile * w->columns + 2};
  RITZ_TRY(RITZ_NEW(w->out[0] * w->depth, &w->source[0]));
  for (ritz_index p = 0; p < w->out[0]; p++)
    for (ritz_index t = 0; t < w->depth; t++)
      w->source[0][p * w->depth + t] = source(&axis[0], adjoint, p, t);
  for (int a = 1; a < 3; a++) {
    RITZ_TRY(RITZ_NEW(points[a - 1], &w->source[a]));
    for (ritz_index j = 0; j < points[a - 1]; j++) {
      const bool needed = j < w->out[a] + 2; /* by an output on the grid */
      w->source[a][j] = !needed   ? -1
                        : adjoint ? source(&axis[a], true, j - 2, 0)
                                  : source(&axis[a], false, j, 0);
    }
  }
  return RITZ_OK;
}

/* Half a second-level cache for the two transformed fields of a block. A line more between planes:
 * at a power of two the 36 frequencies of a pixel would share one set of the first-level cache. */
static void choose_block(ritz_conv_winograd *w) {
  const ritz_index tile_bytes =
      frequencies * (w->depth * w->from_channels + w->to_channels) * (ritz_index)w->size;
  const ritz_index line = RITZ_ALIGNMENT / (ritz_index)w->size;
  ritz_index block = 704 * 1024 / tile_bytes;
  block = block < 12 ? 12 : block > 96 ? 96 : block;
  const ritz_index enough = (w->tiles + 15) / 16; /* chunks for a few threads */
  if (block > enough) block = enough < 12 ? 12 : enough;
  w->block = block > w->tiles ? w->tiles : block;
  w->blocks = (w->tiles + w->block - 1) / w->block;
  w->from_plane = w->block * w->from_channels + line;
  w->to_plane = w->block * w->to_channels + line;
  w->weight_plane = w->from_channels * w->to_channels + line;
}

static void plan_products(ritz_dtype dtype, ritz_conv_winograd *w) {
  const ritz_index ci = w->from_channels, co = w->to_channels;
  for (int last = 0; last < 2; last++) {
    const ritz_index t = last ? w->tiles - (w->blocks - 1) * w->block : w->block;
    w->product[last] = ritz_gemm_batch_plan(dtype, false, t, co, ci, ci, co, co);
    w->weight_product[last] = ritz_gemm_plan(dtype, true, true, ci, co, t, ci, co, co);
  }
}

ritz_status ritz_conv_winograd_init(const ritz_conv_shape *shape, bool adjoint,
                                    ritz_conv_winograd *out) {
  out->kernels = ritz_kernels_get(shape->dtype);
  out->size = ritz_dtype_size(shape->dtype);
  out->batch = shape->batch;
  out->from_channels = adjoint ? shape->channels_out : shape->channels_in;
  out->to_channels = adjoint ? shape->channels_in : shape->channels_out;
  out->depth = shape->window.axis[0].kernel;
  out->flip = adjoint;
  for (int a = 0; a < 3; a++) {
    out->in[a] = adjoint ? shape->window.axis[a].out : shape->window.axis[a].in;
    out->out[a] = adjoint ? shape->window.axis[a].in : shape->window.axis[a].out;
  }
  out->rows = (out->out[1] + tile - 1) / tile;
  out->columns = (out->out[2] + tile - 1) / tile;
  out->tiles = out->batch * out->out[0] * out->rows * out->columns;
  RITZ_TRY(list_sources(shape, adjoint, out));
  const ritz_index most =
      out->from_channels > out->to_channels ? out->from_channels : out->to_channels;
  RITZ_TRY(ritz_calloc(most, out->size, &out->zeros));
  choose_block(out);
  plan_products(shape->dtype, out);
  const ritz_index weights = out->depth * frequencies * out->weight_plane;
  const ritz_index fields = frequencies * (out->depth * out->from_plane + out->to_plane);
  out->weight_bytes = ritz_aligned((size_t)weights * out->size);
  out->thread_bytes = ((size_t)(fields + weights) * out->size + 4095) / 4096 * 4096;
  return RITZ_OK;
}

void ritz_conv_winograd_release(ritz_conv_winograd *w) {
  for (int a = 0; a < 3; a++) ritz_free(w->source[a]);
  ritz_free(w->zeros);
  *w = (ritz_conv_winograd){0};
}

/* Where tile number `index` lies: sample and slice, first row and column. */
typedef struct place {
  ritz_index sample, slice, row, column;
} place;

static place place_of(const ritz_conv_winograd *w, ritz_index index) {
  place p = {.column = index % w->columns * tile};
  index /= w->columns;
  p.row = index % w->rows * tile;
  index /= w->rows;
  p.slice = index % w->out[0];
  p.sample = index / w->out[0];
  return p;
}

/* The 6 x 6 input pixels of a tile for one tap of the leading axis. */
static void find_patch(const ritz_conv_winograd *w, place p, ritz_index tap, const char *from,
                       const void **pixel) {
  const ritz_index slice = w->source[0][p.slice * w->depth + tap];
  const size_t bytes = (size_t)w->from_channels * w->size;
  for (int i = 0; i < patch; i++) {
    const ritz_index row = w->source[1][p.row + i];
    const char *line =
        from + (size_t)(((p.sample * w->in[0] + slice) * w->in[1] + row) * w->in[2]) * bytes;
    for (int j = 0; j < patch; j++) {
      const ritz_index column = w->source[2][p.column + j];
      pixel[patch * i + j] =
          slice < 0 || row < 0 || column < 0 ? w->zeros : line + (size_t)column * bytes;
    }
  }
}

/* Number of the pixel at offset (i, j) of a tile of the output grid; -1: off it. */
static ritz_index output_pixel(const ritz_conv_winograd *w, place p, int i, int j) {
  if (p.row + i >= w->out[1] || p.column + j >= w->out[2]) return -1;
  return ((p.sample * w->out[0] + p.slice) * w->out[1] + p.row + i) * w->out[2] + p.column + j;
}

/* V of tiles first ... first + count - 1. */
static void transform_inputs(const ritz_conv_winograd *w, ritz_index first, ritz_index count,
                             const char *from, char *v) {
  const void *pixel[patch * patch];
  for (ritz_index t = 0; t < count; t++)
    for (ritz_index tap = 0; tap < w->depth; tap++) {
      find_patch(w, place_of(w, first + t), tap, from, pixel);
      const ritz_index at = tap * frequencies * w->from_plane + t * w->from_channels;
      w->kernels->winograd_input(w->from_channels, pixel, v + (size_t)at * w->size, w->from_plane);
    }
}

typedef struct winograd_run {
  const ritz_conv_winograd *w;
  bool add;
  const char *from, *taps;
  const void *b;
  char *to, *u, *scratch;
} winograd_run;

/* U of weight_rows input channels of one tap of the leading axis. */
static void transform_weights(void *arg, ritz_index chunk, int thread) {
  const winograd_run *run = arg;
  const ritz_conv_winograd *w = run->w;
  const ritz_index chunks = (w->from_channels + weight_rows - 1) / weight_rows;
  const ritz_index tap = chunk / chunks, row = chunk % chunks * weight_rows;
  const ritz_index left = w->from_channels - row, rows = left < weight_rows ? left : weight_rows;
  const ritz_index matrix = w->from_channels * w->to_channels, at = row * w->to_channels;
  const void *nine[9];
  for (int t = 0; t < 9; t++)
    nine[t] = run->taps + (size_t)((tap * 9 + (w->flip ? 8 - t : t)) * matrix + at) * w->size;
  w->kernels->winograd_weight(rows * w->to_channels, nine,
                              run->u + (size_t)(tap * frequencies * w->weight_plane + at) * w->size,
                              w->weight_plane);
}

static void multiply(const ritz_conv_winograd *w, bool last, const char *v, const char *u,
                     char *m) {
  unsigned long long v_offset[deepest], u_offset[deepest];
  for (ritz_index tap = 0; tap < w->depth; tap++) {
    v_offset[tap] = (size_t)(tap * frequencies * w->from_plane) * w->size;
    u_offset[tap] = (size_t)(tap * frequencies * w->weight_plane) * w->size;
  }
  for (ritz_index f = 0; f < frequencies; f++)
    ritz_gemm_batch_run(&w->product[last], (int)w->depth, v + (size_t)(f * w->from_plane) * w->size,
                        v_offset, u + (size_t)(f * w->weight_plane) * w->size, u_offset,
                        m + (size_t)(f * w->to_plane) * w->size);
}

static void run_block(void *arg, ritz_index index, int thread) {
  const winograd_run *run = arg;
  const ritz_conv_winograd *w = run->w;
  const ritz_index first = index * w->block, left = w->tiles - first;
  const ritz_index count = left < w->block ? left : w->block;
  char *v = run->scratch + (size_t)thread * w->thread_bytes;
  char *m = v + (size_t)(w->depth * frequencies * w->from_plane) * w->size;
  transform_inputs(w, first, count, run->from, v);
  multiply(w, index == w->blocks - 1, v, run->u, m);
  for (ritz_index t = 0; t < count; t++) {
    const place p = place_of(w, first + t);
    void *pixel[tile * tile];
    for (int i = 0; i < tile * tile; i++) {
      const ritz_index number = output_pixel(w, p, i / tile, i % tile);
      pixel[i] = number < 0 ? NULL : run->to + (size_t)(number * w->to_channels) * w->size;
    }
    w->kernels->winograd_output(w->to_channels, m + (size_t)(t * w->to_channels) * w->size,
                                w->to_plane, run->b, pixel, run->add);
  }
}

void ritz_conv_winograd_run(const ritz_conv_winograd *w, int threads, bool add, const void *from,
                            const void *taps, const void *b, void *to, char *scratch) {
  winograd_run run = {w, add, from, taps, b, to, scratch, scratch + w->weight_bytes};
  const ritz_index chunks = w->depth * ((w->from_channels + weight_rows - 1) / weight_rows);
  const bool few = w->depth * w->from_channels * w->to_channels * 9 < few_weights;
  ritz_parallel(few ? 1 : threads, chunks, transform_weights, &run);
  ritz_parallel(threads, w->blocks, run_block, &run);
}

/* Z of tiles first ... first + count - 1. */
static void transform_cotangents(const ritz_conv_winograd *w, ritz_index first, ritz_index count,
                                 const char *y, char *z) {
  for (ritz_index t = 0; t < count; t++) {
    const place p = place_of(w, first + t);
    const void *pixel[tile * tile];
    for (int i = 0; i < tile * tile; i++) {
      const ritz_index number = output_pixel(w, p, i / tile, i % tile);
      pixel[i] = number < 0 ? w->zeros : y + (size_t)(number * w->to_channels) * w->size;
    }
    w->kernels->winograd_cotangent(w->to_channels, pixel,
                                   z + (size_t)(t * w->to_channels) * w->size, w->to_plane);
  }
}

void ritz_conv_winograd_weight_share(const ritz_conv_winograd *w, ritz_index share,
                                     ritz_index shares, const void *x, const void *y, char *gw,
                                     char *scratch) {
  const ritz_index matrix = w->from_channels * w->to_channels;
  char *v = scratch, *z = v + (size_t)(w->depth * frequencies * w->from_plane) * w->size;
  char *u = z + (size_t)(frequencies * w->to_plane) * w->size;
  memset(u, 0, (size_t)(w->depth * frequencies * w->weight_plane) * w->size);
  const ritz_index end = (share + 1) * w->blocks / shares;
  for (ritz_index block = share * w->blocks / shares; block < end; block++) {
    const ritz_index first = block * w->block, left = w->tiles - first;
    const ritz_index count = left < w->block ? left : w->block;
    const ritz_gemm *product = &w->weight_product[block == w->blocks - 1];
    transform_inputs(w, first, count, x, v);
    transform_cotangents(w, first, count, y, z);
    for (ritz_index i = 0; i < w->depth * frequencies; i++)
      ritz_gemm_run(product, v + (size_t)(i * w->from_plane) * w->size,
                    z + (size_t)(i % frequencies * w->to_plane) * w->size,
                    u + (size_t)(i * w->weight_plane) * w->size);
  }
  for (ritz_index tap = 0; tap < w->depth; tap++) {
    void *nine[9];
    for (int t = 0; t < 9; t++) nine[t] = gw + (size_t)((tap * 9 + t) * matrix) * w->size;
    w->kernels->winograd_weight_vjp(
        matrix, u + (size_t)(tap * frequencies * w->weight_plane) * w->size, w->weight_plane, nine);
  }
}
