/* SPDX-License-Identifier: BSD-3-Clause
 * A model applied to every sample of a data set, as a file. */
#ifndef RITZ_TOOLS_PREDICT_H
#define RITZ_TOOLS_PREDICT_H

#include <ritz/dataset.h>
#include <ritz/model.h>

#include "core/options.h"

typedef struct ritz_predict_job {
  ritz_context *context; /**< of all ranks, which share the samples, and a grid as `parts` say */
  ritz_ints parts;       /**< of each grid axis; none: a sample is one rank's */
  ritz_model *model;
  ritz_dataset *set;
  const char *model_path, *path; /**< path: where to write */
  ritz_index grid[3];            /**< of the prediction */
  ritz_index steps;              /**< of a roll-out */
} ritz_predict_job;

/** What came out. */
typedef struct ritz_predict_summary {
  double seconds;
  double rel_l2; /**< Mean over samples of ||y - truth|| / ||truth||; negative without truth. */
} ritz_predict_summary;

/**
 * Writes a native map file with x, y (the prediction) and, where the data set has y and the grid is
 * its own, `truth`. Its root attributes `model` and `data` name the two files. The file appears
 * under its name when it is complete. Collective; the file does not depend on the ranks.
 *
 * @return  RITZ_ERR_INTERRUPTED after a signal: nothing is written
 */
ritz_status ritz_predict(const ritz_predict_job *job, ritz_predict_summary *summary);

/** Of squared norms of a difference and the truth; infinity where only the truth vanishes. */
double ritz_relative_error(double difference, double truth);

#endif
