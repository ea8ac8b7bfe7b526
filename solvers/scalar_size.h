/* SPDX-License-Identifier: BSD-3-Clause
 * Sizes and names of the number formats. */
#ifndef RITZ_SOLVERS_SCALAR_SIZE_H
#define RITZ_SOLVERS_SCALAR_SIZE_H

#include <ritz/scalar.h>

#include "core/fail.h"

/** Bytes of one scalar. */
static inline size_t ritz_scalar_size(ritz_scalar format) {
  static const size_t size[] = {4, 8, 8, 16};
  return size[format];
}

/** "complex float" */
static inline const char *ritz_scalar_text(ritz_scalar format) {
  static const char *const text[] = {"float", "double", "complex float", "complex double"};
  return text[format];
}

/** RITZ_ERR_ARGUMENT  none of ritz_scalar */
static inline ritz_status ritz_scalar_check(ritz_scalar format) {
  RITZ_REQUIRE(format >= RITZ_REAL_FLOAT && format <= RITZ_COMPLEX_DOUBLE, RITZ_ERR_ARGUMENT,
               "scalar is %d, wanted one of ritz_scalar", (int)format);
  return RITZ_OK;
}

#endif
