/* SPDX-License-Identifier: BSD-3-Clause
 * Graphs on split fields against the same graphs on one rank, in double. */
#ifndef RITZ_TESTS_SPLIT_CHECK_H
#define RITZ_TESTS_SPLIT_CHECK_H

#include "gradient.h"
#include "ranks.h"

/** Starts MPI, runs the tests, ends MPI. @return  Failures. */
int run_split_tests(size_t count, const struct CMUnitTest *tests);

/**
 * Output, input gradient and parameter gradients of @p build for random x and cotangent agree with
 * those on one rank, relative to the largest number of each to 1e-12: for slabs along each axis,
 * pencils, blocks, and one cut with uneven and empty parts, as far as the number of ranks allows.
 *
 * Spectra go each way: as the plan chooses, by sums and, where that serves, by whole lines.
 *
 * Of parameters that the ranks share out (ritz_plan_shares()) a rank has NaN where its share ends,
 * and of their gradients zeros; with uneven parts, where plans have own_gradients, no room for it.
 *
 * An outline on imagined ranks tells, to the byte, what the plan holds and sends.
 */
void check_splits(const char *name, ritz_shape x, gradient_builder *build, const void *config);

#endif
