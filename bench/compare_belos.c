/* SPDX-License-Identifier: BSD-3-Clause
 * GCRO-DR(40, 20) with ILU(0) on a sequence of 20 systems (krylov_problem.h) against Belos'
 * GCRODRSolMgr, in turn in one process on one thread. Matrices and factors are made before the
 * clock starts. Two rows a case:
 *
 *   "stack": "ours"   Belos works with our products and factors: only the method differs.
 *   "stack": "own"    Belos works with Epetra_CrsMatrix and Ifpack's ILU(0), as a user of each
 *                     library would run it; left out where Ifpack is not installed.
 *
 *   ritz-compare-belos [--list] [--seconds S] [CASE]...
 *
 * The true residual of every solution is recomputed and must be within the tolerance when the
 * preconditioner is on the right. Belos is timed with each of its orthogonalisations, and the
 * fastest counts. "ratio" is its time over ours: above 1 ours is faster. */
#include <cblas.h>
#include <math.h>
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>
#include <string.h>

#include "bench/belos_peer.h"
#include "bench/krylov_cases.h"
#include "bench/krylov_problem.h"
#include "core/memory.h"

enum { systems = 20, restart = 40, recycle = 20, ways = 3, stacks = 2 };
static const double rtol = 1e-8;
static const char *const way_names[ways] = {"DGKS", "ICGS", "IMGS"};
static const char *const stack_names[stacks] = {"ours", "own"};

typedef struct sequence {
  int n; /* unknowns */
  bool left;
  ritz_sparse *matrix[systems];
  ritz_preconditioner *m[systems];
  belos_system *theirs[stacks][systems]; /* NULL: without Ifpack */
  double *b, *x, *r;
} sequence;

/* What came of one method. */
typedef struct outcome {
  sequence *of;
  ritz_krylov *solver;                   /* ours, or */
  const char *way;                       /* theirs, */
  int stack;                             /* on one of theirs[] */
  double iterations, products, residual; /* means; the largest */
  ritz_status status;
} outcome;

static double true_residual(const sequence *s, int i) {
  double rr = 0, bb = 0;
  ritz_sparse_apply(s->matrix[i], s->x, s->r);
  for (int j = 0; j < s->n; j++) {
    rr += pow(s->b[j] - s->r[j], 2);
    bb += s->b[j] * s->b[j];
  }
  return sqrt(rr / bb);
}

static void count(outcome *o, int i, int iterations, int products) {
  o->iterations += (double)iterations / systems;
  o->products += (double)products / systems;
  o->residual = fmax(o->residual, true_residual(o->of, i));
}

static ritz_status run_ours_once(outcome *o) {
  const sequence *s = o->of;
  ritz_recycle_reset(ritz_krylov_recycle(o->solver));
  for (int i = 0; i < systems; i++) {
    ritz_solve_report report;
    ritz_krylov_set_operator(o->solver, ritz_sparse_apply, s->matrix[i]);
    ritz_krylov_set_preconditioner(o->solver, ritz_preconditioner_apply, s->m[i]);
    RITZ_TRY(ritz_krylov_solve(o->solver, s->b, s->x, &report));
    RITZ_REQUIRE(report.reason > 0, RITZ_ERR_NUMERIC, "ours, system %d: %s", i,
                 ritz_solve_reason_text(report.reason));
    count(o, i, report.iterations, report.products);
  }
  return RITZ_OK;
}

static ritz_status run_peer_once(outcome *o) {
  const sequence *s = o->of;
  belos_peer *peer = belos_peer_create(s->n, restart, recycle, rtol, s->left, o->way);
  RITZ_REQUIRE(peer, RITZ_ERR_NUMERIC, "Belos could not be set up");
  bool failed = false;
  for (int i = 0; i < systems && !failed; i++) {
    belos_report report;
    failed =
        belos_peer_solve(peer, s->theirs[o->stack][i], s->b, s->x, &report) || !report.converged;
    if (!failed) count(o, i, report.iterations, report.products);
  }
  belos_peer_destroy(peer);
  RITZ_REQUIRE(!failed, RITZ_ERR_NUMERIC, "Belos with %s did not converge", o->way);
  return RITZ_OK;
}

static void run_outcome(void *arg) {
  outcome *o = arg;
  o->iterations = o->products = o->residual = 0;
  const ritz_status status = o->solver ? run_ours_once(o) : run_peer_once(o);
  if (status != RITZ_OK) o->status = status;
}

static void print(const krylov_case *c, const bench_call *call, const outcome *ours,
                  const outcome *theirs, const bench_times *times, const bench_times *their_times) {
  const sequence *s = ours->of;
  const bench_line line = {.of = &c->base, .dtype = RITZ_FLOAT64, .times = *times};
  bench_print(call, &line,
              "\"unknowns\": %d, \"systems\": %d, \"side\": \"%s\", \"stack\": \"%s\", "
              "\"iterations\": %.1f, \"products\": %.1f, \"largest_residual\": %.2e, "
              "\"ms_per_system\": %.4g, \"belos\": \"%s\", \"belos_iterations\": %.1f, "
              "\"belos_products\": %.1f, \"belos_largest_residual\": %.2e, "
              "\"belos_ms_per_system\": %.4g, \"ratio\": %.3f",
              s->n, systems, s->left ? "left" : "right", stack_names[theirs->stack],
              ours->iterations, ours->products, ours->residual, 1e3 * times->median / systems,
              theirs->way, theirs->iterations, theirs->products, theirs->residual,
              1e3 * their_times->median / systems, their_times->median / times->median);
}

