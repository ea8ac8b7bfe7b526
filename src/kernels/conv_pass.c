/* SPDX-License-Identifier: BSD-3-Clause
 * Running a pass: chunks of output rows go to threads. A chunk first copies the input rows it
 * needs, padded, to a strip that stays in the second-level cache; where no row needs padding, it
 * reads them in place. */
#include <string.h>

#include "core/threads.h"
#include "kernels/conv_plan.h"

typedef struct pass_run {
  const ritz_conv_pass *pass;
  bool add;
  const void *from;
  const char *w;
  const void *b;
  char *to, *scratch;
} pass_run;

static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }
static ritz_index larger(ritz_index a, ritz_index b) { return a > b ? a : b; }

/* Positions [start, end) of a padded row, `bytes` each. */
static void copy_row(const ritz_conv_line *line, const char *row, ritz_index start, ritz_index end,
                     size_t bytes, char *to) {
  const ritz_index inner = larger(start, smaller(line->margin, end));
  const ritz_index outer = larger(inner, smaller(line->margin + line->in, end));
  for (ritz_index j = start; j < end; j++) {
    char *position = to + (size_t)(j - start) * bytes;
    if (j == inner && outer > inner) {
      memcpy(position, row + (size_t)(inner - line->margin) * bytes,
             (size_t)(outer - inner) * bytes);
      j = outer - 1;
    } else if (line->source[j] < 0) {
      memset(position, 0, bytes);
    } else {
      memcpy(position, row + (size_t)line->source[j] * bytes, bytes);
    }
  }
}

static void load_strip(const ritz_conv_pass *pass, ritz_conv_chunk *chunk, const char *sample,
                       ritz_index start, char *strip) {
  const ritz_conv_line *line = &pass->line;
  const ritz_conv_axis *a0 = &pass->axis[0], *a1 = &pass->axis[1];
  const ritz_index *need0 = a0->need + a0->need_start[chunk->block[0]];
  const ritz_index *need1 = a1->need + a1->need_start[chunk->block[1]];
  const ritz_index n0 = a0->need_start[chunk->block[0] + 1] - a0->need_start[chunk->block[0]];
  const ritz_index n1 = a1->need_start[chunk->block[1] + 1] - a1->need_start[chunk->block[1]];
  const size_t bytes = (size_t)pass->from_channels * pass->size;
  const ritz_index window = (line->block - 1) * line->in_step + line->span;
  chunk->base = strip;
  chunk->stride[1] = window * pass->from_channels;
  chunk->stride[0] = a1->most_needs * chunk->stride[1];
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++)
      copy_row(line, sample + (size_t)((need0[i] * a1->in + need1[j]) * line->in) * bytes, start,
               smaller(start + window, line->width), bytes,
               strip + (size_t)(i * chunk->stride[0] + j * chunk->stride[1]) * pass->size);
}

static ritz_conv_chunk decode_chunk(const ritz_conv_pass *pass, ritz_index index) {
  const ritz_conv_line *line = &pass->line;
  const ritz_conv_axis *axis = pass->axis;
  ritz_conv_chunk c = {.m = index % line->blocks * line->block,
                       .last = index % line->blocks == line->blocks - 1};
  index /= line->blocks;
  c.block[1] = index % axis[1].blocks;
  index /= axis[1].blocks;
  c.block[0] = index % axis[0].blocks;
  c.sample = index / axis[0].blocks;
  for (int a = 0; a < 2; a++) {
    c.first[a] = c.block[a] * axis[a].block;
    c.end[a] = smaller(c.first[a] + axis[a].block, axis[a].out);
  }
  return c;
}

ritz_conv_chunk ritz_conv_chunk_load(const ritz_conv_pass *pass, ritz_index index, const void *from,
                                     char *strip) {
  const ritz_conv_line *line = &pass->line;
  const ritz_conv_axis *axis = pass->axis;
  ritz_conv_chunk c = decode_chunk(pass, index);
  const ritz_index row = line->in * pass->from_channels, start = c.m * line->in_step;
  const char *sample =
      (const char *)from + (size_t)(c.sample * axis[0].in * axis[1].in * row) * pass->size;
  if (pass->in_place) {
    c.base = sample + (size_t)(start * pass->from_channels) * pass->size;
    c.stride[1] = row;
    c.stride[0] = axis[1].in * row;
  } else {
    load_strip(pass, &c, sample, start, strip);
  }
  return c;
}

/* The terms of output row (i0, i1) in one phase. */
static int list_terms(const ritz_conv_pass *pass, const ritz_conv_chunk *chunk, ritz_index i0,
                      ritz_index i1, const ritz_conv_phase *phase, unsigned long long *from,
                      unsigned long long *weight) {
  const ritz_sights *a0 = &pass->axis[0].sights, *a1 = &pass->axis[1].sights;
  const ritz_index matrix = pass->k * pass->to_channels;
  int count = 0;
  for (ritz_index s0 = a0->start[i0]; s0 < a0->start[i0 + 1]; s0++)
    for (ritz_index s1 = a1->start[i1]; s1 < a1->start[i1 + 1]; s1++) {
      const ritz_index row = ritz_conv_row(pass, chunk, s0, s1);
      const ritz_index tap = ritz_conv_tap(pass, s0, s1);
      for (int s = 0; s < phase->taps; s++) {
        from[count] = (size_t)(row + phase->from[s] * pass->from_channels) * pass->size;
        weight[count++] = (size_t)((tap + phase->tap[s]) * matrix) * pass->size;
      }
    }
  return count;
}

