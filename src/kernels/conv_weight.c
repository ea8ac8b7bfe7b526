/* SPDX-License-Identifier: BSD-3-Clause
 * Gradients of weight and bias: sums over all positions, as fixed partial sums.
 *
 *     gw[r, c, k] = sum over b, p of x[b, p u + r d - before, c] y[b, p, k],   gb[k] = sum of y[b,
 * p, k].
 *
 * A partial sum takes a share of the chunks of K; per output row and tap it adds one product, input
 * row transposed times output row. */
#include <string.h>

#include "core/memory.h"
#include "core/threads.h"
#include "kernels/conv_plan.h"

enum { slice = 4096, bias_rows = 4096, bias_partials = 32 };

typedef struct weight_run {
  const ritz_convolution *conv;
  const void *x;
  const char *y;
  char *partial, *scratch;
} weight_run;

/* Adds x_row^T y_row of one tap. */
static void add_product(const ritz_convolution *conv, const ritz_conv_chunk *chunk,
                        ritz_index count, const char *x, const char *y, char *gw) {
  const ritz_conv_pass *pass = &conv->forward;
  const ritz_gemm *product = &conv->weight_product[chunk->last];
  switch (conv->weight_algorithm) {
    case RITZ_CONV_BRGEMM:
      if (conv->swap) {
        ritz_gemm_run(product, y, x, gw);
        return;
      }
      for (ritz_index g = 0; g < pass->groups; g++)
        ritz_gemm_run(product, x + (size_t)(g * pass->k) * pass->size,
                      y + (size_t)(g * pass->n) * pass->size,
                      gw + (size_t)(g * pass->n) * pass->size);
      return;
    case RITZ_CONV_DIRECT:
      pass->kernels->conv_outer(count, pass->groups, pass->k, pass->n, x,
                                pass->line.in_step * pass->from_channels, y, gw);
      return;
    case RITZ_CONV_WINOGRAD: /* sum_winograd_share */
    case RITZ_CONV_DEPTHWISE: return;
  }
}

/* Row (i0, i1) of y with all it sees. */
static void add_row(const weight_run *run, const ritz_conv_chunk *chunk, ritz_index i0,
                    ritz_index i1, char *gw) {
  const ritz_conv_pass *pass = &run->conv->forward;
  const ritz_conv_axis *a0 = &pass->axis[0], *a1 = &pass->axis[1];
  const ritz_conv_phase *phase = pass->line.phase;
  const ritz_index count = ritz_conv_phase_count(&pass->line, phase, chunk->m);
  const ritz_index position =
      ((chunk->sample * a0->out + i0) * a1->out + i1) * pass->line.out + chunk->m;
  const char *y = run->y + (size_t)(position * pass->to_channels) * pass->size;
  const size_t matrix = (size_t)(pass->k * pass->to_channels) * pass->size;
  const ritz_sights *n0 = &a0->sights, *n1 = &a1->sights;
  for (ritz_index s0 = n0->start[i0]; s0 < n0->start[i0 + 1]; s0++)
    for (ritz_index s1 = n1->start[i1]; s1 < n1->start[i1 + 1]; s1++) {
      const ritz_index row = ritz_conv_row(pass, chunk, s0, s1);
      const ritz_index tap = ritz_conv_tap(pass, s0, s1);
      for (int s = 0; s < phase->taps; s++)
        add_product(run->conv, chunk, count,
                    chunk->base + (size_t)(row + phase->from[s] * pass->from_channels) * pass->size,
                    y, gw + (size_t)(tap + phase->tap[s]) * matrix);
    }
}

static void sum_share(void *arg, ritz_index share, int thread) {
  const weight_run *run = arg;
  const ritz_convolution *conv = run->conv;
  const ritz_conv_pass *pass = &conv->forward;
  const size_t bytes = (size_t)conv->weights * pass->size;
  char *gw = run->partial + (size_t)share * bytes;
  char *strip = run->scratch + (size_t)thread * pass->thread_bytes;
  memset(gw, 0, bytes);
  const ritz_index end = (share + 1) * pass->chunks / conv->partials;
  for (ritz_index c = share * pass->chunks / conv->partials; c < end; c++) {
    const ritz_conv_chunk chunk = ritz_conv_chunk_load(pass, c, run->x, strip);
    for (ritz_index i0 = chunk.first[0]; i0 < chunk.end[0]; i0++)
      for (ritz_index i1 = chunk.first[1]; i1 < chunk.end[1]; i1++)
        add_row(run, &chunk, i0, i1, gw);
  }
}

