/* SPDX-License-Identifier: BSD-3-Clause */
#include "support.h"

#include <math.h>
#include <string.h>

void assert_message_contains(const char *text) {
  if (!strstr(ritz_error_message(), text))
    fail_msg("message \"%s\" does not contain \"%s\"", ritz_error_message(), text);
}

void fill_uniform(uint32_t stream, ritz_index count, double *out) {
  const ritz_random random = {.seed = 1, .purpose = RITZ_RANDOM_TEST, .sample = stream};
  for (ritz_index i = 0; i < count; i++)
    out[i] = 2.0 * ritz_random_uniform(random, (uint64_t)i) - 1.0;
}

void fill_uniform_as(ritz_dtype dtype, uint32_t stream, ritz_index count, void *out) {
  const ritz_random random = {.seed = 1, .purpose = RITZ_RANDOM_TEST, .sample = stream};
  for (ritz_index i = 0; i < count; i++) {
    const double value = 2.0 * ritz_random_uniform(random, (uint64_t)i) - 1.0;
    if (dtype == RITZ_FLOAT64)
      ((double *)out)[i] = value;
    else
      ((float *)out)[i] = (float)value;
  }
}

double number_at(ritz_dtype dtype, const void *array, ritz_index i) {
  return dtype == RITZ_FLOAT64 ? ((const double *)array)[i] : ((const float *)array)[i];
}

double relative_error(ritz_index count, const double *a, const double *b) {
  double difference = 0, size = 0;
  for (ritz_index i = 0; i < count; i++) {
    difference = fmax(difference, fabs(a[i] - b[i]));
    size = fmax(size, fabs(b[i]));
  }
  return difference / (size > 0 ? size : 1);
}
