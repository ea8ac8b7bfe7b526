/* SPDX-License-Identifier: BSD-3-Clause
 * Everything around the products of a kept-mode transform: folding of an axis, +-f from shared
 * cosine and sine sums, rows of modes in three-block order, and channel-by-channel mixing. */
#include "kernels/spectral_order.h"
#include "kernels/variants/lanes.h"

/* y1 (+)= x1 + x2, y2 (+)= x1 - x2; may be in place. */
static inline void butterfly_row(ritz_index width, const real *x1, const real *x2, real *y1,
                                 real *y2, bool add) {
#define STEP(T)                                                 \
  do {                                                          \
    T a = GET(T, x1) + GET(T, x2), b = GET(T, x1) - GET(T, x2); \
    if (add) a += PUT(T, y1), b += PUT(T, y2);                  \
    PUT(T, y1) = a;                                             \
    PUT(T, y2) = b;                                             \
  } while (0)
  FOR_ROW(width, STEP);
#undef STEP
}

static inline void copy_row(ritz_index width, const real *x, real *y, bool add) {
  if (x == y) return;
#define STEP(T)              \
  do {                       \
    T a = GET(T, x);         \
    if (add) a += PUT(T, y); \
    PUT(T, y) = a;           \
  } while (0)
  FOR_ROW(width, STEP);
#undef STEP
}

static inline void prefetch_row(ritz_index width, const real *x) {
  for (ritz_index i = 0; i < width; i += LINE) __builtin_prefetch(x + i);
}

/* With the next line of the field on its way, the products between two folds cover some of the time
 * of the memory. */
static inline void prefetch_next(ritz_index n, ritz_index width, const real *next, ritz_index h) {
  prefetch_row(width, next + h * width);
  prefetch_row(width, next + (n - h) * width);
}

/* Rows h and span-h, from the first one on that has a mirror image. */
static inline void fold(ritz_index first, ritz_index span, ritz_index width, const real *x,
                        ritz_index xs, real *y, ritz_index ys, const real *next, bool add) {
  if (first > 0) copy_row(width, x, y, add);
  for (ritz_index h = first; 2 * h < span; h++) {
    if (next) prefetch_next(span, width, next, h);
    butterfly_row(width, x + h * xs, x + (span - h) * xs, y + h * ys, y + (span - h) * ys, add);
  }
  if (span % 2 == 0) copy_row(width, x + span / 2 * xs, y + span / 2 * ys, add);
}

RITZ_KERNEL_DEFINE(fold_once)
(ritz_index n, bool bounded, ritz_index width, const void *x, ritz_index xs, void *y, ritz_index ys,
 const void *next, bool add) {
  const ritz_index first = bounded ? 0 : 1, span = bounded ? n - 1 : n;
  if (add)
    fold(first, span, width, x, xs, y, ys, next, true);
  else
    fold(first, span, width, x, xs, y, ys, next, false);
}

/* Both folds of the four points h, n/2 - h, n/2 + h and n - h at once: a symmetric matrix of +-1.
 */
static inline void quadruple(ritz_index width, const real *const x[4], real *const y[4], bool add) {
#define STEP(T)                                                                          \
  do {                                                                                   \
    const T even1 = GET(T, x[0]) + GET(T, x[3]), odd1 = GET(T, x[0]) - GET(T, x[3]);     \
    const T even2 = GET(T, x[1]) + GET(T, x[2]), odd2 = GET(T, x[1]) - GET(T, x[2]);     \
    T a = even1 + even2, b = even1 - even2, c = odd1 - odd2, d = odd1 + odd2;            \
    if (add) a += PUT(T, y[0]), b += PUT(T, y[1]), c += PUT(T, y[2]), d += PUT(T, y[3]); \
    PUT(T, y[0]) = a;                                                                    \
    PUT(T, y[1]) = b;                                                                    \
    PUT(T, y[2]) = c;                                                                    \
    PUT(T, y[3]) = d;                                                                    \
  } while (0)
  FOR_ROW(width, STEP);
#undef STEP
}

