/* SPDX-License-Identifier: BSD-3-Clause
 * Where a wide product is cut. */
#include "kernels/spectral_product.h"
#include "core/dtype.h"

ritz_product ritz_product_plan(ritz_dtype dtype, bool transpose_a, bool accumulate, ritz_index m,
                               ritz_index n, ritz_index k, ritz_index lda, ritz_index ldb,
                               ritz_index ldc) {
  const ritz_index size = (ritz_index)ritz_dtype_size(dtype);
  const ritz_index most = RITZ_PRODUCT_ROW_BYTES / size;
  const ritz_index cuts = n > most ? n / most : 0, rest = n - cuts * most;
  ritz_product product = {.cuts = cuts, .step = RITZ_PRODUCT_ROW_BYTES};
  if (cuts > 0)
    product.cut = ritz_gemm_plan(dtype, transpose_a, accumulate, m, most, k, lda, ldb, ldc);
  product.rest = ritz_gemm_plan(dtype, transpose_a, accumulate, m, rest, k, lda, ldb, ldc);
  return product;
}
