/* SPDX-License-Identifier: BSD-3-Clause
 * This variant's table. */
#include "kernels/kernel.h"

extern const ritz_kernels RITZ_VARIANT_NAME(kernel_table);
const ritz_kernels RITZ_VARIANT_NAME(kernel_table) = {
    .isa = RITZ_ISA_NAME,
#define RITZ_KERNEL(name, arguments) .name = RITZ_VARIANT_NAME(name),
#include "kernels/kernels.def"
#undef RITZ_KERNEL
};
