/* SPDX-License-Identifier: BSD-3-Clause
 * GMRES(40) with ILU(0) against PETSc's KSPGMRES, in turn in one process on one thread: one
 * five-point system (krylov_problem.h), the same tolerance in the same norm.
 *
 *   ritz-compare-petsc [--list] [--seconds S] [CASE]...
 *
 * The solutions of both must meet the tolerance by the true residual, recomputed with our matrix,
 * where the tolerance is about it. PETSc orthogonalises once as it comes and is asked the same of
 * ours ("cgs"); "cgs2" is our default. A run is a whole solve, "us_per_iteration" its time by
 * iterations, "ratio" that of PETSc over that of ours: above 1 ours is faster. */
#include <math.h>
#include <petscksp.h>

#include "bench/krylov_cases.h"
#include "bench/krylov_rival.h"
#include "core/memory.h"

static const double rtol = 1e-8;

static void must(PetscErrorCode code, const char *what) {
  if (code == 0) return;
  fprintf(stderr, "ritz-compare-petsc: %s failed: %d\n", what, (int)code);
  exit(1);
}
#define MUST(call) must((call), #call)

/* PETSc's side: the same rows. */
typedef struct peer {
  PetscInt *start, *column;
  Mat matrix;
  Vec b, x;
  KSP solver;
} peer;

static void destroy_peer(peer *p) {
  MUST(KSPDestroy(&p->solver));
  MUST(VecDestroy(&p->b));
  MUST(VecDestroy(&p->x));
  MUST(MatDestroy(&p->matrix));
  ritz_free(p->start);
  ritz_free(p->column);
}

static ritz_status create_peer(const krylov_problem *problem, PCSide side, peer *p) {
  const ritz_sparse_parts parts = ritz_sparse_describe(problem->matrix);
  const PetscInt n = (PetscInt)parts.rows;
  PC pc;
  RITZ_TRY(RITZ_NEW(n + 1, &p->start));
  RITZ_TRY(RITZ_NEW(parts.entries, &p->column));
  for (PetscInt i = 0; i <= n; i++) p->start[i] = (PetscInt)parts.start[i];
  for (ritz_index e = 0; e < parts.entries; e++) p->column[e] = parts.column[e];
  MUST(MatCreateSeqAIJWithArrays(PETSC_COMM_SELF, n, n, p->start, p->column, parts.values,
                                 &p->matrix));
  MUST(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, n, problem->b, &p->b));
  MUST(VecCreateSeq(PETSC_COMM_SELF, n, &p->x));
  MUST(KSPCreate(PETSC_COMM_SELF, &p->solver));
  MUST(KSPSetOperators(p->solver, p->matrix, p->matrix));
  MUST(KSPSetType(p->solver, KSPGMRES));
  MUST(KSPGMRESSetRestart(p->solver, 40));
  MUST(KSPSetPCSide(p->solver, side));
  MUST(KSPSetTolerances(p->solver, rtol, 1e-50, 1e5, 10000));
  MUST(KSPGetPC(p->solver, &pc));
  MUST(PCSetType(pc, PCILU));
  MUST(PCFactorSetLevels(pc, 0));
  MUST(KSPSetUp(p->solver));
  return RITZ_OK;
}

static void run_peer(void *arg) {
  peer *p = arg;
  MUST(KSPSolve(p->solver, p->b, p->x));
}

static ritz_status create_ours(krylov_problem *problem, ritz_preconditioner *m,
                               ritz_krylov_side side, ritz_orthogonalization way, krylov_rival *r) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = "gmres";
  options.rtol = rtol;
  options.restart = 40;
  options.side = side;
  options.orthogonalization = way;
  return krylov_rival_create(&options, problem, m, r);
}

/* Both ------------------------------------------------------------------------------------------
 */

static double peer_residual(const krylov_problem *problem, const peer *p) {
  const int n = problem->n * problem->n;
  const PetscScalar *x;
  double rr = 0, bb = 0;
  MUST(VecGetArrayRead(p->x, &x));
  ritz_sparse_apply(problem->matrix, x, problem->x);
  MUST(VecRestoreArrayRead(p->x, &x));
  for (int i = 0; i < n; i++) {
    rr += pow(problem->b[i] - problem->x[i], 2);
    bb += problem->b[i] * problem->b[i];
  }
  return sqrt(rr / bb);
}

enum { ways = 2 };

