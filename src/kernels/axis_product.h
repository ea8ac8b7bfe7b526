/* SPDX-License-Identifier: BSD-3-Clause
 * Complex matrix times one axis of a complex tensor,
 *     Y[p, l, q, :] = sum over a of U[l, a] T[p, a, q, :],
 * T [P, A, Q, 2, N], U [L, 2, A], Y [P, L, Q, 2, N] with planes (Re, Im). As four real products for
 * each (p, q) and each block of columns. */
#ifndef RITZ_KERNELS_AXIS_PRODUCT_H
#define RITZ_KERNELS_AXIS_PRODUCT_H

#include <ritz/status.h>

typedef struct ritz_axis_product_shape {
  ritz_dtype dtype;
  ritz_index p, a, l, q, n; /* at least 1 each */
} ritz_axis_product_shape;

typedef struct ritz_axis_product ritz_axis_product;

/**
 * @param threads  Threads the runs may use; results do not depend on it.
 * @param out      NULL on failure.
 */
ritz_status ritz_axis_product_create(const ritz_axis_product_shape *shape, int threads,
                                     ritz_axis_product **out);
void ritz_axis_product_destroy(ritz_axis_product **product);
/** @return  Bytes of scratch each run needs; the caller provides it, 64-byte aligned. */
size_t ritz_axis_product_scratch(const ritz_axis_product *product);

/** Cost of each: 8 P A L Q N flops. */
void ritz_axis_product_forward(const ritz_axis_product *product, const void *t, const void *u,
                               void *y, void *scratch);
/** GT (+)= U^H GY. */
void ritz_axis_product_vjp_tensor(const ritz_axis_product *product, const void *gy, const void *u,
                                  bool add, void *gt, void *scratch);
/** GU (+)= GY T^H. */
void ritz_axis_product_vjp_matrix(const ritz_axis_product *product, const void *t, const void *gy,
                                  bool add, void *gu, void *scratch);

#endif
