/* SPDX-License-Identifier: BSD-3-Clause
 * Fourier transforms of bundles: a complex number of 64 bytes of channels each, real parts before
 * imaginary parts. Radix 4 with at most one step of radix 2; frequencies come out with their digits
 * reversed, which products do not mind, and go back in so. */
#include "kernels/variants/vector.h"

typedef real lanes64 __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));
typedef struct complex_lanes {
  lanes64 re, im;
} complex_lanes;

enum { bundle = 64 / sizeof(real), longest = 128 };

static ALWAYS_INLINE complex_lanes plus(complex_lanes a, complex_lanes b) {
  return (complex_lanes){a.re + b.re, a.im + b.im};
}
static ALWAYS_INLINE complex_lanes minus(complex_lanes a, complex_lanes b) {
  return (complex_lanes){a.re - b.re, a.im - b.im};
}
static ALWAYS_INLINE complex_lanes times_i(complex_lanes a) { return (complex_lanes){-a.im, a.re}; }
/* a exp(-i t) with w = (cos t, sin t). */
static ALWAYS_INLINE complex_lanes turn(complex_lanes a, const real *w) {
  return (complex_lanes){a.re * w[0] + a.im * w[1], a.im * w[0] - a.re * w[1]};
}
static ALWAYS_INLINE complex_lanes turn_back(complex_lanes a, const real *w) {
  return (complex_lanes){a.re * w[0] - a.im * w[1], a.im * w[0] + a.re * w[1]};
}

/* One step on blocks of m numbers each; w[k] belongs to the angle 2 pi k / n. */
static ALWAYS_INLINE void split_one(complex_lanes *x, ritz_index q, bool turns, const real *w,
                                    ritz_index step) {
  const complex_lanes a = plus(x[0], x[2 * q]), b = minus(x[0], x[2 * q]);
  const complex_lanes c = plus(x[q], x[3 * q]), d = times_i(minus(x[q], x[3 * q]));
  const complex_lanes y1 = minus(b, d), y2 = minus(a, c), y3 = plus(b, d);
  x[0] = plus(a, c);
  x[q] = turns ? turn(y1, w + step) : y1;
  x[2 * q] = turns ? turn(y2, w + 2 * step) : y2;
  x[3 * q] = turns ? turn(y3, w + 3 * step) : y3;
}
static ALWAYS_INLINE void split_by_4(ritz_index n, ritz_index m, const real *w, complex_lanes *z) {
  const ritz_index q = m / 4, step = 2 * (n / m);
  for (ritz_index i = 0; i < n; i += m) split_one(z + i, q, false, w, 0);
  for (ritz_index j = 1; j < q; j++)
    for (ritz_index i = j; i < n; i += m) split_one(z + i, q, true, w, j * step);
}
/* Its inverse, times 4. */
static ALWAYS_INLINE void join_one(complex_lanes *x, ritz_index q, bool turns, const real *w,
                                   ritz_index step) {
  const complex_lanes y1 = turns ? turn_back(x[q], w + step) : x[q];
  const complex_lanes y2 = turns ? turn_back(x[2 * q], w + 2 * step) : x[2 * q];
  const complex_lanes y3 = turns ? turn_back(x[3 * q], w + 3 * step) : x[3 * q];
  const complex_lanes a = plus(x[0], y2), b = minus(x[0], y2);
  const complex_lanes c = plus(y1, y3), d = times_i(minus(y1, y3));
  x[0] = plus(a, c);
  x[q] = plus(b, d);
  x[2 * q] = minus(a, c);
  x[3 * q] = minus(b, d);
}
static ALWAYS_INLINE void join_4(ritz_index n, ritz_index m, const real *w, complex_lanes *z) {
  const ritz_index q = m / 4, step = 2 * (n / m);
  for (ritz_index i = 0; i < n; i += m) join_one(z + i, q, false, w, 0);
  for (ritz_index j = 1; j < q; j++)
    for (ritz_index i = j; i < n; i += m) join_one(z + i, q, true, w, j * step);
}
static ALWAYS_INLINE void cross_pairs(ritz_index n, complex_lanes *z) {
  for (ritz_index j = 0; j < n; j += 2) {
    const complex_lanes a = z[j], b = z[j + 1];
    z[j] = plus(a, b);
    z[j + 1] = minus(a, b);
  }
}

