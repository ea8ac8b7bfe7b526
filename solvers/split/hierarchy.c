/* SPDX-License-Identifier: BSD-3-Clause
 * Grids of the hierarchy, who has what of them, and their couplings. */
#include "solvers/split/hierarchy.h"

#include <math.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

enum { small_grid = 4096 }; /* unknowns: a message would take longer than to relax them all */

/* -- Memory ------------------------------------------------------------------------------------ */

/* Along which axes a grid coarsens: where nodes are nearest, and not much farther apart. */
static void choose_factors(const ritz_index n[3], const double h[3], int factor[3]) {
  double nearest = INFINITY;
  for (int axis = 0; axis < 3; axis++)
    if (n[axis] > 1 && h[axis] < nearest) nearest = h[axis];
  for (int axis = 0; axis < 3; axis++)
    factor[axis] = n[axis] > 1 && h[axis] <= 1.5 * nearest ? 2 : 1;
}

static void shape_slab(const ritz_split_hierarchy *h, const ritz_index n[3], bool flat,
                       ritz_slab *s) {
  for (int axis = 0; axis < 3; axis++) s->n[axis] = n[axis];
  s->half = ritz_padded(n[2] / 2 + 2, ritz_dtype_size(h->dtype));
  s->row = 2 * s->half;
  s->origin = flat;
  s->plane = (n[1] + 1 - s->origin) * s->row;
}

static ritz_index clamped(ritz_index value, ritz_index least, ritz_index most) {
  return value < least ? least : value > most ? most : value;
}

/* Who has what, and what of it is here: a level is whole as soon as a finer one is. */
static void cut(const ritz_split_hierarchy *h, bool whole, ritz_split_level *v) {
  const ritz_slab *s = &v->slab;
  v->whole = whole || v->owners.size == 1 || ritz_slabs_thinnest(&v->owners) < h->ghosts ||
             s->n[0] * s->n[1] * s->n[2] <= small_grid;
  v->first = v->whole ? 1 : ritz_slabs_first(&v->owners);
  v->end = v->whole ? s->n[0] + 1 : ritz_slabs_end(&v->owners);
  v->slab.first = clamped(v->first - h->ghosts, 0, v->first);
  v->planes = clamped(v->end + h->ghosts, v->end, s->n[0] + 2) - v->slab.first;
  if (!v->whole) ritz_slabs_find_neighbours(&v->owners);
}

static ritz_status create_fields(const ritz_split_hierarchy *h, ritz_split_level *v) {
  const size_t bytes = ritz_dtype_size(h->dtype);
  const size_t field = ritz_aligned((size_t)ritz_slab_size(&v->slab, v->planes) * bytes);
  const ritz_index plane = v->slab.plane * (ritz_index)bytes;
  const bool flat = ritz_slab_is_flat(&v->slab);
  RITZ_TRY(ritz_calloc(flat ? 5 : 6, field, (void **)&v->block));
  v->b = v->block;
  v->x = v->block + field;
  v->slab.inverse = v->block + 2 * field;
  v->slab.coupling[0] = v->block + 3 * field;
  v->slab.coupling[2] = v->block + 4 * field;
  v->slab.coupling[1] = flat ? NULL : v->block + 5 * field;
  if (v->whole) return RITZ_OK;
  RITZ_TRY(ritz_ghosts_init(&v->owners, h->ghosts, plane, &v->ghosts_b));
  RITZ_TRY(ritz_ghosts_init(&v->owners, h->ghosts, plane, &v->ghosts_x));
  return ritz_ghosts_init(&v->owners, h->ghosts, plane, &v->ghosts_e);
}

/* Owners of the planes of a coarser grid: those of the points that they keep. */
static void own_coarse(const ritz_split_level *fine, ritz_split_level *coarse) {
  for (int r = 0; r <= fine->owners.size; r++)
    coarse->owners.offset[r] =
        (fine->owners.offset[r] + fine->slab.factor[0] - 1) / fine->slab.factor[0];
}

