/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors over the nodes of a grid, in double, for a single system; and between them and the fields
 * of a cycle. */
#include "kernels/variants/slab_frame.h"

static ALWAYS_INLINE double face(double c, double a, double b, bool harmonic) {
  return harmonic ? 2 * c * a * (b / (a + b)) : 0.5 * c * (a + b);
}

/* y of the inner columns of row `at`, next to which the planes, rows and columns are. */
static ALWAYS_INLINE void product_row(const ritz_index *n, const double *c, bool harmonic,
                                      bool flat, const double *const *a, const double *const *x,
                                      ritz_index at, double *restrict side, double *restrict y) {
  const double *a0 = a[0] + at, *a1 = a[1] + at, *a2 = a[2] + at;
  const double *x0 = x[0] + at, *x1 = x[1] + at, *x2 = x[2] + at;
  const ritz_index row = flat ? 0 : n[1];
#pragma omp simd
  for (ritz_index k = 0; k < n[1] - 1; k++) side[k] = face(c[2], a1[k], a1[k + 1], harmonic);
#pragma omp simd
  for (ritz_index k = 1; k < n[1] - 1; k++) {
    double sum = face(c[0], a1[k], a0[k], harmonic) * (x1[k] - x0[k]) +
                 face(c[0], a1[k], a2[k], harmonic) * (x1[k] - x2[k]);
    if (!flat)
      sum += face(c[1], a1[k], a1[k - row], harmonic) * (x1[k] - x1[k - row]) +
             face(c[1], a1[k], a1[k + row], harmonic) * (x1[k] - x1[k + row]);
    y[k] = sum + (side[k - 1] * (x1[k] - x1[k - 1]) + side[k] * (x1[k] - x1[k + 1]));
  }
}

RITZ_KERNEL_DEFINE(slab_product)
(const ritz_index n[2], const double c[3], bool harmonic, const double *const a[3],
 const double *const x[3], double *side, double *y) {
  const bool flat = n[0] == 1;
  memset(y, 0, (size_t)(n[0] * n[1]) * sizeof *y);
  for (ritz_index j = flat ? 0 : 1; j < n[0] - !flat; j++) {
    const ritz_index at = j * n[1];
    if (flat && harmonic)
      product_row(n, c, true, true, a, x, at, side, y + at);
    else if (flat)
      product_row(n, c, false, true, a, x, at, side, y + at);
    else if (harmonic)
      product_row(n, c, true, false, a, x, at, side, y + at);
    else
      product_row(n, c, false, false, a, x, at, side, y + at);
  }
}

/* Nodes of plane i: rows 0 ... n1 + 1 of columns 0 ... n2 + 1; of a flat grid one row. */
static inline ritz_index node_row(const ritz_slab *s, ritz_index j) {
  return (j - s->origin) * (s->n[2] + 2);
}

RITZ_KERNEL_DEFINE(slab_take)
(const struct ritz_slab *s, ritz_index i, double scale, const double *from, void *field) {
  for (ritz_index j = 1; j <= s->n[1]; j++)
    for (int q = 0; q < 2; q++) {
      const ritz_index end = slab_end(s, q);
      const double *restrict r = from + node_row(s, j) + q;
      real *restrict b = (real *)field + slab_row(s, i, j) + q * s->half;
      for (ritz_index m = slab_start(q); m < end; m++) b[m] = (real)(scale * r[2 * m]);
    }
}

RITZ_KERNEL_DEFINE(slab_give)
(const struct ritz_slab *s, ritz_index i, double scale, const void *field, double *to) {
  const ritz_index edge = ritz_slab_is_flat(s) ? 0 : 1;
  memset(to, 0, (size_t)((s->n[1] + 2 * edge) * (s->n[2] + 2)) * sizeof *to);
  for (ritz_index j = 1; j <= s->n[1]; j++)
    for (int q = 0; q < 2; q++) {
      const ritz_index end = slab_end(s, q);
      const real *restrict x = (const real *)field + slab_row(s, i, j) + q * s->half;
      double *restrict z = to + node_row(s, j) + q;
      for (ritz_index m = slab_start(q); m < end; m++) z[2 * m] = scale * (double)x[m];
    }
}

RITZ_KERNEL_DEFINE(slab_combine)
(ritz_index n, double a, const double *x, double b, double *y) {
#pragma omp simd
  for (ritz_index k = 0; k < n; k++) y[k] = a * x[k] + b * y[k];
}
