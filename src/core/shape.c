/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/shape.h"

#include <stdio.h>

ritz_index ritz_shape_count(const ritz_shape *shape) {
  ritz_index count = 1;
  for (int i = 0; i < shape->rank; i++) count *= shape->n[i];
  return count;
}

bool ritz_shape_equal(const ritz_shape *a, const ritz_shape *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->n[i] != b->n[i]) return false;
  return true;
}

const char *ritz_shape_text(const ritz_shape *shape, char text[128]) {
  int used = snprintf(text, 128, "[");
  for (int i = 0; i < shape->rank && used < 127; i++)
    used += snprintf(text + used, (size_t)(128 - used), "%s%td", i ? ", " : "", shape->n[i]);
  if (used < 127) snprintf(text + used, (size_t)(128 - used), "]");
  return text;
}
