/* SPDX-License-Identifier: BSD-3-Clause
 * The ops a graph is made of. Fields are [B, X0, ..., C], 1 to 3 grid axes. Every constructor
 * returns RITZ_NO_VAR once the graph has failed; RITZ_ERR_SHAPE and friends latch in the graph.
 * P stands for the number of rows B X0 X1 ...; costs are those of one forward run, and where none
 * is said a sweep over operands and result with a few flops for each number. */
#ifndef RITZ_OPS_H
#define RITZ_OPS_H

#include <ritz/ops/attention.h>
#include <ritz/ops/factors.h>
#include <ritz/ops/grid.h>
#include <ritz/ops/local.h>
#include <ritz/ops/norm.h>
#include <ritz/ops/points.h>
#include <ritz/ops/pointwise.h>
#include <ritz/ops/spectral.h>

#endif
