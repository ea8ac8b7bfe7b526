/* SPDX-License-Identifier: BSD-3-Clause
 * The maps of Winograd's tiles on one VECTOR of channels; included by conv_winograd.c once per
 * vector. `taps` is a constant wherever these are inlined; n = taps + 3 points. */

static ALWAYS_INLINE VECTOR NAME(load)(const void *array, ritz_index i) {
  return *(const LOOSE *)((const real *)array + i);
}
static ALWAYS_INLINE void NAME(store)(void *array, ritz_index i, VECTOR value) {
  *(LOOSE *)((real *)array + i) = value;
}

/* t = B^T d */
static ALWAYS_INLINE void NAME(input_line)(const int taps, const VECTOR *d, VECTOR *t) {
  if (taps == 3) {
    const VECTOR even_a = d[4] - B * B * d[2], odd_a = d[3] - B * B * d[1];
    const VECTOR even_b = d[4] - A * A * d[2], odd_b = d[3] - A * A * d[1];
    t[0] = d[4] - (A * A + B * B) * d[2] + (A * A * B * B) * d[0];
    t[1] = even_a + A * odd_a;
    t[2] = even_a - A * odd_a;
    t[3] = even_b + B * odd_b;
    t[4] = even_b - B * odd_b;
    t[5] = d[5] - (A * A + B * B) * d[3] + (A * A * B * B) * d[1];
  } else {
    const VECTOR f1 = d[2] - D * d[1], f2 = d[3] - D * d[2];
    t[0] = f2 - C * C * (d[1] - D * d[0]);
    t[1] = f2 + C * f1;
    t[2] = f2 - C * f1;
    t[3] = d[3] - C * C * d[1];
    t[4] = d[4] - D * d[3] - C * C * f1;
  }
}

/* y = A^T m */
static ALWAYS_INLINE void NAME(output_line)(const int taps, const VECTOR *m, VECTOR *y) {
  if (taps == 3) {
    const VECTOR even_a = m[1] + m[2], odd_a = m[1] - m[2];
    const VECTOR even_b = m[3] + m[4], odd_b = m[3] - m[4];
    y[0] = m[0] + (1 / A) * even_a + (1 / B) * even_b;
    y[1] = odd_a + odd_b;
    y[2] = A * even_a + B * even_b;
    y[3] = m[5] + A * A * odd_a + B * B * odd_b;
  } else {
    const VECTOR even = m[1] + m[2], odd = m[1] - m[2];
    y[0] = m[0] + even + m[3];
    y[1] = C * odd + D * m[3];
    y[2] = C * C * even + D * D * m[3];
    y[3] = m[4] + C * C * C * odd + D * D * D * m[3];
  }
}

/* z = A y */
static ALWAYS_INLINE void NAME(cotangent_line)(const int taps, const VECTOR *y, VECTOR *z) {
  if (taps == 3) {
    const VECTOR even_a = (1 / A) * y[0] + A * y[2], odd_a = y[1] + A * A * y[3];
    const VECTOR even_b = (1 / B) * y[0] + B * y[2], odd_b = y[1] + B * B * y[3];
    z[1] = even_a + odd_a;
    z[2] = even_a - odd_a;
    z[3] = even_b + odd_b;
    z[4] = even_b - odd_b;
  } else {
    const VECTOR even = y[0] + C * C * y[2], odd = C * y[1] + C * C * C * y[3];
    z[1] = even + odd;
    z[2] = even - odd;
    z[3] = y[0] + D * y[1] + D * D * y[2] + D * D * D * y[3];
  }
  z[0] = y[0];
  z[taps + 2] = y[3];
}

/* u = G w */
static ALWAYS_INLINE void NAME(weight_line)(const int taps, const VECTOR *w, VECTOR *u) {
  if (taps == 3) {
    const VECTOR even_a = GA * w[0] + GA * A * A * w[2], even_b = GB * w[0] + GB * B * B * w[2];
    u[0] = (1 / (A * A * B * B)) * w[0];
    u[1] = even_a + GA * A * w[1];
    u[2] = even_a - GA * A * w[1];
    u[3] = even_b + GB * B * w[1];
    u[4] = even_b - GB * B * w[1];
    u[5] = w[2];
  } else {
    u[0] = (1 / (C * C * D)) * w[0];
    u[1] = GC * w[0] + GC * C * w[1];
    u[2] = GMC * w[0] - GMC * C * w[1];
    u[3] = GD * w[0] + GD * D * w[1];
    u[4] = w[1];
  }
}

