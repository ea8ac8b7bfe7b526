/* SPDX-License-Identifier: BSD-3-Clause
 * Predictions of a flow, improved by its equation, as a file. */
#ifndef RITZ_TOOLS_REFINE_H
#define RITZ_TOOLS_REFINE_H

#include "datasets/navier_stokes.h"
#include "tools/predict.h"

typedef struct ritz_refine_job {
  ritz_predict_job predict;
  ritz_flow flow;
  ritz_index time_modes, time_points, iterations;
} ritz_refine_job;

/** Of a quantity of every sample: mean, and half of the interval that holds it with 95 %. */
typedef struct ritz_refine_mean {
  double mean, spread;
} ritz_refine_mean;

enum { RITZ_REFINE_L2, RITZ_REFINE_H1, RITZ_REFINE_RESIDUAL, RITZ_REFINE_QUANTITIES };

typedef struct ritz_refine_summary {
  double seconds;
  bool truth; /**< L2 and H1 are known */
  ritz_refine_mean before[RITZ_REFINE_QUANTITIES], after[RITZ_REFINE_QUANTITIES];
  double iterations;
} ritz_refine_summary;

/** Names of the quantities, as data sets NAME_before and NAME_after. */
extern const char *const ritz_refine_name[RITZ_REFINE_QUANTITIES];

/**
 * Predicts and improves every sample, computed in double, and writes a file as ritz_predict() does.
 *
 * @return  RITZ_ERR_INTERRUPTED after a signal: nothing is written
 */
ritz_status ritz_refine(const ritz_refine_job *job, ritz_refine_summary *summary);

#endif
