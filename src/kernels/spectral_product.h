/* SPDX-License-Identifier: BSD-3-Clause
 * A small product with a wide right-hand side, run in cuts of columns: one call with many more
 * columns than rows loses a quarter of the JIT kernels' speed. */
#ifndef RITZ_KERNELS_SPECTRAL_PRODUCT_H
#define RITZ_KERNELS_SPECTRAL_PRODUCT_H

#include "kernels/gemm.h"

/** Widest right-hand side of one call, in bytes of a row. */
#define RITZ_PRODUCT_ROW_BYTES 512

typedef struct ritz_product {
  ritz_index cuts;     /* calls of `cut`, followed by one of `rest` unless its n is zero */
  size_t step;         /* bytes from one cut's columns to the next ones */
  ritz_gemm cut, rest; /* a value, like ritz_gemm: nothing to release */
} ritz_product;

/** As ritz_gemm_plan(), any number of columns. */
ritz_product ritz_product_plan(ritz_dtype dtype, bool transpose_a, bool accumulate, ritz_index m,
                               ritz_index n, ritz_index k, ritz_index lda, ritz_index ldb,
                               ritz_index ldc);

static inline void ritz_product_run(const ritz_product *p, const void *a, const void *b, void *c) {
  for (ritz_index i = 0; i < p->cuts; i++)
    ritz_gemm_run(&p->cut, a, (const char *)b + (size_t)i * p->step,
                  (char *)c + (size_t)i * p->step);
  if (p->rest.n > 0)
    ritz_gemm_run(&p->rest, a, (const char *)b + (size_t)p->cuts * p->step,
                  (char *)c + (size_t)p->cuts * p->step);
}

#endif
