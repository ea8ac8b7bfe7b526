/* SPDX-License-Identifier: BSD-3-Clause
 * Planning a convolution: choice of algorithms, chunks and scratch. */
#include "kernels/conv.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/conv_plan.h"

/* Fewer output channels than this leave most of a vector idle. */
enum { few_channels = 8 };

static ritz_conv_algorithm choose(const ritz_conv_shape *s, bool adjoint, ritz_index outputs) {
  if (ritz_conv_winograd_fits(s, adjoint)) return RITZ_CONV_WINOGRAD;
  return outputs / s->groups < few_channels ? RITZ_CONV_DIRECT : RITZ_CONV_BRGEMM;
}

/* Blocks of the leading axes: a strip of input rows takes a quarter of a second-level cache at the
 * most, and there are chunks for a few threads unless they would mostly read each other's rows. */
static ritz_status cut(ritz_conv_pass *pass) {
  const ritz_conv_line *line = &pass->line;
  const double window = (double)((line->block - 1) * line->in_step + line->span);
  const double row = window * (double)(pass->from_channels * (ritz_index)pass->size);
  ritz_index block[2] = {pass->axis[0].out, pass->axis[1].out};
  for (;;) {
    double rows = 1, chunks = (double)(pass->batch * line->blocks);
    for (int a = 0; a < 2; a++) {
      rows *= (double)(block[a] * pass->axis[a].in) / (double)pass->axis[a].out;
      chunks *= (double)((pass->axis[a].out + block[a] - 1) / block[a]);
    }
    const int larger = block[0] >= block[1] ? 0 : 1;
    const bool fits = row * rows <= 512 * 1024.0;
    if (block[larger] == 1 || (fits && (chunks >= 16 || block[larger] < 8))) break;
    block[larger] = (block[larger] + 1) / 2;
  }
  for (int a = 0; a < 2; a++)
    RITZ_TRY(ritz_conv_axis_cut(&pass->axis[a], block[a], pass->in_place));
  pass->chunks = pass->batch * pass->axis[0].blocks * pass->axis[1].blocks * line->blocks;
  return RITZ_OK;
}

static void plan_products(ritz_conv_pass *pass, ritz_dtype dtype) {
  const ritz_conv_line *line = &pass->line;
  const ritz_index c = pass->from_channels, d = pass->to_channels;
  for (int p = 0; p < line->phases; p++)
    for (int last = 0; last < 2; last++)
      for (int add = 0; add < 2; add++) {
        const ritz_index m = ritz_conv_phase_count(line, &line->phase[p],
                                                   last ? (line->blocks - 1) * line->block : 0);
        line->phase[p].product[last][add] = ritz_gemm_batch_plan(
            dtype, add, m, pass->n, pass->k, line->in_step * c, d, line->step * d);
      }
}

static ritz_status plan_pass(const ritz_conv_shape *s, bool adjoint, ritz_conv_pass *pass) {
  pass->kernels = ritz_kernels_get(s->dtype);
  pass->size = ritz_dtype_size(s->dtype);
  pass->batch = s->batch;
  pass->groups = s->groups;
  pass->from_channels = adjoint ? s->channels_out : s->channels_in;
  pass->to_channels = adjoint ? s->channels_in : s->channels_out;
  pass->k = pass->from_channels / s->groups;
  pass->n = pass->to_channels / s->groups;
  pass->algorithm = choose(s, adjoint, pass->to_channels);
  for (int a = 0; a < 2; a++)
    RITZ_TRY(ritz_conv_axis_init(&s->window.axis[a], adjoint, &pass->axis[a]));
  RITZ_TRY(ritz_conv_line_init(&s->window.axis[2], adjoint, &pass->line));
  pass->in_place = pass->line.width == pass->line.in;
  RITZ_TRY(cut(pass));
  if (pass->algorithm == RITZ_CONV_BRGEMM) plan_products(pass, s->dtype);

  const ritz_conv_line *line = &pass->line;
  const ritz_index window = (line->block - 1) * line->in_step + line->span;
  const ritz_index rows = pass->axis[0].most_needs * pass->axis[1].most_needs;
  pass->most_terms = pass->axis[0].most_sights * pass->axis[1].most_sights * line->taps;
  if (!pass->in_place)
    pass->strip_bytes = ritz_aligned((size_t)(rows * window * pass->from_channels) * pass->size);
  pass->row_bytes = ritz_aligned((size_t)(line->padded_out * pass->to_channels) * pass->size);
  const size_t lists = 2 * (size_t)pass->most_terms * sizeof(unsigned long long);
  /* Threads never share a page. */
  pass->thread_bytes = (pass->strip_bytes + pass->row_bytes + lists + 4095) / 4096 * 4096;
  return RITZ_OK;
}

