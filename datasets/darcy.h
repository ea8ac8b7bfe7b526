/* SPDX-License-Identifier: BSD-3-Clause
 * Options of the Darcy generator, for samples that are made together and for one over ranks. */
#ifndef RITZ_DATASETS_DARCY_H
#define RITZ_DATASETS_DARCY_H

#include "core/options.h"
#include "datasets/medium.h"
#include "datasets/split_generator.h"
#include "solvers/fields/gaussian3.h"

enum { FACES_AUTO, FACES_ARITHMETIC, FACES_HARMONIC }; /* values of `faces` */

typedef struct ritz_darcy_config {
  ritz_ints resolution;
  int coefficient, faces, solver, preconditioner, cycle, lanes, transfer;
  double alpha, tau, low, high, log_scale, forcing, tolerance;
  ritz_index modes, sweeps, max_iterations;
} ritz_darcy_config;

/** Larger over smaller value of a piecewise coefficient, else 1. */
double ritz_darcy_jump(const ritz_darcy_config *config);
ritz_face_mean ritz_darcy_faces(const ritz_darcy_config *config);
/** Format of multigrid's cycles. */
ritz_dtype ritz_darcy_format(const ritz_darcy_config *config, bool galerkin);

/** Grid and fields of @p info. */
void ritz_darcy_describe(const ritz_darcy_config *config, ritz_generator_info *info);
/** The field that the coefficient is made from; on squares its first two axes. */
ritz_gaussian3_options ritz_darcy_field(const ritz_darcy_config *config);
/** Right-hand side at inner nodes: h0 h1 f, on cubes h0 h1 h2 f. */
double ritz_darcy_load(const ritz_darcy_config *config);

extern const ritz_split_generator_type ritz_darcy_split;

#endif
