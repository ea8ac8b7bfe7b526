/* SPDX-License-Identifier: BSD-3-Clause
 * All eigenpairs of a small symmetric matrix by cyclic Jacobi rotations (Jacobi 1846; Golub & Van
 * Loan 2013, Matrix Computations, section 8.5). Written out here, as LAPACK's bits depend on how
 * many threads its BLAS takes. Cheap where the matrix is almost diagonal, as that of a warm start
 * is. */
#ifndef RITZ_SOLVERS_EIGEN_SYMMETRIC_H
#define RITZ_SOLVERS_EIGEN_SYMMETRIC_H

#include <ritz/types.h>

/**
 * @param a       [m][ld], symmetric; lost.
 * @param v       [m][ld], out: column j is the eigenvector of value[j].
 * @param value   [m], out, ascending.
 * @param order   [m] of scratch.
 *
 * Cost: 9 m^3 flops a sweep at most; 5 to 8 sweeps for a full matrix.
 */
void ritz_symmetric_eigen(ritz_index m, ritz_index ld, double *a, double *v, double *value,
                          ritz_index *order);

#endif