static void run_phase(const pass_run *run, const ritz_conv_chunk *chunk,
                      const ritz_conv_phase *phase, int terms, const unsigned long long *from,
                      const unsigned long long *weight, bool accumulate, char *c) {
  const ritz_conv_pass *pass = run->pass;
  const ritz_index count = ritz_conv_phase_count(&pass->line, phase, chunk->m);
  const ritz_index lda = pass->line.in_step * pass->from_channels;
  const ritz_index ldc = pass->line.step * pass->to_channels;
  switch (pass->algorithm) {
    case RITZ_CONV_BRGEMM:
      for (ritz_index g = 0; g < pass->groups; g++)
        ritz_gemm_batch_run(&phase->product[chunk->last][accumulate], terms,
                            chunk->base + (size_t)(g * pass->k) * pass->size, from,
                            run->w + (size_t)(g * pass->n) * pass->size, weight,
                            c + (size_t)(g * pass->n) * pass->size);
      break;
    case RITZ_CONV_DIRECT:
      pass->kernels->conv_dot(count, terms, pass->groups, pass->k, pass->n, chunk->base, from, lda,
                              run->w, weight, c, ldc, accumulate);
      break;
    case RITZ_CONV_WINOGRAD: /* conv_winograd.c */
    case RITZ_CONV_DEPTHWISE: break;
  }
}

/* to (+)= fold of a padded row. */
static void fold_row(const pass_run *run, const char *row, char *to, bool accumulate) {
  const ritz_conv_pass *pass = run->pass;
  const ritz_conv_line *line = &pass->line;
  const ritz_index c = pass->to_channels, inner = line->out * c;
  const size_t bytes = (size_t)c * pass->size;
  pass->kernels->row_copy(1, inner, row + (size_t)line->out_margin * bytes, inner, to, inner,
                          accumulate);
  for (ritz_index j = 0; j < line->padded_out; j++) {
    if (j == line->out_margin) j += line->out;
    if (j < line->padded_out)
      pass->kernels->row_copy(1, c, row + (size_t)j * bytes, c, to + (size_t)line->fold[j] * bytes,
                              c, true);
  }
}

/* Outputs of a chunk in a row start as the bias. */
static void fill_row(const pass_run *run, const ritz_conv_chunk *chunk, char *to) {
  const ritz_conv_line *line = &run->pass->line;
  const ritz_index first = line->fold ? 0 : chunk->m * line->step, c = run->pass->to_channels;
  const ritz_index end = line->fold ? line->out : first + line->block * line->step;
  run->pass->kernels->row_fill(smaller(end, line->out) - first, c, run->b,
                               to + (size_t)(first * c) * run->pass->size);
}

static void run_chunk(void *arg, ritz_index index, int thread) {
  const pass_run *run = arg;
  const ritz_conv_pass *pass = run->pass;
  const ritz_conv_line *line = &pass->line;
  char *strip = run->scratch + (size_t)thread * pass->thread_bytes;
  char *row = strip + pass->strip_bytes;
  unsigned long long *from = (unsigned long long *)(row + pass->row_bytes);
  const ritz_conv_chunk chunk = ritz_conv_chunk_load(pass, index, run->from, strip);
  const size_t bytes = (size_t)pass->to_channels * pass->size;
  const bool accumulate = run->add || run->b;
  for (ritz_index i0 = chunk.first[0]; i0 < chunk.end[0]; i0++)
    for (ritz_index i1 = chunk.first[1]; i1 < chunk.end[1]; i1++) {
      char *to =
          run->to +
          (size_t)(((chunk.sample * pass->axis[0].out + i0) * pass->axis[1].out + i1) * line->out) *
              bytes;
      char *target = line->fold ? row : to;
      if (run->b) fill_row(run, &chunk, to);
      for (int p = 0; p < line->phases; p++) {
        const ritz_conv_phase *phase = &line->phase[p];
        if (ritz_conv_phase_count(line, phase, chunk.m) == 0) continue;
        unsigned long long *weight = from + pass->most_terms;
        const int terms = list_terms(pass, &chunk, i0, i1, phase, from, weight);
        run_phase(run, &chunk, phase, terms, from, weight, accumulate && !line->fold,
                  target + (size_t)(phase->first + chunk.m * line->step) * bytes);
      }
      if (line->fold) fold_row(run, row, to, accumulate);
    }
}

/* Positions of a line's block are outputs where the line is one phase as it is. */
static bool touches(const void *arg, const ritz_halo *halo, ritz_index index) {
  const ritz_conv_pass *pass = ((const pass_run *)arg)->pass;
  const ritz_conv_line *line = &pass->line;
  const ritz_conv_chunk c = decode_chunk(pass, index);
  const bool whole = line->fold || line->phases > 1;
  const ritz_index first[3] = {c.first[0], c.first[1], whole ? 0 : c.m};
  const ritz_index end[3] = {c.end[0], c.end[1],
                             whole ? line->out : smaller(c.m + line->block, line->out)};
  return ritz_halo_touches(halo, first, end);
}

void ritz_conv_pass_run(const ritz_conv_pass *pass, int threads, bool add, const void *from,
                        const void *w, const void *b, void *to, char *scratch,
                        const ritz_halo *halo) {
  pass_run run = {pass, add, from, w, b, to, scratch};
  ritz_parallel_halo(halo, touches, threads, pass->chunks, run_chunk, &run);
}
