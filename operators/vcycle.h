/* SPDX-License-Identifier: BSD-3-Clause
 * A linear operator parameterised by one multigrid V-cycle of convolutions. He, Liu & Xu 2024,
 * arXiv:2310.19809, Sec. 3.
 *
 * On level 0 ... J-1, the grid halved each time, with all 3^d kernels of the level's own:
 *     pre-smoothing   u <- u + S (f - A u)            (level 0: from u = 0, so u <- S f first)
 *     down            u <- Pi u,  f <- R f            (or R (f - A u))
 *     up              u <- u + P u_coarse             (then maybe a norm)
 *     post-smoothing  u <- u + S (f - A u)
 * Every step has its own A and S. */
#ifndef RITZ_OPERATORS_VCYCLE_H
#define RITZ_OPERATORS_VCYCLE_H

#include <ritz/ops.h>

/** A norm over grid and channels of each sample, eps 1e-5. */
typedef enum ritz_field_norm {
  RITZ_FIELD_NORM_NONE,
  RITZ_FIELD_NORM_PLAIN,
  RITZ_FIELD_NORM_AFFINE /* weight and bias for every point and channel: one grid only */
} ritz_field_norm;

/** NAME.weight and NAME.bias, 1 and 0, if affine. */
ritz_var ritz_layer_field_norm(ritz_graph *g, ritz_params *p, ritz_var x, ritz_field_norm norm,
                               const char *name);

typedef struct ritz_vcycle_options {
  int levels;
  const ritz_index *pre, *post; /* [levels] steps; post NULL: none */
  const ritz_index *up_kernel;  /* [levels - 1], extent of P, 3 or 4 */
  ritz_index channels;          /* of u on level 0 */
  bool widening;                /* level l has l + 1 times the channels of level 0, u and f alike */
  ritz_boundary boundary;       /* of A, S, Pi and R */
  bool wrapped_up;              /* and of P; else what P puts beyond the grid is lost */
  ritz_index margin;            /* of Pi, R and P: coarse points are the even fine ones (1), or the
                                   odd ones (0), which leaves out the boundary */
  bool bias;                    /* of A and S */
  bool residual;                /* restricts f - A u, with one more A for each transfer */
  bool textbook;                /* Pi, R, P start as full weighting and multilinear interpolation */
  ritz_field_norm norm;         /* of u + P u_coarse */
} ritz_vcycle_options;

/** Whether a grid has room for all levels; the sentence begins with @p owner. RITZ_ERR_SHAPE */
ritz_status ritz_vcycle_check_grid(const ritz_vcycle_options *o, const char *owner, int dim,
                                   const ritz_index *grid);

/** One V-cycle from u = 0 for the right-hand side @p f; parameters NAME.level.L.*. */
ritz_var ritz_vcycle(ritz_graph *g, ritz_params *p, ritz_var f, const ritz_vcycle_options *o,
                     const char *name);

#endif
