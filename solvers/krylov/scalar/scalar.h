/* SPDX-License-Identifier: BSD-3-Clause
 * Number formats, and what a method is. */
#ifndef RITZ_SOLVERS_KRYLOV_SCALAR_H
#define RITZ_SOLVERS_KRYLOV_SCALAR_H

#include "solvers/krylov/method.h"
#include "solvers/scalar.h"

#endif
