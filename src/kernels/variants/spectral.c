/* SPDX-License-Identifier: BSD-3-Clause
 * Everything around the products of a kept-mode transform: folding of an axis, +-f from shared
 * cosine and sine sums, rows of modes in three-block order, and channel-by-channel mixing. */
#include "kernels/kernel.h"
#include "kernels/spectral_order.h"

/* One cache line of numbers. Rows here are often two or three lines long: an explicit vector loop
 * with a scalar rest costs a fraction of what the compiler's own versions and peeling do. */
enum { LANES = 64 / sizeof(real) };
typedef real lanes __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));

static inline lanes *at(real *x) {
  return (lanes *)x;
}
static inline const lanes *from(const real *x) {
  return (const lanes *)x;
}

/* y1 (+)= x1 + x2, y2 (+)= x1 - x2; may be in place. */
static inline void butterfly_row(ritz_index width, const real *x1, const real *x2, real *y1,
                                 real *y2, bool add) {
  ritz_index i = 0;
  for (; i + LANES <= width; i += LANES) {
    const lanes a = *from(x1 + i), b = *from(x2 + i);
    *at(y1 + i) = add ? *at(y1 + i) + (a + b) : a + b;
    *at(y2 + i) = add ? *at(y2 + i) + (a - b) : a - b;
  }
  for (; i < width; i++) {
    const real a = x1[i], b = x2[i];
    y1[i] = add ? y1[i] + (a + b) : a + b;
    y2[i] = add ? y2[i] + (a - b) : a - b;
  }
}

static inline void copy_row(ritz_index width, const real *x, real *y, bool add) {
  if (x == y) return;
  for (ritz_index i = 0; i < width; i++) y[i] = add ? y[i] + x[i] : x[i];
}

static inline void prefetch_row(ritz_index width, const real *x) {
  for (ritz_index i = 0; i < width; i += LANES) __builtin_prefetch(x + i);
}

/* Rows close behind each other are a line of a field, and the next line follows: with it on the
 * way, the product behind this fold covers some of the time of the memory. */
static inline void prefetch_next(ritz_index n, ritz_index width, const real *x, ritz_index h) {
  prefetch_row(width, x + (n + h) * width);
  prefetch_row(width, x + (n + n - h) * width);
}

static inline void fold(ritz_index n, ritz_index width, const real *x, ritz_index xs, real *y,
                        ritz_index ys, bool add) {
  const bool line = xs == width && x != y;
  copy_row(width, x, y, add);
  for (ritz_index h = 1; 2 * h < n; h++) {
    if (line) prefetch_next(n, width, x, h);
    butterfly_row(width, x + h * xs, x + (n - h) * xs, y + h * ys, y + (n - h) * ys, add);
  }
  if (n % 2 == 0) copy_row(width, x + n / 2 * xs, y + n / 2 * ys, add);
}

RITZ_KERNEL_DEFINE(fold_once)
(ritz_index n, ritz_index width, const void *x, ritz_index xs, void *y, ritz_index ys, bool add) {
  if (add)
    fold(n, width, x, xs, y, ys, true);
  else
    fold(n, width, x, xs, y, ys, false);
}

/* Both folds of the four points h, n/2 - h, n/2 + h and n - h at once: a symmetric matrix of +-1.
 */
static inline void quadruple(ritz_index width, const real *const x[4], real *const y[4], bool add) {
  ritz_index i = 0;
  for (; i + LANES <= width; i += LANES) {
    const lanes a = *from(x[0] + i), b = *from(x[1] + i), c = *from(x[2] + i), d = *from(x[3] + i);
    const lanes even1 = a + d, odd1 = a - d, even2 = b + c, odd2 = b - c;
    *at(y[0] + i) = add ? *at(y[0] + i) + (even1 + even2) : even1 + even2;
    *at(y[1] + i) = add ? *at(y[1] + i) + (even1 - even2) : even1 - even2;
    *at(y[2] + i) = add ? *at(y[2] + i) + (odd1 - odd2) : odd1 - odd2;
    *at(y[3] + i) = add ? *at(y[3] + i) + (odd1 + odd2) : odd1 + odd2;
  }
  for (; i < width; i++) {
    const real a = x[0][i], b = x[1][i], c = x[2][i], d = x[3][i];
    const real even1 = a + d, odd1 = a - d, even2 = b + c, odd2 = b - c;
    y[0][i] = add ? y[0][i] + (even1 + even2) : even1 + even2;
    y[1][i] = add ? y[1][i] + (even1 - even2) : even1 - even2;
    y[2][i] = add ? y[2][i] + (odd1 - odd2) : odd1 - odd2;
    y[3][i] = add ? y[3][i] + (odd1 + odd2) : odd1 + odd2;
  }
}

