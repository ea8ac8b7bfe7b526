/* SPDX-License-Identifier: BSD-3-Clause
 * Training runs of tests on several ranks: a small fno in double, 7 samples in batches of 3, which
 * is 3 steps an epoch, the last of one sample; two epochs. */
#ifndef RITZ_TESTS_RANKS_TRAIN_H
#define RITZ_TESTS_RANKS_TRAIN_H

#include <ritz/train.h>

#include "files.h"
#include "ranks.h"

/** Fixtures: the folder of files.h, one of all ranks, with config.yaml. */
int ranks_folder_make(void **state);
int ranks_folder_remove(void **state);

enum { most_steps = 16 };

/** What a run leaves behind. */
typedef struct record {
  int steps, epochs, stop_after; /* stop_after: steps; 0: never */
  int asked, ask_after;          /* the same of `stop`, which all ranks have */
  double loss[most_steps];
  double sent[most_steps]; /* bytes to other ranks until then */
  char epoch[4][512];
} record;

/** Trains into FOLDER/name with @p changes overrides. */
ritz_status train_with(ritz_context *context, const char *name, bool resume, int changes,
                       const char *const *change, record *r);
/** The same with one override, or none: NULL. */
ritz_status train(ritz_context *context, const char *name, bool resume, const char *change,
                  record *r);

/** Weights of FOLDER/name/last.h5 and FOLDER/reference/last.h5. */
void assert_near_weights(const char *name, const char *reference, double tolerance);

#endif
