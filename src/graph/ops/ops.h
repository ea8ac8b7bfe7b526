/* SPDX-License-Identifier: BSD-3-Clause
 * The descriptors of ops.def. */
#ifndef RITZ_GRAPH_OPS_H
#define RITZ_GRAPH_OPS_H

#include <ritz/ops.h>

#include "graph/op.h"

#define RITZ_OP(name) extern const ritz_op ritz_op_##name;
#include "graph/ops/ops.def"
#undef RITZ_OP

#endif
