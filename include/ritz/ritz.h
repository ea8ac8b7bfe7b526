/* SPDX-License-Identifier: BSD-3-Clause
 * Everything public. <ritz/mpi.h>, where it is installed, is apart because it needs mpi.h. */
#ifndef RITZ_RITZ_H
#define RITZ_RITZ_H

#include <ritz/context.h>
#include <ritz/dataset.h>
#include <ritz/generator.h>
#include <ritz/graph.h>
#include <ritz/krylov.h>
#include <ritz/layout.h>
#include <ritz/learned_preconditioner.h>
#include <ritz/linear_solve.h>
#include <ritz/model.h>
#include <ritz/operator.h>
#include <ritz/ops.h>
#include <ritz/params.h>
#include <ritz/preconditioner.h>
#include <ritz/predictor.h>
#include <ritz/random.h>
#include <ritz/scalar.h>
#include <ritz/sequence.h>
#include <ritz/solve.h>
#include <ritz/sparse.h>
#include <ritz/split_solve.h>
#include <ritz/status.h>
#include <ritz/train.h>
#include <ritz/transform.h>
#include <ritz/types.h>
#include <ritz/version.h>
#include <ritz/window.h>

#endif
