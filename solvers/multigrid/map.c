/* SPDX-License-Identifier: BSD-3-Clause
 * A system of one lane. */
#include "solvers/multigrid/map.h"

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/multigrid/diffusion_system.h"

struct ritz_multigrid_map {
  ritz_diffusion_system system;
};

ritz_status ritz_multigrid_map_create(int dim, const ritz_index *n, const double *h,
                                      const ritz_multigrid_options *options,
                                      ritz_multigrid_map **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  chosen.lanes = 1;
  chosen.strips = 0;
  ritz_multigrid_map *m;
  RITZ_TRY(RITZ_NEW(1, &m));
  const ritz_status status = ritz_diffusion_system_init(dim, n, h, &chosen, false, &m->system);
  if (status != RITZ_OK)
    ritz_multigrid_map_destroy(&m);
  else
    *out = m;
  return status;
}

void ritz_multigrid_map_destroy(ritz_multigrid_map **map) {
  if (!map || !*map) return;
  ritz_diffusion_system_clear(&(*map)->system);
  ritz_free(*map);
  *map = NULL;
}

void ritz_multigrid_map_set(ritz_multigrid_map *map, const double *a, ritz_face_mean mean) {
  const double *const lane[] = {a};
  ritz_diffusion_setup(&map->system, lane, mean);
  ritz_diffusion_coefficients(&map->system, NULL, mean);
}

int ritz_multigrid_map_apply(void *map, const void *r, void *z) {
  ritz_diffusion_precondition(&((ritz_multigrid_map *)map)->system, r, z);
  return 0;
}