static ritz_status check(const outcome *o, const char *name) {
  RITZ_TRY(o->status);
  RITZ_REQUIRE(o->of->left || o->residual <= 1.01 * rtol, RITZ_ERR_NUMERIC,
               "%s: the largest residual is %.2e", name, o->residual);
  return RITZ_OK;
}

static ritz_status measure(const krylov_case *c, const bench_call *call, sequence *s,
                           ritz_krylov *solver) {
  const int rows = s->theirs[1][0] ? stacks : 1, count = 1 + rows * ways;
  outcome o[1 + stacks * ways] = {{.of = s, .solver = solver}};
  bench_job jobs[1 + stacks * ways] = {{run_outcome, &o[0]}};
  bench_times times[1 + stacks * ways];
  for (int j = 1; j < count; j++) {
    o[j] = (outcome){.of = s, .way = way_names[(j - 1) % ways], .stack = (j - 1) / ways};
    jobs[j] = (bench_job){run_outcome, &o[j]};
  }
  RITZ_TRY(bench_measure(call, RITZ_FLOAT64, count, jobs, times));
  RITZ_TRY(check(&o[0], "ours"));
  for (int row = 0; row < rows; row++) {
    int best = 1 + row * ways;
    for (int j = 1 + row * ways; j < 1 + (row + 1) * ways; j++) {
      RITZ_TRY(check(&o[j], o[j].way));
      if (times[j].median < times[best].median) best = j;
    }
    print(c, call, &o[0], &o[best], &times[0], &times[best]);
  }
  return RITZ_OK;
}

static ritz_status compare(const krylov_case *c, const bench_call *call, sequence *s) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.rtol = rtol;
  options.restart = restart;
  options.recycle = recycle;
  options.side = s->left ? RITZ_LEFT : RITZ_RIGHT;
  ritz_krylov *solver;
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, s->n, &options, &solver));
  const ritz_status status = measure(c, call, s, solver);
  ritz_krylov_destroy(&solver);
  return status;
}

/* The same for Belos: our callbacks, and where Ifpack is there its own objects. */
static ritz_status fill_theirs(sequence *s) {
  for (int i = 0; i < systems; i++) {
    const ritz_sparse_parts parts = ritz_sparse_describe(s->matrix[i]);
    s->theirs[0][i] = belos_system_borrow(s->n, ritz_sparse_apply, s->matrix[i],
                                          ritz_preconditioner_apply, s->m[i]);
    if (belos_has_ifpack())
      s->theirs[1][i] = belos_system_create(s->n, parts.start, parts.column, parts.values);
    RITZ_REQUIRE(s->theirs[0][i] && (s->theirs[1][i] || !belos_has_ifpack()), RITZ_ERR_NUMERIC,
                 "system %d could not be set up for Belos", i);
  }
  return RITZ_OK;
}

/* A matrix and its factors per system. */
static ritz_status fill(krylov_problem *problem, sequence *s) {
  ritz_sparse_parts parts = ritz_sparse_describe(problem->matrix);
  ritz_index *column;
  ritz_status status = RITZ_OK;
  RITZ_TRY(RITZ_NEW(parts.entries, &column));
  for (ritz_index e = 0; e < parts.entries; e++) column[e] = parts.column[e];
  for (int i = 0; i < systems && status == RITZ_OK; i++) {
    krylov_problem_set(problem, i);
    status = ritz_sparse_create(parts.scalar, parts.rows, parts.columns, parts.start, column,
                                parts.values, &s->matrix[i]);
    if (status == RITZ_OK) status = ritz_preconditioner_create("ilu", NULL, s->matrix[i], &s->m[i]);
  }
  ritz_free(column);
  return status;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const krylov_case *c = (const krylov_case *)self;
  krylov_problem problem;
  sequence s = {.n = c->n * c->n};
  if (call->threads > 1) return RITZ_OK; /* Epetra has no threads */
  ritz_status status = krylov_problem_create(c->n, systems, &problem);
  s.b = problem.b;
  s.x = problem.x;
  if (status == RITZ_OK) status = RITZ_NEW(s.n, &s.r);
  if (status == RITZ_OK) status = fill(&problem, &s);
  if (status == RITZ_OK) status = fill_theirs(&s);
  for (int left = 1; left >= 0 && status == RITZ_OK; left--) {
    s.left = left;
    status = compare(c, call, &s);
  }
  for (int i = 0; i < systems; i++) {
    for (int k = 0; k < stacks; k++) belos_system_destroy(s.theirs[k][i]);
    ritz_preconditioner_destroy(&s.m[i]);
    ritz_sparse_destroy(&s.matrix[i]);
  }
  ritz_free(s.r);
  krylov_problem_clear(&problem);
  return status;
}

static const krylov_case cases[] = {
    {{"belos/gcrodr-32", "20 systems on 32^2 with GCRO-DR(40, 20) and ILU(0)", run}, 32},
    {{"belos/gcrodr-100", "20 systems on 100^2 with GCRO-DR(40, 20) and ILU(0)", run}, 100},
    {{"belos/gcrodr-256", "20 systems on 256^2 with GCRO-DR(40, 20) and ILU(0)", run}, 256},
};

int main(int argc, char **argv) {
  openblas_set_num_threads(1); /* Belos' small products and eigenvalues, too */
  return bench_main(argc, argv, "ritz-compare-belos", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