/* w = G^T u */
static ALWAYS_INLINE void NAME(weight_vjp_line)(const int taps, const VECTOR *u, VECTOR *w) {
  if (taps == 3) {
    const VECTOR even_a = GA * (u[1] + u[2]), odd_a = GA * A * (u[1] - u[2]);
    const VECTOR even_b = GB * (u[3] + u[4]), odd_b = GB * B * (u[3] - u[4]);
    w[0] = (1 / (A * A * B * B)) * u[0] + even_a + even_b;
    w[1] = odd_a + odd_b;
    w[2] = u[5] + A * A * even_a + B * B * even_b;
  } else {
    const VECTOR plus = GC * u[1], minus = GMC * u[2], last = GD * u[3];
    w[0] = (1 / (C * C * D)) * u[0] + plus + minus + last;
    w[1] = C * (plus - minus) + D * last + u[4];
  }
}

static ALWAYS_INLINE void NAME(input)(const int taps, ritz_index c, const void *const *pixel,
                                      void *v, ritz_index plane) {
  const int n = taps + 3;
  VECTOR column[6], line[6], t[6][6];
  UNROLLED(int j = 0; j < n; j++) {
    UNROLLED(int i = 0; i < n; i++) column[i] = NAME(load)(pixel[n * i + j], c);
    NAME(input_line)(taps, column, line);
    UNROLLED(int i = 0; i < n; i++) t[i][j] = line[i];
  }
  UNROLLED(int i = 0; i < n; i++) {
    NAME(input_line)(taps, t[i], line);
    UNROLLED(int j = 0; j < n; j++) NAME(store)(v, (n * i + j) * plane + c, line[j]);
  }
}

/* Channels before `fresh` have been added already. */
static ALWAYS_INLINE void NAME(output)(const int taps, ritz_index c, ritz_index fresh,
                                       const void *m, ritz_index plane, const void *b,
                                       void *const *pixel, bool add) {
  const int n = taps + 3;
  VECTOR column[6], line[4], s[4][6];
  UNROLLED(int j = 0; j < n; j++) {
    UNROLLED(int i = 0; i < n; i++) column[i] = NAME(load)(m, (n * i + j) * plane + c);
    NAME(output_line)(taps, column, line);
    UNROLLED(int i = 0; i < 4; i++) s[i][j] = line[i];
  }
  UNROLLED(int i = 0; i < 4; i++) {
    NAME(output_line)(taps, s[i], line);
    for (int j = 0; j < 4; j++) {
      void *y = pixel[4 * i + j];
      if (!y) continue;
      if (b) line[j] += NAME(load)(b, c);
      for (ritz_index l = 0; add && l < fresh - c; l++) line[j][l] = 0;
      NAME(store)(y, c, add ? NAME(load)(y, c) + line[j] : line[j]);
    }
  }
}

static ALWAYS_INLINE void NAME(cotangent)(const int taps, ritz_index c, const void *const *pixel,
                                          void *z, ritz_index plane) {
  const int n = taps + 3;
  VECTOR column[4], line[6], t[6][4];
  UNROLLED(int j = 0; j < 4; j++) {
    UNROLLED(int i = 0; i < 4; i++) column[i] = NAME(load)(pixel[4 * i + j], c);
    NAME(cotangent_line)(taps, column, line);
    UNROLLED(int i = 0; i < n; i++) t[i][j] = line[i];
  }
  UNROLLED(int i = 0; i < n; i++) {
    NAME(cotangent_line)(taps, t[i], line);
    UNROLLED(int j = 0; j < n; j++) NAME(store)(z, (n * i + j) * plane + c, line[j]);
  }
}

static ALWAYS_INLINE void NAME(weight)(const int taps, ritz_index c, const void *const *tap,
                                       void *u, ritz_index plane) {
  const int n = taps + 3;
  VECTOR column[3], line[6], t[6][3];
  UNROLLED(int j = 0; j < taps; j++) {
    UNROLLED(int i = 0; i < taps; i++) column[i] = NAME(load)(tap[taps * i + j], c);
    NAME(weight_line)(taps, column, line);
    UNROLLED(int i = 0; i < n; i++) t[i][j] = line[i];
  }
  UNROLLED(int i = 0; i < n; i++) {
    NAME(weight_line)(taps, t[i], line);
    UNROLLED(int j = 0; j < n; j++) NAME(store)(u, (n * i + j) * plane + c, line[j]);
  }
}

static ALWAYS_INLINE void NAME(weight_vjp)(const int taps, ritz_index c, const void *u,
                                           ritz_index plane, void *const *tap) {
  const int n = taps + 3;
  VECTOR column[6], line[3], t[3][6];
  UNROLLED(int j = 0; j < n; j++) {
    UNROLLED(int i = 0; i < n; i++) column[i] = NAME(load)(u, (n * i + j) * plane + c);
    NAME(weight_vjp_line)(taps, column, line);
    UNROLLED(int i = 0; i < taps; i++) t[i][j] = line[i];
  }
  UNROLLED(int i = 0; i < taps; i++) {
    NAME(weight_vjp_line)(taps, t[i], line);
    UNROLLED(int j = 0; j < taps; j++) NAME(store)(tap[taps * i + j], c, line[j]);
  }
}

#undef VECTOR
#undef LOOSE
#undef NAME
