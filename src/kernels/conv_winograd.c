/* SPDX-License-Identifier: BSD-3-Clause
 * Planning Winograd's minimal filtering of a convolution: which pixels a tile reads and writes, and
 * how many tiles are worked on together.
 *
 * Stride 1, 3 x 3 taps: tiles of 4 x 4 outputs from 6 x 6 inputs, 36 products instead of 144.
 * Stride 2, 4 x 4 taps: the taps of either parity along either axis are a convolution of their own,
 * 2 x 2 taps of every other pixel; 25 products instead of 64 for each of these four phases. For K
 * they are four images whose products are summed, for K^T four parts of the output. 3 x 3 taps at
 * stride 2, with zeros for the others, save too little: 100 products instead of 144 took longer. */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/conv_plan.h"

enum {
  tile = RITZ_WINOGRAD_TILE,
  fewest_channels = 16, /* a vector in every instruction set */
  rows_together = 12    /* tiles that a product takes at a time, gemm.c */
};

static bool axis_fits(const ritz_window_axis *axis, bool adjoint) {
  if (axis->dilation != 1) return false;
  if (axis->stride == 1)
    return axis->kernel == 3 && (!adjoint || ritz_window_adjoint_is_window(axis));
  const bool zero = axis->boundary == RITZ_BOUNDARY_ZERO || axis->low + axis->high == 0;
  return axis->stride == 2 && axis->kernel == 4 && (!adjoint || zero);
}

static ritz_index tiles_along(ritz_index pixels) { return (pixels + tile - 1) / tile; }

/* Pixels of one part of the output along an axis. */
static ritz_index pixels_of_part(const ritz_window_axis *axis, bool adjoint) {
  return adjoint ? (axis->in + axis->stride - 1) / axis->stride : axis->out;
}

bool ritz_conv_winograd_fits(const ritz_conv_shape *shape, bool adjoint) {
  const ritz_window_axis *axis = shape->window.axis;
  if (shape->direct || shape->groups != 1 || shape->channels_in < fewest_channels ||
      shape->channels_out < fewest_channels)
    return false;
  if (axis[0].stride != 1 || axis[0].kernel > RITZ_WINOGRAD_DEEPEST ||
      (adjoint && !ritz_window_adjoint_is_window(&axis[0])))
    return false;
  if (axis[1].stride != axis[2].stride || !axis_fits(&axis[1], adjoint) ||
      !axis_fits(&axis[2], adjoint))
    return false;
  const ritz_index tiles = tiles_along(pixels_of_part(&axis[1], adjoint)) *
                           tiles_along(pixels_of_part(&axis[2], adjoint));
  const bool strided = axis[1].stride > 1;
  const ritz_index points =
      adjoint && !strided ? axis[1].in * axis[2].in : axis[1].out * axis[2].out;
  const ritz_index products = tiles * (strided ? 4 * 25 : 36);
  /* The transforms cost about as much again as a third of the products, or half of them. */
  const ritz_index cost = strided ? products * 3 / 2 : products * 4 / 3;
  return cost < points * axis[1].kernel * axis[2].kernel &&
         shape->batch * axis[0].out * tiles >= fewest_channels;
}

/* Input position of pixel j of a patch in phase q; -1: zero, or needed by no output. */
static ritz_index source(const ritz_conv_winograd *w, const ritz_window_axis *s, ritz_index q,
                         ritz_index j) {
  const ritz_index u = s->stride;
  if (!w->scatter) {
    const ritz_index position = u * j + q - s->low;
    return position >= s->in + s->high ? -1 : ritz_window_source(s, position);
  }
  const ritz_index position = j + (s->low - q + u - 1) / u - (w->taps - 1);
  if (u == 1) {
    const ritz_window_axis y = ritz_window_adjoint(s);
    return ritz_window_source(&y, position);
  }
  return position >= 0 && position < s->out ? position : -1;
}

