/* SPDX-License-Identifier: BSD-3-Clause
 * Small Hermitian problems through LAPACK. */
#include "solvers/krylov/scalar/dense.h"

#include <string.h>

#include "solvers/krylov/scalar/lapack.h"

bool ritz_dense_cholesky(int n, wide *a) {
  return LAPACK(potrf_work)(LAPACK_COL_MAJOR, 'L', n, a, n) == 0;
}

void ritz_dense_cholesky_solve(int n, const wide *factor, wide *x) {
  LAPACK(potrs_work)(LAPACK_COL_MAJOR, 'L', n, 1, factor, n, x, n);
}

static double sum_of_squares(int n, const wide *upper) {
  double sum = 0;
  for (int j = 0; j < n; j++)
    for (int i = 0; i <= j; i++) sum += REAL(upper[j * n + i] * CONJ(upper[j * n + i]));
  return sum;
}

bool ritz_dense_orthonormal(int n, wide *gram, wide *factor, double *condition) {
  /* A pivot is the part of a column that is new; with less than this its digits are gone. */
  const double least = sqrt((double)EPSILON);
  if (LAPACK(potrf_work)(LAPACK_COL_MAJOR, 'U', n, gram, n) != 0) return false;
  for (int j = 0; j < n; j++) {
    double square = 0;
    for (int i = 0; i <= j; i++) square += REAL(gram[j * n + i] * CONJ(gram[j * n + i]));
    const double pivot = REAL(gram[j * n + j]);
    if (!(pivot * pivot > least * square) || !isfinite(square)) return false;
    for (int i = j + 1; i < n; i++) gram[j * n + i] = 0;
  }
  if (factor) memcpy(factor, gram, (size_t)n * n * sizeof *factor);
  *condition = sum_of_squares(n, gram);
  if (LAPACK(trtri_work)(LAPACK_COL_MAJOR, 'U', 'N', n, gram, n) != 0) return false;
  *condition = sqrt(*condition * sum_of_squares(n, gram));
  return true;
}

void ritz_dense_multiply_upper(int n, wide *a, const wide *t) {
  for (int j = n - 1; j >= 0; j--)
    for (int i = 0; i <= j; i++) {
      wide sum = 0;
      for (int l = i; l <= j; l++) sum += a[l * n + i] * t[j * n + l];
      a[j * n + i] = sum;
    }
}

void ritz_dense_solve_upper(int n, const wide *a, wide *x) {
  for (int j = n - 1; j >= 0; j--) {
    x[j] /= a[j * n + j];
    for (int i = 0; i < j; i++) x[i] -= a[j * n + i] * x[j];
  }
}

void ritz_dense_identity(int n, wide *a) {
  memset(a, 0, (size_t)n * n * sizeof *a);
  for (int i = 0; i < n; i++) a[i * n + i] = 1;
}

double ritz_dense_part(int n, const wide *unit, wide *x, wide *part) {
  double square = 0;
  for (int j = 0; j < n; j++) {
    part[j] = 0;
    for (int i = 0; i < n; i++) part[j] += CONJ(unit[j * n + i]) * x[i];
    square += REAL(part[j] * CONJ(part[j]));
  }
  memset(x, 0, (size_t)n * sizeof *x);
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) x[i] += unit[j * n + i] * part[j];
  return square;
}

ritz_index ritz_dense_scratch(int n) { return (ritz_index)(RITZ_LAPACK_BLOCK + 8) * (n + 1); }

int ritz_dense_least(int n, wide *a, wide *b, int k, wide *y, wide *scratch) {
  /* Columns of very different length make b look singular: unit diagonal first. */
  double *const length = (double *)scratch, *const values = length + n;
  for (int j = 0; j < n; j++) {
    const double square = REAL(b[j * n + j]);
    if (!(square > 0)) return 0;
    length[j] = sqrt(square);
  }
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) {
      a[j * n + i] /= length[i] * length[j];
      b[j * n + i] /= length[i] * length[j];
    }
  wide *const work = scratch + 2 * (n + 1);
  const int lwork = RITZ_LAPACK_BLOCK * (n + 1);
#if RITZ_IS_COMPLEX
  const int info = LAPACKE_zhegv_work(LAPACK_COL_MAJOR, 1, 'V', 'L', n, a, n, b, n, values, work,
                                      lwork, (double *)(work + lwork));
#else
  const int info =
      LAPACKE_dsygv_work(LAPACK_COL_MAJOR, 1, 'V', 'L', n, a, n, b, n, values, work, lwork);
#endif
  if (info != 0) return 0;
  if (k > n) k = n;
  for (int j = 0; j < k; j++)
    for (int i = 0; i < n; i++) y[j * n + i] = a[j * n + i] / length[i];
  return k;
}
