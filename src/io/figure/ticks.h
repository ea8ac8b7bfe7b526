/* SPDX-License-Identifier: BSD-3-Clause
 * Where an axis has marks and what they say. */
#ifndef RITZ_IO_FIGURE_TICKS_H
#define RITZ_IO_FIGURE_TICKS_H

#include <stdbool.h>

enum { RITZ_TICKS_MAX = 10, RITZ_TICK_LABEL = 40 };

typedef struct ritz_ticks {
  int count;
  double value[RITZ_TICKS_MAX]; /**< increasing, within the range */
  char label[RITZ_TICKS_MAX][RITZ_TICK_LABEL];
  int exponent; /**< The labels are to be multiplied by 10^exponent. */
} ritz_ticks;

/** Sizes beyond this, and everything not finite, is not drawn: differences stay finite. */
bool ritz_drawable(double value);

/** @return  Whether low < high by enough to tell numbers between them apart: by more than 1e-9 of
 * their size. */
bool ritz_range_open(double low, double high);

/**
 * Makes low < high with room for labels: a constant c becomes c -+ |c| / 10, 0 becomes [-1, 1].
 * Changes nothing where ritz_range_open().
 */
void ritz_range_widen(double *low, double *high);

/** Moves an end that misses a nice number by less than 2 % of the range onto it: 0.999 to 1. */
void ritz_range_round(double *low, double *high);

/**
 * At most @p most (2 to RITZ_TICKS_MAX) multiples of 1, 2, 2.5 or 5 times a power of ten, with
 * just the decimals they need. Values beyond 1e5 or below 1e-3 share an exponent.
 */
void ritz_ticks_linear(double low, double high, int most, ritz_ticks *out);

/** Powers of ten, every second or third if there are many, with 2 and 5 times them if there are
 * few; 0 < low < high. Linear ticks where none of these lie in the range. */
void ritz_ticks_log(double low, double high, int most, ritz_ticks *out);

#endif
