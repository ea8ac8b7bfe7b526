/* SPDX-License-Identifier: BSD-3-Clause
 * Folding and the four products of a folded axis, alone or as the first of two steps. */
#include "kernels/spectral_columns.h"

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_steps.h"

static ritz_spectral_fold plan_fold(ritz_dtype dtype, const ritz_spectral_axis *a, ritz_index width,
                                    ritz_index ld, ritz_index pitch) {
  const size_t size = ritz_dtype_size(dtype);
  const bool plain = a->form == RITZ_AXIS_PLAIN;
  const ritz_index sum_ld = plain ? pitch : 2 * pitch; /* plain tables hold both kinds of rows */
  ritz_spectral_fold f = {.axis = a,
                          .width = width,
                          .ld = ld,
                          .row = (size_t)ld * size,
                          .sum_row = (size_t)(2 * pitch) * size};
  if (a->fused) {
    f.task = (ritz_fold_task){.n = a->n,
                              .bounded = a->transform != RITZ_TRANSFORM_FOURIER,
                              .twice = a->form == RITZ_AXIS_TWICE,
                              .width = width,
                              .xs = ld,
                              .pair = 2 * pitch,
                              .sine = pitch};
    for (int b = 0; b < RITZ_BLOCKS; b++) f.task.rows[b] = a->rows[b];
    return f;
  }
  for (int b = 0; b < RITZ_BLOCKS; b++) {
    const ritz_index rows = a->rows[b], points = a->points[b];
    f.to[b] = ritz_product_plan(dtype, false, false, rows, width, points, points, ld, sum_ld);
    f.from[b] = ritz_product_plan(dtype, true, false, points, width, rows, points, sum_ld, ld);
  }
  if (plain)
    f.from_add = ritz_product_plan(dtype, true, true, a->points[0], width, a->rows[0], a->points[0],
                                   sum_ld, ld);
  return f;
}

static ritz_status plan_steps(ritz_dtype dtype, ritz_index width, ritz_index ld, ritz_index pitch,
                              ritz_spectral_columns *c) {
  const ritz_spectral_steps *s = c->axis->steps;
  const size_t size = ritz_dtype_size(dtype);
  const ritz_index between = s->n2 * width; /* of one residue: Re, then as much of Im */
  c->repeats = ld == width ? 1 : s->n2;
  c->fold = plan_fold(dtype, &s->axis, ld == width ? between : width, s->n2 * ld, between);
  c->field_step = (size_t)ld * size;
  c->between_step = (size_t)width * size;
  c->between = (size_t)(2 * between * s->axis.distinct) * size;
  RITZ_TRY(RITZ_NEW(s->residues, &c->mix));
  size_t table = 0;
  for (ritz_index i = 0; i < s->residues; i++) {
    const ritz_index r = s->residue[i], inner = ritz_spectral_steps_inner(s, r);
    const ritz_index rows = 2 * (s->first[r + 1] - s->first[r]);
    c->mix[i] = (ritz_spectral_mix){
        .table = table,
        .between = (size_t)(2 * between * s->axis.row[i]) * size,
        .sums = (size_t)(2 * s->first[r] * pitch) * size,
        .to = ritz_product_plan(dtype, false, false, rows, width, inner, inner, width, pitch),
        .from = ritz_product_plan(dtype, true, false, inner, width, rows, inner, pitch, width)};
    table += (size_t)(rows * inner) * size;
  }
  return RITZ_OK;
}

ritz_status ritz_spectral_columns_plan(ritz_dtype dtype, const ritz_spectral_axis *axis,
                                       ritz_index width, ritz_index ld, ritz_index pitch,
                                       ritz_spectral_columns *out) {
  *out = (ritz_spectral_columns){.axis = axis,
                                 .kernels = ritz_kernels_get(dtype),
                                 .sine = (size_t)pitch * ritz_dtype_size(dtype)};
  if (axis->form == RITZ_AXIS_STEPS) return plan_steps(dtype, width, ld, pitch, out);
  out->fold = plan_fold(dtype, axis, width, ld, pitch);
  return RITZ_OK;
}

void ritz_spectral_columns_clear(ritz_spectral_columns *columns) {
  ritz_free(columns->mix);
  columns->mix = NULL;
}

