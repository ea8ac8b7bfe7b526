/* SPDX-License-Identifier: BSD-3-Clause
 * Where recycling is fastest: a sequence of complex, indefinite systems in three dimensions
 * (cavity_problem.h), where what holds GMRES up fits into 40 directions and changes slowly. Its
 * preconditioner: ILU(1), or a cycle of algebraic multigrid of the first, real term for the real
 * and one for the imaginary part.
 *
 * Against it: GMRES of long restarts and BiCGStab with either, and with as much fill as pays; GMRES
 * from the solution before; the complete factors of the first matrix for all systems, and complete
 * factors of each ("direct"). All rivals solve a system before any goes on to the next one, all to
 * the same true residual. ms_per_system is their own time, mean over all systems, factors of each
 * included, what is made once (ms_once) not; "times" that over the time of the first rival, which
 * recycles, in the same run; times_later the same without the first system, where there is nothing
 * to recycle. */
#include <math.h>
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>
#include <string.h>

#include "bench/cavity_problem.h"
#include "bench/hypre_main.h"
#include "core/clock.h"
#include "core/memory.h"
#include "kernels/machine.h"

enum { rivals_most = 8 };
static const double rtol = 1e-6, wave = 13.5;

/* How its preconditioner comes about. */
typedef enum making {
  OF_DIFFUSION, /* real, of the first term, once */
  OF_FIRST,     /* of the first matrix, once */
  OF_EACH       /* of every matrix */
} making;

typedef struct approach {
  const char *method;
  int restart, recycle;
  bool guess; /* from the solution before */
  making making;
  const char *preconditioner, *options;
} approach;

/* What is compared in a case, recycling first. */
typedef struct cavity_case {
  bench_case base;
  int side, systems;
  const approach *approach; /* ends with one without a method */
} cavity_case;

/* A real preconditioner on both parts of a complex vector. */
typedef struct halves {
  ritz_preconditioner *m;
  ritz_index n;
  double *r, *z;
} halves;

typedef struct rival {
  const approach *how;
  ritz_krylov *solver;
  ritz_preconditioner *m;
  halves halves;
  double complex *x;
  double once, first; /* seconds: for what all systems share; for the first */
  double seconds, iterations, products, residual; /* sums; the largest */
  int converged;
} rival;

static int apply_halves(void *user, const void *r, void *z) {
  const halves *h = user;
  const double *from = r;
  double *to = z;
  for (int part = 0; part < 2; part++) {
    for (ritz_index i = 0; i < h->n; i++) h->r[i] = from[2 * i + part];
    if (ritz_preconditioner_apply(h->m, h->r, h->z)) return 1;
    for (ritz_index i = 0; i < h->n; i++) to[2 * i + part] = h->z[i];
  }
  return 0;
}

/* Rivals ----------------------------------------------------------------------------------------
 */

static void destroy_rival(rival *r) {
  ritz_krylov_destroy(&r->solver);
  ritz_preconditioner_destroy(&r->m);
  ritz_free(r->halves.r);
  ritz_free(r->halves.z);
  ritz_free(r->x);
}

/* The matrix is that of the first system. */
static ritz_status create_rival(const cavity *s, const approach *how, rival *r) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = how->method;
  options.restart = how->restart;
  options.recycle = how->recycle;
  options.rtol = rtol;
  options.initial_guess = how->guess;
  options.max_iterations = 1000;
  *r = (rival){.how = how, .halves.n = s->n};
  RITZ_TRY(RITZ_NEW(s->n, &r->x));
  RITZ_TRY(RITZ_NEW(s->n, &r->halves.r));
  RITZ_TRY(RITZ_NEW(s->n, &r->halves.z));
  RITZ_TRY(ritz_krylov_create(RITZ_COMPLEX_DOUBLE, s->n, &options, &r->solver));
  const ritz_sparse *of = how->making == OF_DIFFUSION ? s->diffusion : s->matrix;
  const double start = ritz_clock_seconds();
  RITZ_TRY(ritz_preconditioner_create(how->preconditioner, how->options, of, &r->m));
  *(how->making == OF_EACH ? &r->seconds : &r->once) = ritz_clock_seconds() - start;
  r->halves.m = r->m;
  if (how->making == OF_DIFFUSION)
    ritz_krylov_set_preconditioner(r->solver, apply_halves, &r->halves);
  else
    ritz_krylov_set_preconditioner(r->solver, ritz_preconditioner_apply, r->m);
  return RITZ_OK;
}

static ritz_status solve(const cavity *s, rival *r, bool first) {
  ritz_solve_report report;
  const double start = ritz_clock_seconds();
  if (r->how->making == OF_EACH && !first) {
    RITZ_TRY(ritz_preconditioner_update(r->m));
    ritz_krylov_set_preconditioner(r->solver, ritz_preconditioner_apply, r->m);
  }
  ritz_krylov_set_operator(r->solver, ritz_sparse_apply, s->matrix);
  RITZ_TRY(ritz_krylov_solve(r->solver, s->b, r->x, &report));
  r->seconds += ritz_clock_seconds() - start;
  if (first) r->first = r->seconds;
  r->iterations += report.iterations;
  r->products += report.products;
  r->residual = fmax(r->residual, report.residual);
  r->converged += report.reason > 0;
  return RITZ_OK;
}

