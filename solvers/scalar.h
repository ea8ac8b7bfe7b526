/* SPDX-License-Identifier: BSD-3-Clause
 * What a file of a folder scalar/ sees: it is compiled once per number format. `scalar` is the
 * format of vectors, `wide` that of sums and small dense matrices, always in double. RITZ_SCALAR
 * comes from CMake. */
#ifndef RITZ_SOLVERS_SCALAR_H
#define RITZ_SOLVERS_SCALAR_H

#include <float.h>
#include <math.h>
#include <ritz/scalar.h>

#include "core/complex.h"

#define RITZ_SCALAR_s            0
#define RITZ_SCALAR_d            1
#define RITZ_SCALAR_c            2
#define RITZ_SCALAR_z            3
#define RITZ_SCALAR_PASTE_(a, b) a##b
#define RITZ_SCALAR_PASTE(a, b)  RITZ_SCALAR_PASTE_(a, b)
#define RITZ_SCALAR_NUMBER       RITZ_SCALAR_PASTE(RITZ_SCALAR_, RITZ_SCALAR)
#define RITZ_IS_COMPLEX          (RITZ_SCALAR_NUMBER >= 2)

#if RITZ_SCALAR_NUMBER % 2
#define SCALAR_REAL double
#define EPSILON     DBL_EPSILON
#else
#define SCALAR_REAL float
#define EPSILON     FLT_EPSILON
#endif

typedef SCALAR_REAL real;

#if RITZ_IS_COMPLEX
typedef SCALAR_REAL _Complex scalar;
typedef double _Complex wide;
#define CONJ(a) conj(a)
#define REAL(a) creal(a)
#define ABS(a)  cabs(a)
#else
typedef SCALAR_REAL scalar;
typedef double wide;
#define CONJ(a) (a)
#define REAL(a) (a)
#define ABS(a)  fabs(a)
#endif

/** Name of a function or table in this number format: ritz_gcrodr_z. */
#define RITZ_SCALAR_JOIN_(name, s) ritz_##name##_##s
#define RITZ_SCALAR_JOIN(name, s)  RITZ_SCALAR_JOIN_(name, s)
#define RITZ_SCALAR_NAME(name)     RITZ_SCALAR_JOIN(name, RITZ_SCALAR)

#endif
