/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms as small products, one axis after the other.
 *
 * Symbols: C channels, K kept modes of the last axis, N points and D distinct |f| of another axis.
 *
 *   line  [N][C]      -> row [K][Re, Im][C]              (spectral_columns.c)
 *   pass  [N][g][2C]  -> modes of one more axis          (spectral_pass.c)
 *
 * (with C in the place of 2C where no Fourier axis has been done yet), and backwards with the
 * transposed matrices. A unit is what one point of axis 0 needs: a line in 2-D, a slab of lines and
 * a pass over axis 1 in 3-D. Every sum is taken by the same product of the same shape however
 * samples, units and pieces are spread over threads (spectral_spread.c). */
#include "kernels/spectral_plan.h"

/* A thread's scratch: a folded line, the sums of a piece, those between two steps, and a slab or a
 * sample's units. */
char *ritz_spectral_sums_in(const ritz_transform *t, char *work) {
  return work + t->gemm.line_bytes;
}
char *ritz_spectral_between_in(const ritz_transform *t, char *work) {
  return ritz_spectral_sums_in(t, work) + t->gemm.sums_bytes;
}
char *ritz_spectral_units_in(const ritz_transform *t, char *work) {
  return ritz_spectral_between_in(t, work) + t->gemm.between_bytes;
}

static size_t line_size(const ritz_transform *t) {
  return (size_t)(t->axis[t->shape.dim - 1].count * t->shape.channels) * t->size;
}

size_t ritz_spectral_row_bytes(const ritz_transform *t) {
  const int last = t->shape.dim - 1;
  return (size_t)(t->axis[last].modes * ritz_spectral_group(t, last)) * t->size;
}

void ritz_spectral_line_to_row(const ritz_spectral_run *run, const char *x, const char *next,
                               char *row, char *work) {
  const ritz_transform *t = run->transform;
  ritz_spectral_columns_to(&t->gemm.line, run->scale, x, next, work,
                           ritz_spectral_between_in(t, work), row);
}

void ritz_spectral_row_to_line(const ritz_spectral_run *run, const char *row, const char *next,
                               char *x, char *work) {
  const ritz_transform *t = run->transform;
  ritz_spectral_columns_from(&t->gemm.line, run->scale, row, next, work,
                             ritz_spectral_between_in(t, work), x, run->add);
}

/* One slab's rows as "modes" of axis 1: those of a unit. */
static ritz_mode_view view_unit(const ritz_transform *t, char *rows, ritz_index u) {
  return (ritz_mode_view){rows + (size_t)(u * t->gemm.row) * t->size, t->gemm.same,
                          ritz_spectral_group(t, 1), t->shape.channels, RITZ_MODE_PLAIN};
}

void ritz_spectral_slab_to_unit(const ritz_spectral_run *run, char *slab, ritz_index u, char *rows,
                                char *work) {
  const ritz_transform *t = run->transform;
  const ritz_mode_view view = view_unit(t, rows, u);
  for (ritz_index i = 0; i < t->gemm.pass[1].pieces; i++)
    ritz_spectral_pass_to_modes(run, &t->gemm.pass[1], i, slab, &view, work);
}

void ritz_spectral_unit_to_slab(const ritz_spectral_run *run, char *rows, ritz_index u, char *slab,
                                char *work) {
  const ritz_transform *t = run->transform;
  const ritz_mode_view view = view_unit(t, rows, u);
  for (ritz_index i = 0; i < t->gemm.pass[1].pieces; i++)
    ritz_spectral_pass_from_modes(run, &t->gemm.pass[1], i, &view, slab, work);
}

void ritz_spectral_unit_to_modes(const ritz_spectral_run *run, const char *x, ritz_index u,
                                 char *rows, char *work) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  const size_t line = line_size(t), row = ritz_spectral_row_bytes(t);
  char *to = t->shape.dim < 3 ? rows + (size_t)u * row : ritz_spectral_units_in(t, work);
  for (ritz_index l = 0; l < g->lines; l++) {
    const char *from = x + (size_t)(u * g->lines + l) * line;
    ritz_spectral_line_to_row(run, from, from + line, to + (size_t)l * row, work);
  }
  if (t->shape.dim > 2) ritz_spectral_slab_to_unit(run, to, u, rows, work);
}

void ritz_spectral_unit_from_modes(const ritz_spectral_run *run, char *rows, ritz_index u, char *x,
                                   char *work) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  const size_t line = line_size(t), row = ritz_spectral_row_bytes(t);
  char *from = t->shape.dim < 3 ? rows + (size_t)u * row : ritz_spectral_units_in(t, work);
  if (t->shape.dim > 2) ritz_spectral_unit_to_slab(run, rows, u, from, work);
  for (ritz_index l = 0; l < g->lines; l++) {
    char *to = x + (size_t)(u * g->lines + l) * line;
    ritz_spectral_row_to_line(run, from + (size_t)l * row, to + line, to, work);
  }
}

/* Sample b in a spectrum of `planes` row blocks. */
static ritz_mode_view view_sample(const ritz_spectral_run *run, ritz_index b, char *spectrum,
                                  int planes) {
  const ritz_transform *t = run->transform;
  const ritz_index c = t->shape.channels, plane = t->shape.batch * c;
  return (ritz_mode_view){spectrum + (size_t)(b * c) * t->size, t->gemm.place, planes * plane,
                          plane, run->order};
}

void ritz_spectral_piece_to_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                                  char *rows, char *work) {
  const ritz_transform *t = run->transform;
  const ritz_mode_view view = view_sample(run, b, run->out, ritz_spectral_blocks(t));
  const ritz_index c = t->shape.channels;
  if (t->shape.dim > 1)
    ritz_spectral_pass_to_modes(run, &t->gemm.pass[0], piece, rows, &view, work);
  else
    t->kernels->mode_lay(t->modes, c, rows, t->half < 0 ? NULL : rows + (size_t)c * t->size,
                         ritz_spectral_group(t, 0), view.base, view.place, view.step, view.plane,
                         view.order);
}

void ritz_spectral_piece_from_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                                    char *rows, char *work) {
  const ritz_transform *t = run->transform;
  const ritz_mode_view view = view_sample(run, b, (char *)run->in, ritz_spectral_planes(t, 0));
  const ritz_index c = t->shape.channels;
  if (t->shape.dim > 1)
    ritz_spectral_pass_from_modes(run, &t->gemm.pass[0], piece, &view, rows, work);
  else
    t->kernels->mode_pick(t->modes, c, view.base, view.place, view.step, view.plane, rows,
                          t->half < 0 ? NULL : rows + (size_t)c * t->size,
                          ritz_spectral_group(t, 0));
}
