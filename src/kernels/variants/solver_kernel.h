/* SPDX-License-Identifier: BSD-3-Clause
 * kernel.h for the kernels of solver_kernels.def. */
#ifndef RITZ_KERNELS_VARIANTS_SOLVER_KERNEL_H
#define RITZ_KERNELS_VARIANTS_SOLVER_KERNEL_H

#include "kernels/kernel.h"
#include "kernels/solver_kernels.h"

#define RITZ_KERNEL(name, arguments) void RITZ_VARIANT_NAME(name) arguments;
#include "kernels/solver_kernels.def"
#undef RITZ_KERNEL

#endif