static void print(const cavity_case *c, const bench_call *call, const cavity *s,
                  const rival *recycling, const rival *r) {
  static const char *const makings[] = {"of the real part, once", "of the first matrix", "of each"};
  const approach *how = r->how;
  const bench_line line = {.of = &c->base,
                           .dtype = RITZ_FLOAT64,
                           .times = {r->seconds, r->seconds, r->seconds,
                                     ritz_machine_peak_now(RITZ_FLOAT64, call->threads), 1, 0}};
  bench_print(call, &line,
              "\"unknowns\": %td, \"systems\": %d, \"method\": \"%s\", \"restart\": %d, "
              "\"recycle\": %d, \"guess\": \"%s\", \"preconditioner\": \"%s\", \"options\": "
              "\"%s\", \"made\": \"%s\", \"converged\": %d, \"iterations\": %.1f, \"products\": "
              "%.1f, \"largest_residual\": %.2e, \"ms_once\": %.4g, \"ms_per_system\": %.4g, "
              "\"times\": %.2f, \"times_later\": %.2f",
              s->n, c->systems, how->method, how->restart, how->recycle,
              how->guess ? "solution before" : "zero", how->preconditioner,
              how->options ? how->options : "", makings[how->making], r->converged,
              r->iterations / c->systems, r->products / c->systems, r->residual, 1e3 * r->once,
              1e3 * r->seconds / c->systems, r->seconds / recycling->seconds,
              (r->seconds - r->first) / (recycling->seconds - recycling->first));
}

static ritz_status compare(const cavity_case *c, const bench_call *call, cavity *s, rival *rivals) {
  int count = 0;
  cavity_set(s, 0);
  for (; c->approach[count].method; count++)
    RITZ_TRY(create_rival(s, &c->approach[count], &rivals[count]));
  for (int t = 0; t < c->systems; t++) {
    cavity_set(s, t);
    for (int i = 0; i < count; i++) RITZ_TRY(solve(s, &rivals[i], t == 0));
  }
  RITZ_REQUIRE(rivals[0].converged == c->systems && rivals[0].residual <= 1.01 * rtol,
               RITZ_ERR_NUMERIC, "recycling: %d of %d converged, the largest residual is %.2e",
               rivals[0].converged, c->systems, rivals[0].residual);
  for (int i = 0; i < count; i++) print(c, call, s, &rivals[0], &rivals[i]);
  return RITZ_OK;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const cavity_case *c = (const cavity_case *)self;
  cavity s;
  rival rivals[rivals_most] = {{0}};
  if (call->threads > 1) return RITZ_OK; /* hypre and SuperLU have none here */
  ritz_status status = cavity_create(c->side, wave, &s);
  if (status == RITZ_OK) status = compare(c, call, &s, rivals);
  for (int i = 0; i < rivals_most; i++) destroy_rival(&rivals[i]);
  cavity_clear(&s);
  return status;
}

/* Cases -----------------------------------------------------------------------------------------
 */

#define AMG       OF_DIFFUSION, "boomeramg", "{strength: 0.5}"
#define ILU(fill) OF_EACH, "ilu", "{fill: " #fill "}"
#define RECYCLING "gcrodr", 80, 40, false

static const approach with_ilu[] = {{RECYCLING, ILU(1)},
                                    {"gmres", 200, 0, false, ILU(1)},
                                    {"gmres", 200, 0, false, ILU(3)},
                                    {"gmres", 200, 0, true, ILU(3)},
                                    {0}};
static const approach with_amg[] = {{RECYCLING, ILU(1)},
                                    {RECYCLING, AMG},
                                    {"gmres", 200, 0, false, AMG},
                                    {"gmres", 200, 0, true, AMG},
                                    {0}};
static const approach with_bicgstab[] = {{RECYCLING, ILU(1)},
                                         {"bicgstab", 1, 0, false, ILU(1)},
                                         {"bicgstab", 1, 0, false, ILU(3)},
                                         {"bicgstab", 1, 0, false, AMG},
                                         {0}};
#ifdef RITZ_WITH_SUPERLU
static const approach with_lu[] = {
    {RECYCLING, ILU(1)}, {"gmres", 100, 0, false, OF_FIRST, "superlu", NULL}, {0}};
static const approach with_direct[] = {
    {RECYCLING, ILU(1)}, {"gmres", 100, 0, false, OF_EACH, "superlu", NULL}, {0}};
#endif

static const cavity_case cases[] = {
    {{"cavity/10-amg", "4 systems on 10^3", run}, 10, 4, with_amg},
    {{"cavity/24-ilu", "8 systems on 24^3, incomplete factors", run}, 24, 8, with_ilu},
    {{"cavity/24-amg", "8 systems on 24^3, multigrid", run}, 24, 8, with_amg},
    {{"cavity/24-bicgstab", "8 systems on 24^3, BiCGStab", run}, 24, 8, with_bicgstab},
    {{"cavity/32-ilu", "4 systems on 32^3, incomplete factors", run}, 32, 4, with_ilu},
    {{"cavity/32-amg", "4 systems on 32^3, multigrid", run}, 32, 4, with_amg},
    {{"cavity/32-bicgstab", "4 systems on 32^3, BiCGStab", run}, 32, 4, with_bicgstab},
#ifdef RITZ_WITH_SUPERLU
    {{"cavity/24-lu", "8 systems on 24^3, factors of the first", run}, 24, 8, with_lu},
    {{"cavity/32-lu", "8 systems on 32^3, factors of the first", run}, 32, 8, with_lu},
    {{"cavity/32-direct", "2 systems on 32^3, factors of each", run}, 32, 2, with_direct},
#endif
};

int main(int argc, char **argv) {
  return bench_main_with_hypre(argc, argv, "ritz-bench-cavity", sizeof cases / sizeof *cases,
                               sizeof *cases, cases);
}