static ritz_status create_levels(ritz_split_hierarchy *h, const ritz_slabs *nodes,
                                 const ritz_index n[3], const double distance[3], bool flat) {
  ritz_index at[3] = {n[0], n[1], n[2]};
  double apart[3] = {distance[0], distance[1], distance[2]};
  for (;;) {
    ritz_split_level *v = &h->level[h->levels++];
    RITZ_TRY(ritz_slabs_init(nodes->comm, &v->owners));
    shape_slab(h, at, flat, &v->slab);
    choose_factors(at, apart, v->slab.factor);
    if (h->levels > 1)
      own_coarse(v - 1, v);
    else
      for (int r = 0; r <= nodes->size; r++)
        v->owners.offset[r] = clamped(nodes->offset[r], 1, n[0] + 1);
    cut(h, h->levels > 1 && v[-1].whole, v);
    RITZ_TRY(create_fields(h, v));
    if (at[0] * at[1] * at[2] == 1) return RITZ_OK;
    for (int axis = 0; axis < 3; axis++) {
      at[axis] /= v->slab.factor[axis];
      apart[axis] *= v->slab.factor[axis];
    }
  }
}

ritz_status ritz_split_hierarchy_init(ritz_context *context, const ritz_slabs *nodes,
                                      const ritz_index n[3], const double distance[3], bool flat,
                                      const ritz_multigrid_options *options,
                                      ritz_split_hierarchy *h) {
  h->context = context;
  h->dtype = options->dtype;
  h->kernels = ritz_solver_kernels_get(options->dtype);
  h->cycle = options->cycle;
  h->sweeps = options->sweeps;
  h->ghosts = 2 * h->sweeps + 2;
  while (nodes->offset[h->origin + 1] == 0) h->origin++;
  RITZ_TRY(create_levels(h, nodes, n, distance, flat));
  const ritz_slab *s = &h->level[0].slab;
  const size_t bytes = ritz_dtype_size(h->dtype);
  /* A grid that coarsens along axis 0 alone has coarse planes as large as the finest. */
  RITZ_TRY(ritz_calloc(4 * s->plane, bytes, (void **)&h->ring));
  return ritz_calloc(ritz_slab_work(s) + s->row, bytes, (void **)&h->work);
}

void ritz_split_hierarchy_clear(ritz_split_hierarchy *h) {
  for (int l = 0; l < h->levels; l++) {
    ritz_split_level *v = &h->level[l];
    ritz_ghosts_clear(&v->ghosts_b);
    ritz_ghosts_clear(&v->ghosts_x);
    ritz_ghosts_clear(&v->ghosts_e);
    ritz_slabs_clear(&v->owners);
    ritz_free(v->block);
  }
  ritz_free(h->ring);
  ritz_free(h->work);
  *h = (ritz_split_hierarchy){0};
}

/* -- Couplings --------------------------------------------------------------------------------- */

/* Couplings of row (i, j) along an axis with nodes `step` further on. */
static void fill(const ritz_split_hierarchy *h, int axis, ritz_index i, ritz_index j,
                 const double c[3], bool harmonic, const double *row, ritz_index step) {
  const ritz_split_level *v = &h->level[0];
  const ritz_slab *s = &v->slab;
  char *const to = ritz_split_plane(h, v, s->coupling[axis], i) +
                   (j - s->origin) * s->row * (ritz_index)ritz_dtype_size(h->dtype);
  h->kernels->slab_faces(s, axis != 2, s->n[2] + 1, c[axis], harmonic, row, row + step, to);
}

