/* SPDX-License-Identifier: BSD-3-Clause */
#include "datasets/grid_system.h"

#include <math.h>
#include <ritz/preconditioner.h>
#include <ritz/sequence.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sparse/dissection.h"
#include "solvers/sparse/sparse.h"

enum { PRECONDITIONER_AUTO, POISSON, ILU, JACOBI, NONE };

static const char *const solvers[] = {"auto", "direct", "gmres", "gcrodr", "minres", "bicgstab"};
static const char *const preconditioners[] = {"auto", "poisson", "ilu", "jacobi", "none"};

struct ritz_grid_systems {
  ritz_grid_systems_spec spec;
  int solver, preconditioner; /* never AUTO */
  ritz_sparse *pattern;       /* a copy */
  ritz_dissection *dissection;
  char method[256];
};

struct ritz_grid_system {
  const ritz_grid_systems *of;
  ritz_sparse *matrix;
  ritz_dissection_factors *factors; /* direct */
  ritz_preconditioner *preconditioner;
  ritz_krylov *krylov;
  bool failed; /* the matrix at hand has no preconditioner */
};

ritz_status ritz_grid_system_check(const ritz_grid_system_config *c, bool symmetric, bool box) {
  RITZ_REQUIRE(symmetric || c->solver != RITZ_GRID_SOLVER_MINRES, RITZ_ERR_CONFIG,
               "solver minres is for symmetric matrices, this equation's are not");
  RITZ_REQUIRE(box || c->preconditioner != POISSON, RITZ_ERR_CONFIG,
               "preconditioner poisson is for rectangles of unknowns");
  RITZ_REQUIRE(c->solver != RITZ_GRID_SOLVER_DIRECT || c->preconditioner == PRECONDITIONER_AUTO,
               RITZ_ERR_CONFIG, "solver direct has no preconditioner, leave it at auto");
  RITZ_REQUIRE(c->solver != RITZ_GRID_SOLVER_MINRES || c->preconditioner == PRECONDITIONER_AUTO ||
                   c->preconditioner >= JACOBI,
               RITZ_ERR_CONFIG, "solver minres takes preconditioner none or jacobi, not %s",
               preconditioners[c->preconditioner]);
  RITZ_REQUIRE(c->solver != RITZ_GRID_SOLVER_GCRODR || c->recycle < c->restart, RITZ_ERR_CONFIG,
               "recycle is %td, wanted fewer than restart, which is %td", c->recycle, c->restart);
  return RITZ_OK;
}

/* Choice -------------------------------------------------------------------------------------- */

/* Rates of one core, fitted to 32^2 ... 384^2 unknowns; the auto cases of `ritz bench generate`
 * print what they say beside what is measured. Small fronts are far below the speed of large
 * products. */
static double factor_time(const ritz_grid_systems *s) {
  return ritz_dissection_flops(s->dissection) / 28e9 + 60e-9 * (double)s->pattern->rows;
}

/* Two solutions, which read every factor once. */
static double solve_time(const ritz_grid_systems *s) {
  return 2 * ritz_dissection_solve_flops(s->dissection) * 4 / 4.1e9;
}

/* A product with the matrix and one with the preconditioner, whose transforms cost more on larger
 * grids. */
static double step_time(const ritz_grid_systems *s) {
  const double n0 = (double)s->spec.box[0], n1 = (double)s->spec.box[1];
  return n0 * n1 * (3.8e-9 + 3.2e-11 * (n0 + n1));
}

/* Each step is made orthogonal to those of its cycle. */
static double gmres_time(const ritz_grid_systems *s) {
  const double steps = s->spec.gmres, cycle = fmin(steps, (double)s->spec.config->restart);
  return steps * (step_time(s) + cycle * 1.8e-10 * (double)s->pattern->rows);
}

static double bicgstab_time(const ritz_grid_systems *s) {
  return 2 * s->spec.bicgstab * step_time(s);
}

/* Nothing is asked for: the quickest of the direct solver, GMRES and BiCGStab; @p reason says why.
 */
