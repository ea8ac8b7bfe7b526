/* SPDX-License-Identifier: BSD-3-Clause
 * A trained operator inside Krylov methods, beside what it has to beat.
 *
 *     ritz-compare-learned MODEL.h5 [NODES]...
 *
 * MODEL.h5 has learned errors from residuals (`ritz generate cg_errors`): one channel in is a model
 * for Poisson's equation, a second one its coefficient. For every grid (64 and 128 nodes per axis)
 * and kind of right-hand side, systems of learned_problem.h are solved to a true residual of 1e-8
 * by all rivals in turn, on one thread. Lines of JSON: means over the systems of iterations, of
 * products with A (those between sweeps and of the guess included) and of runs of the model; ms the
 * mean processor time of a system with all that is made anew for its matrix, the least of up to
 * three runs; "times" that over the time of conjugate gradients with a multigrid cycle. */
#include <math.h>
#include <ritz/learned_preconditioner.h>
#include <ritz/preconditioner.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/learned_problem.h"
#include "core/fail.h"
#include "core/memory.h"

enum { systems = 10, repeats = 3, iterations_most = 2000 };
static const double rtol = 1e-8, long_enough = 0.1;

/* What steers a method. */
typedef enum steering { NOTHING, FACTORS, CYCLE, MODEL, SMOOTHED_MODEL } steering;

static const struct {
  const char *name, *method;
  steering by;
  int restart, refresh; /* of flexible methods */
  bool guess;           /* from the model */
} rivals[] = {
    {"multigrid-cg", "cg", CYCLE, 30, 0, false},
    {"cg", "cg", NOTHING, 30, 0, false},
    {"ic(0)-cg", "cg", FACTORS, 30, 0, false},
    {"model-fcg(20)", "flexible_cg", MODEL, 20, 0, false},
    {"model-fcg(2), r from x", "flexible_cg", MODEL, 2, 1, false},
    {"smoothed-model-fcg(20)", "flexible_cg", SMOOTHED_MODEL, 20, 0, false},
    {"smoothed-model-gmres(30)", "gmres", SMOOTHED_MODEL, 30, 0, false},
    {"model's guess, cg", "cg", NOTHING, 30, 0, true},
    {"model's guess, ic(0)-cg", "cg", FACTORS, 30, 0, true},
};
enum { rival_count = sizeof rivals / sizeof *rivals };

typedef struct tally {
  double seconds, iterations, products, runs, residual; /* sums; the largest */
  int most, failures;                                   /* iterations; systems not solved */
} tally;

/* All that the rivals share. */
typedef struct bench {
  ritz_model *model;
  learned_problem problem;
  ritz_preconditioner *factors;
  ritz_learned_preconditioner *learned[2]; /* without and with a smoother */
  ritz_krylov *solver[rival_count];
  double *x;
} bench;

/* Creation ------------------------------------------------------------------------------------*/

static ritz_learned_preconditioner *learned_of(const bench *b, steering by) {
  return b->learned[by == SMOOTHED_MODEL];
}

static ritz_status create_solver(bench *b, int i) {
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = rivals[i].method;
  o.rtol = rtol;
  o.max_iterations = iterations_most;
  o.restart = rivals[i].restart;
  o.recycle = 0;
  o.refresh = rivals[i].refresh;
  o.initial_guess = rivals[i].guess;
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, b->problem.unknowns, &o, &b->solver[i]));
  ritz_krylov_set_operator(b->solver[i], ritz_sparse_apply, b->problem.matrix);
  switch (rivals[i].by) {
    case NOTHING: return RITZ_OK;
    case FACTORS:
      ritz_krylov_set_preconditioner(b->solver[i], ritz_preconditioner_apply, b->factors);
      return RITZ_OK;
    case CYCLE:
      ritz_krylov_set_preconditioner(b->solver[i], learned_problem_cycle, &b->problem);
      return RITZ_OK;
    default:
      return ritz_krylov_set_flexible_preconditioner(
          b->solver[i], ritz_learned_preconditioner_apply, learned_of(b, rivals[i].by));
  }
}

static ritz_status create(ritz_context *context, int nodes, bench *b) {
  learned_problem *p = &b->problem;
  const bool darcy = ritz_model_get_info(b->model)->channels_in > 1;
  RITZ_TRY(learned_problem_create(context, nodes, darcy, p));
  RITZ_TRY(RITZ_NEW(p->unknowns, &b->x));
  RITZ_TRY(ritz_preconditioner_create("ic", NULL, p->matrix, &b->factors));
  for (int smoothed = 0; smoothed < 2; smoothed++) {
    ritz_learned_options o;
    ritz_learned_options_defaults(&o);
    o.fields = darcy;
    o.field = p->a;
    o.smoother = smoothed ? "ssor" : NULL;
    RITZ_TRY(ritz_learned_preconditioner_create(b->model, &p->grid, p->matrix, &o,
                                                &b->learned[smoothed]));
  }
  for (int i = 0; i < rival_count; i++) RITZ_TRY(create_solver(b, i));
  return RITZ_OK;
}

static void clear(bench *b) {
  for (int i = 0; i < rival_count; i++) ritz_krylov_destroy(&b->solver[i]);
  for (int i = 0; i < 2; i++) ritz_learned_preconditioner_destroy(&b->learned[i]);
  ritz_preconditioner_destroy(&b->factors);
  ritz_free(b->x);
  learned_problem_clear(&b->problem);
  *b = (bench){.model = b->model};
}

