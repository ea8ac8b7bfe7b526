/* SPDX-License-Identifier: BSD-3-Clause
 * What an iteration costs: GMRES(40) against GCRO-DR(40, 20) on one five-point system with ILU(0),
 * in turn. The recycle space has grown before the clock starts, so every cycle deflates and renews
 * it; a run is a whole solve, its time divided by its iterations. */
#include "bench/krylov_cases.h"
#include "bench/krylov_rival.h"

static ritz_status create(const bench_call *call, const char *method, ritz_krylov_side side,
                          krylov_problem *problem, ritz_preconditioner *m, krylov_rival *out) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method;
  options.rtol = 1e-8;
  options.restart = 40;
  options.recycle = 20;
  options.side = side;
  options.threads = call->threads;
  RITZ_TRY(krylov_rival_create(&options, problem, m, out));
  for (int i = 0; i < 4; i++) krylov_rival_run(out);
  return krylov_rival_check(out, method);
}

static void print(const bench_case *self, const bench_call *call, const char *side,
                  const krylov_rival *rivals, const bench_times *times) {
  double step[2];
  for (int i = 0; i < 2; i++) step[i] = 1e6 * times[i].median / rivals[i].report.iterations;
  for (int i = 0; i < 2; i++) {
    const bench_line line = {.of = self, .dtype = RITZ_FLOAT64, .times = times[i]};
    bench_print(call, &line,
                "\"method\": \"%s\", \"side\": \"%s\", \"iterations\": %d, \"us_per_iteration\": "
                "%.4g, \"against_gmres\": %.3f",
                i ? "gcrodr" : "gmres", side, rivals[i].report.iterations, step[i],
                step[i] / step[0]);
  }
}

static ritz_status run_side(const bench_case *self, const bench_call *call, ritz_krylov_side side,
                            krylov_problem *problem, ritz_preconditioner *m) {
  static const char *const methods[] = {"gmres", "gcrodr"};
  krylov_rival rivals[2] = {{0}};
  bench_times times[2];
  ritz_status status = RITZ_OK;
  for (int i = 0; i < 2 && status == RITZ_OK; i++)
    status = create(call, methods[i], side, problem, m, &rivals[i]);
  if (status == RITZ_OK)
    status = bench_measure(
        call, RITZ_FLOAT64, 2,
        (bench_job[]){{krylov_rival_run, &rivals[0]}, {krylov_rival_run, &rivals[1]}}, times);
  if (status == RITZ_OK) print(self, call, side == RITZ_LEFT ? "left" : "right", rivals, times);
  for (int i = 0; i < 2; i++) ritz_krylov_destroy(&rivals[i].solver);
  return status;
}

ritz_status krylov_step(const krylov_case *self, const bench_call *call) {
  krylov_problem problem;
  ritz_preconditioner *m = NULL;
  ritz_status status = krylov_problem_create(self->n, 1, &problem);
  if (status == RITZ_OK) {
    ritz_sparse_set_threads(problem.matrix, call->threads);
    status = ritz_preconditioner_create("ilu", NULL, problem.matrix, &m);
  }
  if (status == RITZ_OK) {
    ritz_preconditioner_set_threads(m, call->threads);
    status = run_side(&self->base, call, RITZ_LEFT, &problem, m);
  }
  if (status == RITZ_OK) status = run_side(&self->base, call, RITZ_RIGHT, &problem, m);
  ritz_preconditioner_destroy(&m);
  krylov_problem_clear(&problem);
  return status;
}
