/* SPDX-License-Identifier: BSD-3-Clause
 * Multi-grid tensorised FNO: the operator tfno on patches of a periodic plane that see their
 * surroundings on coarser levels. Kossaifi et al. 2023, arXiv:2310.00120, Sec. 4:
 *
 *     u = stitch( tfno( a_0, a_1, ..., a_L ) ),     a_l every 2^l-th point around the patch
 *
 * Each of the 4^L patches of a sample is a sample of its own to the tfno. */
#include <math.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/fno.h"

typedef struct mg_config {
  ritz_fno_config fno; /* first, as its options want it */
  ritz_index levels;
  ritz_reals padding_fraction;
} mg_config;

static const ritz_option mg_options[] = {
    RITZ_FNO_OPTIONS("tucker", "0.1"),
    RITZ_OPTION_INT(mg_config, levels, 0, 8, "1",
                    "coarser levels: 2^levels patches along each axis; 0: the whole plane"),
    RITZ_OPTION_REALS(mg_config, padding_fraction, 0, 1, "0.1",
                      "points around a patch, as a fraction of the whole plane"),
    RITZ_OPTION_END,
};

/* The tfno on patches: its input has a set of channels for each level. */
static ritz_fno_config inner(const mg_config *c) {
  ritz_fno_config fno = c->fno;
  fno.in_channels *= c->levels + 1;
  return fno;
}

static ritz_status mg_check(const void *config) {
  const mg_config *c = config;
  const ritz_fno_config fno = inner(c);
  RITZ_REQUIRE(fno.n_modes.count == 2, RITZ_ERR_CONFIG,
               "mg_tfno works on planes, n_modes has %d axes", fno.n_modes.count);
  RITZ_REQUIRE(c->padding_fraction.count <= 2, RITZ_ERR_CONFIG,
               "padding_fraction has %d numbers, wanted 1 or 2", c->padding_fraction.count);
  RITZ_REQUIRE(fno.output_shape.count == 0 && fno.resolution_scaling_factor.count == 0,
               RITZ_ERR_CONFIG,
               "mg_tfno keeps the grid: no output_shape, no resolution_scaling_factor");
  return ritz_fno_check(&fno);
}

/* Points around a patch, and the patch with them. */
static void patch_of(const mg_config *c, const ritz_index *grid, ritz_index *around,
                     ritz_index *patch) {
  for (int a = 0; a < 2; a++) {
    around[a] = ritz_padding_points(&c->padding_fraction, a, grid[a]);
    patch[a] = (grid[a] >> c->levels) + 2 * around[a];
  }
}

static ritz_status mg_check_grid(const void *config, int dim, const ritz_index *grid) {
  const mg_config *c = config;
  const ritz_index n = (ritz_index)1 << c->levels;
  ritz_index around[2], patch[2];
  if (dim != 2) return RITZ_OK; /* building says it */
  for (int a = 0; a < 2; a++)
    RITZ_REQUIRE(grid[a] % n == 0 && grid[a] / n >= n, RITZ_ERR_CONFIG,
                 "levels: %td cuts axis %d into %td patches; its %td points are no multiple, or "
                 "fewer than %td",
                 c->levels, a, n, grid[a], n * n);
  patch_of(c, grid, around, patch);
  return ritz_fno_check_grid(&c->fno, 2, patch);
}

static ritz_var mg_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const mg_config *c = config;
  const ritz_fno_config fno = inner(c);
  ritz_index around[2], patch[2];
  if (!ritz_layer_check_field(g, x, "mg_tfno", 2, c->fno.in_channels)) return RITZ_NO_VAR;
  if (c->levels == 0) return ritz_fno_build(g, p, x, &fno);
  patch_of(c, x->shape.n + 1, around, patch);
  ritz_var v = ritz_multigrid_patches(g, x, (int)c->levels, around);
  return ritz_stitch_patches(g, ritz_fno_build(g, p, v, &fno), (int)c->levels, around);
}

const ritz_operator_type ritz_operator_mg_tfno = {
    .name = "mg_tfno",
    .summary = "the operator tfno on patches of a periodic plane with their coarser surroundings",
    .paper = "Kossaifi et al. 2023, arXiv:2310.00120",
    .config_size = sizeof(mg_config),
    .options = mg_options,
    .check = mg_check,
    .check_grid = mg_check_grid,
    .build = mg_build,
    .mode_axis = ritz_fno_mode_axis,
};