/* Partial sums of at least 512 positions each, so that adding them up costs little. */
static void plan_weight_gradient(ritz_convolution *conv) {
  const ritz_conv_pass *pass = &conv->forward;
  const ritz_conv_phase *phase = pass->line.phase;
  const ritz_index positions = pass->batch * pass->axis[0].out * pass->axis[1].out * pass->line.out;
  const ritz_index k = pass->k, n = pass->n;
  conv->partials = (positions + 511) / 512;
  if (conv->partials > 16) conv->partials = 16;
  conv->weight_algorithm = pass->algorithm == RITZ_CONV_WINOGRAD ? RITZ_CONV_WINOGRAD
                           : pass->groups > 1 && k * n < few_channels * few_channels
                               ? RITZ_CONV_DIRECT
                               : RITZ_CONV_BRGEMM;
  if (conv->weight_algorithm == RITZ_CONV_WINOGRAD) {
    if (conv->partials > conv->winograd[0].blocks) conv->partials = conv->winograd[0].blocks;
    return;
  }
  if (conv->partials > pass->chunks) conv->partials = pass->chunks;
  conv->swap = pass->groups == 1 && n < few_channels && k > n;
  const ritz_index lda = pass->line.in_step * pass->from_channels, ldy = pass->to_channels;
  for (int last = 0; last < 2; last++) {
    const ritz_index m = ritz_conv_phase_count(
        &pass->line, phase, last ? (pass->line.blocks - 1) * pass->line.block : 0);
    conv->weight_product[last] =
        conv->swap ? ritz_gemm_plan(conv->shape.dtype, true, true, n, k, m, ldy, lda, k)
                   : ritz_gemm_plan(conv->shape.dtype, true, true, k, n, m, lda, ldy, ldy);
  }
}

static size_t larger_size(size_t a, size_t b) { return a > b ? a : b; }

/* Passes, their weights turned or transformed, partial sums of the weight gradient. */
static size_t scratch_of(const ritz_convolution *conv, bool gradients) {
  size_t transformed = 0;
  size_t thread = larger_size(conv->forward.thread_bytes, conv->adjoint.thread_bytes);
  for (int i = 0; i < 2; i++) {
    transformed = larger_size(transformed, conv->winograd[i].weight_bytes);
    thread = larger_size(thread, conv->winograd[i].thread_bytes);
  }
  const ritz_index copies = gradients && conv->partials > 1 ? conv->partials + 1 : 2;
  const size_t weights = ritz_aligned((size_t)(copies * conv->weights) * conv->size);
  const size_t products = weights + transformed + thread * (size_t)conv->threads;
  return larger_size(products, ritz_conv_bias_scratch(conv));
}

static ritz_status plan_products_of_channels(ritz_convolution *conv, bool gradients) {
  const ritz_conv_shape *shape = &conv->shape;
  RITZ_TRY(plan_pass(shape, false, &conv->forward));
  RITZ_TRY(plan_pass(shape, true, &conv->adjoint));
  if (conv->forward.algorithm == RITZ_CONV_WINOGRAD)
    RITZ_TRY(ritz_conv_winograd_init(shape, false, &conv->winograd[0]));
  if (conv->adjoint.algorithm == RITZ_CONV_WINOGRAD)
    RITZ_TRY(ritz_conv_winograd_init(shape, true, &conv->winograd[1]));
  plan_weight_gradient(conv);
  conv->scratch_bytes = scratch_of(conv, gradients);
  return RITZ_OK;
}

static ritz_status plan_depthwise(ritz_convolution *conv, bool gradients) {
  const ritz_conv_shape *s = &conv->shape;
  const ritz_depthwise_shape shape = {s->dtype, s->batch, s->groups, s->window, s->direct};
  conv->forward.algorithm = conv->adjoint.algorithm = RITZ_CONV_DEPTHWISE;
  RITZ_TRY(ritz_depthwise_create(&shape, gradients, conv->threads, &conv->depthwise));
  conv->scratch_bytes =
      larger_size(ritz_depthwise_scratch(conv->depthwise), ritz_conv_bias_scratch(conv));
  return RITZ_OK;
}

ritz_status ritz_conv_create(const ritz_conv_shape *shape, bool gradients, int threads,
                             ritz_convolution **out) {
  ritz_convolution *conv;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &conv));
  conv->shape = *shape;
  conv->kernels = ritz_kernels_get(shape->dtype);
  conv->size = ritz_dtype_size(shape->dtype);
  conv->threads = threads;
  conv->weights =
      ritz_window_taps(&shape->window) * (shape->channels_in / shape->groups) * shape->channels_out;
  const bool alone = shape->groups == shape->channels_in && shape->groups == shape->channels_out;
  const ritz_status status =
      alone ? plan_depthwise(conv, gradients) : plan_products_of_channels(conv, gradients);
  if (status != RITZ_OK) ritz_conv_destroy(&conv);
  *out = conv;
  return status;
}

static void release(ritz_conv_pass *pass) {
  for (int a = 0; a < 2; a++) ritz_conv_axis_release(&pass->axis[a]);
  ritz_conv_line_release(&pass->line);
}

