/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers to work on, and how far two results are apart. */
#ifndef RITZ_BENCH_FIELDS_H
#define RITZ_BENCH_FIELDS_H

#include <ritz/status.h>

/** out[i]: reproducible uniform numbers in [-1, 1), a different stream per @p stream. */
void bench_fill(ritz_index count, uint32_t stream, float *out);

/** The same in memory of its own, which the caller frees. RITZ_ERR_MEMORY */
ritz_status bench_numbers(ritz_index count, uint32_t stream, float **out);

/** Largest |a[i] - b[i]| over the largest |b[i]|. */
double bench_difference(ritz_index count, const float *a, const float *b);

/** "0.125" in @p out and back, "null" for a time or ratio that does not exist (0). */
const char *bench_or_null(double value, char out[32]);

#endif
