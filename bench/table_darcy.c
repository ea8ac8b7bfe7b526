/* SPDX-License-Identifier: BSD-3-Clause
 * Every way to solve the samples of the generator darcy: its multigrid as it comes and otherwise,
 * conjugate gradients, GMRES and GCRO-DR with what suits them, complete factors by SuperLU, and the
 * two multigrid methods of hypre. */
#include "bench/table_darcy.h"

#include <stdio.h>
#include <string.h>

#include "bench/table_rows.h"
#include "bench/table_solvers.h"
#include "core/memory.h"

static const table_method methods[] = {
    {.name = "multigrid", .cube = true},
    {.name = "multigrid, all in double", .cube = true, .all_double = true},
    {.name = "multigrid, one sample at a time", .cube = true, .alone = true},
    {.name = "multigrid with W-cycles", .cube = true, .cycle = RITZ_CYCLE_W},
    {.name = "multigrid in strips of a sample", .strips = true},
    {.name = "multigrid with W-cycles in strips of a sample",
     .strips = true,
     .cycle = RITZ_CYCLE_W},
    {.name = "multigrid, 1 sweep", .cube = true, .sweeps = 1},
    {.name = "multigrid, 3 sweeps", .cube = true, .sweeps = 3},
    {.name = "multigrid without conjugate gradients", .cube = true, .stationary = true},
    {.name = "cg, poisson", .kind = TABLE_BOX},
#define SPARSE(text, method, with) \
  .name = text, .kind = TABLE_SPARSE, .krylov = method, .preconditioner = with
    {SPARSE("cg, ic", "cg", "ic"), .cube = true},
    {SPARSE("cg, mic", "cg", "mic"), .cube = true},
    {SPARSE("gmres(40), ilu", "gmres", "ilu"), .cube = true, .restart = 40},
    {SPARSE("gcrodr(40, 20), ilu", "gcrodr", "ilu"), .cube = true, .restart = 40, .recycle = 20},
#ifdef RITZ_WITH_SUPERLU
    {SPARSE("superlu", "gmres", "superlu"), .restart = 8},
#endif
#ifdef RITZ_WITH_HYPRE
    {SPARSE("cg, pfmg", "cg", "pfmg"), .cube = true, .options = "box"},
    {SPARSE("cg, boomeramg", "cg", "boomeramg"), .cube = true},
#endif
};
enum { method_count = sizeof methods / sizeof *methods };
_Static_assert((int)method_count <= (int)table_rows_most, "room for all methods");

/* In three dimensions another strength of couplings is advised. */
static const table_method boomeramg_of_cube = {SPARSE("cg, boomeramg", "cg", "boomeramg"),
                                               .cube = true, .options = "{strength: 0.5}"};

/* Methods that are not among the rows, and why. */
static void say_what_is_left_out(int dim, size_t size, char *text) {
  const char *const why[] = {
      dim == 3 ? "cg, poisson: for two dimensions" : NULL,
#ifdef RITZ_WITH_SUPERLU
      dim == 3 ? "superlu: over a minute a sample" : NULL,
#else
      "superlu: built without RITZ_WITH_SUPERLU",
#endif
#ifndef RITZ_WITH_HYPRE
      "cg, pfmg and cg, boomeramg: built without RITZ_WITH_HYPRE, which needs RITZ_WITH_MPI",
#endif
  };
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < sizeof why / sizeof *why; i++)
    if (why[i] && used < size)
      used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "; " : "", why[i]);
}

static ritz_status compare(const table_darcy_case *c, const bench_call *call, table_systems *s,
                           double *u, table_solver *solvers) {
  const bool lognormal = strstr(c->options, "lognormal") != NULL;
  table_row rows[table_rows_most] = {{.trial = 0}};
  char left_out[256];
  int count = 0;
  for (int i = 0; i < method_count; i++) {
    const table_method *how = &methods[i];
    if (s->dim == 3 && !how->cube) continue;
    if (s->dim == 3 && how->preconditioner && strcmp(how->preconditioner, "boomeramg") == 0)
      how = &boomeramg_of_cube;
    RITZ_TRY(table_solver_create(how, s, lognormal, u, &solvers[count]));
    RITZ_TRY(table_solver_check(call, &solvers[count], &rows[count]));
    rows[count].chosen = table_is_taken(s->method, how->name);
    count++;
  }
  say_what_is_left_out(s->dim, sizeof left_out, left_out);
  return table_print(call, &(table_head){&c->base, c->options, s->method, left_out}, count, rows);
}

ritz_status table_darcy_run(const bench_case *self, const bench_call *call) {
  const table_darcy_case *c = (const table_darcy_case *)self;
  table_solver solvers[table_rows_most] = {{0}};
  table_systems s;
  double *u = NULL;
  if (call->threads > 1) return RITZ_OK; /* samples share no work: one thread says it all */
  ritz_status status = table_systems_create(call->context, c->options, c->mean, c->samples, &s);
  if (status == RITZ_OK) status = RITZ_NEW(s.count * s.size, &u);
  if (status == RITZ_OK) status = compare(c, call, &s, u, solvers);
  for (int i = 0; i < table_rows_most; i++) table_solver_clear(&solvers[i]);
  table_systems_clear(&s);
  ritz_free(u);
  return status;
}
