/* SPDX-License-Identifier: BSD-3-Clause
 * A multigrid cycle on planes of one system: red-black Gauss-Seidel and trilinear transfer. */
#include "kernels/variants/slab_frame.h"

/* The six neighbours of the unknowns of parity q in row (i, j), and the couplings with them; along
 * axis 2 they are the columns of the other parity. Across a flat grid there are none. */
typedef struct slab_links {
  const real *x[6], *c[6];
} slab_links;

static ALWAYS_INLINE slab_links links_of(const ritz_slab *s, ritz_index i, ritz_index j, int q,
                                         const real *x) {
  const ritz_index row = slab_row(s, i, j), at = row + q * s->half;
  const ritz_index left = row + (1 - q) * s->half - (1 - q), right = left + 1;
  const real *const *c = (const real *const *)s->coupling;
  slab_links l = {{x + at - s->plane, x + at + s->plane, x + left, x + right},
                  {c[0] + at - s->plane, c[0] + at, c[2] + left, c[2] + at}};
  if (ritz_slab_is_flat(s)) return l;
  l.x[4] = x + at - s->row, l.x[5] = x + at + s->row;
  l.c[4] = c[1] + at - s->row, l.c[5] = c[1] + at;
  return l;
}

static ALWAYS_INLINE real neighbours(const slab_links *l, bool flat, ritz_index m) {
  const real sum = (l->c[0][m] * l->x[0][m] + l->c[1][m] * l->x[1][m]) +
                   (l->c[2][m] * l->x[2][m] + l->c[3][m] * l->x[3][m]);
  return flat ? sum : sum + (l->c[4][m] * l->x[4][m] + l->c[5][m] * l->x[5][m]);
}

/* (A x)_m as a sum of differences: beside strong couplings products would leave nothing but their
 * rounding. */
static ALWAYS_INLINE real applied(const slab_links *l, bool flat, ritz_index m, real x) {
  const real sum = (l->c[0][m] * (x - l->x[0][m]) + l->c[1][m] * (x - l->x[1][m])) +
                   (l->c[2][m] * (x - l->x[2][m]) + l->c[3][m] * (x - l->x[3][m]));
  if (flat) return sum;
  return sum + (l->c[4][m] * (x - l->x[4][m]) + l->c[5][m] * (x - l->x[5][m]));
}

/* Loops run over whole rows, boundary and padding included, which have no inverse: where the last
 * unknowns do not fill a register they would otherwise go one by one. */
static ALWAYS_INLINE real masked(real value, real inverse) { return inverse != 0 ? value : 0; }

static ALWAYS_INLINE void relax(const ritz_slab *s, ritz_index i, int red, const real *b, real *x,
                                bool flat) {
  for (ritz_index j = 1; j <= s->n[1]; j++) {
    const int q = slab_parity(i, j, red);
    const ritz_index at = slab_row(s, i, j) + q * s->half;
    const slab_links l = links_of(s, i, j, q, x);
    const real *const right = b + at, *const inverse = (const real *)s->inverse + at;
    real *const here = x + at;
#pragma omp simd
    for (ritz_index m = 0; m < s->half; m++)
      here[m] = masked((right[m] + neighbours(&l, flat, m)) * inverse[m], inverse[m]);
  }
}

RITZ_KERNEL_DEFINE(slab_relax)
(const struct ritz_slab *s, ritz_index i, int red, const void *b, void *x) {
  if (ritz_slab_is_flat(s))
    relax(s, i, red, b, x, true);
  else
    relax(s, i, red, b, x, false);
}

RITZ_KERNEL_DEFINE(slab_begin)(const struct ritz_slab *s, ritz_index i, const void *bv, void *xv) {
  for (ritz_index j = 1; j <= s->n[1]; j++) {
    const int q = slab_parity(i, j, 0);
    const ritz_index at = slab_row(s, i, j) + q * s->half;
    const real *restrict b = (const real *)bv + at, *restrict inverse = (real *)s->inverse + at;
    real *restrict x = (real *)xv + at;
    for (ritz_index m = 0; m < s->half; m++) x[m] = masked(b[m] * inverse[m], inverse[m]);
  }
}

/* r = b - A x at black points of row (i, j), zero at red ones and around the row. */
static ALWAYS_INLINE void rest_row(const ritz_slab *s, ritz_index i, ritz_index j, const real *b,
                                   const real *x, bool flat, real *restrict r) {
  const int q = slab_parity(i, j, 0);
  const ritz_index at = slab_row(s, i, j) + q * s->half;
  const slab_links l = links_of(s, i, j, q, x);
  const real *const inverse = (const real *)s->inverse + at;
  memset(r + (1 - q) * s->half, 0, (size_t)s->half * sizeof *r);
  r += q * s->half;
#pragma omp simd
  for (ritz_index m = 0; m < s->half; m++)
    r[m] = masked(b[at + m] - applied(&l, flat, m, x[at + m]), inverse[m]);
}