static void compare(ritz_grid_systems *s, size_t size, char *reason) {
  const double factors = factor_time(s), solution = solve_time(s);
  s->solver = RITZ_GRID_SOLVER_DIRECT;
  if (s->spec.gmres == 0) {
    snprintf(reason, size, "by the model: %.3g ms for the factors of a matrix, %.3g ms a solution",
             1e3 * factors, 1e3 * solution);
    return;
  }
  const double gmres = gmres_time(s), bicgstab = bicgstab_time(s);
  const bool stable = s->spec.bicgstab > 0 && bicgstab < gmres;
  if ((stable ? bicgstab : gmres) < factors + solution)
    s->solver = stable ? RITZ_GRID_SOLVER_BICGSTAB : RITZ_GRID_SOLVER_GMRES;
  const int used = snprintf(
      reason, size, "by the model: direct %.3g ms a system; with poisson gmres %.0f steps, %.3g ms",
      1e3 * (factors + solution), s->spec.gmres, 1e3 * gmres);
  if (s->spec.bicgstab > 0)
    snprintf(reason + used, size - (size_t)used, ", bicgstab %.0f, %.3g ms", s->spec.bicgstab,
             1e3 * bicgstab);
}

/* Settles solver and preconditioner; the order of elimination is there where it may be wanted. */
static void choose(ritz_grid_systems *s) {
  const ritz_grid_system_config *c = s->spec.config;
  char reason[192] = "as asked for";
  s->solver = c->solver;
  s->preconditioner = c->preconditioner;
  if (c->solver == RITZ_GRID_SOLVER_AUTO && c->preconditioner == PRECONDITIONER_AUTO)
    compare(s, sizeof reason, reason);
  else if (c->solver == RITZ_GRID_SOLVER_AUTO)
    s->solver = RITZ_GRID_SOLVER_GMRES;
  if (s->preconditioner == PRECONDITIONER_AUTO)
    s->preconditioner = s->solver == RITZ_GRID_SOLVER_MINRES ? NONE
                        : s->spec.box[0] > 0                 ? POISSON
                                                             : ILU;
  const bool direct = s->solver == RITZ_GRID_SOLVER_DIRECT;
  snprintf(s->method, sizeof s->method, "%s%s%s, %s", solvers[s->solver], direct ? "" : ", ",
           direct ? "" : preconditioners[s->preconditioner], reason);
}

/* Systems ------------------------------------------------------------------------------------- */

/* A matrix of the same pattern, values zero. */
static ritz_status copy_pattern(const ritz_sparse *a, ritz_sparse **out) {
  RITZ_TRY(ritz_sparse_allocate(a->scalar, a->rows, a->columns, a->entries, out));
  memcpy((*out)->start, a->start, (size_t)(a->rows + 1) * sizeof *a->start);
  memcpy((*out)->column, a->column, (size_t)a->entries * sizeof *a->column);
  return ritz_sparse_find_runs(*out);
}

ritz_status ritz_grid_systems_create(const ritz_grid_systems_spec *spec, ritz_grid_systems **out) {
  *out = NULL;
  ritz_status status;
  ritz_grid_systems *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->spec = *spec;
  RITZ_TRY_DONE(copy_pattern(spec->pattern, &s->pattern));
  const int asked = spec->config->solver;
  if (asked == RITZ_GRID_SOLVER_DIRECT ||
      (asked == RITZ_GRID_SOLVER_AUTO && spec->config->preconditioner == PRECONDITIONER_AUTO))
    RITZ_TRY_DONE(ritz_dissection_create(s->pattern, spec->dim, spec->place, &s->dissection));
  s->spec.pattern = NULL;
  s->spec.place = NULL;
  choose(s);
  if (s->solver != RITZ_GRID_SOLVER_DIRECT) ritz_dissection_destroy(&s->dissection);
  *out = s;
  return RITZ_OK;
done:
  ritz_grid_systems_destroy(&s);
  return status;
}

void ritz_grid_systems_destroy(ritz_grid_systems **systems) {
  if (!systems || !*systems) return;
  ritz_sparse_destroy(&(*systems)->pattern);
  ritz_dissection_destroy(&(*systems)->dissection);
  ritz_free(*systems);
  *systems = NULL;
}

const char *ritz_grid_systems_method(const ritz_grid_systems *systems) { return systems->method; }

ritz_index ritz_grid_systems_unknowns(const ritz_grid_systems *systems) {
  return systems->pattern->rows;
}

ritz_index ritz_grid_systems_entries(const ritz_grid_systems *systems) {
  return systems->pattern->entries;
}

ritz_index ritz_grid_systems_chain(const ritz_grid_systems *systems) {
  return systems->solver == RITZ_GRID_SOLVER_GCRODR ? systems->spec.config->chain : 1;
}

/* A thread's ---------------------------------------------------------------------------------- */

