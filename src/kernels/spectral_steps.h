/* SPDX-License-Identifier: BSD-3-Clause
 * A DFT of n = n1 n2 points in two steps (Cooley & Tukey 1965; as two matrices: Fu et al. 2024,
 * arXiv:2311.05908, Sec. 3). With h = n2 h1 + h2 and r = a mod n1,
 *
 *   X(a) = sum over h2 of e^(-2 pi i a h2 / n) A_r(h2),
 *   A_r(h2) = sum over h1 of x(n2 h1 + h2) e^(-2 pi i r h1 / n1).
 *
 * The first step is a folded axis of n1 points and the residues r = 0 ... n1/2 (x is real: A of
 * n1 - r is the conjugate); the second one real product per residue, its twiddle factors in the
 * table. No bin is computed that is not kept, and the order by residues stays. */
#ifndef RITZ_KERNELS_SPECTRAL_STEPS_H
#define RITZ_KERNELS_SPECTRAL_STEPS_H

#include "kernels/spectral_axis.h"

typedef struct ritz_spectral_steps {
  ritz_index n1, n2;
  ritz_index *first; /* [n1/2 + 2]: pairs of rows of residue r are first[r] ... first[r+1]-1 */
  ritz_spectral_axis axis;       /* of n1 points; its mode i is residue residue[i] */
  ritz_index residues, *residue; /* those with rows */
  void *table[RITZ_SCALES];      /* per residue [2 pairs, ritz_spectral_steps_inner()] */
} ritz_spectral_steps;

/** @return  The fewest products per column for @p rows kept |f|; 0 where n does not factor. */
double ritz_spectral_steps_products(ritz_index n, double rows);

/** Factors n and makes room; the axis then numbers its rows by residue and calls _finish(). */
ritz_status ritz_spectral_steps_create(ritz_index n, double rows, ritz_spectral_steps **out);
void ritz_spectral_steps_destroy(ritz_spectral_steps **steps);
ritz_status ritz_spectral_steps_finish(ritz_spectral_axis *axis);
ritz_status ritz_spectral_steps_tabulate(ritz_dtype dtype, double grid, ritz_spectral_scale scale,
                                         ritz_spectral_axis *axis);

/** @return  Products per column as planned. */
double ritz_spectral_steps_count(const ritz_spectral_axis *axis);

/** r of |f| = a: 0 ... n1/2. */
static inline ritz_index ritz_spectral_steps_residue(const ritz_spectral_steps *s, ritz_index a) {
  const ritz_index r = a % s->n1;
  return 2 * r > s->n1 ? s->n1 - r : r;
}

/** Numbers per row of a residue's table: of the real part, and of the imaginary one if there is. */
static inline ritz_index ritz_spectral_steps_inner(const ritz_spectral_steps *s, ritz_index r) {
  return 2 * r % s->n1 == 0 ? s->n2 : 2 * s->n2;
}

#endif
