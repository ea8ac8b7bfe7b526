/* SPDX-License-Identifier: BSD-3-Clause
 * Numeric kernels that solvers and generators alone call, in a table of their own beside
 * kernels/kernels.h: one per number format and instruction set. */
#ifndef RITZ_KERNELS_SOLVER_KERNELS_H
#define RITZ_KERNELS_SOLVER_KERNELS_H

#include <ritz/random.h>
#include <ritz/status.h>

struct ritz_box;       /* box.h */
struct ritz_lane_pair; /* box.h */
struct ritz_cuboid;    /* cuboid.h */
struct ritz_slab;      /* slab.h */
struct ritz_slices;    /* slices.h */

/* Rows of a column in the scratch of basis_replace(). */
enum { RITZ_REPLACE_ROWS = 64 };

typedef struct ritz_solver_kernels {
  const char *isa;
#define RITZ_KERNEL(name, arguments) void(*name) arguments;
#include "kernels/solver_kernels.def"
#undef RITZ_KERNEL
} ritz_solver_kernels;

/** The table of the instruction set that ritz_kernels_get() chooses. Reentrant, never NULL. */
const ritz_solver_kernels *ritz_solver_kernels_get(ritz_dtype dtype);

#endif
