/* SPDX-License-Identifier: BSD-3-Clause
 * What every operator must pass, whatever its equations. */
#ifndef RITZ_TESTS_OPERATOR_CHECKS_H
#define RITZ_TESTS_OPERATOR_CHECKS_H

#include "gradient.h"

/** Output for the input @p x in double, initial values of seed 5; malloc'ed. */
double *evaluate_operator(const operator_case *c, const double *x);

/** No parameter is left without a gradient. */
void check_parameters_are_used(const operator_case *c);

/** The state of building @p type for an input @p x; the number of trainable numbers goes to
 * @p numbers (may be NULL). */
ritz_status build_status(const char *type, const char *options, ritz_shape x, ritz_index *numbers);

/** Trainable numbers of a new operator; the test fails if it cannot be built. */
ritz_index numbers_of(const char *type, const char *options, ritz_shape x);
/** Fails unless they are as many as wanted. */
void check_numbers(const char *type, const char *options, ritz_shape x, ritz_index wanted);

/** Refining the grid changes outputs ever less, exponentially. @param change  The largest change
 * from n points along each axis to 2 n, of an operator with these options. */
void check_exponential_refinement(const char *options,
                                  double (*change)(const char *options, ritz_index n));

/** Options that cannot be, and a part of the sentence that says so. */
typedef struct operator_refusal {
  const char *type, *options;
  ritz_shape x;
  ritz_status status;
  const char *message;
} operator_refusal;
void check_refusals(int count, const operator_refusal *refusals);

/** Training on @p grid is refused with @p message, or accepted (NULL). */
void check_training_grid(const char *type, const char *options, int dim, const ritz_index *grid,
                         const char *message);

#endif
