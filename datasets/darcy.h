/* SPDX-License-Identifier: BSD-3-Clause
 * Options of the Darcy generator, for samples that are made together and for one over ranks. */
#ifndef RITZ_DATASETS_DARCY_H
#define RITZ_DATASETS_DARCY_H

#include "core/options.h"
#include "datasets/medium.h"
#include "datasets/split_generator.h"

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

extern const ritz_split_generator_type ritz_darcy_split;

#endif
