/* SPDX-License-Identifier: BSD-3-Clause
 * Solves -div(a grad u) = f on a rectangle or box for many samples at once, one per SIMD lane, or
 * for one in strips (multigrid.h), by conjugate gradients and multigrid cycles, as
 * solvers/grid/diffusion.h discretises it.
 *
 * A sample's result does not depend on the samples beside it: each has scalars of its own, and one
 * that has finished stands still. A group of samples ends with its slowest; or, with
 * options.gather, when half its lanes have finished: the others then go on in a second set of
 * lanes, together with those that earlier groups have left. */
#ifndef RITZ_SOLVERS_MULTIGRID_DIFFUSION_BATCH_H
#define RITZ_SOLVERS_MULTIGRID_DIFFUSION_BATCH_H

#include <ritz/solve.h>

#include "solvers/multigrid/multigrid.h"

/** Work space of one batch at a time. */
typedef struct ritz_diffusion_batch ritz_diffusion_batch;

/**
 * @param dim      2 or 3.
 * @param n        [dim] nodes per axis, boundary included, at least 3.
 * @param h        [dim] distances between nodes, positive.
 * @param options  Copied; NULL: the defaults. Unless stationary, the cycle is V or W.
 * @param out      In float: holds about 51 bytes per node and lane (three dimensions: 45, with
 *                 galerkin 66), with gather twice that, with strips per node.
 *                 RITZ_ERR_ARGUMENT  one of them out of range
 */
ritz_status ritz_diffusion_batch_create(int dim, const ritz_index *n, const double *h,
                                        const ritz_multigrid_options *options,
                                        ritz_diffusion_batch **out);
void ritz_diffusion_batch_destroy(ritz_diffusion_batch **batch);

/**
 * Solves samples 0 ... count - 1. Allocates nothing.
 *
 * @param count    Any: each options.lanes of them are a group, with strips each one.
 * @param a        [count] coefficients at all nodes, positive.
 * @param b        [count] right-hand sides h0 h1 f (h0 h1 h2 f); the boundary is not read.
 * @param u        [count] solutions, zero on the boundary.
 * @param reports  [count]; residuals are true ones, recomputed from u.
 *
 * Cost: per iteration about 60 flops and 150 bytes of memory traffic an unknown and lane, whether
 * the lane is in use or not.
 */
void ritz_diffusion_batch_solve(ritz_diffusion_batch *batch, ritz_index count, ritz_face_mean mean,
                                const double *const *a, const double *const *b, double *const *u,
                                ritz_solve_report *reports);

#endif
