/* SPDX-License-Identifier: BSD-3-Clause
 * Successive over-relaxation with A = L + D + U (Young 1954; Saad 2003, Sec. 4.1 and 10.2):
 *   sor   z = (D/omega + L)^-1 r
 *   ssor  z = (2 - omega)/omega (D/omega + U)^-1 D (D/omega + L)^-1 r */
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/precond/scalar/diagonal.h"
#include "solvers/precond/scalar/triangles.h"

typedef struct config {
  double omega;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_REAL(config, omega, 1e-3, 1.999, "1", "relaxation, between 0 and 2"),
    RITZ_OPTION_END,
};

typedef struct sweeps {
  ritz_triangles triangles;
  scalar *inverse; /* omega / a_ii */
  scalar *between; /* ssor: (2 - omega)/omega a_ii */
} sweeps;

static void destroy(ritz_preconditioner *p) {
  sweeps *w = p->work;
  if (!w) return;
  ritz_triangles_clear(&w->triangles);
  ritz_free(w->inverse);
  ritz_free(w->between);
  ritz_free(w);
}

static ritz_status create(ritz_preconditioner *p, bool both) {
  sweeps *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  RITZ_TRY(RITZ_NEW(p->n, &w->inverse));
  if (both) RITZ_TRY(RITZ_NEW(p->n, &w->between));
  return ritz_triangles_create(p->n, p->matrix->start, p->matrix->column, both, &w->triangles);
}

static ritz_status create_sor(ritz_preconditioner *p) { return create(p, false); }
static ritz_status create_ssor(ritz_preconditioner *p) { return create(p, true); }

static ritz_status update(ritz_preconditioner *p) {
  sweeps *w = p->work;
  const config *c = p->config;
  const scalar *values = p->matrix->values;
  const real factor = (real)((2 - c->omega) / c->omega);
  RITZ_TRY(ritz_diagonal_invert(p->matrix, c->omega, false, w->inverse));
  for (ritz_index i = 0; w->between && i < p->n; i++)
    w->between[i] = factor * values[w->triangles.diagonal[i]];
  ritz_triangles_update(
      &w->triangles,
      &(ritz_triangle_numbers){
          .values = values, .lower = w->inverse, .upper = w->inverse, .between = w->between});
  return RITZ_OK;
}

static int apply_sor(ritz_preconditioner *p, const void *r, void *z) {
  const sweeps *w = p->work;
  ritz_triangles_lower(&w->triangles, p->threads, r, z);
  return 0;
}

static int apply_ssor(ritz_preconditioner *p, const void *r, void *z) {
  const sweeps *w = p->work;
  ritz_triangles_solve(&w->triangles, p->threads, r, z);
  return 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_sor) = {.options = options,
                                                                .config_size = sizeof(config),
                                                                .create = create_sor,
                                                                .update = update,
                                                                .apply = apply_sor,
                                                                .destroy = destroy};
const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_ssor) = {.options = options,
                                                                 .config_size = sizeof(config),
                                                                 .create = create_ssor,
                                                                 .update = update,
                                                                 .apply = apply_ssor,
                                                                 .destroy = destroy};