/* Solves --------------------------------------------------------------------------------------*/

/* What a rival makes anew for the matrix at hand. */
static ritz_status prepare(bench *b, int i) {
  learned_problem *p = &b->problem;
  if (rivals[i].by == FACTORS) RITZ_TRY(ritz_preconditioner_update(b->factors));
  if (rivals[i].by == CYCLE) ritz_multigrid_map_set(p->cycle, p->a, RITZ_FACE_ARITHMETIC);
  if (rivals[i].by >= MODEL || rivals[i].guess)
    RITZ_TRY(ritz_learned_preconditioner_update(learned_of(b, rivals[i].by), p->a));
  return RITZ_OK;
}

static ritz_status solve_once(bench *b, int i, ritz_solve_report *report) {
  RITZ_TRY(prepare(b, i));
  if (rivals[i].guess)
    RITZ_TRY(ritz_learned_preconditioner_guess(b->learned[0], b->problem.b, b->x));
  return ritz_krylov_solve(b->solver[i], b->problem.b, b->x, report);
}

/* Of this one thread: what else runs on the machine does not count. */
static double processor_seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static ritz_status solve(bench *b, int i, tally *t) {
  const bool uses_model = rivals[i].by >= MODEL || rivals[i].guess;
  ritz_learned_preconditioner *learned = learned_of(b, rivals[i].by);
  double least = INFINITY, spent = 0;
  int runs = 0;
  ritz_solve_report report;
  const ritz_learned_counts before = ritz_learned_preconditioner_counts(learned);
  for (; runs < repeats && spent < long_enough; runs++) {
    const double start = processor_seconds();
    RITZ_TRY(solve_once(b, i, &report));
    const double seconds = processor_seconds() - start;
    least = fmin(least, seconds);
    spent += seconds;
  }
  const ritz_learned_counts after = ritz_learned_preconditioner_counts(learned);
  t->seconds += least;
  t->iterations += report.iterations;
  t->products += report.products;
  if (uses_model) {
    t->products += (double)(after.products - before.products) / runs;
    t->runs += (double)(after.runs - before.runs) / runs;
  }
  t->residual = fmax(t->residual, report.residual);
  t->most = report.iterations > t->most ? report.iterations : t->most;
  t->failures += report.reason < 0;
  return RITZ_OK;
}

static void print(const bench *b, const char *source, const tally *t) {
  for (int i = 0; i < rival_count; i++)
    printf(
        "{\"case\": \"%s-%d\", \"source\": \"%s\", \"method\": \"%s\", \"systems\": %d, "
        "\"iterations\": %.1f, \"most\": %d, \"products\": %.1f, \"model_runs\": %.1f, "
        "\"ms\": %.3g, \"times\": %.3g, \"largest_residual\": %.1e, \"not_converged\": %d}\n",
        b->problem.media ? "darcy" : "poisson", b->problem.nodes, source, rivals[i].name, systems,
        t[i].iterations / systems, t[i].most, t[i].products / systems, t[i].runs / systems,
        1e3 * t[i].seconds / systems, t[i].seconds / t[0].seconds, t[i].residual, t[i].failures);
  fflush(stdout);
}

static ritz_status compare(bench *b) {
  static const char *const source[learned_sources] = {"noise", "constant", "point"};
  for (int s = 0; s < learned_sources; s++) {
    tally t[rival_count] = {{0}};
    for (uint32_t number = 0; number < systems; number++) {
      RITZ_TRY(learned_problem_set(&b->problem, (learned_source)s, number));
      for (int i = 0; i < rival_count; i++) RITZ_TRY(solve(b, i, &t[i]));
    }
    print(b, source[s], t);
  }
  return RITZ_OK;
}

static ritz_status run(ritz_context *context, const char *path, int count, const int *nodes) {
  bench b = {0};
  RITZ_TRY(ritz_model_load(context, path, &b.model));
  ritz_status status = RITZ_OK;
  for (int g = 0; g < count && status == RITZ_OK; g++) {
    status = create(context, nodes[g], &b);
    if (status == RITZ_OK) status = compare(&b);
    clear(&b);
  }
  ritz_model_destroy(&b.model);
  return status;
}

int main(int argc, char **argv) {
  enum { grids = 8 };
  int nodes[grids] = {64, 128}, count = argc > 2 ? argc - 2 : 2;
  const ritz_context_options options = {.threads = 1, .log_level = RITZ_LOG_WARNING};
  ritz_context *context = NULL;
  bool good = argc >= 2 && count <= grids;
  for (int i = 2; good && i < argc; i++) good = (nodes[i - 2] = atoi(argv[i])) >= 4;
  if (!good) {
    fprintf(stderr, "usage: %s MODEL.h5 [NODES]...\n", argv[0]);
    return 2;
  }
  ritz_status status = ritz_context_create(&options, &context);
  if (status == RITZ_OK) status = run(context, argv[1], count, nodes);
  ritz_context_destroy(&context);
  if (status != RITZ_OK) fprintf(stderr, "%s: %s\n", argv[0], ritz_error_message());
  return status == RITZ_OK ? 0 : 1;
}