static void sum_winograd_share(void *arg, ritz_index share, int thread) {
  const weight_run *run = arg;
  const ritz_conv_winograd *w = &run->conv->winograd[0];
  ritz_conv_winograd_weight_share(w, share, run->conv->partials, run->x, run->y,
                                  run->partial + (size_t)(share * run->conv->weights) * w->size,
                                  run->scratch + (size_t)thread * w->thread_bytes);
}

/* Adds the other partial sums to the first, a slice of numbers at a time. */
static void sum_slice(void *arg, ritz_index index, int thread) {
  const weight_run *run = arg;
  const ritz_convolution *conv = run->conv;
  const ritz_index left = conv->weights - index * slice, n = left < slice ? left : slice;
  const size_t size = conv->size;
  char *sum = run->partial + (size_t)(index * slice) * size;
  for (ritz_index p = 1; p < conv->partials; p++)
    conv->kernels->add(n, sum, sum + (size_t)(p * conv->weights) * size, sum);
}

static void sum_products(const ritz_convolution *conv, bool add, const void *x, const void *y,
                         void *gw, void *scratch) {
  const ritz_conv_pass *pass = &conv->forward;
  const size_t bytes = (size_t)conv->weights * pass->size;
  const ritz_index matrix = pass->k * pass->to_channels;
  char *sum = scratch, *turned = sum + (size_t)conv->partials * bytes;
  weight_run run = {conv, x, y, sum, sum + ritz_aligned((size_t)(conv->partials + 1) * bytes)};
  const bool winograd = conv->weight_algorithm == RITZ_CONV_WINOGRAD;
  ritz_parallel(conv->threads, conv->partials, winograd ? sum_winograd_share : sum_share, &run);
  ritz_parallel(conv->threads, (conv->weights + slice - 1) / slice, sum_slice, &run);
  if (conv->swap) {
    for (ritz_index t = 0; t < conv->weights / matrix; t++)
      pass->kernels->transpose(pass->to_channels, pass->k, sum + (size_t)(t * matrix) * pass->size,
                               turned + (size_t)(t * matrix) * pass->size);
    sum = turned;
  }
  pass->kernels->scale(conv->weights, 1, sum, gw, add);
}

typedef struct bias_run {
  const ritz_convolution *conv;
  ritz_index rows, channels, chunks;
  const char *y;
  char *partial;
} bias_run;

static void sum_rows(void *arg, ritz_index chunk, int thread) {
  const bias_run *run = arg;
  const size_t row = (size_t)run->channels * run->conv->size;
  const ritz_index first = chunk * run->rows / run->chunks;
  const ritz_index end = (chunk + 1) * run->rows / run->chunks;
  char *sum = run->partial + (size_t)chunk * row;
  memset(sum, 0, row);
  run->conv->kernels->row_sum(end - first, run->channels, run->y + (size_t)first * row, sum);
}

static ritz_index bias_chunks(ritz_index rows) {
  const ritz_index chunks = (rows + bias_rows - 1) / bias_rows;
  return chunks < bias_partials ? chunks : bias_partials;
}

size_t ritz_conv_bias_scratch(const ritz_convolution *conv) {
  const ritz_index ci = conv->shape.channels_in, co = conv->shape.channels_out;
  return (size_t)(bias_partials * (ci > co ? ci : co)) * conv->size;
}

void ritz_conv_bias_gradient(const ritz_convolution *conv, bool add, ritz_index rows,
                             ritz_index channels, const void *y, void *gb, void *scratch) {
  bias_run run = {conv, rows, channels, bias_chunks(rows), y, scratch};
  ritz_parallel(conv->threads, run.chunks, sum_rows, &run);
  const size_t row = (size_t)channels * conv->size;
  for (ritz_index c = 0; c < run.chunks; c++)
    conv->kernels->scale(channels, 1, run.partial + (size_t)c * row, gb, add || c > 0);
}

void ritz_conv_weight_gradient(const ritz_convolution *conv, const void *x, const void *y, void *gw,
                               bool add_weight, void *gb, bool add_bias, void *scratch) {
  if (conv->depthwise) {
    if (gw || gb)
      ritz_depthwise_weight_gradient(conv->depthwise, x, y, gw, add_weight, gb, add_bias, scratch);
    return;
  }
  const ritz_index channels = conv->shape.channels_out;
  const ritz_index rows = conv->shape.batch * ritz_window_points_out(&conv->shape.window);
  if (gw) sum_products(conv, add_weight, x, y, gw, scratch);
  if (gb) ritz_conv_bias_gradient(conv, add_bias, rows, channels, y, gb, scratch);
}
