/* SPDX-License-Identifier: BSD-3-Clause
 * A trained operator inside a Krylov method: B(r) = |r| N(r / |r|), N a model that maps residuals
 * of A u = b to errors A^-1 r, |r| the root of the mean square. N is not linear, so B is for
 * flexible methods alone: ritz_krylov_set_flexible_preconditioner() refuses the others.
 *
 * Flexible conjugate gradients with such a B are FCG-NO (Rudikov et al. 2024, arXiv:2402.05598);
 * with a window of two directions and r taken from x in every step (options restart = 2, recycle =
 * 0, refresh = 1 of method flexible_cg) the deep conjugate direction method (Kaneda et al. 2023,
 * arXiv:2205.10763). `ritz generate cg_errors` makes pairs to train N with. */
#ifndef RITZ_LEARNED_PRECONDITIONER_H
#define RITZ_LEARNED_PRECONDITIONER_H

#include <ritz/krylov.h>
#include <ritz/model.h>
#include <ritz/sparse.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_learned_options {
  int fields;          /**< Channels of the model behind the residual. Default 0 */
  const double *field; /**< [nodes, fields] what they hold, such as the coefficient; copied. */
  /** A symmetric preconditioner S by name, such as "ssor", and its options. B then becomes
   *
   *      z = S r,   z += g N(r - A z),   z += S (r - A z),
   *
   * a sweep of S on either side of the model, g being the step along the model's answer that is
   * best in the norm of A: for positive definite A only. Default NULL: the model alone */
  const char *smoother, *smoother_options;
  /** An answer N(r) with r . N(r) <= 0 is left out, for S alone; without a smoother z = r. For
   * positive definite A. Default true */
  bool safeguard;
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_learned_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_learned_options_defaults(ritz_learned_options *options);

typedef struct ritz_learned_preconditioner ritz_learned_preconditioner;

/**
 * Plans a model for a grid; one processor's whole grid, in double whatever the model's format.
 *
 * @param model    One output channel; kept alive.
 * @param grid     Where the unknowns are: dim, nodes and kind are read. Other nodes give the model
 *                 a residual of 0, and what it says there is not looked at.
 * @param matrix   A, real double, rows being the unknowns of @p grid in their order. Borrowed.
 * @param options  NULL: the defaults.
 * @param out      Release with ritz_learned_preconditioner_destroy(). NULL on failure.
 *                 RITZ_ERR_SHAPE     channels of the model, axes or unknowns that do not fit
 *                 RITZ_ERR_ARGUMENT  another scalar, fields that are missing
 *                 and what ritz_preconditioner_create() says of the smoother
 */
RITZ_API ritz_status ritz_learned_preconditioner_create(ritz_model *model,
                                                        const ritz_sparse_grid *grid,
                                                        const ritz_sparse *matrix,
                                                        const ritz_learned_options *options,
                                                        ritz_learned_preconditioner **out);
/** Gives back its model, too; accepts NULL and clears the pointer. */
RITZ_API void ritz_learned_preconditioner_destroy(ritz_learned_preconditioner **preconditioner);

/** After the values of the matrix have changed. @param field  As in the options; NULL: they stay.
 * RITZ_ERR_NUMERIC  of the smoother */
RITZ_API ritz_status ritz_learned_preconditioner_update(ritz_learned_preconditioner *preconditioner,
                                                        const double *field);

/** z = B(r), a ritz_krylov_map. Allocates nothing. @return  0; 1 where the model's answer is not
 * finite, with ritz_error_message(). Cost: a run of the model; with a smoother two applications of
 * it and two products more. */
RITZ_API int ritz_learned_preconditioner_apply(void *preconditioner, const void *r, void *z);

/** x = g N(b), a guess for options.initial_guess of any method: a run of the model and a product.
 * Zero where g, the best step in the norm of A, would not be positive. RITZ_ERR_NUMERIC  the
 * model's answer is not finite */
RITZ_API ritz_status ritz_learned_preconditioner_guess(ritz_learned_preconditioner *preconditioner,
                                                       const double *b, double *x);

typedef struct ritz_learned_counts {
  int runs;     /**< Of the model. */
  int rejected; /**< Answers that the safeguard left out. */
  int products; /**< With A, which a report of the solver does not count. */
} ritz_learned_counts;

/** What has been done since creation. */
RITZ_API ritz_learned_counts
ritz_learned_preconditioner_counts(const ritz_learned_preconditioner *preconditioner);

#ifdef __cplusplus
}
#endif
#endif
