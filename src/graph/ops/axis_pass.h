/* SPDX-License-Identifier: BSD-3-Clause
 * A fixed matrix T [M, N] along one axis of a field, the same for all channels, and its transpose:
 * [samples][slabs, N, inner] <-> [samples][slabs, M, inner]. */
#ifndef RITZ_GRAPH_OPS_AXIS_PASS_H
#define RITZ_GRAPH_OPS_AXIS_PASS_H

#include "kernels/gemm.h"

typedef struct ritz_axis_pass {
  ritz_index samples, slabs, inner, points, modes;
  /* Numbers from one sample to the next; 0 in a plan: they follow each other. */
  ritz_index point_sample, mode_sample;
  void *matrix;                   /* [M, N] */
  void *transposed;               /* [N, M]; where inner is 1 */
  ritz_index lines, step, chunks; /* tasks of a sample's slab, or of a sample where inner is 1 */
  ritz_dtype dtype;
  ritz_gemm to[2][2]; /* [whole task, last one][write, add] */
  ritz_gemm from[2][2];
} ritz_axis_pass;

/** Entry (mode, point) of T. */
typedef double ritz_axis_entry(const void *user, ritz_index mode, ritz_index point);

/** Plans @p pass, whose extents and steps are set. Release with ritz_axis_pass_clear(). */
ritz_status ritz_axis_pass_plan(ritz_dtype dtype, ritz_axis_entry *entry, const void *user,
                                ritz_axis_pass *pass);
void ritz_axis_pass_clear(ritz_axis_pass *pass);

/** out (+)= T from, or T^T from for !@p to. Cost: 2 M N flops for each sample, slab and inner. */
void ritz_axis_pass_run(const ritz_axis_pass *pass, int threads, bool to, bool add,
                        const void *from, void *out);

/** Flops of a run. */
double ritz_axis_pass_flops(const ritz_axis_pass *pass);

#endif