static inline void fold_again(ritz_index n, ritz_index width, const real *x, ritz_index xs, real *y,
                              ritz_index ys, bool add) {
  const bool line = xs == width && x != y;
  const ritz_index m = n / 2;
  butterfly_row(width, x, x + m * xs, y, y + m * ys, add);
  for (ritz_index h = 1; 2 * h < m; h++) {
    if (line) prefetch_next(n, width, x, h), prefetch_next(n, width, x, m - h);
    const real *const in[4] = {x + h * xs, x + (m - h) * xs, x + (m + h) * xs, x + (n - h) * xs};
    real *const out[4] = {y + h * ys, y + (m - h) * ys, y + (m + h) * ys, y + (n - h) * ys};
    quadruple(width, in, out, add);
  }
  if (m % 2 == 0) {
    const ritz_index h = m / 2;
    butterfly_row(width, x + h * xs, x + (n - h) * xs, y + h * ys, y + (n - h) * ys, add);
  }
}

RITZ_KERNEL_DEFINE(fold_twice)
(ritz_index n, ritz_index width, const void *x, ritz_index xs, void *y, ritz_index ys, bool add) {
  if (add)
    fold_again(n, width, x, xs, y, ys, true);
  else
    fold_again(n, width, x, xs, y, ys, false);
}

/* y = x + s z, or x without z; y2 = -y where wanted. */
static inline void join_row(ritz_index c, const real *x, const real *z, real s, real *y, real *y2) {
  ritz_index i = 0;
  for (; i + LANES <= c; i += LANES) {
    lanes value = *from(x + i);
    if (z) value += s * *from(z + i);
    *at(y + i) = value;
    if (y2) *at(y2 + i) = -value;
  }
  for (; i < c; i++) {
    const real value = z ? x[i] + s * z[i] : x[i];
    y[i] = value;
    if (y2) y2[i] = -value;
  }
}

RITZ_KERNEL_DEFINE(mode_join)
(ritz_index groups, ritz_index c, const void *pv, const void *qv, int sign, void *outv,
 const ritz_index *place, ritz_index step, ritz_index plane, int order) {
  const real s = (real)sign;
  for (ritz_index g = 0; g < groups; g++) {
    const real *p = (const real *)pv + g * 2 * c;
    const real *q = qv ? (const real *)qv + g * 2 * c : NULL;
    real *out = (real *)outv + place[g] * step;
    real *re = order == RITZ_MODE_SIGNAL ? out + plane : out;
    join_row(c, p, q ? q + c : NULL, -s, re, order == RITZ_MODE_GRADIENT ? out + 2 * plane : NULL);
    join_row(c, p + c, q, s, re + plane, order == RITZ_MODE_SIGNAL ? out : NULL);
  }
}

/* The usual case, a frequency and its negative: u = a + b, v = -i (a - b). */
static inline void split_pair(ritz_index c, const real *a, const real *b, ritz_index plane, real *u,
                              real *v) {
  ritz_index i = 0;
  for (; i + LANES <= c; i += LANES) {
    const lanes ar = *from(a + i), ai = *from(a + plane + i);
    const lanes br = *from(b + i), bi = *from(b + plane + i);
    *at(u + i) = ar + br;
    *at(u + c + i) = ai + bi;
    *at(v + i) = ai - bi;
    *at(v + c + i) = br - ar;
  }
  for (; i < c; i++) {
    const real ar = a[i], ai = a[plane + i], br = b[i], bi = b[plane + i];
    u[i] = ar + br;
    u[c + i] = ai + bi;
    v[i] = ai - bi;
    v[c + i] = br - ar;
  }
}

/* u (+)= a + b and v (+)= -i (a - b), where b, or a, may be missing and v is not always wanted. */
static void split_any(ritz_index c, const real *a, const real *b, ritz_index plane, bool add,
                      real *u, real *v) {
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
(ritz_index groups, ritz_index c, const void *plusv, const void *minusv, const ritz_index *place,
 ritz_index step, ritz_index plane, bool add, void *uv, void *vv) {
  const bool usual = plusv && minusv && vv && !add;
  for (ritz_index g = 0; g < groups; g++) {
    const ritz_index at_mode = place[g] * step;
    const real *plus = plusv ? (const real *)plusv + at_mode : NULL;
    const real *minus = minusv ? (const real *)minusv + at_mode : NULL;
    real *u = (real *)uv + g * 2 * c, *v = vv ? (real *)vv + g * 2 * c : NULL;
    if (usual)
      split_pair(c, plus, minus, plane, u, v);
    else
      split_any(c, plus, minus, plane, add, u, v);
  }
}

static void negate(ritz_index c, const real *x, real *y) {
  for (ritz_index i = 0; i < c; i++) y[i] = -x[i];
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
