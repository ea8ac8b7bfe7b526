/* SPDX-License-Identifier: BSD-3-Clause
 * Everything around the products of a kept-mode transform: folding of an axis, +-f from shared
 * cosine and sine sums, rows of modes in three-block order, and channel-by-channel mixing. */
#include "kernels/kernel.h"
#include "kernels/spectral_order.h"

/* y1 (+)= x1 + x2, y2 (+)= x1 - x2; may be in place. */
static void butterfly_row(ritz_index width, const real *x1, const real *x2, real *y1, real *y2,
                          bool add) {
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const real a = x1[i], b = x2[i];
      y1[i] += a + b;
      y2[i] += a - b;
    }
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < width; i++) {
      const real a = x1[i], b = x2[i];
      y1[i] = a + b;
      y2[i] = a - b;
    }
  }
}

static void copy_row(ritz_index width, const real *x, real *y, bool add) {
  if (add)
    for (ritz_index i = 0; i < width; i++) y[i] += x[i];
  else if (y != x)
    for (ritz_index i = 0; i < width; i++) y[i] = x[i];
}

RITZ_KERNEL_DEFINE(butterfly)
(ritz_index n, ritz_index width, const void *xv, ritz_index xs, void *yv, ritz_index ys, bool add) {
  const real *x = xv;
  real *y = yv;
  copy_row(width, x, y, add);
  for (ritz_index h = 1; 2 * h < n; h++)
    butterfly_row(width, x + h * xs, x + (n - h) * xs, y + h * ys, y + (n - h) * ys, add);
  if (n % 2 == 0) copy_row(width, x + n / 2 * xs, y + n / 2 * ys, add);
}

static void negate(ritz_index c, const real *restrict x, real *restrict y) {
  for (ritz_index i = 0; i < c; i++) y[i] = -x[i];
}

RITZ_KERNEL_DEFINE(mode_join)
(ritz_index groups, ritz_index c, const void *pv, const void *qv, int sign, void *outv,
 ritz_index step, ritz_index plane, int order) {
  const real s = (real)sign;
  for (ritz_index g = 0; g < groups; g++) {
    const real *restrict p = (const real *)pv + g * 2 * c;
    real *out = (real *)outv + g * step;
    real *restrict re = order == RITZ_MODE_SIGNAL ? out + plane : out;
    real *restrict im = re + plane;
    if (qv) {
      const real *restrict q = (const real *)qv + g * 2 * c;
      for (ritz_index i = 0; i < c; i++) re[i] = p[i] - s * q[c + i];
      for (ritz_index i = 0; i < c; i++) im[i] = p[c + i] + s * q[i];
    } else {
      for (ritz_index i = 0; i < c; i++) re[i] = p[i];
      for (ritz_index i = 0; i < c; i++) im[i] = p[c + i];
    }
    if (order == RITZ_MODE_SIGNAL) negate(c, im, out);
    if (order == RITZ_MODE_GRADIENT) negate(c, re, out + 2 * plane);
  }
}

/* u (+)= a + b and v (+)= -i (a - b), where b, or a, may be missing and v is not always wanted. */
static void split_group(ritz_index c, const real *a, const real *b, ritz_index plane, bool add,
                        real *restrict u, real *restrict v) {
  if (a && b && v && !add) { /* the usual case: a frequency and its negative */
    for (ritz_index i = 0; i < c; i++) {
      const real ar = a[i], ai = a[plane + i], br = b[i], bi = b[plane + i];
      u[i] = ar + br;
      u[c + i] = ai + bi;
      v[i] = ai - bi;
      v[c + i] = br - ar;
    }
    return;
  }
  for (ritz_index i = 0; i < c; i++) {
    const real ar = a ? a[i] : 0, ai = a ? a[plane + i] : 0;
    const real br = b ? b[i] : 0, bi = b ? b[plane + i] : 0;
    u[i] = (add ? u[i] : 0) + (ar + br);
    u[c + i] = (add ? u[c + i] : 0) + (ai + bi);
    if (!v) continue;
    v[i] = (add ? v[i] : 0) + (ai - bi);
    v[c + i] = (add ? v[c + i] : 0) + (br - ar);
  }
}

RITZ_KERNEL_DEFINE(mode_split)
(ritz_index groups, ritz_index c, const void *plus, const void *minus, ritz_index step,
 ritz_index plane, bool add, void *uv, void *vv) {
  for (ritz_index g = 0; g < groups; g++)
    split_group(c, plus ? (const real *)plus + g * step : NULL,
                minus ? (const real *)minus + g * step : NULL, plane, add, (real *)uv + g * 2 * c,
                vv ? (real *)vv + g * 2 * c : NULL);
}

RITZ_KERNEL_DEFINE(mode_take)
(ritz_index c, double scale, const void *zv, void *outv, ritz_index plane, int order) {
  const real *restrict z = zv;
  const real s = (real)scale;
  real *out = outv;
  real *restrict re = order == RITZ_MODE_SIGNAL ? out + plane : out;
  real *restrict im = re + plane;
  for (ritz_index i = 0; i < c; i++) re[i] = s * z[2 * i], im[i] = s * z[2 * i + 1];
  if (order == RITZ_MODE_SIGNAL) negate(c, im, out);
  if (order == RITZ_MODE_GRADIENT) negate(c, re, out + 2 * plane);
}

RITZ_KERNEL_DEFINE(mode_put)
(ritz_index c, double scale, int sign, const void *xv, ritz_index plane, void *zv) {
  const real *restrict re = xv;
  const real *restrict im = re + plane;
  real *restrict z = zv;
  const real s = (real)scale, t = (real)(sign * scale);
  for (ritz_index i = 0; i < c; i++) z[2 * i] += s * re[i], z[2 * i + 1] += t * im[i];
}

RITZ_KERNEL_DEFINE(mode_scale)
(ritz_index rows, ritz_index c, const void *xv, const void *wv, int sign, void *yv) {
  const real *restrict wr = wv;
  const real *restrict wi = wr + c;
  const real s = (real)sign;
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict re = (const real *)xv + r * c;
    const real *restrict im = re + rows * c;
    real *restrict yr = (real *)yv + r * c;
    real *restrict yi = yr + rows * c;
    for (ritz_index i = 0; i < c; i++) {
      const real a = re[i], b = im[i], w = s * wi[i];
      yr[i] = a * wr[i] - b * w;
      yi[i] = b * wr[i] + a * w;
    }
  }
}

RITZ_KERNEL_DEFINE(mode_scale_vjp)
(ritz_index rows, ritz_index c, const void *xv, const void *gv, void *gwv, bool add) {
  real *restrict gr = gwv;
  real *restrict gi = gr + c;
  if (!add)
    for (ritz_index i = 0; i < 2 * c; i++) gr[i] = 0;
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict xr = (const real *)xv + r * c;
    const real *restrict xi = xr + rows * c;
    const real *restrict yr = (const real *)gv + r * c;
    const real *restrict yi = yr + rows * c;
    for (ritz_index i = 0; i < c; i++) {
      gr[i] += xr[i] * yr[i] + xi[i] * yi[i];
      gi[i] += xr[i] * yi[i] - xi[i] * yr[i];
    }
  }
}
