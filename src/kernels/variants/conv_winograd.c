/* SPDX-License-Identifier: BSD-3-Clause
 * The five linear maps of Winograd's minimal filtering F(4 x 4, 3 x 3), channels in vector lanes.
 * Lavin & Gray 2016, arXiv:1509.09308, Sec. 4.3, points 0, 1, -1, 2, -2 and infinity:
 *     y = A^T [ (G w G^T) . (B^T d B) ] A,
 * d 6 x 6 input, w 3 x 3 taps, y 4 x 4 outputs. At least one vector of channels; a last incomplete
 * vector starts further back and repeats some. */
#include "kernels/kernel.h"

#if defined(__AVX512F__)
#define RITZ_VECTOR_BYTES 64
#elif defined(__AVX__)
#define RITZ_VECTOR_BYTES 32
#else
#define RITZ_VECTOR_BYTES 16
#endif
typedef real vector __attribute__((vector_size(RITZ_VECTOR_BYTES)));
/* The same in memory, at any address. */
typedef real loose
    __attribute__((vector_size(RITZ_VECTOR_BYTES), aligned(sizeof(real)), may_alias));
enum { lanes = RITZ_VECTOR_BYTES / sizeof(real) };

static inline vector load(const void *array, ritz_index i) {
  return *(const loose *)((const real *)array + i);
}
static inline void store(void *array, ritz_index i, vector value) {
  *(loose *)((real *)array + i) = value;
}

/* t = B^T d */
static inline void input_line(const vector *d, vector *t) {
  const vector a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = d[3] - d[1];
  t[0] = 4 * d[0] - 5 * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + 2 * e;
  t[4] = c - 2 * e;
  t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/* y = A^T m */
static inline void output_line(const vector *m, vector *y) {
  const vector a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2 * d;
  y[2] = a + 4 * c;
  y[3] = b + 8 * d + m[5];
}

/* z = A y */
static inline void cotangent_line(const vector *y, vector *z) {
  const vector a = y[0] + y[2], b = y[1] + y[3], c = y[0] + 4 * y[2], d = 2 * y[1] + 8 * y[3];
  z[0] = y[0];
  z[1] = a + b;
  z[2] = a - b;
  z[3] = c + d;
  z[4] = c - d;
  z[5] = y[3];
}

/* u = G w */
static inline void weight_line(const vector *w, vector *u) {
  const vector a = w[0] + w[2], b = w[0] + 4 * w[2];
  u[0] = (real)(1.0 / 4) * w[0];
  u[1] = (real)(-1.0 / 6) * (a + w[1]);
  u[2] = (real)(-1.0 / 6) * (a - w[1]);
  u[3] = (real)(1.0 / 24) * (b + 2 * w[1]);
  u[4] = (real)(1.0 / 24) * (b - 2 * w[1]);
  u[5] = w[2];
}

/* w = G^T u */
static inline void weight_vjp_line(const vector *u, vector *w) {
  const vector a = (real)(-1.0 / 6) * (u[1] + u[2]), b = (real)(-1.0 / 6) * (u[1] - u[2]);
  const vector c = (real)(1.0 / 24) * (u[3] + u[4]), d = (real)(1.0 / 12) * (u[3] - u[4]);
  w[0] = (real)(1.0 / 4) * u[0] + a + c;
  w[1] = b + d;
  w[2] = a + 4 * c + u[5];
}

/* First channel of the next vector. */
static inline ritz_index clip(ritz_index c, ritz_index channels) {
  return c + lanes <= channels ? c : channels - lanes;
}

RITZ_KERNEL_DEFINE(winograd_input)
(ritz_index channels, const void *const *pixel, void *v, ritz_index plane) {
  for (ritz_index at = 0; at < channels; at += lanes) {
    const ritz_index c = clip(at, channels);
    vector column[6], line[6], t[6][6];
    for (int j = 0; j < 6; j++) {
      for (int i = 0; i < 6; i++) column[i] = load(pixel[6 * i + j], c);
      input_line(column, line);
      for (int i = 0; i < 6; i++) t[i][j] = line[i];
    }
    for (int i = 0; i < 6; i++) {
      input_line(t[i], line);
      for (int j = 0; j < 6; j++) store(v, (6 * i + j) * plane + c, line[j]);
    }
  }
}

RITZ_KERNEL_DEFINE(winograd_output)
(ritz_index channels, const void *m, ritz_index plane, const void *b, void *const *pixel,
 bool add) {
  for (ritz_index at = 0; at < channels; at += lanes) {
    const ritz_index c = clip(at, channels);
    vector column[6], line[4], s[4][6];
    for (int j = 0; j < 6; j++) {
      for (int i = 0; i < 6; i++) column[i] = load(m, (6 * i + j) * plane + c);
      output_line(column, line);
      for (int i = 0; i < 4; i++) s[i][j] = line[i];
    }
    vector fresh; /* 0 where an earlier vector has added already */
    for (int l = 0; l < lanes; l++) fresh[l] = c + l >= at;
    for (int i = 0; i < 4; i++) {
      output_line(s[i], line);
      for (int j = 0; j < 4; j++) {
        void *y = pixel[4 * i + j];
        if (!y) continue;
        if (b) line[j] += load(b, c);
        store(y, c, add ? load(y, c) + fresh * line[j] : line[j]);
      }
    }
  }
}

RITZ_KERNEL_DEFINE(winograd_cotangent)
(ritz_index channels, const void *const *pixel, void *z, ritz_index plane) {
  for (ritz_index at = 0; at < channels; at += lanes) {
    const ritz_index c = clip(at, channels);
    vector column[4], line[6], t[6][4];
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) column[i] = load(pixel[4 * i + j], c);
      cotangent_line(column, line);
      for (int i = 0; i < 6; i++) t[i][j] = line[i];
    }
    for (int i = 0; i < 6; i++) {
      cotangent_line(t[i], line);
      for (int j = 0; j < 6; j++) store(z, (6 * i + j) * plane + c, line[j]);
    }
  }
}

RITZ_KERNEL_DEFINE(winograd_weight)
(ritz_index n, const void *const *tap, void *u, ritz_index plane) {
  for (ritz_index at = 0; at < n; at += lanes) {
    const ritz_index c = clip(at, n);
    vector column[3], line[6], t[6][3];
    for (int j = 0; j < 3; j++) {
      for (int i = 0; i < 3; i++) column[i] = load(tap[3 * i + j], c);
      weight_line(column, line);
      for (int i = 0; i < 6; i++) t[i][j] = line[i];
    }
    for (int i = 0; i < 6; i++) {
      weight_line(t[i], line);
      for (int j = 0; j < 6; j++) store(u, (6 * i + j) * plane + c, line[j]);
    }
  }
}

RITZ_KERNEL_DEFINE(winograd_weight_vjp)
(ritz_index n, const void *u, ritz_index plane, void *const *tap) {
  for (ritz_index at = 0; at < n; at += lanes) {
    const ritz_index c = clip(at, n);
    vector column[6], line[3], t[3][6];
    for (int j = 0; j < 6; j++) {
      for (int i = 0; i < 6; i++) column[i] = load(u, (6 * i + j) * plane + c);
      weight_vjp_line(column, line);
      for (int i = 0; i < 3; i++) t[i][j] = line[i];
    }
    for (int i = 0; i < 3; i++) {
      weight_vjp_line(t[i], line);
      for (int j = 0; j < 3; j++) store(tap[3 * i + j], c, line[j]);
    }
  }
}
