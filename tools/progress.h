/* SPDX-License-Identifier: BSD-3-Clause
 * How far a command is: one line on stderr that is written over and over, and nothing at all where
 * stderr is no terminal. Plain text, no colours: NO_COLOR has nothing to switch off. */
#ifndef RITZ_TOOLS_PROGRESS_H
#define RITZ_TOOLS_PROGRESS_H

#include <ritz/types.h>

typedef struct ritz_progress {
  bool live;        /**< stderr is a terminal that can return to the start of a line */
  const char *what; /**< "darcy" */
  const char *unit; /**< "samples" */
  ritz_index total;
  ritz_index before; /**< done in an earlier run: not part of the rate */
  double start;      /**< seconds */
  double shown;      /**< when the line was written last */
  int width;         /**< characters of that line */
} ritz_progress;

/** @p what and @p unit must outlive it. */
void ritz_progress_begin(ritz_progress *progress, const char *what, const char *unit,
                         ritz_index total, ritz_index before);

/** "darcy: 440 of 1000 samples (44 %), 512 samples/s, 1 s left", at most ten times a second. */
void ritz_progress_show(ritz_progress *progress, ritz_index done);

/** The same with a text of the caller's; cut to the width of the terminal. */
void ritz_progress_text(ritz_progress *progress, const char *format, ...) RITZ_PRINTF(2, 3);

/** Removes the line. */
void ritz_progress_end(ritz_progress *progress);

/** @return  Seconds since the beginning. */
double ritz_progress_seconds(const ritz_progress *progress);

/** "12.3 s", "4 min 05 s", "3 h 20 min". @return @p out. */
const char *ritz_duration_text(double seconds, char out[32]);

#endif
