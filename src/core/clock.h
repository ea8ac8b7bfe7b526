/* SPDX-License-Identifier: BSD-3-Clause
 * Wall-clock seconds for progress and reports. */
#ifndef RITZ_CORE_CLOCK_H
#define RITZ_CORE_CLOCK_H

/** @return  Seconds of a monotonic clock since an arbitrary moment. */
double ritz_clock_seconds(void);

#endif
