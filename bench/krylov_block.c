/* SPDX-License-Identifier: BSD-3-Clause
 * Eight right-hand sides of each matrix of a sequence (krylov_problem.h), uniform random numbers,
 * with ILU(0): one after the other, and in blocks. A run is the whole sequence, from an empty
 * recycle space. */
#include <math.h>
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>
#include <ritz/random.h>

#include "bench/krylov_cases.h"
#include "bench/krylov_problem.h"
#include "core/memory.h"

enum { systems = 4, columns = 8, rivals = 6 };

static const struct {
  const char *method;
  int block;
} rival[rivals] = {{"gmres", 1},        {"block_gmres", 8},  {"gcrodr", 1},
                   {"block_gcrodr", 2}, {"block_gcrodr", 4}, {"block_gcrodr", 8}};

/* The sequence under way, and what came of it. */
typedef struct sequence {
  krylov_problem *problem;
  ritz_preconditioner *m;
  double *b, *x; /* [columns][n] */
  ritz_krylov *solver;
  int block;
  double steps, products, residual; /* per matrix; the largest */
  ritz_status status;
} sequence;

static ritz_status solve_one(sequence *s, int number) {
  ritz_solve_report reports[columns];
  krylov_problem_set(s->problem, number);
  RITZ_TRY(ritz_preconditioner_update(s->m));
  ritz_krylov_set_operator(s->solver, ritz_sparse_apply, s->problem->matrix);
  ritz_krylov_set_preconditioner(s->solver, ritz_preconditioner_apply, s->m);
  RITZ_TRY(ritz_krylov_solve_many(s->solver, columns, s->b, s->x, reports));
  for (int j = 0; j < columns; j++) {
    RITZ_REQUIRE(reports[j].reason > 0, RITZ_ERR_NUMERIC, "system %d, column %d: %s at %g", number,
                 j, ritz_solve_reason_text(reports[j].reason), reports[j].residual);
    s->residual = fmax(s->residual, reports[j].residual);
    if (j % s->block > 0) continue; /* iterations and products of a block are those of its first */
    s->steps += (double)reports[j].iterations / systems;
    s->products += (double)reports[j].products / systems;
  }
  return RITZ_OK;
}

static void solve_all(void *arg) {
  sequence *s = arg;
  s->steps = s->products = s->residual = 0;
  if (ritz_krylov_recycle(s->solver)) ritz_recycle_reset(ritz_krylov_recycle(s->solver));
  for (int number = 0; number < systems && s->status == RITZ_OK; number++)
    s->status = solve_one(s, number);
}

static ritz_status create(const bench_call *call, int which, sequence *s) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = rival[which].method;
  options.rtol = 1e-8;
  options.restart = 40;
  options.recycle = 20;
  options.block = s->block = rival[which].block;
  options.threads = call->threads;
  const ritz_index n = (ritz_index)s->problem->n * s->problem->n;
  return ritz_krylov_create(RITZ_REAL_DOUBLE, n, &options, &s->solver);
}

static ritz_status run_rivals(const krylov_case *self, const bench_call *call,
                              const sequence *common) {
  sequence all[rivals];
  bench_job jobs[rivals];
  bench_times times[rivals];
  ritz_status status = RITZ_OK;
  for (int i = 0; i < rivals; i++) {
    all[i] = *common;
    jobs[i] = (bench_job){solve_all, &all[i]};
  }
  for (int i = 0; i < rivals && status == RITZ_OK; i++) status = create(call, i, &all[i]);
  if (status == RITZ_OK) status = bench_measure(call, RITZ_FLOAT64, rivals, jobs, times);
  for (int i = 0; i < rivals && status == RITZ_OK; i++) {
    status = all[i].status;
    if (status != RITZ_OK) break;
    const bench_line line = {.of = &self->base, .dtype = RITZ_FLOAT64, .times = times[i]};
    bench_print(call, &line,
                "\"unknowns\": %d, \"method\": \"%s\", \"block\": %d, \"steps\": %.1f, "
                "\"products\": %.1f, \"ms_per_matrix\": %.4g, "
                "\"against_gcrodr\": %.3f, \"largest_residual\": %.2e",
                self->n * self->n, rival[i].method, rival[i].block, all[i].steps, all[i].products,
                1e3 * times[i].median / systems, times[i].median / times[2].median,
                all[i].residual);
  }
  for (int i = 0; i < rivals; i++) ritz_krylov_destroy(&all[i].solver);
  return status;
}

ritz_status krylov_block(const krylov_case *self, const bench_call *call) {
  const ritz_index n = (ritz_index)self->n * self->n;
  krylov_problem problem;
  const ritz_random stream = {0, RITZ_RANDOM_TEST, 0};
  sequence s = {.problem = &problem};
  ritz_status status = krylov_problem_create(self->n, systems, &problem);
  if (status == RITZ_OK) status = RITZ_NEW(columns * n, &s.b);
  if (status == RITZ_OK) status = RITZ_NEW(columns * n, &s.x);
  if (status == RITZ_OK) {
    ritz_sparse_set_threads(problem.matrix, call->threads);
    status = ritz_preconditioner_create("ilu", NULL, problem.matrix, &s.m);
  }
  if (status == RITZ_OK) {
    ritz_preconditioner_set_threads(s.m, call->threads);
    for (ritz_index i = 0; i < columns * n; i++)
      s.b[i] = ritz_random_uniform(stream, (uint64_t)i) - 0.5;
    status = run_rivals(self, call, &s);
  }
  ritz_preconditioner_destroy(&s.m);
  ritz_free(s.b);
  ritz_free(s.x);
  krylov_problem_clear(&problem);
  return status;
}
