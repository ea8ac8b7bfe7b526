/* SPDX-License-Identifier: BSD-3-Clause
 * Where the first NaN or infinity is. */
#ifndef RITZ_IO_FINITE_H
#define RITZ_IO_FINITE_H

#include <ritz/types.h>

/** @return  Position of the first number that is not finite, or -1. Cost: one pass, memory rate. */
ritz_index ritz_first_not_finite(ritz_dtype dtype, ritz_index count, const void *values);

#endif
