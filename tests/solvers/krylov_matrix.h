/* SPDX-License-Identifier: BSD-3-Clause
 * Dense systems for the tests of Krylov methods, in complex double whatever the format. */
#ifndef KRYLOV_MATRIX_H
#define KRYLOV_MATRIX_H

#include <math.h>
#include <ritz/krylov.h>
#include <stdio.h>
#include <string.h>

#include "core/complex.h"
#include "core/memory.h"
#include "solvers/krylov/method.h"
#include "support.h"

enum { most = 101 };

/* A dense matrix in complex double, whatever the scalar of the vectors. */
typedef struct matrix {
  int n;
  ritz_scalar scalar;
  double _Complex a[most][most];
  int calls, fail_at; /* fail_at > 0: that call fails */
} matrix;

static inline double _Complex get(ritz_scalar scalar, const void *x, int i) {
  switch (scalar) {
    case RITZ_REAL_FLOAT: return ((const float *)x)[i];
    case RITZ_REAL_DOUBLE: return ((const double *)x)[i];
    case RITZ_COMPLEX_FLOAT: return ((const float _Complex *)x)[i];
    default: return ((const double _Complex *)x)[i];
  }
}

static inline void set(ritz_scalar scalar, void *x, int i, double _Complex value) {
  switch (scalar) {
    case RITZ_REAL_FLOAT: ((float *)x)[i] = (float)creal(value); break;
    case RITZ_REAL_DOUBLE: ((double *)x)[i] = creal(value); break;
    case RITZ_COMPLEX_FLOAT: ((float _Complex *)x)[i] = (float _Complex)value; break;
    default: ((double _Complex *)x)[i] = value;
  }
}

static inline int multiply(void *user, const void *x, void *y) {
  matrix *m = user;
  for (int i = 0; i < m->n; i++) {
    double _Complex sum = 0;
    for (int j = 0; j < m->n; j++) sum += m->a[i][j] * get(m->scalar, x, j);
    set(m->scalar, y, i, sum);
  }
  return ++m->calls == m->fail_at;
}

static inline int by_diagonal(void *user, const void *r, void *z) {
  const matrix *m = user;
  for (int i = 0; i < m->n; i++) set(m->scalar, z, i, get(m->scalar, r, i) / m->a[i][i]);
  return 0;
}

/* Diagonal 1 ... 10 plus a random part: symmetric for methods that want it, definite unless
 * `indefinite`, complex Hermitian or general in complex scalars. */
static inline void fill(matrix *m, int n, ritz_scalar scalar, bool symmetric, bool indefinite) {
  static double random[2 * most * most];
  fill_uniform(3, 2 * n * n, random);
  *m = (matrix){.n = n, .scalar = scalar};
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const double re = random[i * n + j] / n;
      const double im = scalar >= RITZ_COMPLEX_FLOAT ? random[n * n + i * n + j] / n : 0;
      m->a[i][j] += CMPLX(re, im);
      if (symmetric) m->a[j][i] += CMPLX(re, -im);
      if (i == j) m->a[i][j] += (1 + 9.0 * i / n) * (indefinite && i % 3 == 0 ? -1 : 1);
    }
}

static inline double residual(const matrix *m, const void *b, const void *x) {
  double rr = 0, bb = 0;
  for (int i = 0; i < m->n; i++) {
    double _Complex r = get(m->scalar, b, i);
    bb += creal(r * conj(r));
    for (int j = 0; j < m->n; j++) r -= m->a[i][j] * get(m->scalar, x, j);
    rr += creal(r * conj(r));
  }
  return sqrt(rr / bb);
}

static inline void fill_vector(ritz_scalar scalar, int n, unsigned seed, void *x) {
  double random[2 * most];
  fill_uniform(seed, 2 * n, random);
  for (int i = 0; i < n; i++) set(scalar, x, i, CMPLX(random[i], random[n + i]));
}

/* The format of the small matrices of a space. */
static inline ritz_scalar wide_scalar(const ritz_recycle *space) {
  return space->scalar >= RITZ_COMPLEX_FLOAT ? RITZ_COMPLEX_DOUBLE : RITZ_REAL_DOUBLE;
}

/* Column j of U F^-1, that GCRO-DR's C is the product of, in the format of the space. */
static inline void step_of(const ritz_recycle *space, int j, void *step) {
  const int k = space->dimension;
  const ritz_scalar small = wide_scalar(space);
  double _Complex y[most] = {0};
  for (int i = j; i >= 0; i--) {
    y[i] = i == j;
    for (int l = i + 1; l <= j; l++) y[i] -= get(small, space->f, l * k + i) * y[l];
    y[i] /= get(small, space->f, i * k + i);
  }
  for (int i = 0; i < space->n; i++) {
    double _Complex sum = 0;
    for (int l = 0; l <= j; l++) sum += get(space->scalar, space->u, l * (int)space->ld + i) * y[l];
    set(space->scalar, step, i, sum);
  }
}

/* Column j of C, orthonormal, from the columns that stand for it, in the format of the space. */
static inline void product_of(const ritz_recycle *space, int j, void *c) {
  const int k = space->dimension;
  for (int i = 0; i < space->n; i++) {
    double _Complex sum = 0;
    for (int l = 0; l < k; l++)
      sum += get(space->scalar, space->c, l * (int)space->ld + i) *
             get(wide_scalar(space), space->unit, j * k + l);
    set(space->scalar, c, i, sum);
  }
}

static inline double _Complex inner(ritz_scalar scalar, int n, const void *x, const void *y) {
  double _Complex sum = 0;
  for (int i = 0; i < n; i++) sum += conj(get(scalar, x, i)) * get(scalar, y, i);
  return sum;
}

/* A U F^-1 is C to `equal` and C* C the identity to `orthonormal`, every entry. */
static inline void check_products(const ritz_recycle *space, matrix *m, double equal,
                                  double orthonormal) {
  static double _Complex c[most][most];
  double _Complex step[most], product[most];
  const ritz_scalar scalar = space->scalar;
  for (int j = 0; j < space->dimension; j++) product_of(space, j, c[j]);
  for (int j = 0; j < space->dimension; j++) {
    step_of(space, j, step);
    multiply(m, step, product);
    for (int i = 0; i < m->n; i++)
      assert_near(cabs(get(scalar, product, i) - get(scalar, c[j], i)), 0, equal);
    for (int l = 0; l < space->dimension; l++)
      assert_near(cabs(inner(scalar, m->n, c[l], c[j]) - (j == l)), 0, orthonormal);
  }
}

static inline ritz_krylov *solver_of(const char *method, ritz_scalar scalar, int n, double rtol) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method;
  options.rtol = rtol;
  options.restart = 12;
  options.recycle = 4;
  options.max_iterations = 400;
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(scalar, n, &options, &solver));
  return solver;
}

#endif
