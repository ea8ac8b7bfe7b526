/* SPDX-License-Identifier: BSD-3-Clause
 * Preconditioners of sparse matrices by name: approximate inverses z = M r, ready for
 * ritz_krylov_set_preconditioner(). Results do not depend on the number of threads. */
#ifndef RITZ_PRECONDITIONER_H
#define RITZ_PRECONDITIONER_H

#include <ritz/sparse.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @return  Number of preconditioners in the library. */
RITZ_API int ritz_preconditioner_count(void);
/** @return  Name of number @p i, "ilu"; NULL outside 0 ... count - 1. */
RITZ_API const char *ritz_preconditioner_name(int i);
/** @return  One line on number @p i; NULL as above. */
RITZ_API const char *ritz_preconditioner_summary(int i);
/** Options of one, one a line: name, default, meaning. Release with ritz_text_free().
 * RITZ_ERR_NOT_FOUND  no such preconditioner */
RITZ_API ritz_status ritz_preconditioner_help(const char *type, char **out);

typedef struct ritz_preconditioner ritz_preconditioner;

/**
 * Plans a preconditioner for the pattern of @p matrix and computes it from the values.
 *
 * @param type     A name of `ritz list preconditioners`.
 * @param options  YAML or JSON map, "{fill: 1}". NULL: all defaults.
 * @param matrix   Square. Borrowed until the preconditioner is destroyed.
 * @param out      Release with ritz_preconditioner_destroy(). NULL on failure.
 *                 RITZ_ERR_NOT_FOUND  unknown type; RITZ_ERR_CONFIG  an option, named;
 *                 RITZ_ERR_SHAPE  not square; RITZ_ERR_NUMERIC  a zero pivot or a matrix that is
 *                 not positive definite where that is needed, with the row;
 *                 RITZ_ERR_COMMUNICATION  boomeramg and pfmg, where MPI is not running, or this
 *                 thread did not start it and it was not with MPI_THREAD_SERIALIZED
 */
RITZ_API ritz_status ritz_preconditioner_create(const char *type, const char *options,
                                                const ritz_sparse *matrix,
                                                ritz_preconditioner **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_preconditioner_destroy(ritz_preconditioner **preconditioner);

/** Computes it anew after the values of the matrix have changed. RITZ_ERR_NUMERIC and
 * RITZ_ERR_COMMUNICATION as above; it must then not be applied until an update succeeds. */
RITZ_API ritz_status ritz_preconditioner_update(ritz_preconditioner *preconditioner);

/** Threads of an application, 1 as created; 0: all the processor offers. */
RITZ_API void ritz_preconditioner_set_threads(ritz_preconditioner *preconditioner, int threads);

/** z = M r, a ritz_krylov_map with the ritz_preconditioner as its user. Allocates nothing (but
 * superlu, boomeramg and pfmg, which do as their libraries do). One call at a time; others may be
 * used by other threads meanwhile, where those of hypre, boomeramg and pfmg, wait for each other.
 * @return  0; boomeramg and pfmg: also 1, where hypre fails or this thread may not call MPI. */
RITZ_API int ritz_preconditioner_apply(void *preconditioner, const void *r, void *z);

#ifdef __cplusplus
}
#endif
#endif
