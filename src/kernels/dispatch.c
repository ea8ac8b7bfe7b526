/* SPDX-License-Identifier: BSD-3-Clause
 * Chooses the kernel table at run time. RITZ_ISA_* say which ones this build has. */
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

typedef struct candidate {
  const char *isa;
  bool (*usable)(void);
  const ritz_kernels *table[2]; /* by dtype */
} candidate;

#define RITZ_TABLES(isa)                                 \
  extern const ritz_kernels ritz_kernel_table_f32_##isa; \
  extern const ritz_kernels ritz_kernel_table_f64_##isa;
#define RITZ_CANDIDATE(isa, usable)                                              \
  {                                                                              \
#isa, usable, { &ritz_kernel_table_f32_##isa, &ritz_kernel_table_f64_##isa } \
  }

static bool always(void) { return true; }

#if defined(RITZ_ISA_NATIVE)
RITZ_TABLES(native)
static const candidate candidates[] = {RITZ_CANDIDATE(native, always)};
#else
RITZ_TABLES(base)
#if defined(RITZ_ISA_AVX512)
RITZ_TABLES(avx2)
RITZ_TABLES(avx512)
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif
static const candidate candidates[] = {/* best first */
#if defined(RITZ_ISA_AVX512)
                                       RITZ_CANDIDATE(avx512, has_avx512),
                                       RITZ_CANDIDATE(avx2, has_avx2),
#endif
                                       RITZ_CANDIDATE(base, always)};
#endif

const ritz_kernels *ritz_kernels_get(ritz_dtype dtype) {
  const size_t count = sizeof candidates / sizeof *candidates;
  const char *wish = getenv("RITZ_ISA");
  size_t first = 0;
  for (size_t i = 0; wish && i < count; i++)
    if (strcmp(candidates[i].isa, wish) == 0) first = i;
  for (size_t i = first; i < count; i++)
    if (candidates[i].usable()) return candidates[i].table[dtype];
  return candidates[count - 1].table[dtype];
}
