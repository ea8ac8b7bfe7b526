/* SPDX-License-Identifier: BSD-3-Clause
 * Geometric multigrid for one system -div(a grad u) on a box in slabs, Dirichlet boundary:
 * red-black Gauss-Seidel, trilinear transfer, seven points (in two dimensions five) on every level,
 * coarse couplings those of cuboid.h. An axis coarsens along which nodes are at most half as far
 * again apart as where they are nearest; all do in the end, down to one unknown.
 *
 * A slab knows `ghosts` planes of its neighbours. All half sweeps of a leg of the cycle run over it
 * as one wave, each a plane behind the one before it, and over ghost planes as far as they reach,
 * where they repeat what the neighbour computes: operator and fields pass through the cache once a
 * leg, and messages go once a leg instead of once a half sweep. They travel while the planes are
 * relaxed that see none of them. Where slabs become thinner than the ghosts, or a grid small, every
 * rank has the whole grid from there on. What a point is computed from does not depend on the cut.
 *
 * Bytes for float and s sweeps: of memory 24 a point and leg (four of operator, b, x), with coarse
 * grids 55 a cycle; sent to each neighbour 4 s + 1 planes of a level and s + 1 of the next. */
#ifndef RITZ_SOLVERS_SPLIT_HIERARCHY_H
#define RITZ_SOLVERS_SPLIT_HIERARCHY_H

#include "kernels/slab.h"
#include "solvers/multigrid/multigrid.h"
#include "solvers/split/slabs.h"

enum { ritz_split_most_levels = 48, ritz_split_most_sweeps = 8 };

typedef struct ritz_split_level {
  ritz_slab slab;
  ritz_slabs owners;     /* of planes of unknowns */
  bool whole;            /* every rank has all of it */
  ritz_index first, end; /* unknowns to be found here */
  ritz_index planes;     /* stored, from slab.first on */
  char *block;
  void *b, *x;
  ritz_ghosts ghosts_b, ghosts_x, ghosts_e; /* e: x, as correction of the finer level */
} ritz_split_level;

typedef struct ritz_split_hierarchy {
  ritz_context *context; /* borrowed */
  ritz_dtype dtype;
  const ritz_solver_kernels *kernels;
  ritz_cycle cycle;
  int sweeps, levels, origin; /* rank with node plane 0 */
  ritz_index ghosts;          /* planes */
  ritz_split_level level[ritz_split_most_levels];
  char *ring, *work;  /* four coarse planes; ritz_slab_work() */
  ritz_status status; /* of what has travelled in a cycle */
} ritz_split_hierarchy;

/**
 * Memory for the grids; nothing is sent, a failure is the rank's own.
 *
 * @param nodes      Who has which planes of nodes, boundary included.
 * @param n          Unknowns per axis; @p flat: n[1] = 1.
 * @param distance   Between nodes, of a flat grid along axes 0 and 2.
 * @param options    cycle, sweeps and dtype.
 * @param h          Zero. Release with ritz_split_hierarchy_clear(), also after a failure.
 */
ritz_status ritz_split_hierarchy_init(ritz_context *context, const ritz_slabs *nodes,
                                      const ritz_index n[3], const double distance[3], bool flat,
                                      const ritz_multigrid_options *options,
                                      ritz_split_hierarchy *h);
void ritz_split_hierarchy_clear(ritz_split_hierarchy *hierarchy);

/**
 * Couplings of all grids. Collective; allocates nothing.
 *
 * @param a      Coefficients at the nodes of the planes from one before this rank's first to one
 *               behind its last, where there are such.
 * @param first  Plane that @p a begins with.
 * @param c      Area of a face over the distance across it, per axis.
 */
ritz_status ritz_split_hierarchy_setup(ritz_split_hierarchy *hierarchy, const ritz_slabs *nodes,
                                       const double *a, ritz_index first, const double c[3],
                                       ritz_face_mean mean);

/** Plane @p i of a field of level @p v. */
static inline char *ritz_split_plane(const ritz_split_hierarchy *hierarchy,
                                     const ritz_split_level *v, const void *field, ritz_index i) {
  const ritz_index bytes = v->slab.plane * (hierarchy->dtype == RITZ_FLOAT64 ? 8 : 4);
  return (char *)field + (i - v->slab.first) * bytes;
}

/** level[0].x = M level[0].b, both of own planes. Collective. RITZ_ERR_COMMUNICATION */
ritz_status ritz_split_hierarchy_cycle(ritz_split_hierarchy *hierarchy);

#endif
