/* SPDX-License-Identifier: BSD-3-Clause
 * This variant's table of kernels for solvers. */
#include "kernels/variants/solver_kernel.h"

extern const ritz_solver_kernels RITZ_VARIANT_NAME(solver_kernel_table);
const ritz_solver_kernels RITZ_VARIANT_NAME(solver_kernel_table) = {
    .isa = RITZ_ISA_NAME,
#define RITZ_KERNEL(name, arguments) .name = RITZ_VARIANT_NAME(name),
#include "kernels/solver_kernels.def"
#undef RITZ_KERNEL
};
