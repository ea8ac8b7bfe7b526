/* SPDX-License-Identifier: BSD-3-Clause */
#include "solvers/eigen/symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { SWEEPS = 40 };

/* Rows p and q of a become c p - s q and s p + c q. */
static void turn_rows(ritz_index m, double c, double s, double *restrict p, double *restrict q) {
  for (ritz_index k = 0; k < m; k++) {
    const double a = p[k], b = q[k];
    p[k] = c * a - s * b;
    q[k] = s * a + c * b;
  }
}

/* Annihilates a_pq; v holds eigenvectors as rows. */
static void rotate(ritz_index m, ritz_index ld, double *a, double *v, ritz_index p, ritz_index q) {
  const double apq = a[p * ld + q], theta = 0.5 * (a[q * ld + q] - a[p * ld + p]) / apq;
  const double t = copysign(1 / (fabs(theta) + hypot(1, theta)), theta);
  const double c = 1 / hypot(1, t), s = t * c;
  const double app = a[p * ld + p] - t * apq, aqq = a[q * ld + q] + t * apq;
  turn_rows(m, c, s, a + p * ld, a + q * ld);
  for (ritz_index k = 0; k < m; k++) {
    a[k * ld + p] = a[p * ld + k];
    a[k * ld + q] = a[q * ld + k];
  }
  a[p * ld + p] = app;
  a[q * ld + q] = aqq;
  a[p * ld + q] = a[q * ld + p] = 0;
  turn_rows(m, c, s, v + p * ld, v + q * ld);
}

/* @return  Whether any entry was worth a rotation. */
static bool sweep(ritz_index m, ritz_index ld, double least, double *a, double *v) {
  bool any = false;
  for (ritz_index p = 0; p < m; p++)
    for (ritz_index q = p + 1; q < m; q++)
      if (fabs(a[p * ld + q]) > least) {
        rotate(m, ld, a, v, p, q);
        any = true;
      }
  return any;
}

static void transpose(ritz_index m, ritz_index ld, double *v) {
  for (ritz_index i = 0; i < m; i++)
    for (ritz_index j = 0; j < i; j++) {
      const double t = v[i * ld + j];
      v[i * ld + j] = v[j * ld + i];
      v[j * ld + i] = t;
    }
}

/* Rows of v and their values, ascending; a is scratch. */
static void sort(ritz_index m, ritz_index ld, double *a, double *v, double *value,
                 ritz_index *order) {
  for (ritz_index i = 0; i < m; i++) {
    ritz_index j = i;
    for (; j > 0 && a[order[j - 1] * (ld + 1)] > a[i * (ld + 1)]; j--) order[j] = order[j - 1];
    order[j] = i;
  }
  for (ritz_index i = 0; i < m; i++) value[i] = a[order[i] * (ld + 1)];
  for (ritz_index i = 0; i < m; i++) memcpy(a + i * ld, v + order[i] * ld, (size_t)m * sizeof *v);
  for (ritz_index i = 0; i < m; i++) memcpy(v + i * ld, a + i * ld, (size_t)m * sizeof *v);
}

void ritz_symmetric_eigen(ritz_index m, ritz_index ld, double *a, double *v, double *value,
                          ritz_index *order) {
  double largest = 0;
  for (ritz_index i = 0; i < m; i++) {
    memset(v + i * ld, 0, (size_t)m * sizeof *v);
    v[i * ld + i] = 1;
    for (ritz_index j = 0; j < m; j++) largest = fmax(largest, fabs(a[i * ld + j]));
  }
  const double least = DBL_EPSILON * largest / (double)m; /* of all together: an epsilon */
  for (int k = 0; k < SWEEPS && sweep(m, ld, least, a, v); k++) continue;
  sort(m, ld, a, v, value, order);
  transpose(m, ld, v);
}
