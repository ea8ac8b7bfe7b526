/* SPDX-License-Identifier: BSD-3-Clause
 * What this machine can do at this moment, to hold measured rates against. */
#ifndef RITZ_KERNELS_MACHINE_H
#define RITZ_KERNELS_MACHINE_H

#include <ritz/status.h>

/** Flops per second of one thread: the fastest of several rounds of a product whose operands stay
 * in the first-level cache. Takes about @p seconds. */
double ritz_machine_peak(ritz_dtype dtype, double seconds);

/** One reading of that of @p threads threads at once, at the clock they have now: under sustained
 * load it falls. Takes about a millisecond. */
double ritz_machine_peak_now(ritz_dtype dtype, int threads);

/**
 * Bytes per second, read and written, of a copy on @p threads threads between two arrays of
 * @p bytes together: that of the cache or memory they fit in. The fastest of several rounds.
 *
 * @param bytes  Rounded up to some hundred KiB.
 *               RITZ_ERR_MEMORY
 */
ritz_status ritz_machine_bandwidth(int threads, size_t bytes, double seconds, double *out);

#endif
