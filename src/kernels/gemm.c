/* SPDX-License-Identifier: BSD-3-Clause
 * Small products through libxsmm or CBLAS, and the table's kernel for narrow last columns.
 *
 * libxsmm is column-major: the row-major C = A B is its C^T = B^T A^T with the operands swapped, so
 * its first operand is our B (never transposed) and its second is our A. */
#include "kernels/gemm.h"
#include "core/dtype.h"
#include "kernels/kernels.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

#if RITZ_WITH_XSMM
#include <libxsmm.h>
#endif

typedef void jit_gemm(const void *, const void *, void *, ...);
typedef void jit_batch(const void *, const void *, void *, const unsigned long long *, ...);

#if RITZ_WITH_XSMM
static void (*jit_kernel(const ritz_gemm *g))(void) {
  const int flags = g->transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const libxsmm_blasint m = g->head, n = g->m, k = g->k, lda = g->ldb, ldb = g->lda, ldc = g->ldc;
  if (g->dtype == RITZ_FLOAT64) {
    const double alpha = 1, beta = g->accumulate;
    return (void (*)(void))libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags,
                                               NULL);
  }
  const float alpha = 1, beta = g->accumulate;
  return (void (*)(void))libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags,
                                             NULL);
}

static void (*jit_batch_kernel(const ritz_gemm *g))(void) {
  const int flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
  const libxsmm_blasint m = g->head, n = g->m, k = g->k, lda = g->ldb, ldb = g->lda, ldc = g->ldc;
  if (g->dtype == RITZ_FLOAT64) {
    const double alpha = 1, beta = g->accumulate;
    return (void (*)(void))libxsmm_dmmdispatch_reducebatch_offs(m, n, k, &lda, &ldb, &ldc, &alpha,
                                                                &beta, &flags, &prefetch);
  }
  const float alpha = 1, beta = g->accumulate;
  return (void (*)(void))libxsmm_smmdispatch_reducebatch_offs(m, n, k, &lda, &ldb, &ldc, &alpha,
                                                              &beta, &flags, &prefetch);
}
#endif

/* Fewer rows leave the tail's sums waiting for each other. */
enum { fewest_rows = 4 };

/* Columns that are left to libxsmm or CBLAS. */
static int head_of(const ritz_gemm *g) {
  ritz_index tail = 0;
  if (g->m >= fewest_rows && g->n > 0 && g->k > 0) g->kernels->tail_columns(g->n, &tail);
  return g->n - (int)tail;
}

ritz_gemm ritz_gemm_plan(ritz_dtype dtype, bool transpose_a, bool accumulate, ritz_index m,
                         ritz_index n, ritz_index k, ritz_index lda, ritz_index ldb,
                         ritz_index ldc) {
  ritz_gemm gemm = {.dtype = dtype,
                    .transpose_a = transpose_a,
                    .accumulate = accumulate,
                    .m = (int)m,
                    .n = (int)n,
                    .k = (int)k,
                    .lda = (int)lda,
                    .ldb = (int)ldb,
                    .ldc = (int)ldc,
                    .kernels = ritz_kernels_get(dtype)};
  gemm.head = head_of(&gemm);
#if RITZ_WITH_XSMM
  if (m > 0 && gemm.head > 0 && k > 0) gemm.jit = jit_kernel(&gemm);
#endif
  return gemm;
}

static void clear(const ritz_gemm *g, void *c) {
  const size_t size = ritz_dtype_size(g->dtype);
  for (int i = 0; i < g->m; i++)
    memset((char *)c + (size_t)i * (size_t)g->ldc * size, 0, (size_t)g->n * size);
}

/* libxsmm's kernels leave the upper halves of the vector registers in use; until they are cleared,
 * code without AVX waits for each register it writes a half of. */
static void clear_upper_halves(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper");
#endif
}

/* A sum of products, without its first g->head columns. */
static void run_tail(const ritz_gemm *g, int terms, const void *a,
                     const unsigned long long *a_offset, const void *b,
                     const unsigned long long *b_offset, void *c) {
  if (g->head == g->n) return;
  const ritz_tail_product shape = {.m = g->m,
                                   .n = g->n - g->head,
                                   .k = g->k,
                                   .a_row = g->transpose_a ? 1 : g->lda,
                                   .a_step = g->transpose_a ? g->lda : 1,
                                   .b_row = g->ldb,
                                   .c_row = g->ldc,
                                   .accumulate = g->accumulate};
  const size_t skipped = (size_t)g->head * ritz_dtype_size(g->dtype);
  g->kernels->tail_product(&shape, terms, a, a_offset, (const char *)b + skipped, b_offset,
                           (char *)c + skipped);
}

static void run_head(const ritz_gemm *g, const void *a, const void *b, void *c) {
  if (g->jit) {
    ((jit_gemm *)g->jit)(b, a, c);
    clear_upper_halves();
    return;
  }
  if (g->m == 0 || g->head == 0) return;
  if (g->k == 0) {
    if (!g->accumulate) clear(g, c);
    return;
  }
  const CBLAS_TRANSPOSE ta = g->transpose_a ? CblasTrans : CblasNoTrans;
  if (g->dtype == RITZ_FLOAT64)
    cblas_dgemm(CblasRowMajor, ta, CblasNoTrans, g->m, g->head, g->k, 1.0, a, g->lda, b, g->ldb,
                g->accumulate, c, g->ldc);
  else
    cblas_sgemm(CblasRowMajor, ta, CblasNoTrans, g->m, g->head, g->k, 1.0f, a, g->lda, b, g->ldb,
                (float)g->accumulate, c, g->ldc);
}

void ritz_gemm_run(const ritz_gemm *g, const void *a, const void *b, void *c) {
  static const unsigned long long nowhere = 0;
  run_head(g, a, b, c);
  run_tail(g, 1, a, &nowhere, b, &nowhere, c);
}

ritz_gemm_batch ritz_gemm_batch_plan(ritz_dtype dtype, bool accumulate, ritz_index m, ritz_index n,
                                     ritz_index k, ritz_index lda, ritz_index ldb, ritz_index ldc) {
  ritz_gemm_batch batch = {
      .first = ritz_gemm_plan(dtype, false, accumulate, m, n, k, lda, ldb, ldc),
      .next = ritz_gemm_plan(dtype, false, true, m, n, k, lda, ldb, ldc)};
#if RITZ_WITH_XSMM
  if (m > 0 && batch.first.head > 0 && k > 0) batch.jit = jit_batch_kernel(&batch.first);
#endif
  return batch;
}

void ritz_gemm_batch_run(const ritz_gemm_batch *batch, int count, const void *a,
                         const unsigned long long *a_offset, const void *b,
                         const unsigned long long *b_offset, void *c) {
  if (count == 0) {
    if (!batch->first.accumulate) clear(&batch->first, c);
    return;
  }
  if (batch->jit) {
    const unsigned long long terms = (unsigned long long)count;
    ((jit_batch *)batch->jit)(b, a, c, &terms, b_offset, a_offset);
    clear_upper_halves();
  }
  for (int i = 0; !batch->jit && i < count; i++)
    run_head(i ? &batch->next : &batch->first, (const char *)a + a_offset[i],
             (const char *)b + b_offset[i], c);
  run_tail(&batch->first, count, a, a_offset, b, b_offset, c);
}
