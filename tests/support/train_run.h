/* SPDX-License-Identifier: BSD-3-Clause
 * Short training runs on real data: 40 Darcy samples of 16 x 16, a narrow fno, three epochs of
 * three whole batches and a rest. */
#ifndef RITZ_TESTS_TRAIN_RUN_H
#define RITZ_TESTS_TRAIN_RUN_H

#include <ritz/train.h>

#include "support.h"

/** The configuration; its lines are counted from 1. */
extern const char train_config[];

typedef struct train_case {
  const char *out;    /**< Folder inside the folder of the test. */
  const char *config; /**< Text of the configuration; NULL: train_config. */
  const char *set[6]; /**< Overrides, ended by NULL. */
  bool resume;
  int threads; /**< 0: 1. */
  ritz_train_callback *progress;
  void *user;
} train_case;

/** Trains; the configuration is written to FOLDER/config.yaml. */
ritz_status train_run(const train_case *c);

/** Trains and fails with @p status; the message is one line that contains @p text. */
void train_refused(const train_case *c, ritz_status status, const char *text);

/** Two model files (or checkpoints) hold the same weights, bit by bit, and the same golden pair. */
void assert_same_weights(const char *a, const char *b);
/** Two records are the same but for the seconds. */
void assert_same_metrics(const char *a, const char *b);
/** The value of the last "name": in a record. */
double last_metric(const char *path, const char *name);

#endif
