/* SPDX-License-Identifier: BSD-3-Clause
 * Harmonic Ritz vectors through LAPACK, in matrices allocated once. */
#include "solvers/krylov/scalar/ritz_pairs.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/lapack.h"

#if RITZ_IS_COMPLEX
#define ORTHOGONAL LAPACKE_zungqr_work
#else
#define ORTHOGONAL LAPACKE_dorgqr_work
#endif

struct ritz_pairs {
  int lwork;
  wide *factor, *q, *k, *vectors; /* [rows][rows] each */
  wide *tau, *work;
  double *re, *im, *size, *rwork;
  int *order;
  lapack_int *pivot;
};

ritz_status ritz_pairs_create(int rows, ritz_pairs **out) {
  *out = NULL;
  const ritz_index square = (ritz_index)rows * rows;
  ritz_status status;
  ritz_pairs *pairs;
  RITZ_TRY(RITZ_NEW(1, &pairs));
  pairs->lwork = RITZ_LAPACK_BLOCK * rows;
  RITZ_TRY_DONE(RITZ_NEW(square, &pairs->factor));
  RITZ_TRY_DONE(RITZ_NEW(square, &pairs->q));
  RITZ_TRY_DONE(RITZ_NEW(square, &pairs->k));
  RITZ_TRY_DONE(RITZ_NEW(square, &pairs->vectors));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->tau));
  RITZ_TRY_DONE(RITZ_NEW(pairs->lwork, &pairs->work));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->re));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->im));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->size));
  RITZ_TRY_DONE(RITZ_NEW(2 * rows, &pairs->rwork));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->order));
  RITZ_TRY_DONE(RITZ_NEW(rows, &pairs->pivot));
  *out = pairs;
  return RITZ_OK;
done:
  ritz_pairs_destroy(&pairs);
  return status;
}

void ritz_pairs_destroy(ritz_pairs **pairs) {
  if (!*pairs) return;
  ritz_free((*pairs)->factor);
  ritz_free((*pairs)->q);
  ritz_free((*pairs)->k);
  ritz_free((*pairs)->vectors);
  ritz_free((*pairs)->tau);
  ritz_free((*pairs)->work);
  ritz_free((*pairs)->re);
  ritz_free((*pairs)->im);
  ritz_free((*pairs)->size);
  ritz_free((*pairs)->rwork);
  ritz_free((*pairs)->order);
  ritz_free((*pairs)->pivot);
  ritz_free(*pairs);
  *pairs = NULL;
}

/* a [columns][rows] = Q R; R stays in the upper triangle of @p a, Q goes to @p q. */
static bool factorise(ritz_pairs *w, int rows, int columns, wide *a, wide *q) {
  if (LAPACK(geqrf_work)(LAPACK_COL_MAJOR, rows, columns, a, rows, w->tau, w->work, w->lwork))
    return false;
  memcpy(q, a, (size_t)rows * columns * sizeof *q);
  if (ORTHOGONAL(LAPACK_COL_MAJOR, rows, columns, columns, q, rows, w->tau, w->work, w->lwork))
    return false;
  double largest = 0;
  for (int j = 0; j < columns; j++) largest = fmax(largest, ABS(a[j * rows + j]));
  for (int j = 0; j < columns; j++)
    if (!(ABS(a[j * rows + j]) > 1e-15 * largest)) return false;
  return true;
}

/* Eigenvalues of k [n][n] into re, im; right eigenvectors into vectors. */
static bool eigenvectors(ritz_pairs *w, int n) {
#if RITZ_IS_COMPLEX
  wide *const values = w->tau;
  if (LAPACKE_zgeev_work(LAPACK_COL_MAJOR, 'N', 'V', n, w->k, n, values, NULL, 1, w->vectors, n,
                         w->work, w->lwork, w->rwork))
    return false;
  for (int i = 0; i < n; i++) w->re[i] = creal(values[i]), w->im[i] = cimag(values[i]);
  return true;
#else
  return !LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', 'V', n, w->k, n, w->re, w->im, NULL, 1,
                             w->vectors, n, w->work, w->lwork);
#endif
}

/* Largest |1 / theta| first. The two of a complex pair have the same size and stay neighbours. */
static void sort(ritz_pairs *w, int n) {
  for (int i = 0; i < n; i++) {
    w->size[i] = hypot(w->re[i], w->im[i]);
    int j = i;
    for (; j > 0 && w->size[w->order[j - 1]] < w->size[i]; j--) w->order[j] = w->order[j - 1];
    w->order[j] = i;
  }
}

/* Whether the k-th in order is the first half of a complex pair. */
static bool splits_pair(const ritz_pairs *w, int k) {
  return !RITZ_IS_COMPLEX && k > 0 && w->im[w->order[k - 1]] > 0;
}

/* x -= 2 v (v* x) of n rows, for columns [first, last) of a [][rows]. */
static void reflect(int n, const wide *v, wide *a, int rows, int first, int last) {
  for (int j = first; j < last; j++) {
    wide *const x = a + j * rows;
    wide sum = 0;
    for (int i = 0; i < n; i++) sum += CONJ(v[i]) * x[i];
    for (int i = 0; i < n; i++) x[i] -= 2 * sum * v[i];
  }
}

