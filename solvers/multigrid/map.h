/* SPDX-License-Identifier: BSD-3-Clause
 * A multigrid cycle for one problem as a preconditioner of ritz_krylov, for vectors over all nodes
 * as ritz_diffusion has them: zero on the boundary. */
#ifndef RITZ_SOLVERS_MULTIGRID_MAP_H
#define RITZ_SOLVERS_MULTIGRID_MAP_H

#include "solvers/multigrid/multigrid.h"

typedef struct ritz_multigrid_map ritz_multigrid_map;

/**
 * @param n0,n1    Nodes per axis, boundary included, at least 3.
 * @param h0,h1    Distance between nodes, positive.
 * @param options  cycle and dtype are obeyed, lanes is one; NULL: the defaults.
 *                 RITZ_ERR_ARGUMENT  one of them out of range
 */
ritz_status ritz_multigrid_map_create(ritz_index n0, ritz_index n1, double h0, double h1,
                                      const ritz_multigrid_options *options,
                                      ritz_multigrid_map **out);
void ritz_multigrid_map_destroy(ritz_multigrid_map **map);

/** Sets up for the coefficient a [n0, n1]. Allocates nothing. */
void ritz_multigrid_map_set(ritz_multigrid_map *map, const double *a, ritz_face_mean mean);

/** z = M r in double; a ritz_krylov_map whose user is the ritz_multigrid_map. r is scaled to unit
 * length on the way, so that a cycle in float neither over- nor underflows. */
int ritz_multigrid_map_apply(void *map, const void *r, void *z);

#endif
