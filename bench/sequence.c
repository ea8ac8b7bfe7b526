/* SPDX-License-Identifier: BSD-3-Clause
 * Data generation by sorting and recycling, and what else there is: per preconditioner GMRES(40) on
 * the systems as they come, GCRO-DR(40, 20) on the same and on sorted ones, then the methods that a
 * specialist would try. Left preconditioning, tolerance on the preconditioned residual, as in the
 * published runs; other methods to the true one. Systems share a recycle space in two chunks.
 *
 * "times" and "iterations" against GMRES stand beside the published ratios (Wang et al. 2024, Table
 * 1; 0: none), whose times include files and start-up of 72 ranks. ms_per_system has no file in it,
 * but preconditioners and, where all systems have one matrix, one of them only. */
#include <math.h>
#include <ritz/preconditioner.h>
#include <ritz/sequence.h>
#include <stdio.h>
#include <string.h>

#include "bench/hypre_main.h"
#include "bench/sequence_sets.h"
#include "core/memory.h"

enum { published_rows = 7, row_others = published_rows, row_all };

typedef struct sequence_plan {
  const char *name;
  sequence_kind kind;
  int side, count;
  double rtol;
  const double (*published)[2]; /* [published_rows]; NULL: none */
} sequence_plan;

/* A row of a set's table, or all of it. */
typedef struct sequence_case {
  bench_case base;
  const sequence_plan *plan;
  int row;
  char name[48], about[96];
} sequence_case;

/* Rows of the published table. */
static const char *const rows[published_rows] = {"none",    "jacobi", "block_jacobi", "sor",
                                                 "schwarz", "ic",     "ilu"};

/* What else could be done. */
static const struct {
  const char *method, *preconditioner;
  bool symmetric, box; /* needs such a set */
} others[] = {
    {"cg", "ic", true, false},
    {"cg", "mic", true, false},
    {"minres", "ssor", true, false},
    {"recycled_minres", "ssor", true, false},
    {"deflated_cg", "ic", true, false},
    {"bicgstab", "ilu", false, false},
    {"gmres", "poisson", false, true},
#ifdef RITZ_WITH_SUPERLU
    {"gmres", "superlu", false, false},
#endif
#ifdef RITZ_WITH_HYPRE
    {"gmres", "boomeramg", false, false},
    {"cg", "boomeramg", true, false},
#endif
};

/* A thread's system. */
typedef struct worker {
  const sequence_set *set;
  ritz_sparse *matrix;
  ritz_preconditioner *m;
  double *x;
  bool loaded;
} worker;

typedef struct job {
  const sequence_case *of;
  const bench_call *call;
  const sequence_set *set;
  const char *method, *preconditioner;
  const ritz_index *order; /* NULL: as they come */
  ritz_krylov_side side;
  int workers;
  worker *worker;
  void **users;
  ritz_solve_report *reports;
  ritz_status status;
} job;

/* Workers ------------------------------------------------------------------------------------- */

static int set_system(void *user, ritz_index sample, ritz_krylov *solver, const void **b,
                      void **x) {
  worker *w = user;
  const sequence_set *set = w->set;
  *b = set->b + sample * set->n;
  *x = w->x;
  if (w->loaded && set->fixed) return 0;
  const ritz_sparse_parts parts = ritz_sparse_describe(w->matrix);
  if (!set->fixed)
    memcpy(parts.values, set->values + sample * parts.entries,
           (size_t)parts.entries * sizeof(double));
  if (ritz_preconditioner_update(w->m) != RITZ_OK) return 1;
  ritz_krylov_set_operator(solver, ritz_sparse_apply, w->matrix);
  ritz_krylov_set_preconditioner(solver, ritz_preconditioner_apply, w->m);
  w->loaded = true;
  return 0;
}

static ritz_status create_worker(const job *j, worker *w) {
  const sequence_set *set = j->set;
  const ritz_sparse_parts parts = ritz_sparse_describe(set->matrix);
  char options[64];
  snprintf(options, sizeof options, "{unknowns: [%d, %d]}", set->side, set->side);
  w->set = set;
  ritz_index *column;
  RITZ_TRY(RITZ_NEW(parts.entries, &column));
  for (ritz_index e = 0; e < parts.entries; e++) column[e] = parts.column[e];
  const ritz_status status = ritz_sparse_create(parts.scalar, parts.rows, parts.columns,
                                                parts.start, column, set->values, &w->matrix);
  ritz_free(column);
  RITZ_TRY(status);
  ritz_sparse_set_threads(w->matrix, 1);
  RITZ_TRY(RITZ_NEW(set->n, &w->x));
  const bool is_poisson = strcmp(j->preconditioner, "poisson") == 0;
  RITZ_TRY(
      ritz_preconditioner_create(j->preconditioner, is_poisson ? options : NULL, w->matrix, &w->m));
  ritz_preconditioner_set_threads(w->m, 1);
  return RITZ_OK;
}

