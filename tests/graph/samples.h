/* SPDX-License-Identifier: BSD-3-Clause
 * Sample graphs, one per op of ops.def, in samples_<topic>.c. The list expands to sample_<op>, so
 * an op without a sample does not link. */
#ifndef RITZ_TESTS_SAMPLES_H
#define RITZ_TESTS_SAMPLES_H

#include "gradient.h"
#include "graph/op.h"

#define RITZ_OP(name) \
  ritz_var sample_##name(ritz_graph *g, ritz_params *p, ritz_var x, const void *config);
#include "graph/ops/ops.def"
#undef RITZ_OP

static inline ritz_var weight(ritz_graph *g, ritz_params *p, const char *name, ritz_index a,
                              ritz_index b) {
  return random_parameter(g, p, name, RITZ_SHAPE(a, b), -1);
}
static inline ritz_var vector(ritz_graph *g, ritz_params *p, const char *name, ritz_index c) {
  return random_parameter(g, p, name, RITZ_SHAPE(c), -1);
}
static inline ritz_index channels(ritz_var x) { return ritz_channels(x); }

#endif
