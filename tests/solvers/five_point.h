/* SPDX-License-Identifier: BSD-3-Clause
 * A sequence of diffusion problems without random numbers: n x n inner nodes of the unit square,
 * Dirichlet boundary, arithmetic means of K_s on the faces, right-hand side h^2. */
#ifndef FIVE_POINT_H
#define FIVE_POINT_H

#include <math.h>
#include <stdlib.h>

typedef struct five_point {
  int n;
  double *k;                /* [n + 2][n + 2] nodal values */
  double *diagonal, *lower; /* of the zero fill-in Cholesky factor, or the diagonal alone */
} five_point;

static inline double five_point_field(int s, double x, double y) {
  const double pi = 3.14159265358979323846;
  double sum = 0;
  for (int p = 1; p <= 4; p++)
    for (int q = 1; q <= 4; q++)
      sum += sin(s * (0.031 * p + 0.047 * q) + 1.7 * p - 0.9 * q) * cos(p * pi * x) *
             cos(q * pi * y) / sqrt(p * p + q * q);
  return exp(0.8 * sum);
}

static inline void five_point_fill(five_point *a, int s) {
  const int m = a->n + 2;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++)
      a->k[i * m + j] = five_point_field(s, (double)i / (m - 1), (double)j / (m - 1));
}

/* Face weights of node (i, j), 0 ... n - 1: to i - 1, i + 1, j - 1, j + 1. */
static inline void five_point_faces(const five_point *a, int i, int j, double w[4]) {
  const int m = a->n + 2;
  const double *k = a->k + (i + 1) * m + j + 1;
  w[0] = 0.5 * (k[0] + k[-m]);
  w[1] = 0.5 * (k[0] + k[m]);
  w[2] = 0.5 * (k[0] + k[-1]);
  w[3] = 0.5 * (k[0] + k[1]);
}

static inline int five_point_apply(void *user, const void *xv, void *yv) {
  const five_point *a = user;
  const double *x = xv;
  double *y = yv;
  const int n = a->n;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double w[4];
      five_point_faces(a, i, j, w);
      const int at = i * n + j;
      y[at] = (w[0] + w[1] + w[2] + w[3]) * x[at];
      if (i > 0) y[at] -= w[0] * x[at - n];
      if (i < n - 1) y[at] -= w[1] * x[at + n];
      if (j > 0) y[at] -= w[2] * x[at - 1];
      if (j < n - 1) y[at] -= w[3] * x[at + 1];
    }
  return 0;
}

static inline int five_point_jacobi(void *user, const void *rv, void *zv) {
  const five_point *a = user;
  const double *r = rv;
  double *z = zv;
  for (int i = 0; i < a->n; i++)
    for (int j = 0; j < a->n; j++) {
      double w[4];
      five_point_faces(a, i, j, w);
      z[i * a->n + j] = r[i * a->n + j] / (w[0] + w[1] + w[2] + w[3]);
    }
  return 0;
}

#endif
