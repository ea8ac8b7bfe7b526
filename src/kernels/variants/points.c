/* SPDX-License-Identifier: BSD-3-Clause
 * Exponentials of kept modes at scattered points x in the plane,
 *
 *     a + i b = sum over t = 0, 1 of v_t(k1) e^(2 pi i ((k0 + t) x_0 + k1 x_1)),
 *
 * k0 = -floor(K0/2) ... ceil(K0/2) - 1, k1 = 0 ... K1 - 1; weights v by ritz_point_modes. Powers of
 * two exponentials in double: their errors grow like k eps. */
#include <math.h>

#include "kernels/kernel.h"
#include "kernels/points.h"

#define TWO_PI 6.28318530717958647693

/* e^(2 pi i k x) for k = -below ... above, below <= above, to c and s from `below` places on. */
static void powers(double x, ritz_index below, ritz_index above, real *c, real *s) {
  const double turn = x - rint(x), c1 = cos(TWO_PI * turn), s1 = sin(TWO_PI * turn);
  double ck = 1, sk = 0;
  for (ritz_index k = 0; k <= above; k++) {
    c[below + k] = (real)ck;
    s[below + k] = (real)sk;
    if (k <= below) {
      c[below - k] = (real)ck;
      s[below - k] = (real)-sk;
    }
    const double next = ck * c1 - sk * s1;
    sk = ck * s1 + sk * c1;
    ck = next;
  }
}

/* Of one point: both axes, axis 0 with one power more. */
typedef struct point_powers {
  real c0[RITZ_POINT_MODES + 1], s0[RITZ_POINT_MODES + 1];
  real c1[RITZ_POINT_MODES], s1[RITZ_POINT_MODES];
} point_powers;

static void powers_of_point(const ritz_point_modes *m, const real *x, point_powers *p) {
  const ritz_index below = m->modes[0] / 2;
  powers((double)x[0], below, m->modes[0] - below, p->c0, p->s0);
  powers((double)x[1], 0, m->modes[1] - 1, p->c1, p->s1);
}

static inline real weight_of(const ritz_point_modes *m, int t, ritz_index k1) {
  return (real)m->weight[t][k1 > 0];
}

RITZ_KERNEL_DEFINE(point_modes)
(ritz_index rows, const ritz_point_modes *m, const void *xv, void *av, void *bv) {
  const real *x = xv;
  real *a = av, *b = bv;
  point_powers p;
  for (ritz_index r = 0; r < rows; r++, x += 2) {
    powers_of_point(m, x, &p);
    for (ritz_index k0 = 0; k0 < m->modes[0]; k0++, a += m->modes[1], b += m->modes[1])
      for (ritz_index k1 = 0; k1 < m->modes[1]; k1++) {
        const real v0 = weight_of(m, 0, k1), v1 = weight_of(m, 1, k1);
        const real c = v0 * p.c0[k0] + v1 * p.c0[k0 + 1], s = v0 * p.s0[k0] + v1 * p.s0[k0 + 1];
        a[k1] = c * p.c1[k1] - s * p.s1[k1];
        b[k1] = s * p.c1[k1] + c * p.s1[k1];
      }
  }
}

/* The slope of sum over k of p a - q b. */
RITZ_KERNEL_DEFINE(point_modes_slope)
(ritz_index rows, const ritz_point_modes *m, const void *xv, const void *pv, const void *qv,
 void *gxv, bool add) {
  const real *x = xv, *p = pv, *q = qv;
  real *gx = gxv;
  point_powers e;
  for (ritz_index r = 0; r < rows; r++, x += 2, gx += 2) {
    real g0 = 0, g1 = 0;
    powers_of_point(m, x, &e);
    for (ritz_index k0 = 0; k0 < m->modes[0]; k0++, p += m->modes[1], q += m->modes[1])
      for (int t = 0; t < 2; t++) {
        if (m->weight[t][0] == 0 && m->weight[t][1] == 0) continue;
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): k0 + t <= below + above */
        const real c0 = e.c0[k0 + t], s0 = e.s0[k0 + t];
        const real f0 = (real)(k0 + t - m->modes[0] / 2);
        for (ritz_index k1 = 0; k1 < m->modes[1]; k1++) {
          const real c = c0 * e.c1[k1] - s0 * e.s1[k1], s = s0 * e.c1[k1] + c0 * e.s1[k1];
          const real d = -weight_of(m, t, k1) * (s * p[k1] + c * q[k1]);
          g0 += f0 * d;
          g1 += (real)k1 * d;
        }
      }
    gx[0] = (add ? gx[0] : 0) + (real)TWO_PI * g0;
    gx[1] = (add ? gx[1] : 0) + (real)TWO_PI * g1;
  }
}