/* Patches run forwards; so tap t of K^T is the last but t of what is computed here. */
static ritz_status list_sources(const ritz_conv_shape *shape, ritz_conv_winograd *w) {
  const ritz_window_axis *axis = shape->window.axis;
  const ritz_window_axis back = ritz_window_adjoint(&axis[0]);
  RITZ_TRY(RITZ_NEW(w->out[0] * w->depth, &w->source[0]));
  for (ritz_index p = 0; p < w->out[0]; p++)
    for (ritz_index t = 0; t < w->depth; t++)
      w->source[0][p * w->depth + t] =
          w->scatter ? ritz_window_source(&back, p - t * axis[0].dilation + axis[0].low)
                     : ritz_window_source(&axis[0], p + t * axis[0].dilation - axis[0].low);
  for (int a = 1; a < 3; a++) {
    const ritz_index points = w->points[a - 1], last = pixels_of_part(&axis[a], w->scatter);
    RITZ_TRY(RITZ_NEW(w->phases * points, &w->source[a]));
    for (ritz_index q = 0; q < w->phases; q++) {
      w->first[a - 1][q] = w->scatter ? (q + axis[a].low) % w->phases : 0;
      for (ritz_index j = 0; j < points; j++)
        w->source[a][q * points + j] = j < last + w->taps - 1 ? source(w, &axis[a], q, j) : -1;
    }
  }
  return RITZ_OK;
}

/* Half a second-level cache for the transformed fields of a block, and at stride 2 for the pixels
 * that its phases share. A line more between planes: at a power of two the frequencies of a pixel
 * would share one set of the first-level cache. */
static void choose_block(ritz_conv_winograd *w) {
  const ritz_index shared = w->phases > 1 ? w->phases * w->phases * tile * tile : 0;
  const ritz_index numbers = w->frequencies * (w->images * w->from_channels + w->to_channels) +
                             shared * (w->scatter ? w->to_channels : w->from_channels);
  const ritz_index line = RITZ_ALIGNMENT / (ritz_index)w->size;
  ritz_index block = 704 * 1024 / (numbers * (ritz_index)w->size) / rows_together * rows_together;
  block = block < rows_together ? rows_together : block > 96 ? 96 : block;
  const ritz_index enough = (w->tiles + 15) / 16; /* chunks for a few threads */
  if (block > enough) block = enough < rows_together ? rows_together : enough;
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

static void take_shape(const ritz_conv_shape *shape, bool adjoint, ritz_conv_winograd *w) {
  const ritz_window_axis *axis = shape->window.axis;
  w->kernels = ritz_kernels_get(shape->dtype);
  w->size = ritz_dtype_size(shape->dtype);
  w->batch = shape->batch;
  w->from_channels = adjoint ? shape->channels_out : shape->channels_in;
  w->to_channels = adjoint ? shape->channels_in : shape->channels_out;
  w->depth = axis[0].kernel;
  w->scatter = adjoint;
  w->phases = axis[1].stride;
  w->taps = w->phases == 1 ? 3 : 2;
  w->patch = w->taps + tile - 1;
  w->frequencies = w->patch * w->patch;
  w->parts = adjoint ? w->phases * w->phases : 1;
  w->images = w->depth * (adjoint ? 1 : w->phases * w->phases);
  for (int a = 0; a < 3; a++) {
    w->in[a] = adjoint ? axis[a].out : axis[a].in;
    w->out[a] = adjoint ? axis[a].in : axis[a].out;
  }
  for (int a = 0; a < 2; a++) {
    w->along[a] = tiles_along(pixels_of_part(&axis[a + 1], adjoint));
    w->points[a] = tile * w->along[a] + w->taps - 1;
  }
  w->tiles = w->batch * w->out[0] * w->along[0] * w->along[1];
}

ritz_status ritz_conv_winograd_init(const ritz_conv_shape *shape, bool adjoint,
                                    ritz_conv_winograd *out) {
  take_shape(shape, adjoint, out);
  RITZ_TRY(list_sources(shape, out));
  const ritz_index pixel =
      out->from_channels > out->to_channels ? out->from_channels : out->to_channels;
  RITZ_TRY(ritz_calloc(pixel, out->size, &out->zeros));
  choose_block(out);
  plan_products(shape->dtype, out);
  const ritz_index weights = out->parts * out->images * out->frequencies * out->weight_plane;
  const ritz_index fields = out->frequencies * (out->images * out->from_plane + out->to_plane);
  out->weight_bytes = ritz_aligned((size_t)weights * out->size);
  out->thread_bytes = ((size_t)(fields + weights) * out->size + 4095) / 4096 * 4096;
  return RITZ_OK;
}

void ritz_conv_winograd_release(ritz_conv_winograd *w) {
  for (int a = 0; a < 3; a++) ritz_free(w->source[a]);
  ritz_free(w->zeros);
  *w = (ritz_conv_winograd){0};
}
