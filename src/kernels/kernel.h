/* SPDX-License-Identifier: BSD-3-Clause
 * What a kernel file sees. Each file src/kernels/variants/NAME.c is compiled once per number format
 * and instruction set; `real` is the format, and RITZ_KERNEL_DEFINE(name) gives the function its
 * variant's name. The signatures come from kernels.def, so a definition that differs does not
 * compile. Kernels hold numbers only: no graph, no allocation, no threads, no failure. */
#ifndef RITZ_KERNELS_KERNEL_H
#define RITZ_KERNELS_KERNEL_H

#include "kernels/kernels.h"

#if defined(RITZ_VARIANT_F64)
typedef double real;
#define RITZ_REAL_IS_DOUBLE 1
#else
typedef float real;
#define RITZ_REAL_IS_DOUBLE 0
#endif

/** Of functions whose callers' constants shape them. The build says otherwise where sanitizers
 * would take minutes over bodies that hold every case. */
#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE inline __attribute__((always_inline))
#endif

#define RITZ_PASTE_(a, b) ritz_##a##_##b
#define RITZ_PASTE(a, b)  RITZ_PASTE_(a, b)
/** Name of this variant of a function: ritz_gelu_f32_avx512. RITZ_VARIANT comes from CMake. */
#define RITZ_VARIANT_NAME(name)  RITZ_PASTE(name, RITZ_VARIANT)
#define RITZ_KERNEL_DEFINE(name) void RITZ_VARIANT_NAME(name)

#define RITZ_KERNEL(name, arguments) void RITZ_VARIANT_NAME(name) arguments;
#include "kernels/kernels.def"
#undef RITZ_KERNEL

#endif
