/* SPDX-License-Identifier: BSD-3-Clause
 * The system over slabs of nodes: set-up, operator and cycle as maps of a Krylov method. */
#include "solvers/split/diffusion.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

void ritz_split_options_defaults(ritz_split_options *options) {
  *options = (ritz_split_options){.cycle = RITZ_CYCLE_V,
                                  .sweeps = 2,
                                  .dtype = RITZ_FLOAT32,
                                  .tolerance = 1e-8,
                                  .max_iterations = 200};
}

/* -- Creation ---------------------------------------------------------------------------------- */

static ritz_status check_options(const ritz_split_options *o) {
  RITZ_TRY(ritz_reserved_check(o->reserved, "split options"));
  RITZ_REQUIRE(o->cycle == RITZ_CYCLE_V || o->cycle == RITZ_CYCLE_W, RITZ_ERR_ARGUMENT,
               "the cycle is to be V or W, which are symmetric");
  RITZ_REQUIRE(o->sweeps >= 1 && o->sweeps <= ritz_split_most_sweeps, RITZ_ERR_ARGUMENT,
               "sweeps are %d, wanted 1 ... %d", o->sweeps, ritz_split_most_sweeps);
  RITZ_REQUIRE(o->dtype == RITZ_FLOAT32 || o->dtype == RITZ_FLOAT64, RITZ_ERR_ARGUMENT,
               "the cycle is to be in float or double");
  RITZ_REQUIRE(o->tolerance > 0 && o->max_iterations >= 0, RITZ_ERR_ARGUMENT,
               "tolerance %g and at most %d iterations, wanted a positive number and at least 0",
               o->tolerance, o->max_iterations);
  return RITZ_OK;
}

static ritz_status create_vectors(ritz_split_diffusion *s) {
  const ritz_index count = ritz_split_count(s);
  RITZ_TRY(RITZ_NEW(count + 2 * s->plane, &s->a));
  RITZ_TRY(RITZ_NEW(s->plane, &s->before));
  RITZ_TRY(RITZ_NEW(s->plane, &s->after));
  RITZ_TRY(RITZ_NEW(s->n[2], &s->side));
  RITZ_TRY(RITZ_NEW(count, &s->r));
  RITZ_TRY(RITZ_NEW(count, &s->p));
  RITZ_TRY(RITZ_NEW(count, &s->q));
  return RITZ_NEW(s->n[0], &s->sums);
}

static ritz_status create(ritz_split_diffusion *s, const double *h) {
  const ritz_layout *layout = s->layout;
  RITZ_TRY(ritz_slabs_of_layout(layout, h, &s->nodes));
  const bool flat = layout->dim == 2;
  const int last = layout->dim - 1;
  const double distance[3] = {h[0], flat ? INFINITY : h[1], h[last]};
  s->n[0] = layout->grid[0], s->n[1] = flat ? 1 : layout->grid[1], s->n[2] = layout->grid[last];
  s->plane = s->n[1] * s->n[2];
  s->c[0] = flat ? h[1] / h[0] : h[1] * h[2] / h[0];
  s->c[1] = flat ? 0 : h[0] * h[2] / h[1];
  s->c[2] = flat ? h[0] / h[1] : h[0] * h[1] / h[2];
  s->kernels = ritz_kernels_get(RITZ_FLOAT64);
  s->products = ritz_solver_kernels_get(RITZ_FLOAT64);
  RITZ_TRY(ritz_ghosts_init(&s->nodes, 1, s->plane * (ritz_index)sizeof(double), &s->ghosts));
  RITZ_TRY(create_vectors(s));
  ritz_multigrid_options o;
  ritz_multigrid_options_defaults(&o);
  o.cycle = s->options.cycle, o.sweeps = s->options.sweeps, o.dtype = s->options.dtype;
  const ritz_index unknowns[3] = {s->n[0] - 2, flat ? 1 : s->n[1] - 2, s->n[2] - 2};
  return ritz_split_hierarchy_init(layout->context, &s->nodes, unknowns, distance, flat, &o,
                                   &s->multigrid);
}

ritz_status ritz_split_diffusion_create(ritz_layout *layout, const double *h,
                                        const ritz_split_options *options,
                                        ritz_split_diffusion **out) {
  ritz_split_diffusion *s = NULL;
  ritz_split_options chosen;
  ritz_split_options_defaults(&chosen);
  if (options) chosen = *options;
  *out = NULL;
  ritz_status status = check_options(&chosen);
  if (status == RITZ_OK) status = RITZ_NEW(1, &s);
  if (status == RITZ_OK) {
    s->layout = ritz_layout_retain(layout);
    s->options = chosen;
    status = create(s, h);
  }
  status = ritz_status_agree(layout->context, status);
  if (status != RITZ_OK) ritz_split_diffusion_destroy(&s);
  *out = s;
  return status;
}

void ritz_split_diffusion_destroy(ritz_split_diffusion **solver) {
  if (!solver || !*solver) return;
  ritz_split_diffusion *s = *solver;
  *solver = NULL;
  double *const block[] = {s->a, s->before, s->after, s->side, s->r, s->p, s->q, s->sums};
  for (size_t i = 0; i < sizeof block / sizeof *block; i++) ritz_free(block[i]);
  ritz_split_hierarchy_clear(&s->multigrid);
  ritz_ghosts_clear(&s->ghosts);
  ritz_slabs_clear(&s->nodes);
  ritz_layout_destroy(&s->layout);
  ritz_free(s);
}