static void there(ritz_index n, const real *w, complex_lanes *z) {
  ritz_index m = n;
  for (; m >= 4; m /= 4) split_by_4(n, m, w, z);
  if (m == 2) cross_pairs(n, z);
}
static void back(ritz_index n, const real *w, complex_lanes *z) {
  ritz_index m = 4;
  for (ritz_index k = n; k > 4; k /= 4)
    if (k == 8) m = 8;
  if (m == 8) cross_pairs(n, z);
  for (; m <= n; m *= 4) join_4(n, m, w, z);
}

RITZ_KERNEL_DEFINE(fourier_transform)
(ritz_index n, bool inverse, const void *w, void *z) {
  if (inverse)
    back(n, w, z);
  else
    there(n, w, z);
}

/* Vectors this wide go by pointers: not every instruction set has an ABI for them. */
static ALWAYS_INLINE void take(const real *x, ritz_index width, lanes64 *to) {
  if (width == bundle) {
    *to = *(const lanes64 *)x;
    return;
  }
  *to = (lanes64){0};
  for (ritz_index i = 0; i < width; i++) (*to)[i] = x[i];
}

RITZ_KERNEL_DEFINE(fourier_take)
(ritz_index count, const ritz_index *a_source, const ritz_index *b_source, ritz_index step,
 ritz_index width, const void *a, const void *b, void *zv) {
  complex_lanes *z = zv;
  for (ritz_index i = 0; i < count; i++) {
    z[i] = (complex_lanes){{0}, {0}};
    if (a && a_source[i] >= 0) take((const real *)a + a_source[i] * step, width, &z[i].re);
    if (b && b_source[i] >= 0) take((const real *)b + b_source[i] * step, width, &z[i].im);
  }
}

static ALWAYS_INLINE void put(const lanes64 *value, const lanes64 *start, ritz_index width,
                              bool add, real *y) {
  const lanes64 sum = *value + *start;
  if (width == bundle) {
    if (add)
      *(lanes64 *)y += sum;
    else
      *(lanes64 *)y = sum;
    return;
  }
  for (ritz_index i = 0; i < width; i++) y[i] = add ? y[i] + sum[i] : sum[i];
}

RITZ_KERNEL_DEFINE(fourier_put)
(ritz_index count, ritz_index step, ritz_index width, const void *zv, const void *bias, bool add,
 void *a, void *b) {
  const complex_lanes *z = zv;
  lanes64 start = {0};
  if (bias) take(bias, width, &start);
  for (ritz_index i = 0; i < count; i++) {
    if (a) put(&z[i].re, &start, width, add, (real *)a + i * step);
    if (b) put(&z[i].im, &start, width, add, (real *)b + i * step);
  }
}

/* Column 0 of rows of n numbers. */
static void take_column(ritz_index n, const complex_lanes *from, complex_lanes *z) {
  for (ritz_index i = 0; i < n; i++) z[i] = from[i * n];
}

RITZ_KERNEL_DEFINE(fourier_filter)
(ritz_index n, const void *w, const void *spectrum, ritz_index rows, void *column) {
  const complex_lanes *s = spectrum;
  complex_lanes z[longest];
  take_column(n, column, z);
  there(n, w, z);
  for (ritz_index i = 0; i < n; i++) {
    const complex_lanes a = z[i];
    z[i] = (complex_lanes){a.re * s[i].re - a.im * s[i].im, a.re * s[i].im + a.im * s[i].re};
  }
  back(n, w, z);
  for (ritz_index i = 0; i < rows; i++) ((complex_lanes *)column)[i * n] = z[i];
}

RITZ_KERNEL_DEFINE(fourier_window)
(ritz_index n, const void *w, double factor, const void *column, void *spectrum) {
  complex_lanes *z = spectrum;
  take_column(n, column, z);
  there(n, w, z);
  for (ritz_index i = 0; i < n; i++) {
    z[i].re *= (real)factor;
    z[i].im *= -(real)factor;
  }
}

RITZ_KERNEL_DEFINE(fourier_correlate)
(ritz_index n, const void *w, const void *x, const void *y, void *sumv) {
  complex_lanes z[longest], u[longest], *sum = sumv;
  take_column(n, x, z);
  take_column(n, y, u);
  there(n, w, z);
  there(n, w, u);
  for (ritz_index i = 0; i < n; i++) {
    sum[i].re += u[i].re * z[i].re + u[i].im * z[i].im;
    sum[i].im += u[i].re * z[i].im - u[i].im * z[i].re;
  }
}
