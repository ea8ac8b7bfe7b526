/* SPDX-License-Identifier: BSD-3-Clause
 * Parameters of published implementations under their own names and layouts, moved to ours and
 * back: what parity tests and imports share. The rules stand with each operator. */
#ifndef RITZ_MODEL_REFERENCE_H
#define RITZ_MODEL_REFERENCE_H

#include "operators/operator.h"

/** One parameter of the reference, and where it belongs. */
typedef struct ritz_reference_match {
  const ritz_reference_name *rule;
  int position; /* of our parameter in the set; -1: the reference never uses its own */
  bool complex;
  int rank; /* shape in the reference's layout */
  ritz_index n[RITZ_MAX_RANK];
  ritz_index count; /* numbers of that shape; complex ones count once */
} ritz_reference_match;

/** The operator whose reference is called @p name; RITZ_ERR_NOT_FOUND. */
ritz_status ritz_reference_operator(const char *name, const ritz_operator_type **out);

/**
 * Finds our parameter for @p theirs and checks that the shapes belong together. One that the
 * reference never uses is found too, and takes and gives no numbers.
 *
 * @param n  [rank] extents in the reference's layout.
 *           RITZ_ERR_NOT_FOUND  no rule or no such parameter; RITZ_ERR_SHAPE
 */
ritz_status ritz_reference_find(const ritz_operator_type *type, const ritz_params *params,
                                const char *theirs, int rank, const ritz_index *n,
                                ritz_reference_match *match);

/** The name the reference gives to our parameter, by the rule returned; NULL if no rule has it.
 * CORNER rules name the first corner. */
const ritz_reference_name *ritz_reference_name_of(const ritz_operator_type *type, const char *ours,
                                                  size_t size, char *theirs);

/** Writes a reference array into our flat array of @p dtype. Complex values are (re, im) pairs. */
void ritz_reference_put(const ritz_params *params, const ritz_reference_match *match,
                        ritz_dtype dtype, const double *theirs, void *ours);
/** The other direction: parameters or gradients laid out as ours. */
void ritz_reference_get(const ritz_params *params, const ritz_reference_match *match,
                        ritz_dtype dtype, const void *ours, double *theirs);

#endif
