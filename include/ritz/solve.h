/* SPDX-License-Identifier: BSD-3-Clause
 * How an iterative solve ended. Not converging is an outcome, not an error: the call that solved
 * returns normally and the report says why it stopped. */
#ifndef RITZ_SOLVE_H
#define RITZ_SOLVE_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One list of reasons, numbers and texts; positive: converged. Append only. */
#define RITZ_SOLVE_REASON_LIST(X)                                                        \
  X(RITZ_SOLVE_CONVERGED, 1, "residual of the solution within the tolerance")            \
  X(RITZ_SOLVE_ZERO_RHS, 2, "right-hand side is zero")                                   \
  X(RITZ_SOLVE_MAX_ITERATIONS, -1, "iteration limit reached")                            \
  X(RITZ_SOLVE_NOT_FINITE, -2, "a value is not finite")                                  \
  X(RITZ_SOLVE_INDEFINITE_OPERATOR, -3, "operator is not positive definite")             \
  X(RITZ_SOLVE_INDEFINITE_PRECONDITIONER, -4, "preconditioner is not positive definite") \
  X(RITZ_SOLVE_STAGNATED, -5, "true residual stopped falling above the tolerance")       \
  X(RITZ_SOLVE_STOPPED, -6, "stopped by the monitor")                                    \
  X(RITZ_SOLVE_DIVERGED, -7, "residual grew beyond the divergence tolerance")            \
  X(RITZ_SOLVE_BREAKDOWN, -8, "the recurrence divides by zero")                          \
  X(RITZ_SOLVE_OPERATOR_FAILED, -9, "the operator callback failed")                      \
  X(RITZ_SOLVE_PRECONDITIONER_FAILED, -10, "the preconditioner callback failed")         \
  X(RITZ_SOLVE_SUM_FAILED, -11, "the sum over ranks failed")                             \
  X(RITZ_SOLVE_INACCURATE, -12, "estimated error above the tolerance")

typedef enum ritz_solve_reason {
#define RITZ_SOLVE_REASON_ENUM(name, number, text) name = number,
  RITZ_SOLVE_REASON_LIST(RITZ_SOLVE_REASON_ENUM)
#undef RITZ_SOLVE_REASON_ENUM
} ritz_solve_reason;

/** @return  A short fixed text for @p reason; never NULL. */
RITZ_API const char *ritz_solve_reason_text(ritz_solve_reason reason);

typedef struct ritz_solve_report {
  ritz_solve_reason reason; /**< Positive: converged. */
  int iterations;           /**< Steps of the method. */
  int products;             /**< All products with the operator, set-up and checks included. */
  double residual;         /**< ||b - A x|| / ||b|| of the x returned, recomputed from x at exit. */
  double initial_residual; /**< The same before the first iteration. */
  uint64_t reserved[RITZ_RESERVED]; /**< Room for fields to come. */
} ritz_solve_report;

#ifdef __cplusplus
}
#endif
#endif
