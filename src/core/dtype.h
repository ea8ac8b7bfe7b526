/* SPDX-License-Identifier: BSD-3-Clause
 * The two number formats: size, name, and arrays of either. */
#ifndef RITZ_CORE_DTYPE_H
#define RITZ_CORE_DTYPE_H

#include <ritz/types.h>
#include <stdbool.h>
#include <string.h>

/** @return  Bytes of one number. */
static inline size_t ritz_dtype_size(ritz_dtype dtype) { return dtype == RITZ_FLOAT64 ? 8 : 4; }

/** @return  "float" or "double", as files and options have it. */
static inline const char *ritz_dtype_name(ritz_dtype dtype) {
  return dtype == RITZ_FLOAT64 ? "double" : "float";
}

/** @return  Whether @p name is one; else @p out is unchanged. */
static inline bool ritz_dtype_parse(const char *name, ritz_dtype *out) {
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    if (strcmp(name, ritz_dtype_name(dtype)) != 0) continue;
    *out = dtype;
    return true;
  }
  return false;
}

/** Number @p i of an array of @p dtype. */
static inline double ritz_number_get(ritz_dtype dtype, const void *array, ritz_index i) {
  return dtype == RITZ_FLOAT64 ? ((const double *)array)[i] : ((const float *)array)[i];
}

static inline void ritz_number_set(ritz_dtype dtype, void *array, ritz_index i, double value) {
  if (dtype == RITZ_FLOAT64)
    ((double *)array)[i] = value;
  else
    ((float *)array)[i] = (float)value;
}

#endif