/* -- The system -------------------------------------------------------------------------------- */

static ritz_status check_coefficient(const ritz_split_diffusion *s, const double *a) {
  for (ritz_index k = 0; k < ritz_split_count(s); k++)
    RITZ_REQUIRE(a[k] > 0 && isfinite(a[k]), RITZ_ERR_NUMERIC,
                 "the coefficient in plane %td is %g, wanted a positive number",
                 ritz_slabs_first(&s->nodes) + k / s->plane, a[k]);
  return RITZ_OK;
}

ritz_status ritz_split_diffusion_set(ritz_split_diffusion *s, const double *a,
                                     ritz_face_mean mean) {
  const ritz_index count = ritz_split_count(s);
  double *const own = s->a + s->plane;
  RITZ_TRY(ritz_status_agree(s->layout->context, check_coefficient(s, a)));
  memcpy(own, a, (size_t)count * sizeof *a);
  s->mean = mean;
  RITZ_TRY(ritz_ghosts_start(&s->ghosts, 1, own, s->a, own + count));
  RITZ_TRY(ritz_ghosts_wait(&s->ghosts));
  return ritz_split_hierarchy_setup(&s->multigrid, &s->nodes, s->a, ritz_slabs_first(&s->nodes) - 1,
                                    s->c, mean);
}

/* y in planes [first, end) of the grid; none on its boundary. */
static void product_planes(const ritz_split_diffusion *s, ritz_index first, ritz_index end,
                           const double *x, double *y) {
  const ritz_index begin = ritz_slabs_first(&s->nodes), last = ritz_slabs_end(&s->nodes) - 1;
  const ritz_index shape[2] = {s->n[1], s->n[2]};
  for (ritz_index i = first; i < end; i++) {
    const ritz_index at = (i - begin) * s->plane;
    if (i == 0 || i == s->n[0] - 1) {
      memset(y + at, 0, (size_t)s->plane * sizeof *y);
      continue;
    }
    const double *const a[3] = {s->a + at, s->a + at + s->plane, s->a + at + 2 * s->plane};
    const double *const u[3] = {i > begin ? x + at - s->plane : s->before, x + at,
                                i < last ? x + at + s->plane : s->after};
    s->products->slab_product(shape, s->c, s->mean == RITZ_FACE_HARMONIC, a, u, s->side, y + at);
  }
}

ritz_status ritz_split_product(ritz_split_diffusion *s, const double *x, double *y) {
  const ritz_index first = ritz_slabs_first(&s->nodes), end = ritz_slabs_end(&s->nodes);
  RITZ_TRY(ritz_ghosts_start(&s->ghosts, 1, x, s->before, s->after));
  product_planes(s, first + 1, end - 1, x, y);
  RITZ_TRY(ritz_ghosts_wait(&s->ghosts));
  if (first < end) product_planes(s, first, first + 1, x, y);
  if (first + 1 < end) product_planes(s, end - 1, end, x, y);
  return RITZ_OK;
}

ritz_status ritz_split_dot(ritz_split_diffusion *s, const double *x, const double *y, double *out) {
  const ritz_index first = ritz_slabs_first(&s->nodes), end = ritz_slabs_end(&s->nodes);
  for (ritz_index i = first; i < end; i++)
    s->kernels->dot(s->plane, x + (i - first) * s->plane, y + (i - first) * s->plane, &s->sums[i]);
  return ritz_slabs_sum(&s->nodes, 1, s->sums, out);
}

ritz_status ritz_split_precondition(ritz_split_diffusion *s, double length, const double *r,
                                    double *z) {
  ritz_split_hierarchy *h = &s->multigrid;
  const ritz_split_level *v = &h->level[0];
  const ritz_index first = ritz_slabs_first(&s->nodes), end = ritz_slabs_end(&s->nodes);
  for (ritz_index i = first; i < end; i++)
    if (i > 0 && i < s->n[0] - 1)
      h->kernels->slab_take(&v->slab, i, 1 / length, r + (i - first) * s->plane, v->b);
  RITZ_TRY(ritz_split_hierarchy_cycle(h));
  for (ritz_index i = first; i < end; i++)
    if (i > 0 && i < s->n[0] - 1)
      h->kernels->slab_give(&v->slab, i, length, v->x, z + (i - first) * s->plane);
    else
      memset(z + (i - first) * s->plane, 0, (size_t)s->plane * sizeof *z);
  return RITZ_OK;
}

int ritz_split_diffusion_apply(void *solver, const void *x, void *y) {
  return ritz_split_product(solver, x, y) != RITZ_OK;
}

int ritz_split_diffusion_cycle(void *solver, const void *r, void *z) {
  ritz_split_diffusion *s = solver;
  double rr;
  if (ritz_split_dot(s, r, r, &rr) != RITZ_OK) return 1;
  return ritz_split_precondition(s, rr > 0 && isfinite(rr) ? sqrt(rr) : 1, r, z) != RITZ_OK;
}

int ritz_split_sum(void *layout, double *values, int count) {
  ritz_comm *comm = ritz_layout_comm(layout);
  if (ritz_comm_size(comm) == 1) return 0;
  return ritz_comm_sum(comm, RITZ_FLOAT64, count, values) != RITZ_OK;
}
