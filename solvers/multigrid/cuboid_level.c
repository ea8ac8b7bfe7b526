/* SPDX-License-Identifier: BSD-3-Clause
 * Fields of a level, one after the other in a block. */
#include "solvers/multigrid/cuboid_level.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

enum { most_fields = 3 + ritz_cuboid_links + ritz_cuboid_offsets };

/* A boundary right beside a coarse point, of a grid of even size, belongs to the coarse boundary
 * alone; other points on the boundary in equal parts to the coarse points around them. */
static double boundary_weight(const ritz_cuboid *finer, const ritz_index at[3], const int o[3]) {
  double weight = 1;
  for (int axis = 0; axis < 3; axis++) {
    const bool boundary = 2 * at[axis] + o[axis] == finer->n[axis] + 1;
    if (o[axis] != 0) weight *= !boundary ? 0.5 : o[axis] < 0 ? 1 : 0;
  }
  return weight;
}

static void preset_weights(ritz_dtype dtype, const ritz_cuboid *finer, const ritz_cuboid *box) {
  const ritz_index columns = box->n[2] + 2, rows = box->n[1] + 2, layers = box->n[0] + 2;
  for (ritz_index point = 0; point < layers * rows * columns; point++) {
    const ritz_index at[] = {point / (columns * rows), point / columns % rows, point % columns};
    bool rim = false; /* or all its finer points are unknowns */
    for (int axis = 0; axis < 3; axis++) rim = rim || at[axis] == 0 || at[axis] >= box->n[axis];
    for (int q = 0; rim && q < ritz_cuboid_offsets; q++) {
      int o[3];
      ritz_cuboid_offset(q, o);
      const double weight = boundary_weight(finer, at, o);
      for (ritz_index l = 0; q != 13 && l < box->lanes; l++)
        ritz_number_set(dtype, box->weight[q], point * box->lanes + l, weight);
    }
  }
}

ritz_status ritz_cuboid_level_create(ritz_dtype dtype, const ritz_index n[3], ritz_index lanes,
                                     const ritz_cuboid_level *finer, bool galerkin,
                                     ritz_cuboid_level *level) {
  *level = (ritz_cuboid_level){.box = {.n = {n[0], n[1], n[2]}, .lanes = lanes}};
  ritz_cuboid *box = &level->box;
  box->row = (n[2] + 2) * lanes;
  box->plane = (n[1] + 2) * box->row;
  const size_t bytes = ritz_dtype_size(dtype);
  const ritz_index size = ritz_cuboid_size(box);
  const bool many = galerkin && finer;
  void **fields[most_fields];
  int count = 0;
  for (int m = 0; m < (many ? ritz_cuboid_links : 3); m++) fields[count++] = &box->coupling[m];
  fields[count++] = &box->inverse;
  for (int q = 0; many && q < ritz_cuboid_offsets; q++)
    if (q != 13) fields[count++] = &box->weight[q];
  level->fields = count;
  if (finer) {
    fields[count++] = &level->b;
    fields[count++] = &level->x;
  }
  RITZ_TRY(ritz_calloc(count * size, bytes, &level->block));
  for (int i = 0; i < count; i++) *fields[i] = (char *)level->block + (size_t)(i * size) * bytes;
  if (many) preset_weights(dtype, &finer->box, box);
  return ritz_calloc(8 * box->plane, bytes, &level->planes);
}

void ritz_cuboid_level_clear(ritz_cuboid_level *level) {
  ritz_free(level->block);
  ritz_free(level->planes);
  level->block = level->planes = NULL;
}
