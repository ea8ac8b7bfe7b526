/* SPDX-License-Identifier: BSD-3-Clause
 * Runs a check on every kernel table this machine can use. */
#ifndef RITZ_TESTS_KERNELS_ISA_H
#define RITZ_TESTS_KERNELS_ISA_H

#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

/** Calls @p check for both number formats and each usable instruction set. Needs setenv: define
 * _POSIX_C_SOURCE before the first include. */
static inline void for_each_table(void (*check)(ritz_dtype dtype, const ritz_kernels *kernels)) {
  static const char *const isas[] = {"base", "avx2", "avx512", "native"};
  for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
    setenv("RITZ_ISA", isas[i], 1);
    for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
      const ritz_kernels *kernels = ritz_kernels_get(dtype);
      if (strcmp(kernels->isa, isas[i]) == 0) check(dtype, kernels);
    }
  }
  unsetenv("RITZ_ISA");
}

#endif
