/* SPDX-License-Identifier: BSD-3-Clause
 * The table with the name of the one that ritz_kernels_get() has chosen. */
#include "kernels/solver_kernels.h"

#include <string.h>

#include "kernels/kernels.h"

#define RITZ_TABLES(isa)                                               \
  extern const ritz_solver_kernels ritz_solver_kernel_table_f32_##isa; \
  extern const ritz_solver_kernels ritz_solver_kernel_table_f64_##isa;
#define RITZ_PAIR(isa) \
  { &ritz_solver_kernel_table_f32_##isa, &ritz_solver_kernel_table_f64_##isa }

#if defined(RITZ_ISA_NATIVE)
RITZ_TABLES(native)
static const ritz_solver_kernels *const tables[][2] = {RITZ_PAIR(native)};
#elif defined(RITZ_ISA_AVX512)
RITZ_TABLES(avx512)
RITZ_TABLES(avx2)
RITZ_TABLES(base)
static const ritz_solver_kernels *const tables[][2] = {RITZ_PAIR(avx512), RITZ_PAIR(avx2),
                                                       RITZ_PAIR(base)};
#else
RITZ_TABLES(base)
static const ritz_solver_kernels *const tables[][2] = {RITZ_PAIR(base)};
#endif

const ritz_solver_kernels *ritz_solver_kernels_get(ritz_dtype dtype) {
  const char *isa = ritz_kernels_get(dtype)->isa;
  const size_t last = sizeof tables / sizeof *tables - 1;
  for (size_t i = 0; i < last; i++)
    if (strcmp(tables[i][dtype]->isa, isa) == 0) return tables[i][dtype];
  return tables[last][dtype];
}
