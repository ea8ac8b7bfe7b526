/* SPDX-License-Identifier: BSD-3-Clause
 * A multigrid cycle for one problem, on a rectangle or a box, as a preconditioner of ritz_krylov,
 * for vectors over all nodes: zero on the boundary, as ritz_diffusion has them. */
#ifndef RITZ_SOLVERS_MULTIGRID_MAP_H
#define RITZ_SOLVERS_MULTIGRID_MAP_H

#include "solvers/multigrid/multigrid.h"

typedef struct ritz_multigrid_map ritz_multigrid_map;

/**
 * @param dim      2 or 3.
 * @param n        [dim] nodes per axis, boundary included, at least 3.
 * @param h        [dim] distance between nodes, positive. Copied, as n is.
 * @param options  All that a hierarchy obeys but lanes, which are one, and strips, which are none;
 *                 NULL: the defaults.
 * @param out      Holds the hierarchy and two fields of its format. NULL on failure.
 *                 RITZ_ERR_ARGUMENT  one of them out of range
 */
ritz_status ritz_multigrid_map_create(int dim, const ritz_index *n, const double *h,
                                      const ritz_multigrid_options *options,
                                      ritz_multigrid_map **out);
void ritz_multigrid_map_destroy(ritz_multigrid_map **map);

/** Sets up for the coefficient a [n...] at the nodes. Allocates nothing. */
void ritz_multigrid_map_set(ritz_multigrid_map *map, const double *a, ritz_face_mean mean);

/** z = M r in double, one cycle; a ritz_krylov_map whose user is the ritz_multigrid_map. r is
 * scaled to unit length on the way, so that a cycle in float neither over- nor underflows. */
int ritz_multigrid_map_apply(void *map, const void *r, void *z);

#endif
