/* SPDX-License-Identifier: BSD-3-Clause
 * Small row-major matrix products, C (+)= A B or A^T B: libxsmm's run-time compiled kernels, or
 * CBLAS where libxsmm is missing or declines the shape; the table's own tail_product() for the last
 * columns where they fill half a vector or less. Planned once, run many times.
 *
 * B transposed is left out on purpose: libxsmm cannot generate it, and a transposed copy of a
 * weight costs less than a slow product. */
#ifndef RITZ_KERNELS_GEMM_H
#define RITZ_KERNELS_GEMM_H

#include <ritz/status.h>

/** One shape of product. A value: copy it, no need to release. */
typedef struct ritz_gemm {
  ritz_dtype dtype;
  bool transpose_a, accumulate;
  int m, n, k, lda, ldb, ldc;
  int head;          /* columns before those that the table's tail_product() takes */
  void (*jit)(void); /* libxsmm kernel of the head; NULL: CBLAS */
  const struct ritz_kernels *kernels;
} ritz_gemm;

/**
 * C[m, n] = A B, or C += A B when @p accumulate. Row-major, ld* is the distance between rows in
 * numbers. With @p transpose_a, A is stored [k, m]. Any of m, n, k may be zero: the run does
 * nothing, except that k = 0 without accumulate clears C.
 *
 * Cost: 2 m n k flops per run; look-up of a known shape takes tens of nanoseconds.
 */
ritz_gemm ritz_gemm_plan(ritz_dtype dtype, bool transpose_a, bool accumulate, ritz_index m,
                         ritz_index n, ritz_index k, ritz_index lda, ritz_index ldb,
                         ritz_index ldc);

/** Runs a planned product; safe from any thread, never allocates. */
void ritz_gemm_run(const ritz_gemm *gemm, const void *a, const void *b, void *c);

/** One shape of a sum of products, C (+)= A_0 B_0 + A_1 B_1 + ...: C stays in registers. A value.
 */
typedef struct ritz_gemm_batch {
  ritz_gemm first, next; /* how it runs without libxsmm */
  void (*jit)(void);
} ritz_gemm_batch;

/** As ritz_gemm_plan() without transposition; every term has the same shape. */
ritz_gemm_batch ritz_gemm_batch_plan(ritz_dtype dtype, bool accumulate, ritz_index m, ritz_index n,
                                     ritz_index k, ritz_index lda, ritz_index ldb, ritz_index ldc);

/**
 * Runs a planned sum of @p count terms; none without accumulate clears C.
 *
 * @param a_offset, b_offset  [count] bytes from @p a to A_i, from @p b to B_i.
 */
void ritz_gemm_batch_run(const ritz_gemm_batch *batch, int count, const void *a,
                         const unsigned long long *a_offset, const void *b,
                         const unsigned long long *b_offset, void *c);

#endif