static void destroy_workers(job *j) {
  for (int i = 0; j->worker && i < j->workers; i++) {
    ritz_preconditioner_destroy(&j->worker[i].m);
    ritz_sparse_destroy(&j->worker[i].matrix);
    ritz_free(j->worker[i].x);
  }
  ritz_free(j->worker);
  ritz_free(j->users);
  ritz_free(j->reports);
}

static ritz_status create_workers(job *j) {
  RITZ_TRY(RITZ_NEW(j->workers, &j->worker));
  RITZ_TRY(RITZ_NEW(j->workers, &j->users));
  RITZ_TRY(RITZ_NEW(j->set->count, &j->reports));
  for (int i = 0; i < j->workers; i++) {
    j->users[i] = &j->worker[i];
    RITZ_TRY(create_worker(j, &j->worker[i]));
  }
  return RITZ_OK;
}

/* Runs ---------------------------------------------------------------------------------------- */

static void solve(void *arg) {
  job *j = arg;
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = j->method;
  options.rtol = j->of->plan->rtol;
  options.restart = 40;
  options.recycle = 20;
  options.side = j->side;
  for (int i = 0; i < j->workers; i++) j->worker[i].loaded = false;
  const ritz_sequence sequence = {.scalar = RITZ_REAL_DOUBLE,
                                  .n = j->set->n,
                                  .krylov = &options,
                                  .count = j->set->count,
                                  .order = j->order,
                                  .chunk = (j->set->count + 1) / 2,
                                  .workers = j->workers,
                                  .worker = j->users,
                                  .set = set_system};
  const ritz_status status = ritz_sequence_solve(&sequence, j->reports);
  if (status != RITZ_OK) j->status = status;
}

typedef struct outcome {
  double iterations, products, residual, seconds; /* means; the largest; of all systems */
  int converged;
} outcome;

static ritz_status measure(job *j, bench_line *line, outcome *o) {
  bench_call once = *j->call;
  once.seconds = 0; /* hours otherwise */
  const bench_job work = {solve, j};
  RITZ_TRY(bench_measure(&once, RITZ_FLOAT64, 1, &work, &line->times));
  RITZ_TRY(j->status);
  *o = (outcome){.seconds = line->times.median};
  for (int i = 0; i < j->set->count; i++) {
    const ritz_solve_report *r = &j->reports[i];
    o->iterations += (double)r->iterations / j->set->count;
    o->products += (double)r->products / j->set->count;
    o->residual = fmax(o->residual, r->residual);
    o->converged += r->reason > 0;
  }
  return RITZ_OK;
}

/* @param base  GMRES on the same row, or NULL. @param published  Its ratios, or NULL. */
static ritz_status run_job(job j, const outcome *base, const double *published, outcome *o) {
  bench_line line = {.of = &j.of->base, .dtype = RITZ_FLOAT64};
  j.workers = j.call->threads < 2 ? j.call->threads : 2; /* as many as chunks */
  ritz_status status = create_workers(&j);
  if (status == RITZ_OK) status = measure(&j, &line, o);
  if (status == RITZ_OK)
    bench_print(j.call, &line,
                "\"unknowns\": %td, \"systems\": %d, \"rtol\": %g, \"preconditioner\": \"%s\", "
                "\"method\": \"%s\", \"order\": \"%s\", \"converged\": %d, \"iterations\": %.1f, "
                "\"products\": %.1f, \"ms_per_system\": %.4g, \"largest_residual\": %.2e, "
                "\"times\": %.2f, \"published_times\": %.2f, \"fewer_iterations\": %.2f, "
                "\"published_fewer\": %.2f",
                j.set->n, j.set->count, j.of->plan->rtol, j.preconditioner, j.method,
                j.order ? "sorted" : "as they come", o->converged, o->iterations, o->products,
                1e3 * o->seconds / j.set->count, o->residual,
                base ? base->seconds / o->seconds : 1.0, published ? published[0] : 0,
                base ? base->iterations / o->iterations : 1.0, published ? published[1] : 0);
  destroy_workers(&j);
  return status;
}

/* GMRES, and recycling without and with sorting. */
static ritz_status run_row(job j, int row, const ritz_index *order) {
  outcome gmres, o;
  if (strcmp(rows[row], "ic") == 0 && !j.set->symmetric) return RITZ_OK;
  j.preconditioner = rows[row];
  j.side = RITZ_LEFT;
  j.method = "gmres";
  RITZ_TRY(run_job(j, NULL, NULL, &gmres));
  j.method = "gcrodr";
  RITZ_TRY(run_job(j, &gmres, NULL, &o));
  j.order = order;
  const double(*published)[2] = j.of->plan->published;
  return run_job(j, &gmres, published ? published[row] : NULL, &o);
}

