/* SPDX-License-Identifier: BSD-3-Clause
 * LAPACK in the format of the small matrices: LAPACK(geqrf_work) is LAPACKE_dgeqrf_work or
 * LAPACKE_zgeqrf_work. The _work forms allocate nothing. */
#ifndef RITZ_SOLVERS_KRYLOV_LAPACK_H
#define RITZ_SOLVERS_KRYLOV_LAPACK_H

#include "solvers/krylov/scalar/scalar.h"

#define lapack_complex_double double _Complex
#define lapack_complex_float  float _Complex
#include <lapacke.h>

#if RITZ_IS_COMPLEX
#define LAPACK(name) LAPACKE_z##name
#else
#define LAPACK(name) LAPACKE_d##name
#endif

enum { RITZ_LAPACK_BLOCK = 64 }; /* workspace per column that lets LAPACK work in blocks */

#endif
