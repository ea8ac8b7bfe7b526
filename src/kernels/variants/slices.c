/* SPDX-License-Identifier: BSD-3-Clause
 * Triangular solves in slices (slices.h). Lanes are put together from single loads: a gather
 * instruction takes longer where it is microcode, and no shorter elsewhere. */
#include "kernels/slices.h"

#include "kernels/variants/lanes.h"
#include "kernels/variants/solver_kernel.h"

static ALWAYS_INLINE void fetch(const real *from, int32_t place, const int32_t *index,
                                lanes64 *out) {
  lanes64 picked = {0};
  if (place >= 0)
    picked = *(const lanes64 *)(from + place);
  else
    for (int k = 0; k < LINE; k++) picked[k] = from[index[(ritz_index)~place * LINE + k]];
  *out = picked;
}

/* x = x f, of `parts` parts. */
static ALWAYS_INLINE void scale(int parts, const lanes64 *f, lanes64 *x) {
  const lanes64 re = x[0];
  x[0] *= f[0];
  if (parts == 1) return;
  x[0] -= f[1] * x[1];
  x[1] = f[0] * x[1] + f[1] * re;
}

/* Slices first ... last - 1; parts of the right-hand side and of the working vector apart. */
static ALWAYS_INLINE void solve(const ritz_slices *s, ritz_index first, ritz_index last, int parts,
                                const real *const *from, real *const *work) {
  const lanes64 *const values = s->values, *const before = s->before, *const after = s->after;
  for (ritz_index i = first; i < last; i++) {
    lanes64 x[2], re, im;
    for (int h = 0; h < parts; h++) fetch(from[h], s->source[i], s->index, &x[h]);
    if (before) scale(parts, before + i * parts, x);
    for (ritz_index t = s->first[i]; t < s->first[i + 1]; t++) {
      const lanes64 *const v = values + t * parts;
      fetch(work[0], s->place[t], s->index, &re);
      x[0] -= v[0] * re;
      if (parts == 1) continue;
      fetch(work[1], s->place[t], s->index, &im);
      x[0] += v[1] * im;
      x[1] -= v[0] * im + v[1] * re;
    }
    if (after) scale(parts, after + i * parts, x);
    for (int h = 0; h < parts; h++) *(lanes64 *)(work[h] + (i + 1) * LINE) = x[h];
  }
}

RITZ_KERNEL_DEFINE(slices_solve)
(const ritz_slices *s, ritz_index first, ritz_index last, const void *from, void *work) {
  solve(s, first, last, 1, (const real *[]){from}, (real *[]){work});
}

RITZ_KERNEL_DEFINE(slices_solve_complex)
(const ritz_slices *s, ritz_index first, ritz_index last, const void *re, const void *im,
 void *work) {
  real *const parts[] = {work, (real *)work + s->room};
  solve(s, first, last, 2, (const real *[]){re, im}, parts);
}