/* g [q][rows] = Q R becomes R, s [q][rows] becomes Q* s. Reflectors take the rows that a column
 * has from the diagonal on: one in a triangle, where there is nothing to do, two in a Hessenberg
 * matrix. */
static bool triangularise(int q, int rows, wide *g, wide *s, wide *v) {
  double largest = 0, least = INFINITY;
  for (int j = 0; j < q; j++) {
    wide *const column = g + j * rows + j;
    int n = rows - j;
    while (n > 1 && column[n - 1] == 0) n--;
    double square = 0, length = 0;
    for (int i = 0; i < n; i++) square += REAL(column[i] * CONJ(column[i]));
    if (!isfinite(square)) return false;
    largest = fmax(largest, sqrt(square));
    least = fmin(least, sqrt(square));
    if (n == 1 || !(square > 0)) continue;
    memcpy(v, column, (size_t)n * sizeof *v);
    const double a = ABS(v[0]);
    v[0] += (a > 0 ? v[0] / a : 1) * sqrt(square);
    for (int i = 0; i < n; i++) length += REAL(v[i] * CONJ(v[i]));
    for (int i = 0; i < n; i++) v[i] /= sqrt(length);
    reflect(n, v, g + j, rows, j, q);
    reflect(n, v, s + j, rows, 0, q);
  }
  return least > 1e-15 * largest;
}

int ritz_pairs_harmonic(ritz_pairs *w, int q, int rows, const wide *g, const wide *s, int k,
                        wide *p) {
  memcpy(w->factor, g, (size_t)q * rows * sizeof *g);
  memcpy(w->q, s, (size_t)q * rows * sizeof *s);
  if (!triangularise(q, rows, w->factor, w->q, w->tau)) return 0;
  if (LAPACK(trtrs_work)(LAPACK_COL_MAJOR, 'U', 'N', 'N', q, q, w->factor, rows, w->q, rows))
    return 0;
  for (int j = 0; j < q; j++) memcpy(w->k + j * q, w->q + j * rows, (size_t)q * sizeof *w->k);
  if (!eigenvectors(w, q)) return 0;
  sort(w, q);
  if (k > q) k = q;
  if (splits_pair(w, k)) k--;
  for (int j = 0; j < k; j++)
    memcpy(p + j * q, w->vectors + w->order[j] * q, (size_t)q * sizeof *p);
  return k;
}

/* rows[i]: the row that has come to place i; the first k in the order of the pivots. */
static void permute(int q, int k, const lapack_int *pivot, int *rows) {
  for (int i = 0; i < q; i++) rows[i] = i;
  for (int i = 0; i < k; i++) {
    const int other = (int)pivot[i] - 1, row = rows[i];
    rows[i] = rows[other];
    rows[other] = row;
  }
}

bool ritz_pairs_choose(ritz_pairs *w, int q, int k, wide *p, int *chosen) {
  wide *const l = w->factor;
  memcpy(l, p, (size_t)k * q * sizeof *l);
  if (LAPACK(getrf_work)(LAPACK_COL_MAJOR, q, k, l, q, w->pivot)) return false;
  double largest = 0;
  for (int j = 0; j < k; j++) largest = fmax(largest, ABS(l[j * q + j]));
  for (int j = 0; j < k; j++)
    if (!(ABS(l[j * q + j]) > 1e-15 * largest)) return false;
  permute(q, k, w->pivot, w->order);
  memset(p, 0, (size_t)k * q * sizeof *p);
  /* P = L U has the space of L, and of L L1^-1, L1 its rows of the pivots. */
  for (int j = k - 1; j >= 0; j--) {
    wide *const x = l + j * q;
    for (int i = j + 1; i < k; i++)
      for (int r = k; r < q; r++) x[r] -= x[i] * l[i * q + r];
    for (int r = k; r < q; r++) p[j * q + w->order[r]] = x[r];
    p[j * q + w->order[j]] = 1;
    chosen[j] = w->order[j];
  }
  return true;
}

static double norm(int n, const wide *a) {
  double sum = 0;
  for (int i = 0; i < n * n; i++) sum += REAL(a[i] * CONJ(a[i]));
  return sqrt(sum);
}

double ritz_pairs_condition(ritz_pairs *w, int n, const wide *a) {
  memcpy(w->k, a, (size_t)n * n * sizeof *a);
  if (LAPACK(getrf_work)(LAPACK_COL_MAJOR, n, n, w->k, n, w->pivot) ||
      LAPACK(getri_work)(LAPACK_COL_MAJOR, n, w->k, n, w->pivot, w->work, w->lwork))
    return INFINITY;
  return norm(n, a) * norm(n, w->k);
}

bool ritz_pairs_products(ritz_pairs *w, int q, int rows, const wide *g, int k, const wide *p,
                         wide *c, wide *f) {
  memset(w->factor, 0, (size_t)k * rows * sizeof *w->factor);
  for (int j = 0; j < k; j++)
    for (int r = 0; r < q; r++)
      for (int i = 0; i < rows; i++) w->factor[j * rows + i] += g[r * rows + i] * p[j * q + r];
  if (!factorise(w, rows, k, w->factor, c)) return false;
  memset(f, 0, (size_t)k * k * sizeof *f);
  for (int j = 0; j < k; j++)
    for (int i = 0; i <= j; i++) f[j * k + i] = w->factor[j * rows + i];
  return true;
}
