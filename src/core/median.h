/* SPDX-License-Identifier: BSD-3-Clause
 * The middle of some readings. */
#ifndef RITZ_CORE_MEDIAN_H
#define RITZ_CORE_MEDIAN_H

/** Sorts @p values, the least first. @return  The one in the middle, of an even @p count (at least
 * 1) the larger of both. */
double ritz_median(int count, double *values);

#endif