/* Couplings of plane i with the next one, and within it. */
static void fill_plane(const ritz_split_hierarchy *h, const double *a, ritz_index i,
                       const double c[3], bool harmonic) {
  const ritz_slab *s = &h->level[0].slab;
  const ritz_index width = s->n[2] + 2;
  const ritz_index rows = ritz_slab_is_flat(s) ? 1 : s->n[1] + 2, plane = rows * width;
  for (ritz_index j = s->origin; j <= s->n[1]; j++) {
    const double *const row = a + (j - s->origin) * width;
    if (j > 0) fill(h, 0, i, j, c, harmonic, row, plane);
    if (j > 0 && i > 0) fill(h, 2, i, j, c, harmonic, row, 1);
    if (i > 0 && s->coupling[1]) fill(h, 1, i, j, c, harmonic, row, width);
  }
}

/* Couplings of those planes of v that its owners make, to all ranks that need them. */
static ritz_status share(ritz_split_hierarchy *h, ritz_split_level *v, bool made_here) {
  const ritz_index bytes = v->slab.plane * (ritz_index)ritz_dtype_size(h->dtype);
  ritz_index *const offset = v->owners.offset;
  for (int axis = 0; axis < 3 && !made_here; axis++) {
    void *const c = v->slab.coupling[axis];
    if (!c) continue;
    if (!v->whole) {
      RITZ_TRY(ritz_ghosts_start(&v->ghosts_b, h->ghosts, ritz_split_plane(h, v, c, v->first),
                                 ritz_split_plane(h, v, c, v->first - h->ghosts),
                                 ritz_split_plane(h, v, c, v->end)));
      RITZ_TRY(ritz_ghosts_wait(&v->ghosts_b));
      continue;
    }
    /* Plane 0, which has couplings along axis 0, comes from the rank that has its nodes. */
    for (int r = 0; r <= h->origin; r++) offset[r] = 0;
    RITZ_TRY(ritz_comm_gather_parts(v->owners.comm, bytes, offset, c));
    for (int r = 0; r <= h->origin; r++) offset[r] = 1;
  }
  return RITZ_OK;
}

static void invert(const ritz_split_hierarchy *h, const ritz_split_level *v) {
  const ritz_index last = v->slab.first + v->planes - 2;
  for (ritz_index i = v->slab.first + 1; i <= last; i++) h->kernels->slab_inverse(&v->slab, i);
}

/* From v[-1]. */
static ritz_status coarsen(ritz_split_hierarchy *h, ritz_split_level *v) {
  const bool here = v[-1].whole;
  const ritz_index first = here ? 1 : ritz_slabs_first(&v->owners);
  const ritz_index end = here ? v->slab.n[0] + 1 : ritz_slabs_end(&v->owners);
  for (int axis = 0; axis < 3; axis++) {
    if (!v->slab.coupling[axis]) continue;
    if (axis == 0 && (here || v->owners.rank == h->origin))
      h->kernels->slab_coarsen(&v[-1].slab, &v->slab, 0, 0, h->work);
    for (ritz_index i = first; i < end; i++)
      h->kernels->slab_coarsen(&v[-1].slab, &v->slab, axis, i, h->work);
  }
  RITZ_TRY(share(h, v, here));
  invert(h, v);
  return RITZ_OK;
}

ritz_status ritz_split_hierarchy_setup(ritz_split_hierarchy *h, const ritz_slabs *nodes,
                                       const double *a, ritz_index first, const double c[3],
                                       ritz_face_mean mean) {
  ritz_split_level *v = &h->level[0];
  const ritz_slab *s = &v->slab;
  const ritz_index plane = (ritz_slab_is_flat(s) ? 1 : s->n[1] + 2) * (s->n[2] + 2);
  for (ritz_index i = ritz_slabs_first(nodes); i < ritz_slabs_end(nodes) && i <= s->n[0]; i++)
    fill_plane(h, a + (i - first) * plane, i, c, mean == RITZ_FACE_HARMONIC);
  RITZ_TRY(share(h, v, v->owners.size == 1));
  invert(h, v);
  for (int l = 1; l < h->levels; l++) RITZ_TRY(coarsen(h, &h->level[l]));
  return RITZ_OK;
}
