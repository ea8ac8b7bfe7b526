/* SPDX-License-Identifier: BSD-3-Clause
 * Sizes and names of the number formats. */
#ifndef RITZ_SOLVERS_SCALAR_SIZE_H
#define RITZ_SOLVERS_SCALAR_SIZE_H

#include <ritz/scalar.h>
#include <stddef.h>

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

#endif
