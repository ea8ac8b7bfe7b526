/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fields.h"

#include <math.h>
#include <ritz/random.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/memory.h"

void bench_fill(ritz_index count, uint32_t stream, float *out) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  for (ritz_index i = 0; i < count; i++)
    out[i] = (float)(2 * ritz_random_uniform(random, (uint64_t)i) - 1);
}

ritz_status bench_numbers(ritz_index count, uint32_t stream, float **out) {
  RITZ_TRY(RITZ_NEW(count, out));
  bench_fill(count, stream, *out);
  return RITZ_OK;
}

double bench_difference(ritz_index count, const float *a, const float *b) {
  double worst = 0, size = 1e-30;
  for (ritz_index i = 0; i < count; i++) {
    const double d = fabs((double)a[i] - (double)b[i]);
    if (!(d <= worst)) worst = d;
    size = fmax(size, fabs((double)b[i]));
  }
  return worst / size;
}

const char *bench_or_null(double value, char out[32]) {
  if (value > 0)
    snprintf(out, 32, "%.6g", value);
  else
    snprintf(out, 32, "null");
  return out;
}
