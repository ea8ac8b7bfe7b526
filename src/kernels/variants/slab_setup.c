/* SPDX-License-Identifier: BSD-3-Clause
 * Couplings of the grids of a hierarchy of slabs, slab.h. */
#include "kernels/variants/slab_frame.h"

/* Couplings c mean(a, b) of columns 0 ... n - 1, by parities. A product a b is never formed: it may
 * be beyond double's range. */
static ALWAYS_INLINE void faces(ritz_index n, double c, bool harmonic, const double *restrict a,
                                const double *restrict b, real *restrict out) {
#pragma omp simd
  for (ritz_index m = 0; m < n; m++) {
    const double p = a[2 * m], q = b[2 * m];
    out[m] = (real)(harmonic ? 2 * c * p * (q / (p + q)) : 0.5 * c * (p + q));
  }
}

RITZ_KERNEL_DEFINE(slab_faces)
(const struct ritz_slab *s, ritz_index first, ritz_index end, double c, bool harmonic,
 const double *a, const double *b, void *out) {
  for (int q = 0; q < 2; q++) {
    const ritz_index m = (first + 1 - q) / 2, count = (end - q + 1) / 2 - m;
    const ritz_index k = 2 * m + q;
    real *const to = (real *)out + q * s->half + m;
    if (harmonic)
      faces(count, c, true, a + k, b + k, to);
    else
      faces(count, c, false, a + k, b + k, to);
  }
}

RITZ_KERNEL_DEFINE(slab_inverse)(const struct ritz_slab *s, ritz_index i) {
  const real *const *c = (const real *const *)s->coupling;
  for (ritz_index j = 1; j <= s->n[1]; j++)
    for (int q = 0; q < 2; q++) {
      const ritz_index row = slab_row(s, i, j), at = row + q * s->half;
      const ritz_index left = row + (1 - q) * s->half - (1 - q), end = slab_end(s, q);
      const bool flat = ritz_slab_is_flat(s);
      const real *const back = flat ? c[0] + at : c[1] + at - s->row;
      const real *const on = flat ? c[0] + at : c[1] + at;
      const real weight = flat ? 0 : 1;
      real *restrict inverse = (real *)s->inverse + at;
      for (ritz_index m = slab_start(q); m < end; m++)
        inverse[m] = 1 / ((c[0][at - s->plane + m] + c[0][at + m]) +
                          (c[2][left + m] + c[2][at + m]) + weight * (back[m] + on[m]));
    }
}

/* t += weight times the couplings of the unknowns in a row, or of two of them in series. */
static void add_line(const ritz_slab *s, real weight, const real *near, const real *far,
                     real *restrict t) {
  for (int q = 0; q < 2; q++) {
    const ritz_index shift = q * s->half, end = shift + slab_end(s, q);
    if (far)
      for (ritz_index m = shift + slab_start(q); m < end; m++)
        t[m] += weight * (near[m] * far[m] / (near[m] + far[m]));
    else
      for (ritz_index m = shift + slab_start(q); m < end; m++) t[m] += weight * near[m];
  }
}

/* The same along the row: coupling of coarse column K with K + 1, both by parities. */
static void add_along(const ritz_slab *fine, const ritz_slab *coarse, real weight,
                      const real *restrict c, real *restrict t) {
  if (fine->factor[2] == 1) {
    for (ritz_index m = 0; m < fine->row; m++) t[m] += weight * c[m];
    return;
  }
  const real *odd = c + fine->half;
  for (ritz_index K = 0; K <= coarse->n[2]; K++) {
    const bool two = 2 * K + 1 <= fine->n[2];
    t[K % 2 * coarse->half + K / 2] += weight * (two ? c[K] * odd[K] / (c[K] + odd[K]) : c[K]);
  }
}

RITZ_KERNEL_DEFINE(slab_coarsen)
(const struct ritz_slab *fine, const struct ritz_slab *coarse, int axis, ritz_index I, void *work) {
  const int *f = fine->factor;
  real *const natural = work, *const t = natural + 2 * fine->row;
  const int d0 = axis != 0 && f[0] == 2, e0 = axis != 1 && f[1] == 2;
  for (ritz_index J = axis != 1; J <= coarse->n[1]; J++) {
    real *const out = (real *)coarse->coupling[axis] + slab_row(coarse, I, J);
    real *const sum = axis == 2 ? out : t;
    memset(sum, 0, (size_t)(axis == 2 ? coarse : fine)->row * sizeof *sum);
    for (int d = -d0; d <= d0; d++)
      for (int e = -e0; e <= e0; e++) {
        const ritz_index i = f[0] * I + d, j = f[1] * J + e;
        if ((axis != 0 && i > fine->n[0]) || (axis != 1 && j > fine->n[1])) continue;
        const real weight = (real)((d ? 0.5 : 1) * (e ? 0.5 : 1));
        const real *const near = (const real *)fine->coupling[axis] + slab_row(fine, i, j);
        const ritz_index step = axis == 0 ? fine->plane : fine->row;
        if (axis == 2)
          add_along(fine, coarse, weight, near, sum);
        else
          add_line(fine, weight, near,
                   f[axis] == 2 && (axis ? j : i) < fine->n[axis] ? near + step : NULL, sum);
      }
    if (axis != 2) slab_reduce_row(fine, coarse, t, natural, out);
  }
}