static inline void fold_again(ritz_index n, ritz_index width, const real *x, ritz_index xs, real *y,
                              ritz_index ys, const real *next, bool add) {
  const ritz_index m = n / 2;
  butterfly_row(width, x, x + m * xs, y, y + m * ys, add);
  for (ritz_index h = 1; 2 * h < m; h++) {
    if (next) prefetch_next(n, width, next, h), prefetch_next(n, width, next, m - h);
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
(ritz_index n, ritz_index width, const void *x, ritz_index xs, void *y, ritz_index ys,
 const void *next, bool add) {
  if (add)
    fold_again(n, width, x, xs, y, ys, next, true);
  else
    fold_again(n, width, x, xs, y, ys, next, false);
}

/* One mode's rows of a spectrum in their order, of P + i s Q or, without Q, of P. */
static ALWAYS_INLINE void join_rows(ritz_index c, const real *p, const real *q, real s, real *out,
                                    ritz_index plane, const ritz_mode_order order) {
  real *re = order == RITZ_MODE_SIGNAL ? out + plane : out;
#define STEP(T)                                                    \
  do {                                                             \
    T a = GET(T, p), b = GET(T, p + c);                            \
    if (q) a -= s * GET(T, q + c), b += s * GET(T, q);             \
    PUT(T, re) = a;                                                \
    PUT(T, re + plane) = b;                                        \
    if (order == RITZ_MODE_SIGNAL) PUT(T, out) = -b;               \
    if (order == RITZ_MODE_GRADIENT) PUT(T, out + 2 * plane) = -a; \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(mode_join)
(ritz_index groups, ritz_index c, const void *pv, const void *qv, int sign, void *outv,
 const ritz_index *place, ritz_index step, ritz_index plane, int order) {
  const real *p = pv, *q = qv, s = (real)sign;
  real *out = outv;
  /* Constants of the code: with tests inside, a row of a line or two takes twice as long. */
#define JOIN(q, order)                    \
  for (ritz_index g = 0; g < groups; g++) \
  join_rows(c, p + g * 2 * c, q, s, out + place[g] * step, plane, order)
#define JOIN_IN(order)            \
  do {                            \
    if (q)                        \
      JOIN(q + g * 2 * c, order); \
    else                          \
      JOIN(NULL, order);          \
  } while (0)
  if (order == RITZ_MODE_SIGNAL)
    JOIN_IN(RITZ_MODE_SIGNAL);
  else if (order == RITZ_MODE_GRADIENT)
    JOIN_IN(RITZ_MODE_GRADIENT);
  else
    JOIN_IN(RITZ_MODE_PLAIN);
#undef JOIN_IN
#undef JOIN
}

/* A frequency and its negative: u (+)= a + b and v (+)= -i (a - b). */
static inline void split_pair(ritz_index c, const real *a, const real *b, ritz_index plane, real *u,
                              real *v, bool add) {
#define STEP(T)                                                                             \
  do {                                                                                      \
    const T ar = GET(T, a), ai = GET(T, a + plane), br = GET(T, b), bi = GET(T, b + plane); \
    T ur = ar + br, ui = ai + bi, vr = ai - bi, vi = br - ar;                               \
    if (add) ur += PUT(T, u), ui += PUT(T, u + c), vr += PUT(T, v), vi += PUT(T, v + c);    \
    PUT(T, u) = ur;                                                                         \
    PUT(T, u + c) = ui;                                                                     \
    PUT(T, v) = vr;                                                                         \
    PUT(T, v + c) = vi;                                                                     \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

/* One frequency a of the given sign: u (+)= a and, unless v is NULL, v (+)= -i sign a. */
static inline void split_one(ritz_index c, const real *a, real sign, ritz_index plane, real *u,
                             real *v, bool add) {
#define STEP(T)                                    \
  do {                                             \
    T ur = GET(T, a), ui = GET(T, a + plane);      \
    T vr = sign * ui, vi = -sign * ur;             \
    if (add) ur += PUT(T, u), ui += PUT(T, u + c); \
    PUT(T, u) = ur;                                \
    PUT(T, u + c) = ui;                            \
    if (!v) break;                                 \
    if (add) vr += PUT(T, v), vi += PUT(T, v + c); \
    PUT(T, v) = vr;                                \
    PUT(T, v + c) = vi;                            \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(mode_split)
(ritz_index groups, ritz_index c, const void *plusv, const void *minusv, const ritz_index *place,
 ritz_index step, ritz_index plane, bool add, void *uv, void *vv) {
  const real *plus = plusv, *minus = minusv;
  real *u = uv, *v = vv;
  const bool pair = plus && minus && v;
  if (pair && !add) /* nearly all of them */
    for (ritz_index g = 0; g < groups; g++)
      split_pair(c, plus + place[g] * step, minus + place[g] * step, plane, u + g * 2 * c,
                 v + g * 2 * c, false);
  else if (pair)
    for (ritz_index g = 0; g < groups; g++)
      split_pair(c, plus + place[g] * step, minus + place[g] * step, plane, u + g * 2 * c,
                 v + g * 2 * c, true);
  else
    for (ritz_index g = 0; g < groups; g++)
      split_one(c, (plus ? plus : minus) + place[g] * step, plus ? 1 : -1, plane, u + g * 2 * c,
                v ? v + g * 2 * c : NULL, add);
}

/* y = x; y2 = -x where wanted. */
static inline void lay_row(ritz_index c, const real *x, real *y, real *y2) {
#define STEP(T)                      \
  do {                               \
    PUT(T, y) = GET(T, x);           \
    if (y2) PUT(T, y2) = -GET(T, x); \
  } while (0)
  FOR_ROW(c, STEP);
#undef STEP
}

RITZ_KERNEL_DEFINE(mode_lay)
(ritz_index groups, ritz_index c, const void *rev, const void *imv, ritz_index ld, void *outv,
 const ritz_index *place, ritz_index step, ritz_index plane, int order) {
  const bool signal = imv && order == RITZ_MODE_SIGNAL, gradient = order == RITZ_MODE_GRADIENT;
  for (ritz_index g = 0; g < groups; g++) {
    real *out = (real *)outv + place[g] * step, *first = signal ? out + plane : out;
    lay_row(c, (const real *)rev + g * ld, first, imv && gradient ? out + 2 * plane : NULL);
    if (imv) lay_row(c, (const real *)imv + g * ld, first + plane, signal ? out : NULL);
  }
}

RITZ_KERNEL_DEFINE(mode_pick)
(ritz_index groups, ritz_index c, const void *xv, const ritz_index *place, ritz_index step,
 ritz_index plane, void *rev, void *imv, ritz_index ld) {
  for (ritz_index g = 0; g < groups; g++) {
    const real *x = (const real *)xv + place[g] * step;
    copy_row(c, x, (real *)rev + g * ld, false);
    if (imv) copy_row(c, x + plane, (real *)imv + g * ld, false);
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
