/* SPDX-License-Identifier: BSD-3-Clause
 * What happened in each epoch: a table that becomes metrics.jsonl, curves.png and a part of the
 * checkpoint. */
#ifndef RITZ_TRAIN_HISTORY_H
#define RITZ_TRAIN_HISTORY_H

#include <ritz/status.h>

/* Columns of a row; each test set adds rel_l2 and rel_h1 behind them. */
enum {
  RITZ_HISTORY_LOSS,    /* mean over the training samples */
  RITZ_HISTORY_RATE,    /* learning rate of the last step */
  RITZ_HISTORY_SECONDS, /* of the training steps of this epoch */
  RITZ_HISTORY_FIXED
};

typedef struct ritz_history {
  int tests;
  char **test; /* names of the test sets, owned */
  ritz_index rows, capacity;
  double *row; /* [rows][RITZ_HISTORY_FIXED + 2 tests]; NaN: not evaluated in this epoch */
} ritz_history;

static inline int ritz_history_columns(const ritz_history *history) {
  return RITZ_HISTORY_FIXED + 2 * history->tests;
}

/** @param test  [tests] names, copied. */
ritz_status ritz_history_init(ritz_history *history, int tests, const char *const *test);
void ritz_history_clear(ritz_history *history);
ritz_status ritz_history_add(ritz_history *history, const double *row);

/** Row @p i as one line of JSON without a newline. Release with ritz_free(). */
ritz_status ritz_history_line(const ritz_history *history, ritz_index i, char **out);
/** Writes all rows to a file, replacing it at once. */
ritz_status ritz_history_write(const ritz_history *history, const char *path);
/** Appends row @p first and those after it to the file. */
ritz_status ritz_history_append(const ritz_history *history, ritz_index first, const char *path);
/** Draws losses and test errors over the epochs. */
ritz_status ritz_history_plot(const ritz_history *history, const char *path);

#endif
