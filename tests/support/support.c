/* SPDX-License-Identifier: BSD-3-Clause */
#include "support.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

void assert_message_contains(const char *text) {
  if (!strstr(ritz_error_message(), text))
    fail_msg("message \"%s\" does not contain \"%s\"", ritz_error_message(), text);
}

void fill_uniform_as(ritz_dtype dtype, uint32_t stream, ritz_index count, void *out) {
  const ritz_random random = {.seed = 1, .purpose = RITZ_RANDOM_TEST, .sample = stream};
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(dtype, out, i, 2.0 * ritz_random_uniform(random, (uint64_t)i) - 1.0);
}

void fill_uniform(uint32_t stream, ritz_index count, double *out) {
  fill_uniform_as(RITZ_FLOAT64, stream, count, out);
}

void *zeros(ritz_dtype dtype, ritz_index count) {
  void *out;
  assert_ok(ritz_calloc(count, ritz_dtype_size(dtype), &out));
  return out;
}

void *random_numbers(ritz_dtype dtype, uint32_t stream, ritz_index count) {
  void *out = zeros(dtype, count);
  fill_uniform_as(dtype, stream, count, out);
  return out;
}

double relative_error(ritz_index count, const double *a, const double *b) {
  double difference = 0, size = 0;
  for (ritz_index i = 0; i < count; i++) {
    difference = fmax(difference, fabs(a[i] - b[i]));
    size = fmax(size, fabs(b[i]));
  }
  return difference / (size > 0 ? size : 1);
}
