/* SPDX-License-Identifier: BSD-3-Clause
 * Proper orthogonal decomposition (pod.h). With Y [n, N] without its mean, and n <= N:
 *
 *     Y Y^T v = lambda v,   phi = Y^T v sqrt(N / lambda);     else Y^T Y v = lambda v, phi =
 * sqrt(N) v.
 */
#include "operators/pod.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define lapack_complex_double double _Complex
#define lapack_complex_float  float _Complex
#include <lapacke.h>

#include "core/blas.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

enum { block = 64 }; /* points, or rows of a matrix, at a time */

static void take_off_mean(ritz_index n, ritz_index count, double *y, double *mean) {
  memset(mean, 0, (size_t)count * sizeof *mean);
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < count; j++) mean[j] += y[i * count + j] / (double)n;
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < count; j++) y[i * count + j] -= mean[j];
}

/* c [m, m] += a^T a for a [rows, m]. */
static void add_gram(ritz_index rows, ritz_index m, const double *a, double *c) {
  for (ritz_index i = 0; i < m; i += block) {
    const ritz_index some = m - i < block ? m - i : block;
    const ritz_gemm gemm = ritz_gemm_plan(RITZ_FLOAT64, true, true, some, m, rows, m, m, m);
    ritz_gemm_run(&gemm, a + i, a, c + i * m);
  }
}

/* The matrix of the smaller side. */
static ritz_status gram(ritz_index n, ritz_index count, const double *y, double *c) {
  const ritz_kernels *kernels = ritz_kernels_get(RITZ_FLOAT64);
  double *part, *turned;
  if (count <= n) {
    for (ritz_index i = 0; i < n; i += block)
      add_gram(n - i < block ? n - i : block, count, y + i * count, c);
    return RITZ_OK;
  }
  RITZ_TRY(RITZ_NEW(2 * block * n, &part));
  turned = part + block * n;
  for (ritz_index j = 0; j < count; j += block) {
    const ritz_index some = count - j < block ? count - j : block;
    kernels->row_copy(n, some, y + j, count, part, some, false);
    kernels->transpose(n, some, part, turned);
    add_gram(some, n, turned, c);
  }
  ritz_free(part);
  return RITZ_OK;
}

/* Eigenvalues rising; row k of c becomes eigenvector k. */
static ritz_status eigenvectors(ritz_index m, double *c, double *value) {
  double *work;
  const lapack_int length = (lapack_int)(m * (block + 2));
  RITZ_TRY(RITZ_NEW(length, &work));
  const lapack_int info = LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)m, c,
                                             (lapack_int)m, value, work, length);
  ritz_free(work);
  RITZ_REQUIRE(info == 0, RITZ_ERR_NUMERIC, "the eigenvalues of a %td x %td matrix do not converge",
               m, m);
  return RITZ_OK;
}

/* Column k of the basis from eigenvector v. */
static void mode_of(ritz_index n, ritz_index count, const double *y, const double *v, ritz_index k,
                    ritz_index modes, double *basis) {
  double square = 0;
  for (ritz_index j = 0; j < count; j++) basis[j * modes + k] = count <= n ? v[j] : 0;
  for (ritz_index i = 0; count > n && i < n; i++)
    for (ritz_index j = 0; j < count; j++) basis[j * modes + k] += v[i] * y[i * count + j];
  for (ritz_index j = 0; j < count; j++) square += basis[j * modes + k] * basis[j * modes + k];
  const double scale = sqrt((double)count / square);
  for (ritz_index j = 0; j < count; j++) basis[j * modes + k] *= scale;
}

ritz_status ritz_pod(ritz_index n, ritz_index count, ritz_index modes, double *y, double *mean,
                     double *basis, double *rest) {
  const ritz_index m = count <= n ? count : n;
  double *c = NULL, *value = NULL, kept = 0, all = 0;
  ritz_status status;
  ritz_blas_hold();
  take_off_mean(n, count, y, mean);
  RITZ_TRY_DONE(RITZ_NEW(m * m, &c));
  RITZ_TRY_DONE(RITZ_NEW(m, &value));
  RITZ_TRY_DONE(gram(n, count, y, c));
  RITZ_TRY_DONE(eigenvectors(m, c, value));
  for (ritz_index k = 0; k < m; k++) all += value[k] > 0 ? value[k] : 0;
  if (modes > m || !(value[m - modes] > (double)m * DBL_EPSILON * value[m - 1])) {
    status = RITZ_FAIL(RITZ_ERR_NUMERIC, "%td fields of %td numbers do not have %td modes", n,
                       count, modes);
    goto done;
  }
  for (ritz_index k = 0; k < modes; k++) {
    mode_of(n, count, y, c + (m - 1 - k) * m, k, modes, basis);
    kept += value[m - 1 - k];
  }
  *rest = kept < all ? 1 - kept / all : 0;
done:
  ritz_blas_release();
  ritz_free(c);
  ritz_free(value);
  return status;
}
