/* SPDX-License-Identifier: BSD-3-Clause
 * The transform along one complex axis, a piece of its columns at a time.
 *
 *   rows [N][g][2C] -> P = cosine sums, Q = sine sums, [D][g][2C] -> X(+f) = P + i Q,
 *                                                                    X(-f) = P - i Q
 *
 * and backwards with the transposed matrices. Symbols as in spectral_gemm.c. */
#include "kernels/spectral_plan.h"

/* rows [N][groups][2C], folded in place -> modes [M][groups] */
void ritz_spectral_pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                 ritz_index piece, char *rows, const ritz_mode_view *out,
                                 char *sums) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index pair = 2 * t->shape.channels;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  const size_t row = (size_t)(pass->piece * pair) * t->size;
  char *p = sums, *q = p + (size_t)a->cosines * row;

  rows += (size_t)(first * pair) * t->size;
  ritz_spectral_columns_to(&pass->columns[last], 0, rows, NULL, rows, p, q);
  for (ritz_index m = 0; m < a->modes; m++) {
    const ritz_index sine = a->sine_row[m];
    t->kernels->mode_join(groups, t->shape.channels, p + (size_t)a->cosine_row[m] * row,
                          sine < 0 ? NULL : q + (size_t)sine * row, a->sign[m],
                          out->base + (size_t)(m * pass->groups * out->step) * t->size,
                          out->place + first, out->step, out->plane, out->order);
  }
}

/* One mode m, or a pair m and its negative, into the sums u and v; -1 for none. */
static void gather(const ritz_spectral_run *run, const ritz_spectral_pass *pass, ritz_index first,
                   ritz_index groups, const ritz_mode_view *in, ritz_index plus, ritz_index minus,
                   bool add, char *u, char *v) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const size_t mode = (size_t)(pass->groups * in->step) * t->size;
  const size_t row = (size_t)(pass->piece * 2 * t->shape.channels) * t->size;
  const ritz_index m = plus < 0 ? minus : plus, sine = a->sine_row[m];
  t->kernels->mode_split(
      groups, t->shape.channels, plus < 0 ? NULL : in->base + (size_t)plus * mode,
      minus < 0 ? NULL : in->base + (size_t)minus * mode, in->place + first, in->step, in->plane,
      add, u + (size_t)a->cosine_row[m] * row, sine < 0 ? NULL : v + (size_t)sine * row);
}

/* modes [M][groups] in planes (Re, Im) -> rows [N][groups][2C] */
void ritz_spectral_pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                   ritz_index piece, const ritz_mode_view *in, char *rows,
                                   char *sums) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index pair = 2 * t->shape.channels;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  const size_t row = (size_t)(pass->piece * pair) * t->size;
  char *u = sums, *v = u + (size_t)a->cosines * row;

  for (ritz_index r = 0; r < a->cosines; r++)
    gather(run, pass, first, groups, in, a->plus[r], a->minus[r], false, u, v);
  for (ritz_index m = 0; m < a->modes; m++) { /* frequencies that the list holds again */
    const ritz_index r = a->cosine_row[m];
    if (a->plus[r] == m || a->minus[r] == m) continue;
    gather(run, pass, first, groups, in, a->sign[m] > 0 ? m : -1, a->sign[m] > 0 ? -1 : m, true, u,
           v);
  }
  rows += (size_t)(first * pair) * t->size;
  ritz_spectral_columns_from(&pass->columns[last], 0, u, v, rows, rows, false);
}