void ritz_conv_destroy(ritz_convolution **conv) {
  if (!conv || !*conv) return;
  ritz_depthwise_destroy(&(*conv)->depthwise);
  release(&(*conv)->forward);
  release(&(*conv)->adjoint);
  for (int i = 0; i < 2; i++) ritz_conv_winograd_release(&(*conv)->winograd[i]);
  ritz_free(*conv);
  *conv = NULL;
}

size_t ritz_conv_scratch(const ritz_convolution *conv) { return conv->scratch_bytes; }

double ritz_conv_flops(const ritz_convolution *conv) {
  const ritz_conv_shape *s = &conv->shape;
  return 2.0 * (double)s->batch * (double)ritz_window_points_out(&s->window) *
         (double)conv->weights;
}

/* The group [Ci/g, Co/g] of each tap transposed: w [taps, Ci/g, Co] becomes [taps, Co, Ci/g]. */
static void transpose_taps(const ritz_convolution *conv, const char *w, char *to) {
  const ritz_index k = conv->forward.k, co = conv->shape.channels_out,
                   taps = conv->weights / (k * co);
  const size_t matrix = (size_t)(k * co) * conv->forward.size;
  for (ritz_index t = 0; t < taps; t++)
    conv->forward.kernels->transpose(k, co, w + (size_t)t * matrix, to + (size_t)t * matrix);
}

/* Moves the groups of [taps, rows, groups, n] to [taps, groups, rows, n], n numbers at a time. */
static void bring_groups_forward(const ritz_convolution *conv, ritz_index rows, ritz_index n,
                                 const char *from, char *to) {
  const ritz_index groups = conv->shape.groups;
  const size_t bytes = (size_t)n * conv->forward.size;
  for (ritz_index t = 0; t < conv->weights / (rows * groups * n); t++)
    for (ritz_index g = 0; g < groups; g++)
      for (ritz_index r = 0; r < rows; r++, to += bytes)
        memcpy(to, from + (size_t)((t * rows + r) * groups + g) * bytes, bytes);
}

/* The weight as a pass reads it, written to @p pack where that is not w itself. */
static const void *weight_form(const ritz_convolution *conv, const ritz_conv_pass *pass,
                               const void *w, char *pack) {
  const ritz_index k = conv->forward.k, n = conv->forward.n, groups = pass->groups;
  const bool adjoint = pass == &conv->adjoint;
  const bool products =
      pass->algorithm == RITZ_CONV_BRGEMM || pass->algorithm == RITZ_CONV_WINOGRAD;
  if (products && !adjoint) return w;
  if (pass->algorithm == RITZ_CONV_DIRECT && adjoint) { /* [taps, groups, Ci/g, Co/g] */
    if (groups == 1) return w;
    bring_groups_forward(conv, k, n, w, pack);
    return pack;
  }
  transpose_taps(conv, w, pack); /* [taps, groups, Co/g, Ci/g] */
  if (pass->algorithm == RITZ_CONV_DIRECT || groups == 1) return pack;
  char *turned = pack + (size_t)conv->weights * pass->size; /* [taps, Co/g, groups, Ci/g] */
  const size_t bytes = (size_t)k * pass->size;
  for (ritz_index t = 0; t < conv->weights / (groups * n * k); t++)
    for (ritz_index o = 0; o < n; o++)
      for (ritz_index g = 0; g < groups; g++)
        memcpy(turned + (size_t)((t * n + o) * groups + g) * bytes,
               pack + (size_t)((t * groups + g) * n + o) * bytes, bytes);
  return turned;
}

static void run(const ritz_convolution *conv, bool adjoint, bool add, const void *from,
                const void *w, const void *b, void *to, char *scratch, const ritz_halo *halo) {
  const ritz_conv_pass *pass = adjoint ? &conv->adjoint : &conv->forward;
  const void *form = weight_form(conv, pass, w, scratch);
  scratch += ritz_aligned(2 * (size_t)conv->weights * pass->size);
  if (pass->algorithm == RITZ_CONV_WINOGRAD)
    ritz_conv_winograd_run(&conv->winograd[adjoint], conv->threads, add, from, form, b, to, scratch,
                           halo);
  else
    ritz_conv_pass_run(pass, conv->threads, add, from, form, b, to, scratch, halo);
}

void ritz_conv_forward(const ritz_convolution *conv, bool add, const void *x, const void *w,
                       const void *b, void *y, void *scratch, const ritz_halo *halo) {
  if (conv->depthwise)
    ritz_depthwise_forward(conv->depthwise, add, x, w, b, y, scratch, halo);
  else
    run(conv, false, add, x, w, b, y, scratch, halo);
}

void ritz_conv_adjoint(const ritz_convolution *conv, bool add, const void *y, const void *w,
                       const void *b, void *x, void *scratch, const ritz_halo *halo) {
  if (conv->depthwise)
    ritz_depthwise_adjoint(conv->depthwise, add, y, w, b, x, scratch, halo);
  else
    run(conv, true, add, y, w, b, x, scratch, halo);
}