RITZ_KERNEL_DEFINE(slab_restrict)
(const struct ritz_slab *fine, const struct ritz_slab *coarse, ritz_index i, const void *b,
 const void *x, void *workv, void *outv) {
  const bool flat = ritz_slab_is_flat(fine);
  const ritz_index row = fine->row;
  real *const natural = workv, *const t = natural + 2 * row, *const r = t + row;
  for (ritz_index j = 1; j <= fine->n[1]; j++)
    if (flat)
      rest_row(fine, i, j, b, x, true, r);
    else
      rest_row(fine, i, j, b, x, false, r + j * row);
  for (ritz_index J = 1; J <= coarse->n[1]; J++) {
    real *const out = (real *)outv + (J - coarse->origin) * coarse->row;
    const real *const here = flat ? r : r + fine->factor[1] * J * row;
    if (fine->factor[1] == 1) {
      slab_reduce_row(fine, coarse, here, natural, out);
      continue;
    }
    /* Row n1 + 1, where a coarse one ends beside it, is boundary. */
    const real last = 2 * J < fine->n[1] ? (real)0.5 : 0;
    for (ritz_index m = 0; m < row; m++)
      t[m] = here[m] + ((real)0.5 * here[m - row] + last * here[m + row]);
    slab_reduce_row(fine, coarse, t, natural, out);
  }
}

RITZ_KERNEL_DEFINE(slab_collect)
(const struct ritz_slab *coarse, const void *before, const void *here, const void *after,
 void *out) {
  const real *restrict p = before, *restrict q = here, *restrict r = after;
  real *restrict b = out;
  for (ritz_index m = 0; m < coarse->plane; m++) b[m] = q[m] + (real)0.5 * (p[m] + r[m]);
}

/* Row t of the coarse grid, by parities, between the coarse rows around row (i, j). */
static void between(const ritz_slab *fine, const ritz_slab *coarse, ritz_index i, ritz_index j,
                    const real *e, real *restrict t) {
  const int f = fine->factor[0], g = fine->factor[1], p = (int)(i % f), q = (int)(j % g);
  const real *restrict a = e + slab_row(coarse, i / f, j / g);
  const real *restrict b = a + p * coarse->plane, *restrict c = a + q * coarse->row;
  const real *restrict d = b + q * coarse->row;
  if (p && q)
    for (ritz_index m = 0; m < coarse->row; m++)
      t[m] = (real)0.25 * ((a[m] + b[m]) + (c[m] + d[m]));
  else if (p || q)
    for (ritz_index m = 0; m < coarse->row; m++) t[m] = (real)0.5 * (a[m] + d[m]);
  else
    memcpy(t, a, (size_t)coarse->row * sizeof *t);
}

/* x += those of the columns of parity q that lie between the ones in t. */
static void add_row(const ritz_slab *fine, const ritz_slab *coarse, int q, const real *restrict t,
                    real *restrict natural, real *restrict x) {
  const ritz_index end = slab_end(fine, q);
  if (fine->factor[2] == 1) {
    t += q * coarse->half;
    for (ritz_index m = slab_start(q); m < end; m++) x[m] += t[m];
    return;
  }
  for (ritz_index M = 0; M <= coarse->n[2] / 2; M++) {
    natural[2 * M] = t[M];
    natural[2 * M + 1] = t[coarse->half + M];
  }
  natural[coarse->n[2] + 1] = 0;
  if (q == 0)
    for (ritz_index m = 1; m < end; m++) x[m] += natural[m];
  else
    for (ritz_index m = 0; m < end; m++) x[m] += (real)0.5 * (natural[m] + natural[m + 1]);
}

RITZ_KERNEL_DEFINE(slab_correct)
(const struct ritz_slab *fine, const struct ritz_slab *coarse, ritz_index i, const void *e,
 void *work, void *x) {
  real *const natural = work, *const t = natural + 2 * fine->row;
  for (ritz_index j = 1; j <= fine->n[1]; j++) {
    const int q = slab_parity(i, j, 0);
    between(fine, coarse, i, j, e, t);
    add_row(fine, coarse, q, t, natural, (real *)x + slab_row(fine, i, j) + q * fine->half);
  }
}
