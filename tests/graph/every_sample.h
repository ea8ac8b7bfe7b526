/* SPDX-License-Identifier: BSD-3-Clause
 * The sample graphs of samples.h as a list, in the order of ops.def. */
#ifndef RITZ_TESTS_EVERY_SAMPLE_H
#define RITZ_TESTS_EVERY_SAMPLE_H

#include "samples.h"

static const struct {
  const char *name;
  gradient_builder *build;
} samples[] = {
#define RITZ_OP(name) {#name, sample_##name},
#include "graph/ops/ops.def"
#undef RITZ_OP
};
enum { sample_count = sizeof samples / sizeof *samples };

#endif
