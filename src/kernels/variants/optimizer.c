/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizer steps. Every number is updated alone (a complex one with its partner), so that the
 * result does not depend on how an array is cut. */
#include <math.h>

#include "kernels/kernel.h"

#if RITZ_REAL_IS_DOUBLE
#define SQRT sqrt
#else
#define SQRT sqrtf
#endif

typedef struct adam_reals {
  real rate, beta1, beta2, rest1, rest2, eps, root, scale, coupled, before, after;
} adam_reals;

/* 1 - beta in double: in float it would be off by 1e-5 for beta = 0.999. */
static adam_reals reals_of(const ritz_adam_step *adam) {
  return (adam_reals){.rate = (real)adam->rate,
                      .beta1 = (real)adam->beta1,
                      .beta2 = (real)adam->beta2,
                      .rest1 = (real)(1 - adam->beta1),
                      .rest2 = (real)(1 - adam->beta2),
                      .eps = (real)adam->eps,
                      .root = (real)adam->root,
                      .scale = (real)adam->scale,
                      .coupled = (real)adam->coupled,
                      .before = (real)adam->decay_before,
                      .after = (real)adam->decay_after};
}

static inline real moved(const adam_reals *a, real p, real m, real v) {
  p -= a->rate * m / (a->root * SQRT(v) + a->eps);
  return p - a->after * p;
}

RITZ_KERNEL_DEFINE(adam)
(ritz_index n, const ritz_adam_step *adam, const void *gv, void *pv, void *mv, void *vv) {
  const adam_reals a = reals_of(adam);
  const real *restrict grad = gv;
  real *restrict p = pv, *restrict m = mv, *restrict v = vv;
  for (ritz_index i = 0; i < n; i++) {
    const real kept = p[i] - a.before * p[i];
    const real g = a.scale * grad[i] + a.coupled * kept;
    m[i] = a.beta1 * m[i] + a.rest1 * g;
    v[i] = a.beta2 * v[i] + a.rest2 * (g * g);
    p[i] = moved(&a, kept, m[i], v[i]);
  }
}

RITZ_KERNEL_DEFINE(adam_complex)
(ritz_index blocks, ritz_index inner, const ritz_adam_step *adam, const void *gv, void *pv,
 void *mv, void *vv) {
  const adam_reals a = reals_of(adam);
  for (ritz_index b = 0; b < blocks; b++) {
    const real *restrict gr = (const real *)gv + 2 * b * inner, *restrict gi = gr + inner;
    real *restrict pr = (real *)pv + 2 * b * inner, *restrict pi = pr + inner;
    real *restrict mr = (real *)mv + 2 * b * inner, *restrict mi = mr + inner;
    real *restrict vr = (real *)vv + 2 * b * inner, *restrict vi = vr + inner;
#pragma omp simd
    for (ritz_index i = 0; i < inner; i++) {
      const real re = pr[i] - a.before * pr[i], im = pi[i] - a.before * pi[i];
      const real g = a.scale * gr[i] + a.coupled * re, h = a.scale * gi[i] + a.coupled * im;
      mr[i] = a.beta1 * mr[i] + a.rest1 * g;
      mi[i] = a.beta1 * mi[i] + a.rest1 * h;
      vr[i] = vi[i] = a.beta2 * vr[i] + a.rest2 * (g * g + h * h);
      pr[i] = moved(&a, re, mr[i], vr[i]);
      pi[i] = moved(&a, im, mi[i], vr[i]);
    }
  }
}

RITZ_KERNEL_DEFINE(sgd)
(ritz_index n, double rate, double scale, double decay, double momentum, bool nesterov,
 const void *gv, void *pv, void *mv) {
  const real *restrict grad = gv;
  real *restrict p = pv, *restrict m = mv;
  const real r = (real)rate, s = (real)scale, d = (real)decay, mu = (real)momentum;
  const real ahead = nesterov ? mu : 1, now = nesterov ? 1 : 0;
  for (ritz_index i = 0; i < n; i++) {
    const real g = s * grad[i] + d * p[i];
    m[i] = mu * m[i] + g;
    p[i] -= r * (now * g + ahead * m[i]);
  }
}
