/* SPDX-License-Identifier: BSD-3-Clause
 * Krylov methods against the iteration counts that a plain C implementation of the published
 * algorithms gives on a sequence of 20 systems (krylov_problem.h): left preconditioning, modified
 * Gram-Schmidt, restart 40, 20 recycled directions, tolerance 1e-8. One line per preconditioner,
 * method and order of the systems; a mean more than 2 % away ends the program. Products are all,
 * those for the recycle space included; times are those of one run of a whole sequence. */
#include <math.h>
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>

#include "bench/krylov_cases.h"
#include "bench/krylov_problem.h"

enum { systems = 20, preconditioners = 3, columns = 6 };

static const char *const names[preconditioners] = {"none", "jacobi", "ic"};

/* What is solved: a column of the table. */
static const struct {
  const char *method, *order;
  int stride; /* system s is field s * stride mod 20 */
} column[columns] = {{"gmres", "in turn", 1},       {"gcrodr", "in turn", 1},
                     {"gcrodr", "shuffled", 7},     {"cg", "in turn", 1},
                     {"deflated_cg", "in turn", 1}, {"deflated_cg", "shuffled", 7}};

typedef struct published {
  int n;
  double middle; /* u of field 0 at node (n/2, n/2) */
  double iterations[preconditioners][columns];
} published;

static const published tables[] = {{50,
                                    0.0737755778,
                                    {{637.5, 137.9, 164.1, 269.2, 149.1, 161.6},
                                     {331.0, 79.3, 82.3, 179.7, 86.6, 90.0},
                                     {62.0, 22.6, 24.1, 54.9, 23.8, 24.6}}},
                                   {100,
                                    0.0738826426,
                                    {{2627.5, 382.4, 434.4, 585.8, 393.8, 421.4},
                                     {712.8, 180.5, 189.2, 361.9, 217.4, 219.2},
                                     {157.7, 46.1, 47.9, 108.5, 49.1, 50.8}}}};

/* The sequence under way, and what came of it. */
typedef struct sequence {
  const krylov_case *self;
  const published *table;
  int row, which;
  krylov_problem *problem;
  ritz_krylov *solver;
  ritz_preconditioner *m;
  double iterations, products, residual; /* means; the largest */
  ritz_status status;
} sequence;

static ritz_status solve_one(sequence *s, int number) {
  krylov_problem *problem = s->problem;
  const int n = problem->n, at = n / 2 * n + n / 2;
  ritz_solve_report report;
  krylov_problem_set(problem, number * column[s->which].stride % systems);
  RITZ_TRY(ritz_preconditioner_update(s->m));
  ritz_krylov_set_operator(s->solver, ritz_sparse_apply, problem->matrix);
  ritz_krylov_set_preconditioner(s->solver, ritz_preconditioner_apply, s->m);
  RITZ_TRY(ritz_krylov_solve(s->solver, problem->b, problem->x, &report));
  RITZ_REQUIRE(report.reason > 0, RITZ_ERR_NUMERIC, "system %d: %s at %g", number,
               ritz_solve_reason_text(report.reason), report.residual);
  const double middle = s->table->middle;
  RITZ_REQUIRE(number > 0 || fabs(problem->x[at] - middle) < 1e-6 * middle, RITZ_ERR_NUMERIC,
               "u in the middle is %.10f, wanted %.10f", problem->x[at], middle);
  s->iterations += (double)report.iterations / systems;
  s->products += (double)report.products / systems;
  s->residual = fmax(s->residual, report.residual);
  return RITZ_OK;
}

static void solve_all(void *arg) {
  sequence *s = arg;
  s->iterations = s->products = s->residual = 0;
  if (ritz_krylov_recycle(s->solver)) ritz_recycle_reset(ritz_krylov_recycle(s->solver));
  for (int number = 0; number < systems && s->status == RITZ_OK; number++)
    s->status = solve_one(s, number);
}

static ritz_status print(const sequence *s, const bench_call *call, const bench_line *line) {
  const double wanted = s->table->iterations[s->row][s->which];
  const double away = s->iterations / wanted - 1;
  bench_print(call, line,
              "\"unknowns\": %d, \"preconditioner\": \"%s\", \"method\": \"%s\", \"order\": "
              "\"%s\", \"iterations\": %.1f, \"published\": %.1f, \"percent_away\": %.2f, "
              "\"products\": %.1f, \"ms_per_system\": %.4g, \"largest_residual\": %.2e",
              s->table->n * s->table->n, names[s->row], column[s->which].method,
              column[s->which].order, s->iterations, wanted, 100 * away, s->products,
              1e3 * line->times.median / systems, s->residual);
  RITZ_REQUIRE(fabs(away) <= 0.02, RITZ_ERR_NUMERIC,
               "%s with %s, %s: %.1f iterations, published %.1f", column[s->which].method,
               names[s->row], column[s->which].order, s->iterations, wanted);
  return RITZ_OK;
}

static ritz_status run_column(sequence *s, const bench_call *call) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = column[s->which].method;
  options.rtol = 1e-8;
  options.max_iterations = 100000;
  options.restart = 40;
  options.recycle = 20;
  options.side = RITZ_LEFT;
  options.orthogonalization = RITZ_ORTHOGONALIZE_MGS;
  options.threads = call->threads;
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, s->table->n * s->table->n, &options, &s->solver));
  bench_call once = *call;
  once.seconds = 0; /* the counts do not change, and some runs take long */
  bench_line line = {.of = &s->self->base, .dtype = RITZ_FLOAT64};
  ritz_status status =
      bench_measure(&once, RITZ_FLOAT64, 1, &(bench_job){solve_all, s}, &line.times);
  if (status == RITZ_OK) status = s->status;
  ritz_krylov_destroy(&s->solver);
  return status == RITZ_OK ? print(s, call, &line) : status;
}

static ritz_status run_rows(sequence *s, const bench_call *call) {
  for (s->row = 0; s->row < preconditioners; s->row++) {
    RITZ_TRY(ritz_preconditioner_create(names[s->row], NULL, s->problem->matrix, &s->m));
    ritz_preconditioner_set_threads(s->m, call->threads);
    ritz_status status = RITZ_OK;
    for (s->which = 0; status == RITZ_OK && s->which < columns; s->which++)
      status = run_column(s, call);
    ritz_preconditioner_destroy(&s->m);
    RITZ_TRY(status);
  }
  return RITZ_OK;
}

ritz_status krylov_table(const krylov_case *self, const bench_call *call) {
  krylov_problem problem;
  sequence s = {.self = self, .table = tables, .problem = &problem};
  while (s.table->n != self->n) s.table++;
  ritz_status status = krylov_problem_create(self->n, systems, &problem);
  if (status == RITZ_OK) {
    ritz_sparse_set_threads(problem.matrix, call->threads);
    status = run_rows(&s, call);
  }
  krylov_problem_clear(&problem);
  return status;
}
