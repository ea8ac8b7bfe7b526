/* SPDX-License-Identifier: BSD-3-Clause
 * <complex.h> with CMPLX() of C11, which glibc keeps from compilers that call themselves an old
 * gcc, as clang does. */
#ifndef RITZ_CORE_COMPLEX_H
#define RITZ_CORE_COMPLEX_H

#include <complex.h>

#ifndef CMPLX
#define CMPLX(re, im)  __builtin_complex((double)(re), (double)(im))
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
#endif

#endif