static void fold(const ritz_spectral_columns *c, const void *x, void *y, const void *next,
                 bool add) {
  const ritz_spectral_fold *f = &c->fold;
  const ritz_index n = f->axis->n;
  if (f->axis->form == RITZ_AXIS_TWICE)
    c->kernels->fold_twice(n, f->width, x, f->ld, y, f->ld, next, add);
  else
    c->kernels->fold_once(n, f->axis->transform != RITZ_TRANSFORM_FOURIER, f->width, x, f->ld, y,
                          f->ld, next, add);
}

/* Bytes to the sums of block b: the even frequencies come first, sines lie behind their cosines. */
static size_t sums_of(const ritz_spectral_fold *f, int b, size_t sine) {
  const bool odd = b == RITZ_COSINE_ODD || b == RITZ_SINE_ODD;
  return (b < RITZ_SINE_EVEN ? 0 : sine) +
         (odd ? (size_t)f->axis->rows[RITZ_COSINE_EVEN] * f->sum_row : 0);
}

static void fold_to(const ritz_spectral_columns *c, ritz_spectral_scale scale, const char *x,
                    const char *next, char *folded, char *sums) {
  const ritz_spectral_fold *f = &c->fold;
  void *const *table = f->axis->table[scale];
  if (f->axis->fused) {
    c->kernels->fold_to(&f->task, x, f->axis->fold[scale][0], next, sums);
    return;
  }
  if (f->axis->form == RITZ_AXIS_PLAIN) {
    ritz_product_run(&f->to[0], table[0], x, sums);
    return;
  }
  fold(c, x, folded, next, false);
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&f->to[b], table[b], folded + (size_t)f->axis->start[b] * f->row,
                     sums + sums_of(f, b, f->sum_row / 2));
}

static void fold_from(const ritz_spectral_columns *c, ritz_spectral_scale scale, const char *sums,
                      const char *next, char *folded, char *x, bool add) {
  const ritz_spectral_fold *f = &c->fold;
  void *const *table = f->axis->table[scale];
  if (f->axis->fused) {
    c->kernels->fold_from(&f->task, sums, f->axis->fold[scale][1], next, x, add);
    return;
  }
  if (f->axis->form == RITZ_AXIS_PLAIN) {
    ritz_product_run(add ? &f->from_add : &f->from[0], table[0], sums, x);
    return;
  }
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&f->from[b], table[b], sums + sums_of(f, b, f->sum_row / 2),
                     folded + (size_t)f->axis->start[b] * f->row);
  fold(c, folded, x, NULL, add);
}

void ritz_spectral_columns_to(const ritz_spectral_columns *c, ritz_spectral_scale scale,
                              const char *x, const char *next, char *folded, char *between,
                              char *sums) {
  if (c->axis->form != RITZ_AXIS_STEPS) {
    fold_to(c, scale, x, next, folded, sums);
    return;
  }
  const ritz_spectral_steps *s = c->axis->steps;
  for (ritz_index h = 0; h < c->repeats; h++) {
    const size_t at = (size_t)h * c->field_step;
    fold_to(c, 0, x + at, next ? next + at : NULL, folded + at,
            between + (size_t)h * c->between_step);
  }
  for (ritz_index i = 0; i < s->residues; i++)
    ritz_product_run(&c->mix[i].to, (const char *)s->table[scale] + c->mix[i].table,
                     between + c->mix[i].between, sums + c->mix[i].sums);
}

void ritz_spectral_columns_from(const ritz_spectral_columns *c, ritz_spectral_scale scale,
                                const char *sums, const char *next, char *folded, char *between,
                                char *x, bool add) {
  if (c->axis->form != RITZ_AXIS_STEPS) {
    fold_from(c, scale, sums, next, folded, x, add);
    return;
  }
  const ritz_spectral_steps *s = c->axis->steps;
  for (ritz_index i = 0; i < s->residues; i++)
    ritz_product_run(&c->mix[i].from, (const char *)s->table[scale] + c->mix[i].table,
                     sums + c->mix[i].sums, between + c->mix[i].between);
  for (ritz_index h = 0; h < c->repeats; h++) {
    const size_t at = (size_t)h * c->field_step;
    fold_from(c, 0, between + (size_t)h * c->between_step, next ? next + at : NULL, folded + at,
              x + at, add);
  }
}
