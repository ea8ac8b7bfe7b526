/* SPDX-License-Identifier: BSD-3-Clause
 * Krylov methods for sequences of linear systems A x = b, with A and the preconditioner M given as
 * callbacks: M stands for an approximate inverse, z = M r.
 *
 * A solver keeps what it learnt about the small eigenvalues of one system in a recycle space and
 * starts the next system from there (Parks, de Sturler, Mackey, Johnson & Maiti 2006,
 * doi:10.1137/040607277). The space is an object of its own: it can be inspected, saved, handed to
 * another solver, or reset.
 *
 * Vectors are arrays of the solver's scalar. With several ranks each holds its part of every vector
 * and gives a `sum` callback. */
#ifndef RITZ_KRYLOV_H
#define RITZ_KRYLOV_H

#include <ritz/scalar.h>
#include <ritz/solve.h>
#include <ritz/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the preconditioner stands, and with it the norm that the tolerances are about. */
typedef enum ritz_krylov_side {
  RITZ_LEFT,  /**< M A x = M b; ||M (b - A x)|| against ||M b||. */
  RITZ_RIGHT, /**< A M y = b, x = M y; ||b - A x|| against ||b||. The directions M v are kept, so M
                   may change from one step to the next (flexible GMRES, Saad 1993). */
} ritz_krylov_side;

/** How a new direction is made orthogonal to the ones before it. */
typedef enum ritz_orthogonalization {
  RITZ_ORTHOGONALIZE_CGS2, /**< Classical Gram-Schmidt after the two nearest directions, a second
                                time where the first has cancelled digits (Daniel, Gragg, Kaufman &
                                Stewart 1976): seldom with operators close to symmetric ones. */
  RITZ_ORTHOGONALIZE_CGS,  /**< Once: cheapest, loses orthogonality on hard systems. */
  RITZ_ORTHOGONALIZE_MGS,  /**< Modified Gram-Schmidt, one direction after the other. */
} ritz_orthogonalization;

/** How the products A U of a recycle space are made orthonormal for a new matrix. */
typedef enum ritz_qr {
  RITZ_QR_CHOLESKY, /**< In blocks, twice (Yamamoto et al. 2015); column by column where they are
                         close to dependent. */
  RITZ_QR_GRAM_SCHMIDT, /**< Column by column, twice. */
} ritz_qr;

/** y = A x or z = M r on vectors of the solver's length; writes all of y. x and y never overlap.
 * @return  0; any other number ends the solve (RITZ_SOLVE_OPERATOR_FAILED, _PRECONDITIONER_FAILED).
 */
typedef int ritz_krylov_map(void *user, const void *x, void *y);

/** Replaces each of the @p count numbers by its sum over all ranks, the same bits on each.
 * @return  0; any other number ends the solve (RITZ_SOLVE_SUM_FAILED). */
typedef int ritz_krylov_sum(void *user, double *values, int count);

/** Called before the first and after each iteration. @param residual  Of the recurrence, relative,
 * in the method's norm. @return  false to stop. */
typedef bool ritz_krylov_monitor(void *user, int iteration, double residual);

