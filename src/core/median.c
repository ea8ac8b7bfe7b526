/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/median.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double ritz_median(int count, double *values) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values[count / 2];
}