static ritz_status measure(const krylov_case *c, const bench_call *call, ritz_krylov_side side,
                           krylov_rival *ours, peer *theirs) {
  static const char *const names[ways] = {"cgs", "cgs2"};
  const bench_job jobs[] = {
      {run_peer, theirs}, {krylov_rival_run, &ours[0]}, {krylov_rival_run, &ours[1]}};
  bench_times times[ways + 1];
  PetscInt steps;
  KSPConvergedReason reason;
  run_peer(theirs);
  MUST(KSPGetIterationNumber(theirs->solver, &steps));
  MUST(KSPGetConvergedReason(theirs->solver, &reason));
  const double residual = peer_residual(ours[0].problem, theirs);
  RITZ_REQUIRE(reason > 0, RITZ_ERR_NUMERIC, "PETSc ends for reason %d", (int)reason);
  RITZ_REQUIRE(side == RITZ_LEFT || residual <= 1.01 * rtol, RITZ_ERR_NUMERIC,
               "PETSc's residual is %.2e", residual);
  RITZ_TRY(bench_measure(call, RITZ_FLOAT64, ways + 1, jobs, times));
  const double theirs_us = 1e6 * times[0].median / steps;
  for (int w = 0; w < ways; w++) {
    const ritz_solve_report *report = &ours[w].report;
    const bench_line line = {.of = &c->base, .dtype = RITZ_FLOAT64, .times = times[w + 1]};
    const double us = 1e6 * times[w + 1].median / report->iterations;
    RITZ_TRY(krylov_rival_check(&ours[w], "ours"));
    bench_print(call, &line,
                "\"unknowns\": %d, \"side\": \"%s\", \"orthogonalization\": \"%s\", "
                "\"iterations\": %d, \"residual\": %.2e, \"us_per_iteration\": %.4g, "
                "\"petsc_iterations\": %d, \"petsc_residual\": %.2e, "
                "\"petsc_us_per_iteration\": %.4g, \"ratio\": %.3f",
                c->n * c->n, side == RITZ_LEFT ? "left" : "right", names[w], report->iterations,
                report->residual, us, (int)steps, residual, theirs_us, theirs_us / us);
  }
  return RITZ_OK;
}

static ritz_status compare(const krylov_case *c, const bench_call *call, ritz_krylov_side side,
                           krylov_problem *problem, ritz_preconditioner *m) {
  static const ritz_orthogonalization way[ways] = {RITZ_ORTHOGONALIZE_CGS, RITZ_ORTHOGONALIZE_CGS2};
  krylov_rival ours[ways] = {{0}};
  peer theirs = {0};
  ritz_status status = create_peer(problem, side == RITZ_LEFT ? PC_LEFT : PC_RIGHT, &theirs);
  for (int w = 0; w < ways && status == RITZ_OK; w++)
    status = create_ours(problem, m, side, way[w], &ours[w]);
  if (status == RITZ_OK) status = measure(c, call, side, ours, &theirs);
  for (int w = 0; w < ways; w++) ritz_krylov_destroy(&ours[w].solver);
  destroy_peer(&theirs);
  return status;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const krylov_case *c = (const krylov_case *)self;
  krylov_problem problem;
  ritz_preconditioner *m = NULL;
  if (call->threads > 1) return RITZ_OK; /* PETSc has no threads */
  ritz_status status = krylov_problem_create(c->n, 1, &problem);
  if (status == RITZ_OK) status = ritz_preconditioner_create("ilu", NULL, problem.matrix, &m);
  for (ritz_krylov_side side = RITZ_LEFT; side <= RITZ_RIGHT && status == RITZ_OK; side++)
    status = compare(c, call, side, &problem, m);
  ritz_preconditioner_destroy(&m);
  krylov_problem_clear(&problem);
  return status;
}

static const krylov_case cases[] = {
    {{"petsc/gmres-32", "GMRES(40) with ILU(0) on 32^2", run}, 32},
    {{"petsc/gmres-100", "GMRES(40) with ILU(0) on 100^2", run}, 100},
    {{"petsc/gmres-256", "GMRES(40) with ILU(0) on 256^2", run}, 256},
};

int main(int argc, char **argv) {
  MUST(PetscInitializeNoArguments());
  const int status = bench_main(argc, argv, "ritz-compare-petsc", sizeof cases / sizeof *cases,
                                sizeof *cases, cases);
  MUST(PetscFinalize());
  return status;
}