typedef struct ritz_krylov_options {
  const char *method;    /**< A name of `ritz list solvers`. Default "gcrodr" */
  double rtol;           /**< Done at ||r|| <= max(rtol ||b||, atol). Default 1e-5 */
  double atol;           /**< Default 1e-50 */
  double dtol;           /**< Given up at ||r|| > dtol ||b||. Default 1e4 */
  int max_iterations;    /**< Default 10000 */
  int restart;           /**< m: directions of a cycle, recycled ones included; of a block method
                              k of them and m - k steps of up to `block` each; of flexible CG the
                              latest ones, to which a new one is made conjugate. Default 30 */
  int recycle;           /**< k < m: dimension of the recycle space; 0: none. Default 10 */
  int block;             /**< Block GMRES and GCRO-DR: right-hand sides that are taken together.
                              Default 4 */
  ritz_krylov_side side; /**< GMRES and GCRO-DR. Default RITZ_RIGHT */
  ritz_orthogonalization orthogonalization; /**< GMRES and GCRO-DR, blocks too. Default CGS2 */
  ritz_qr qr;                               /**< GCRO-DR. Default RITZ_QR_CHOLESKY */
  int refresh; /**< Flexible CG: r = b - A x in place of the recurrence every so many steps, a
                    product each; 0: where the recurrence ends. Default 0 */
  bool initial_guess;               /**< x holds a guess on entry. Default false: it is zero */
  int threads;                      /**< Default 1; 0: as many as the processor offers. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_krylov_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_krylov_options_defaults(ritz_krylov_options *options);

typedef struct ritz_krylov ritz_krylov;
typedef struct ritz_recycle ritz_recycle;

/**
 * Allocates all a solve needs besides max_iterations numbers of history: restart + 3 recycle + 3
 * vectors for GCRO-DR on the left, restart more on the right; block (restart + 3) +
 * 3 recycle + 2 for block GCRO-DR, block restart more on the right; 5 for conjugate gradients,
 * deflated 2 restart + 5 recycle more, flexible 2 restart - 1 more; 9 for MINRES and BiCGStab.
 *
 * @param n        Length of the vectors of this rank, at least 0.
 * @param options  Copied; NULL: the defaults.
 * @param out      Release with ritz_krylov_destroy(). NULL on failure.
 *                 RITZ_ERR_ARGUMENT  an option out of range; RITZ_ERR_NOT_FOUND  no such method
 */
RITZ_API ritz_status ritz_krylov_create(ritz_scalar scalar, ritz_index n,
                                        const ritz_krylov_options *options, ritz_krylov **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_krylov_destroy(ritz_krylov **solver);

/** The operator, borrowed with @p user until it is set again. Call it again whenever the matrix
 * behind @p user has changed: the recycled products A U are computed anew then, and only then. */
RITZ_API void ritz_krylov_set_operator(ritz_krylov *solver, ritz_krylov_map *apply, void *user);
/** The preconditioner; NULL: none. As with the operator, call it again when M has changed. */
RITZ_API void ritz_krylov_set_preconditioner(ritz_krylov *solver, ritz_krylov_map *apply,
                                             void *user);
/** The same for a map that is not linear or changes from step to step, such as a network.
 * RITZ_ERR_ARGUMENT  a method that needs a fixed one; the message names those that do not */
RITZ_API ritz_status ritz_krylov_set_flexible_preconditioner(ritz_krylov *solver,
                                                             ritz_krylov_map *apply, void *user);
/** Sums over ranks; NULL: one rank. */
RITZ_API void ritz_krylov_set_sum(ritz_krylov *solver, ritz_krylov_sum *sum, void *user);
/** Adds a monitor to those there are; each is called. RITZ_ERR_MEMORY */
RITZ_API ritz_status ritz_krylov_add_monitor(ritz_krylov *solver, ritz_krylov_monitor *monitor,
                                             void *user);
/**
 * Works with @p space from now on instead of the solver's own. The space is borrowed, must outlive
 * the solver's use of it and belongs to one solver at a time. What it holds beyond
 * options.recycle directions is dropped at the next solve.
 *
 * @param space  NULL: the solver's own again.
 *               RITZ_ERR_SHAPE  another length or scalar, or room for fewer directions
 */
RITZ_API ritz_status ritz_krylov_set_recycle(ritz_krylov *solver, ritz_recycle *space);
/** The space in use; NULL for a method that recycles nothing. */
RITZ_API ritz_recycle *ritz_krylov_recycle(ritz_krylov *solver);

/**
 * Solves A x = b. Allocates nothing.
 *
 * When the recurrence meets the tolerance, the residual is computed from x; if that does not meet
 * it, the iteration goes on from there, and ends as RITZ_SOLVE_STAGNATED when it gains nothing any
 * more. Not converging is a reason in the report, not a failure. OpenBLAS works without threads of
 * its own meanwhile, but for the callbacks, which find it as the caller has set it.
 *
 * @param b  [n].
 * @param x  [n]; the guess on entry if options.initial_guess, the best iterate on exit.
 *           RITZ_ERR_ARGUMENT  no operator was set
 */
RITZ_API ritz_status ritz_krylov_solve(ritz_krylov *solver, const void *b, void *x,
                                       ritz_solve_report *report);

/**
 * Solves A x_j = b_j for several right-hand sides of one matrix.
 *
 * Method cg takes them as one block (O'Leary 1980, doi:10.1016/0024-3795(80)90247-5; without
 * breakdowns after Ji & Li 2017, doi:10.1007/s10543-016-0631-z): in each step a product per
 * direction left, and fewer steps than any column needs alone. It allocates 5 blocks for the call.
 * Methods block_gmres and block_gcrodr (Parks, Soodhalter & Szyld 2016, "A block recycled GMRES
 * method") take options.block of them at a time, the next ones from the recycle space that these
 * have left, and allocate nothing; columns that depend on others, or have met the tolerance at the
 * start of a cycle, cost no products but those of the checks.
 * The other methods take one column after the other, each from the recycle space that the one
 * before has left, whose products with A stay valid.
 *
 * @param b,x      [count][n], one column after the other.
 * @param reports  [count], each with its own residual and reason: columns that are zero or not
 *                 finite are left out of a block and do it no harm. Iterations and products are
 *                 those of its block together; the monitors see the largest residual, and the
 *                 history is that of the last block.
 *                 RITZ_ERR_ARGUMENT  count below 0, no operator; RITZ_ERR_MEMORY
 */
RITZ_API ritz_status ritz_krylov_solve_many(ritz_krylov *solver, int count, const void *b, void *x,
                                            ritz_solve_report *reports);

/** Relative residuals of the last solve, iteration 0 first. @return  Their number. */
RITZ_API int ritz_krylov_history(const ritz_krylov *solver, const double **residuals);

/** One line per option and its effective value, into @p text (always ended).
 * @return  Characters the whole text has, as snprintf. */
RITZ_API int ritz_krylov_view(const ritz_krylov *solver, size_t size, char *text);

/**
 * An empty space for up to @p capacity directions.
 *
 * @param out  Release with ritz_recycle_destroy(); NULL on failure. Holds 3 capacity vectors.
 *             RITZ_ERR_ARGUMENT  a length or capacity out of range; RITZ_ERR_MEMORY
 */
RITZ_API ritz_status ritz_recycle_create(ritz_scalar scalar, ritz_index n, int capacity,
                                         ritz_recycle **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_recycle_destroy(ritz_recycle **space);
/** Forgets all directions. */
RITZ_API void ritz_recycle_reset(ritz_recycle *space);
/** @return  Directions held at present. */
RITZ_API int ritz_recycle_dimension(const ritz_recycle *space);
/** @return  Systems solved with the space since it was empty. */
RITZ_API int ritz_recycle_age(const ritz_recycle *space);
/** Column @p j < dimension, [n]; valid until the next solve. */
RITZ_API const void *ritz_recycle_direction(const ritz_recycle *space, int j);
/** Replaces the content by @p count <= capacity columns, each [n], one after the other:
 * eigenvectors known otherwise, or a basis that a model predicts. Need not be orthogonal.
 * RITZ_ERR_ARGUMENT  count out of range */
RITZ_API ritz_status ritz_recycle_set(ritz_recycle *space, int count, const void *directions);
/** Writes an HDF5 file with the directions [dimension, n]. RITZ_ERR_IO */
RITZ_API ritz_status ritz_recycle_save(const ritz_recycle *space, const char *path);
/** Reads it back. RITZ_ERR_IO, RITZ_ERR_SHAPE  another length, scalar or more than the capacity */
RITZ_API ritz_status ritz_recycle_load(ritz_recycle *space, const char *path);

#ifdef __cplusplus
}
#endif
#endif
