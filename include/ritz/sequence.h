/* SPDX-License-Identifier: BSD-3-Clause
 * Sequences of linear systems: an order in which neighbours are alike, and solving in that order
 * with a recycle space carried from one system to the next (Wang et al. 2024, ICLR, "Accelerating
 * Data Generation for Neural Operators via Krylov Subspace Recycling"). */
#ifndef RITZ_SEQUENCE_H
#define RITZ_SEQUENCE_H

#include <ritz/krylov.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ritz_sequence_sort {
  RITZ_SORT_NONE,   /**< As they come. */
  RITZ_SORT_GREEDY, /**< From sample 0 to the nearest one left, and so on: count^2 distances. */
  RITZ_SORT_GROUPS, /**< Groups along the coordinate that varies most, greedy within each. */
  RITZ_SORT_HILBERT /**< Groups along a Hilbert curve through up to four such coordinates (Skilling
                         2004, doi:10.1063/1.1751381), greedy within each. */
} ritz_sequence_sort;

typedef struct ritz_sequence_order_options {
  ritz_sequence_sort sort; /**< Default RITZ_SORT_GREEDY */
  ritz_index group;        /**< Most samples of a group. Default 1000 */
  int modes; /**< Lowest frequencies per axis that stand for a field in groups and curves; 0: its
                  numbers themselves. Default 6 */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_sequence_order_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_sequence_order_defaults(ritz_sequence_order_options *options);

/**
 * An order of samples by the distance of their parameters, || p_i - p_j ||_2.
 *
 * @param options  NULL: the defaults.
 * @param dim      Grid axes of a field of parameters, 1 ... 3.
 * @param nodes    [dim], numbers per axis.
 * @param fields   [count, nodes] of finite numbers.
 * @param order    [count], out: order[k] is the sample to solve as number k.
 *                 RITZ_ERR_ARGUMENT  an option or extent out of range; RITZ_ERR_MEMORY
 */
RITZ_API ritz_status ritz_sequence_order(const ritz_sequence_order_options *options,
                                         ritz_index count, int dim, const ritz_index *nodes,
                                         const double *fields, ritz_index *order);

/** What a worker does before a system is solved: sets the operator and the preconditioner of
 * @p solver for @p sample and says where its right-hand side is and where its solution goes.
 * @return  0; any other number ends the sequence. */
typedef int ritz_sequence_set(void *worker, ritz_index sample, ritz_krylov *solver, const void **b,
                              void **x);

typedef struct ritz_sequence {
  ritz_scalar scalar;
  ritz_index n;                      /**< Unknowns of a system. */
  const ritz_krylov_options *krylov; /**< NULL: the defaults. Its threads count as 1. */
  ritz_index count;                  /**< Systems. */
  const ritz_index *order;           /**< [count]; NULL: as they come. */
  ritz_index chunk;    /**< Systems that share a recycle space, one after the other, at least 1: it
                            starts empty in every chunk, so that results do not depend on threads. */
  int workers;         /**< At least 1; chunks are spread over them by threads. */
  void *const *worker; /**< [workers], what each hands to @p set. */
  ritz_sequence_set *set;
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_sequence;

/**
 * Solves all systems of a sequence.
 *
 * @param reports  [count], by sample. A system that does not converge is not an error.
 *                 RITZ_ERR_ARGUMENT  chunk or workers out of range, what ritz_krylov_create() says;
 *                 RITZ_ERR_NUMERIC   a worker ended it, with the sample
 */
RITZ_API ritz_status ritz_sequence_solve(const ritz_sequence *sequence, ritz_solve_report *reports);

#ifdef __cplusplus
}
#endif
#endif
