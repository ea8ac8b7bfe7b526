/* SPDX-License-Identifier: BSD-3-Clause
 * The transform along one complex axis, a piece of its columns at a time.
 *
 *   rows [N][g][2C] -> pairs [D][P, Q][g][2C] of cosine and sine sums
 *                   -> X(+f) = P + i Q, X(-f) = P - i Q
 *
 * and backwards with the transposed matrices. Symbols as in spectral_gemm.c. */
#include "kernels/spectral_plan.h"

/* Bytes between the pairs of a pass, and from a cosine sum to its sine sum. */
static size_t pair_bytes(const ritz_transform *t, const ritz_spectral_pass *pass) {
  return (size_t)(pass->piece * 4 * t->shape.channels) * t->size;
}
static size_t sine_bytes(const ritz_transform *t, const ritz_spectral_pass *pass) {
  return pair_bytes(t, pass) / 2;
}

/* rows [N][groups][2C], folded in place -> modes [M][groups] */
void ritz_spectral_pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                 ritz_index piece, char *rows, const ritz_mode_view *out,
                                 char *work) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  char *sums = ritz_spectral_sums_in(t, work);

  rows += (size_t)(first * 2 * t->shape.channels) * t->size;
  ritz_spectral_columns_to(&pass->columns[last], 0, rows, NULL, rows,
                           ritz_spectral_between_in(t, work), sums);
  for (ritz_index m = 0; m < a->modes; m++) {
    const char *p = sums + (size_t)a->row[m] * pair_bytes(t, pass);
    t->kernels->mode_join(groups, t->shape.channels, p, a->sine[m] ? p + sine_bytes(t, pass) : NULL,
                          a->sign[m], out->base + (size_t)(m * pass->groups * out->step) * t->size,
                          out->place + first, out->step, out->plane, out->order);
  }
}

/* One mode m, or a pair m and its negative, into sums; -1 for none. */
static void gather(const ritz_transform *t, const ritz_spectral_pass *pass, ritz_index first,
                   ritz_index groups, const ritz_mode_view *in, ritz_index plus, ritz_index minus,
                   bool add, char *sums) {
  const ritz_spectral_axis *a = pass->axis;
  const size_t mode = (size_t)(pass->groups * in->step) * t->size;
  const ritz_index m = plus < 0 ? minus : plus;
  char *u = sums + (size_t)a->row[m] * pair_bytes(t, pass);
  t->kernels->mode_split(groups, t->shape.channels,
                         plus < 0 ? NULL : in->base + (size_t)plus * mode,
                         minus < 0 ? NULL : in->base + (size_t)minus * mode, in->place + first,
                         in->step, in->plane, add, u, a->sine[m] ? u + sine_bytes(t, pass) : NULL);
}

/* modes [M][groups] in planes (Re, Im) -> rows [N][groups][2C] */
void ritz_spectral_pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                   ritz_index piece, const ritz_mode_view *in, char *rows,
                                   char *work) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  char *sums = ritz_spectral_sums_in(t, work);

  for (ritz_index r = 0; r < a->distinct; r++)
    gather(t, pass, first, groups, in, a->plus[r], a->minus[r], false, sums);
  for (ritz_index m = 0; m < a->modes; m++) { /* frequencies that the list holds again */
    const ritz_index r = a->row[m];
    if (a->plus[r] == m || a->minus[r] == m) continue;
    gather(t, pass, first, groups, in, a->sign[m] > 0 ? m : -1, a->sign[m] > 0 ? -1 : m, true,
           sums);
  }
  rows += (size_t)(first * 2 * t->shape.channels) * t->size;
  ritz_spectral_columns_from(&pass->columns[last], 0, sums, NULL, rows,
                             ritz_spectral_between_in(t, work), rows, false);
}
