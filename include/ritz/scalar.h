/* SPDX-License-Identifier: BSD-3-Clause
 * Number formats of vectors and matrices of the solvers. Complex numbers are C's
 * `double _Complex`, which are C++'s std::complex<double> and Fortran's complex(8). */
#ifndef RITZ_SCALAR_H
#define RITZ_SCALAR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ritz_scalar {
  RITZ_REAL_FLOAT = 0,
  RITZ_REAL_DOUBLE = 1,
  RITZ_COMPLEX_FLOAT = 2,
  RITZ_COMPLEX_DOUBLE = 3
} ritz_scalar;

#ifdef __cplusplus
}
#endif
#endif
