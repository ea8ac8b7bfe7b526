/* SPDX-License-Identifier: BSD-3-Clause
 * Losses against their formulas written out, point by point. */
#ifndef RITZ_TESTS_LOSS_FORMULA_H
#define RITZ_TESTS_LOSS_FORMULA_H

#include "loss_cases.h"

/** The loss of a case, and those of its channels, against the formulas. */
void check_loss_values(const loss_case *c);

#endif
