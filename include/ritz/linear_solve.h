/* SPDX-License-Identifier: BSD-3-Clause
 * A sparse linear solve inside a graph, one op whose gradient solves the transposed system. */
#ifndef RITZ_LINEAR_SOLVE_H
#define RITZ_LINEAR_SOLVE_H

#include <ritz/graph.h>
#include <ritz/krylov.h>
#include <ritz/sparse.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_linear_solve_options {
  ritz_krylov_options krylov; /**< Its threads are those of the graph's context. */
  const char *preconditioner; /**< A name of `ritz list preconditioners`. */
  /** As in ritz_preconditioner_create(); NULL: its defaults. */
  const char *preconditioner_options;
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_linear_solve_options;

/** GMRES, ILU(0), rtol 1e-10. */
RITZ_API void ritz_linear_solve_options_defaults(ritz_linear_solve_options *options);

/**
 * u = A^-1 f for every sample and channel.
 *
 * Systems are solved in double whatever the graph's format. The recycle space of a method that has
 * one starts empty in every run, so that results depend on the operands alone. A system that does
 * not converge makes its u (or its gradients) NaN, which is what a loss looks for.
 *
 * vjp: A^T l = du; df = l, da_ij = -l_i u_j summed over samples and channels.
 *
 * @param matrix  Real double, copied when the graph is planned, borrowed until then.
 * @param f       [B, X0, ..., C] with as many grid points as the matrix has rows.
 * @param values  [entries] in the place of the matrix's own, in the order of its rows, the same for
 *                all samples; RITZ_NO_VAR: those of the matrix.
 * @param options Borrowed texts; NULL: the defaults.
 * @return u      As f. RITZ_ERR_SHAPE  grid points, entries or a matrix that is not square;
 *                whatever ritz_krylov_create() and ritz_preconditioner_create() say
 *
 * Cost: B C solves, and as many with the transpose for gradients.
 */
RITZ_API ritz_var ritz_linear_solve(ritz_graph *graph, const ritz_sparse *matrix, ritz_var f,
                                    ritz_var values, const ritz_linear_solve_options *options);

#ifdef __cplusplus
}
#endif
#endif