static ritz_status create_krylov(const ritz_grid_systems *s, ritz_krylov **out) {
  const ritz_grid_system_config *c = s->spec.config;
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = s->solver == RITZ_GRID_SOLVER_DIRECT ? "gmres" : solvers[s->solver];
  o.rtol = c->tolerance;
  o.atol = 0;
  o.max_iterations = (int)c->max_iterations;
  o.restart = s->solver == RITZ_GRID_SOLVER_DIRECT ? 8 : (int)c->restart;
  o.recycle = s->solver == RITZ_GRID_SOLVER_GCRODR ? (int)c->recycle : 0;
  o.threads = 1;
  return ritz_krylov_create(RITZ_REAL_DOUBLE, s->pattern->rows, &o, out);
}

/* Preconditioners are planned for a matrix that has one: a Laplacian, until it is set. */
static void fill_laplacian(ritz_sparse *a) {
  double *values = a->values;
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
      values[e] = a->column[e] == i ? (double)(a->start[i + 1] - a->start[i]) : -1;
}

static ritz_status create_preconditioner(ritz_grid_system *t) {
  const ritz_grid_systems *s = t->of;
  char options[96];
  if (s->solver == RITZ_GRID_SOLVER_DIRECT)
    return ritz_dissection_factors_create(s->dissection, &t->factors);
  fill_laplacian(t->matrix);
  snprintf(options, sizeof options, "{unknowns: [%td, %td], precision: float}", s->spec.box[0],
           s->spec.box[1]);
  return ritz_preconditioner_create(preconditioners[s->preconditioner],
                                    s->preconditioner == POISSON ? options : NULL, t->matrix,
                                    &t->preconditioner);
}

ritz_status ritz_grid_system_create(const ritz_grid_systems *systems, ritz_grid_system **out) {
  *out = NULL;
  ritz_status status;
  ritz_grid_system *t;
  RITZ_TRY(RITZ_NEW(1, &t));
  t->of = systems;
  RITZ_TRY_DONE(copy_pattern(systems->pattern, &t->matrix));
  RITZ_TRY_DONE(create_krylov(systems, &t->krylov));
  RITZ_TRY_DONE(create_preconditioner(t));
  *out = t;
  return RITZ_OK;
done:
  ritz_grid_system_destroy(&t);
  return status;
}

void ritz_grid_system_destroy(ritz_grid_system **system) {
  if (!system || !*system) return;
  ritz_krylov_destroy(&(*system)->krylov);
  ritz_preconditioner_destroy(&(*system)->preconditioner);
  ritz_dissection_factors_destroy(&(*system)->factors);
  ritz_sparse_destroy(&(*system)->matrix);
  ritz_free(*system);
  *system = NULL;
}

double *ritz_grid_system_values(ritz_grid_system *system) { return system->matrix->values; }

void ritz_grid_system_update(ritz_grid_system *t) {
  ritz_krylov_map *apply = t->factors ? ritz_dissection_solve : ritz_preconditioner_apply;
  void *user = t->factors ? (void *)t->factors : (void *)t->preconditioner;
  t->failed = t->factors ? !ritz_dissection_factor(t->factors, t->matrix->values)
                         : ritz_preconditioner_update(t->preconditioner) != RITZ_OK;
  ritz_krylov_set_operator(t->krylov, ritz_sparse_apply, t->matrix);
  ritz_krylov_set_preconditioner(t->krylov, apply, user);
}

void ritz_grid_system_begin(ritz_grid_system *t) {
  ritz_recycle *space = ritz_krylov_recycle(t->krylov);
  if (space) ritz_recycle_reset(space);
}

void ritz_grid_system_solve(ritz_grid_system *t, const double *b, double *x,
                            ritz_solve_report *report) {
  if (!t->failed) {
    ritz_krylov_solve(t->krylov, b, x, report); /* fails only without an operator */
    return;
  }
  memset(x, 0, (size_t)t->matrix->rows * sizeof *x);
  *report = (ritz_solve_report){
      .reason = RITZ_SOLVE_PRECONDITIONER_FAILED, .residual = 1, .initial_residual = 1};
}

/* Nearest next; fails only for sizes that are none. */
void ritz_grid_system_order(ritz_index count, ritz_index numbers, const double *fields,
                            ritz_index *order) {
  const ritz_index nodes[] = {numbers};
  ritz_sequence_order(NULL, count, 1, nodes, fields, order);
}