static ritz_status run_others(job j, const ritz_index *order) {
  outcome o;
  j.side = RITZ_RIGHT;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if ((others[i].symmetric && !j.set->symmetric) || (others[i].box && !j.set->box)) continue;
    j.method = others[i].method, j.preconditioner = others[i].preconditioner;
    j.order = strcmp(j.method, "recycled_minres") && strcmp(j.method, "deflated_cg") ? NULL : order;
    RITZ_TRY(run_job(j, NULL, NULL, &o));
  }
  return RITZ_OK;
}

static ritz_status run_rows(const job *j, const ritz_index *order) {
  for (int row = 0; row < published_rows; row++)
    if (j->of->row == row || j->of->row == row_all) RITZ_TRY(run_row(*j, row, order));
  return j->of->row >= row_others ? run_others(*j, order) : RITZ_OK;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const sequence_case *c = (const sequence_case *)self;
  const sequence_plan *plan = c->plan;
  sequence_set set;
  ritz_index *order = NULL;
  ritz_status status = sequence_set_create(plan->kind, plan->side, plan->count, &set);
  if (status == RITZ_OK) status = RITZ_NEW(plan->count, &order);
  if (status == RITZ_OK)
    status = ritz_sequence_order(NULL, plan->count, 1, &set.numbers, set.parameters, order);
  if (status == RITZ_OK) status = run_rows(&(job){.of = c, .call = call, .set = &set}, order);
  ritz_free(order);
  sequence_set_clear(&set);
  return status;
}

/* Cases --------------------------------------------------------------------------------------- */

/* GMRES / recycled and sorted: time, iterations. */
typedef const double published_ratios[published_rows][2];
static published_ratios of_darcy = {{2.92, 21.1}, {3.42, 24.5}, {4.07, 28.6}, {3.45, 27.9},
                                    {3.66, 22.2}, {3.18, 14.9}, {3.08, 14.4}};
static published_ratios of_helmholtz = {{7.61, 16.5}, {8.62, 20.0}, {11.4, 26.5}, {10.5, 26.2},
                                        {13.1, 29.3}, {6.38, 28.3}, {6.13, 27.2}};
static published_ratios of_thermal = {{5.35, 23.6}, {3.06, 13.5}, {2.73, 11.1}, {2.34, 9.30},
                                      {2.83, 11.1}, {2.77, 11.1}, {2.69, 11.1}};
static published_ratios of_poisson = {{1.74, 6.29}, {1.75, 6.30}, {1.19, 3.97}, {1.35, 4.45},
                                      {1.94, 4.83}, {1.32, 4.83}, {1.30, 4.87}};

static const sequence_plan plans[] = {
    {"darcy-16", SEQUENCE_DARCY, 16, 4, 1e-5, NULL},
    {"darcy", SEQUENCE_DARCY, 80, 20, 1e-5, of_darcy},
    {"helmholtz", SEQUENCE_HELMHOLTZ, 100, 20, 1e-5, of_helmholtz},
    {"darcy_slip", SEQUENCE_DARCY_SLIP, 80, 4, 1e-5, of_darcy},
    {"helmholtz_slip", SEQUENCE_HELMHOLTZ_SLIP, 100, 4, 1e-5, of_helmholtz},
    {"thermal", SEQUENCE_THERMAL, 80, 20, 1e-8, of_thermal},
    {"poisson", SEQUENCE_POISSON, 267, 4, 1e-8, of_poisson},
};
enum { plan_count = sizeof plans / sizeof *plans, plan_cases = published_rows + 1 };

/* The small set as a whole, of the others a case per row. */
static int make_cases(sequence_case *cases) {
  int count = 0;
  for (const sequence_plan *p = plans; p < plans + plan_count; p++)
    for (int row = 0; row < plan_cases; row++) {
      const bool whole = p == plans;
      const bool symmetric = p->kind == SEQUENCE_THERMAL || p->kind == SEQUENCE_POISSON;
      if (row < published_rows && strcmp(rows[row], "ic") == 0 && !symmetric) continue;
      sequence_case *c = &cases[count++];
      const char *what = row < published_rows ? rows[row] : "others";
      *c = (sequence_case){.plan = p, .row = whole ? row_all : row};
      snprintf(c->name, sizeof c->name, "sequence/%s%s%s", p->name, whole ? "" : "-",
               whole ? "" : what);
      snprintf(c->about, sizeof c->about, "%d systems of the %s set, %s", p->count, p->name,
               whole                  ? "all methods"
               : row < published_rows ? what
                                      : "other methods");
      c->base = (bench_case){c->name, c->about, run};
      if (whole) break;
    }
  return count;
}

int main(int argc, char **argv) {
  static sequence_case cases[plan_count * plan_cases];
  return bench_main_with_hypre(argc, argv, "ritz-bench-sequence", make_cases(cases), sizeof *cases,
                               cases);
}
