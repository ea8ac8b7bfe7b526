/* SPDX-License-Identifier: BSD-3-Clause
 * Planning of the kept-mode products: tables, cuts, scratch and chunks. spectral_gemm.c runs them.
 */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/spectral_plan.h"

/* Groups of a piece: its rows shall stay in the first-level cache, but a row have 512 bytes. */
static ritz_index piece_of(ritz_index n, ritz_index groups, ritz_index group, size_t size) {
  const ritz_index cache = 32768, row = cache / n > 512 ? cache / n : 512;
  const ritz_index most = row / (ritz_index)size / group;
  const ritz_index lanes = (ritz_index)(64 / size);
  if (most <= 1) return 1;
  if (groups <= most) return groups > 0 ? groups : 1;
  for (ritz_index p = most; p > 1; p--) /* whole vectors if that loses few columns */
    if (p * group % lanes == 0 && 2 * p > most) return p;
  return most;
}

static ritz_status plan_pass(ritz_transform *t, int axis, ritz_index groups,
                             ritz_spectral_pass *pass) {
  const ritz_index group = ritz_spectral_group(t, axis + 1);
  pass->axis = &t->axis[axis];
  pass->groups = groups;
  pass->group = group;
  pass->piece = piece_of(pass->axis->count, groups, group, t->size);
  pass->pieces = (groups + pass->piece - 1) / pass->piece;
  for (int last = 0; last < 2; last++) {
    const ritz_index g = last ? groups - (pass->pieces - 1) * pass->piece : pass->piece;
    const ritz_index width = pass->pieces > 0 ? g * group : 0;
    RITZ_TRY(ritz_spectral_columns_plan(t->shape.dtype, pass->axis, width, groups * group,
                                        pass->piece * group, &pass->columns[last]));
  }
  return RITZ_OK;
}

/* Rows hold the last axis' modes in the order of its tables, the others' in their own. */
static ritz_status list_places(ritz_transform *t) {
  const ritz_spectral_axis *last = &t->axis[t->shape.dim - 1];
  ritz_index groups = last->modes;
  for (int i = 1; i < t->shape.dim - 1; i++) groups *= t->axis[i].modes;
  RITZ_TRY(RITZ_NEW(groups, &t->gemm.place));
  RITZ_TRY(RITZ_NEW(last->modes, &t->gemm.same));
  for (ritz_index k = 0; k < last->modes; k++) t->gemm.same[k] = k;
  for (ritz_index i = 0; i < groups; i++) {
    const ritz_index k = i % last->modes;
    t->gemm.place[i - k + last->row[k]] = i;
  }
  return RITZ_OK;
}

/* Bytes of the parts of a thread's scratch: a folded line, pairs of sums, a slab. */
static size_t line_bytes(const ritz_transform *t) {
  return ritz_aligned((size_t)(t->axis[t->shape.dim - 1].count * t->shape.channels) * t->size);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t sums_bytes(const ritz_transform *t) {
  ritz_index most = 0;
  for (int i = 0; i < t->shape.dim - 1; i++) {
    const ritz_spectral_pass *p = &t->gemm.pass[i];
    const ritz_index numbers = p->axis->distinct * p->piece * 2 * p->group;
    if (numbers > most) most = numbers;
  }
  return ritz_aligned((size_t)most * t->size);
}

static size_t between_bytes(const ritz_transform *t) {
  size_t most = t->gemm.line.between;
  for (int i = 0; i < t->shape.dim - 1; i++)
    for (int last = 0; last < 2; last++) most = larger(most, t->gemm.pass[i].columns[last].between);
  return ritz_aligned(most);
}

static size_t slab_bytes(const ritz_transform *t) {
  if (t->shape.dim < 3) return 0;
  const ritz_index row = t->axis[2].modes * ritz_spectral_group(t, 2);
  return ritz_aligned((size_t)(t->axis[1].count * row) * t->size);
}

ritz_status ritz_spectral_gemm_plan(ritz_transform *t) {
  ritz_spectral_gemm *g = &t->gemm;
  const int dim = t->shape.dim;
  const ritz_index c = t->shape.channels, batch = t->shape.batch;
  double grid = ritz_spectral_others(t);
  for (int i = 0; i < dim; i++)
    if (t->axis[i].transform == RITZ_TRANSFORM_FOURIER) grid *= (double)t->axis[i].n;
  for (int i = 0; i < dim; i++)
    RITZ_TRY(ritz_spectral_axis_tabulate(t->shape.dtype, grid, &t->axis[i]));
  RITZ_TRY(ritz_spectral_columns_plan(t->shape.dtype, &t->axis[dim - 1], c, c, c, &g->line));
  g->units = dim > 1 ? t->axis[0].count : 1;
  g->lines = dim > 2 ? t->axis[1].count : 1;
  ritz_index groups = t->axis[dim - 1].modes;
  if (dim > 2) {
    RITZ_TRY(plan_pass(t, 1, groups, &g->pass[1]));
    groups *= t->axis[1].modes;
  }
  if (dim > 1) RITZ_TRY(plan_pass(t, 0, groups, &g->pass[0]));
  g->row = groups * ritz_spectral_group(t, dim > 1 ? 1 : 0);

  /* A chunk should be worth some 10 us, and there should be chunks for many threads. */
  const double worth = 1e6 / (ritz_spectral_gemm_flops(t) + 1);
  g->samples_together = worth < 1 ? 1 : worth > (double)batch / 16 ? batch / 16 : (ritz_index)worth;
  if (g->samples_together < 1) g->samples_together = 1;
  g->by_sample = t->threads == 1 || batch % t->threads == 0 || batch >= 4 * t->threads;
  t->sample_slots = g->by_sample ? t->threads : 1;
  t->sample_scratch = ritz_aligned((size_t)(g->units * g->row) * t->size);
  g->line_bytes = line_bytes(t);
  g->sums_bytes = sums_bytes(t);
  g->between_bytes = between_bytes(t);
  t->thread_scratch = g->line_bytes + g->sums_bytes + g->between_bytes + slab_bytes(t);
  return list_places(t);
}

void ritz_spectral_gemm_clear(ritz_transform *t) {
  ritz_spectral_columns_clear(&t->gemm.line);
  for (int i = 0; i < RITZ_SPECTRAL_MAX_DIM - 1; i++)
    for (int last = 0; last < 2; last++)
      ritz_spectral_columns_clear(&t->gemm.pass[i].columns[last]);
  ritz_free(t->gemm.place);
  ritz_free(t->gemm.same);
}
