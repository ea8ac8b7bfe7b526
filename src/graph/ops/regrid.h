/* SPDX-License-Identifier: BSD-3-Clause
 * What ops share that move a field [B, X0, ..., C] to another grid. */
#ifndef RITZ_GRAPH_REGRID_H
#define RITZ_GRAPH_REGRID_H

#include "graph/distribute.h"
#include "kernels/resize.h"

/** Extents of the new grid, as an attribute. */
typedef struct ritz_regrid_grid {
  ritz_index n[3];
} ritz_regrid_grid;

/** The first extents of @p grid, as many as @p x has axes (0 where @p x is missing). */
ritz_regrid_grid ritz_regrid_copy(ritz_var x, const ritz_index *grid);

/** Shape rule: operand 0 on another grid. RITZ_ERR_SHAPE: not 1 to 3 axes, or an empty one. */
ritz_status ritz_regrid_infer(ritz_node *node, const ritz_regrid_grid *grid);

/** Resampling axis after axis, last axis first: state of an op. Released by ritz_regrid_destroy().
 */
typedef struct ritz_regrid_state {
  ritz_resampling axis[3];
  bool by_sample; /* samples are spread over threads, not lines */
  size_t between; /* bytes of one field between two axes */
} ritz_regrid_state;

/** The matrix of one axis of whole fields, @p from to @p to points. */
typedef ritz_status ritz_regrid_axis(const ritz_node *node, int axis, ritz_index from,
                                     ritz_index to, ritz_resampling *out);

/** Sets node->state and asks for scratch. */
ritz_status ritz_regrid_plan(ritz_node *node, ritz_regrid_axis *make);
/** Of a split field each rank fetches what its part of the new grid is made of. */
ritz_var ritz_regrid_add_split(const ritz_addition *addition, ritz_regrid_axis *make);
void ritz_regrid_destroy(ritz_node *node);
void ritz_regrid_forward(const ritz_node *node);
void ritz_regrid_vjp(const ritz_node *node);
double ritz_regrid_flops(const ritz_node *node);

#endif
