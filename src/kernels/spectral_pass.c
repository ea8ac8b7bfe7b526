/* SPDX-License-Identifier: BSD-3-Clause
 * The transform along one axis but the last, a piece of its columns at a time.
 *
 *   complex, Fourier   rows [N][g][2C] -> pairs [D][P, Q][g][2C] of cosine and sine sums
 *                                      -> X(+f) = P + i Q, X(-f) = P - i Q
 *   real, Fourier      rows [N][g][C]  -> pairs [M][P, Q][g][C], X = P + i Q
 *   bounded            rows [N][g][..] -> sums [M][g][..], of either kind
 *
 * and backwards with the transposed matrices. Symbols as in spectral_gemm.c. */
#include "kernels/spectral_plan.h"

/* One run of a piece and where its parts are. */
typedef struct piece_run {
  const ritz_transform *t;
  const ritz_spectral_pass *pass;
  const ritz_spectral_columns *columns;
  ritz_spectral_scale scale;
  ritz_index first, groups;
  const ritz_index *place;
  char *rows, *sums;
  size_t sine; /* bytes from a cosine sum to its sine sum, half of a pair */
} piece_run;

static piece_run start(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                       ritz_index piece, const ritz_mode_view *view, char *rows, char *work) {
  const ritz_transform *t = run->transform;
  const bool last = piece == pass->pieces - 1;
  const ritz_index first = piece * pass->piece;
  return (piece_run){.t = t,
                     .pass = pass,
                     .columns = &pass->columns[last],
                     .scale = ritz_spectral_axis_scale(pass->axis, run->scale),
                     .first = first,
                     .groups = last ? pass->groups - first : pass->piece,
                     .place = view->place + first,
                     .rows = rows + (size_t)(first * pass->group) * t->size,
                     .sums = ritz_spectral_sums_in(t, work),
                     .sine = (size_t)(pass->piece * pass->group) * t->size};
}

static bool adds_pairs(const piece_run *r) {
  return r->pass->axis->transform == RITZ_TRANSFORM_FOURIER && !r->pass->axis->last;
}

/* Real and imaginary parts of mode m where no sums of pairs make it. */
static char *parts_of(const piece_run *r, ritz_index m, char **im) {
  const ritz_spectral_axis *a = r->pass->axis;
  char *re = r->sums + (size_t)a->row[m] * (a->last ? 2 : 1) * r->sine;
  const bool complex_rows = r->pass->group > r->t->shape.channels;
  *im = a->last        ? re + r->sine
        : complex_rows ? re + (size_t)r->t->shape.channels * r->t->size
                       : NULL;
  return re;
}

/* Bytes to mode m of a view. */
static size_t mode_at(const piece_run *r, const ritz_mode_view *view, ritz_index m) {
  return (size_t)(m * r->pass->groups * view->step) * r->t->size;
}

static void join(const piece_run *r, ritz_index m, const ritz_mode_view *out) {
  const ritz_spectral_axis *a = r->pass->axis;
  const ritz_index c = r->t->shape.channels;
  char *to = out->base + mode_at(r, out, m);
  if (adds_pairs(r)) {
    const char *p = r->sums + (size_t)a->row[m] * 2 * r->sine;
    r->t->kernels->mode_join(r->groups, c, p, a->sine[m] ? p + r->sine : NULL, a->sign[m], to,
                             r->place, out->step, out->plane, out->order);
    return;
  }
  char *im, *re = parts_of(r, m, &im);
  r->t->kernels->mode_lay(r->groups, c, re, im, r->pass->group, to, r->place, out->step, out->plane,
                          out->order);
}

/* rows [N][groups], folded in place -> modes [M][groups] */
void ritz_spectral_pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                 ritz_index piece, char *rows, const ritz_mode_view *out,
                                 char *work) {
  const piece_run r = start(run, pass, piece, out, rows, work);
  ritz_spectral_columns_to(r.columns, r.scale, r.rows, NULL, r.rows,
                           ritz_spectral_between_in(r.t, work), r.sums);
  for (ritz_index m = 0; m < pass->axis->modes; m++) join(&r, m, out);
}

/* One mode, or a pair m and its negative, into sums; -1 for none. */
static void split(const piece_run *r, const ritz_mode_view *in, ritz_index plus, ritz_index minus,
                  bool add) {
  const ritz_spectral_axis *a = r->pass->axis;
  const ritz_index m = plus < 0 ? minus : plus;
  char *u = r->sums + (size_t)a->row[m] * 2 * r->sine;
  r->t->kernels->mode_split(r->groups, r->t->shape.channels,
                            plus < 0 ? NULL : in->base + mode_at(r, in, plus),
                            minus < 0 ? NULL : in->base + mode_at(r, in, minus), r->place, in->step,
                            in->plane, add, u, a->sine[m] ? u + r->sine : NULL);
}

static void split_all(const piece_run *r, const ritz_mode_view *in) {
  const ritz_spectral_axis *a = r->pass->axis;
  for (ritz_index d = 0; d < a->distinct; d++) split(r, in, a->plus[d], a->minus[d], false);
  for (ritz_index m = 0; m < a->modes; m++) { /* frequencies that the list holds again */
    const ritz_index d = a->row[m];
    if (a->plus[d] == m || a->minus[d] == m) continue;
    split(r, in, a->sign[m] > 0 ? m : -1, a->sign[m] > 0 ? -1 : m, true);
  }
}

static void pick_all(const piece_run *r, const ritz_mode_view *in) {
  for (ritz_index m = 0; m < r->pass->axis->modes; m++) {
    char *im, *re = parts_of(r, m, &im);
    r->t->kernels->mode_pick(r->groups, r->t->shape.channels, in->base + mode_at(r, in, m),
                             r->place, in->step, in->plane, re, im, r->pass->group);
  }
}

/* modes [M][groups] in planes (Re, Im), or one -> rows [N][groups] */
void ritz_spectral_pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                   ritz_index piece, const ritz_mode_view *in, char *rows,
                                   char *work) {
  const piece_run r = start(run, pass, piece, in, rows, work);
  if (adds_pairs(&r))
    split_all(&r, in);
  else
    pick_all(&r, in);
  ritz_spectral_columns_from(r.columns, r.scale, r.sums, NULL, r.rows,
                             ritz_spectral_between_in(r.t, work), r.rows, false);
}
