/* SPDX-License-Identifier: BSD-3-Clause
 * Krylov solvers as objects: options, callbacks, monitors, history. The arithmetic is in scalar/.
 */
#include <ritz/krylov.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/blas.h"
#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/threads.h"
#include "solvers/krylov/method.h"

/* Methods -------------------------------------------------------------------------------------*/

#define RITZ_KRYLOV(name, file, ...) \
  extern const ritz_krylov_kind ritz_##file##_s, ritz_##file##_d, ritz_##file##_c, ritz_##file##_z;
#include "solvers/krylov/krylov.def"
#undef RITZ_KRYLOV

static const ritz_krylov_method methods[] = {
#define RITZ_KRYLOV(name, file, hermitian, recycles, sided, flexible, norm, text, source) \
  {#name,     text,     source,                                                           \
   hermitian, recycles, sided,                                                            \
   flexible,  norm,     {&ritz_##file##_s, &ritz_##file##_d, &ritz_##file##_c, &ritz_##file##_z}},
#include "solvers/krylov/krylov.def"
#undef RITZ_KRYLOV
};

const ritz_krylov_method *ritz_krylov_methods(int *count) {
  *count = (int)(sizeof methods / sizeof *methods);
  return methods;
}

ritz_solve_reason ritz_krylov_solve_s(ritz_krylov *solver, const void *b, void *x);
ritz_solve_reason ritz_krylov_solve_d(ritz_krylov *solver, const void *b, void *x);
ritz_solve_reason ritz_krylov_solve_c(ritz_krylov *solver, const void *b, void *x);
ritz_solve_reason ritz_krylov_solve_z(ritz_krylov *solver, const void *b, void *x);

/* Creation ------------------------------------------------------------------------------------*/

void ritz_krylov_options_defaults(ritz_krylov_options *options) {
  *options = (ritz_krylov_options){.method = "gcrodr",
                                   .rtol = 1e-5,
                                   .atol = 1e-50,
                                   .dtol = 1e4,
                                   .max_iterations = 10000,
                                   .restart = 30,
                                   .recycle = 10,
                                   .block = 4,
                                   .side = RITZ_RIGHT,
                                   .threads = 1};
}

ritz_index ritz_krylov_pitch(ritz_index n) {
  const ritz_index line = 16; /* scalars; an odd number of lines keeps columns out of step */
  const ritz_index lines = (n + line - 1) / line;
  return (lines + (lines % 2 == 0)) * line;
}

static ritz_status check(const ritz_krylov_options *o) {
  RITZ_TRY(ritz_reserved_check(o->reserved, "Krylov options"));
  RITZ_REQUIRE(o->rtol >= 0, RITZ_ERR_ARGUMENT, "rtol is %g, wanted at least 0", o->rtol);
  RITZ_REQUIRE(o->atol >= 0, RITZ_ERR_ARGUMENT, "atol is %g, wanted at least 0", o->atol);
  RITZ_REQUIRE(o->dtol > 1, RITZ_ERR_ARGUMENT, "dtol is %g, wanted more than 1", o->dtol);
  RITZ_REQUIRE(o->max_iterations >= 0, RITZ_ERR_ARGUMENT, "max_iterations is %d, wanted at least 0",
               o->max_iterations);
  RITZ_REQUIRE(o->restart >= 1, RITZ_ERR_ARGUMENT, "restart is %d, wanted at least 1", o->restart);
  RITZ_REQUIRE(o->recycle >= 0 && o->recycle < o->restart, RITZ_ERR_ARGUMENT,
               "recycle is %d, wanted 0 ... restart - 1 = %d", o->recycle, o->restart - 1);
  RITZ_REQUIRE(o->block >= 1, RITZ_ERR_ARGUMENT, "block is %d, wanted at least 1", o->block);
  RITZ_REQUIRE(o->refresh >= 0, RITZ_ERR_ARGUMENT, "refresh is %d, wanted at least 0", o->refresh);
  RITZ_REQUIRE(o->side == RITZ_LEFT || o->side == RITZ_RIGHT, RITZ_ERR_ARGUMENT,
               "side is %d, wanted RITZ_LEFT or RITZ_RIGHT", (int)o->side);
  RITZ_REQUIRE(o->orthogonalization >= RITZ_ORTHOGONALIZE_CGS2 &&
                   o->orthogonalization <= RITZ_ORTHOGONALIZE_MGS,
               RITZ_ERR_ARGUMENT, "orthogonalization is %d, wanted one of its names",
               (int)o->orthogonalization);
  RITZ_REQUIRE(o->qr == RITZ_QR_CHOLESKY || o->qr == RITZ_QR_GRAM_SCHMIDT, RITZ_ERR_ARGUMENT,
               "qr is %d, wanted one of its names", (int)o->qr);
  RITZ_REQUIRE(o->threads >= 0, RITZ_ERR_ARGUMENT, "threads is %d, wanted at least 0", o->threads);
  return RITZ_OK;
}

static ritz_status find_method(const char *name, const ritz_krylov_method **out) {
  int count;
  const ritz_krylov_method *all = ritz_krylov_methods(&count);
  const char *names[sizeof methods / sizeof *methods];
  int at;
  for (int i = 0; i < count; i++) names[i] = all[i].name;
  RITZ_TRY(ritz_name_find("Krylov method", name, names, count, &at));
  *out = &all[at];
  return RITZ_OK;
}

static ritz_status allocate(ritz_krylov *s) {
  const size_t size = ritz_scalar_size(s->scalar);
  RITZ_TRY(ritz_calloc(s->ld, size, &s->r));
  RITZ_TRY(ritz_calloc(s->ld, size, &s->w));
  RITZ_TRY(RITZ_NEW((ritz_index)s->options.max_iterations + 1, &s->history));
  if (s->options.recycle > 0)
    RITZ_TRY(ritz_recycle_create(s->scalar, s->n, s->options.recycle, &s->own));
  s->space = s->own;
  return s->kind->create(s);
}

ritz_status ritz_krylov_create(ritz_scalar scalar, ritz_index n, const ritz_krylov_options *options,
                               ritz_krylov **out) {
  *out = NULL;
  ritz_krylov_options chosen;
  ritz_krylov_options_defaults(&chosen);
  if (options) chosen = *options;
  const ritz_krylov_method *method = NULL;
  RITZ_TRY(ritz_scalar_check(scalar));
  RITZ_REQUIRE(n >= 0, RITZ_ERR_ARGUMENT, "vector length is %td, wanted at least 0", n);
  RITZ_TRY(check(&chosen));
  RITZ_TRY(find_method(chosen.method, &method));
  ritz_krylov *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  chosen.method = method->name;
  if (!method->recycles) chosen.recycle = 0;
  s->method = method;
  s->kind = method->kinds[scalar];
  s->options = chosen;
  s->scalar = scalar;
  s->n = n;
  s->ld = ritz_krylov_pitch(n);
  s->norm = method->sided && chosen.side == RITZ_LEFT ? RITZ_NORM_PRECONDITIONED : method->norm;
  s->threads = chosen.threads ? chosen.threads : ritz_threads_available();
  s->kernels = ritz_kernels_get(scalar % 2 ? RITZ_FLOAT64 : RITZ_FLOAT32);
  s->solver_kernels = ritz_solver_kernels_get(scalar % 2 ? RITZ_FLOAT64 : RITZ_FLOAT32);
  const ritz_status status = allocate(s);
  if (status != RITZ_OK)
    ritz_krylov_destroy(&s);
  else
    *out = s;
  return status;
}

void ritz_krylov_destroy(ritz_krylov **solver) {
  if (!solver || !*solver) return;
  ritz_krylov *s = *solver;
  s->kind->destroy(s);
  ritz_recycle_destroy(&s->own);
  ritz_free(s->listener);
  ritz_free(s->r);
  ritz_free(s->w);
  ritz_free(s->partial);
  ritz_free(s->panel);
  ritz_free(s->history);
  ritz_free(s);
  *solver = NULL;
}

/* What the user gives -------------------------------------------------------------------------*/

static void outdate(ritz_krylov *s) {
  if (!s->space) return;
  s->space->current = s->space->has_shadow = false;
  s->space->debtor = NULL;
}

void ritz_krylov_set_operator(ritz_krylov *s, ritz_krylov_map *apply, void *user) {
  s->apply = apply;
  s->apply_user = user;
  outdate(s);
}

void ritz_krylov_set_preconditioner(ritz_krylov *s, ritz_krylov_map *apply, void *user) {
  s->precondition = apply;
  s->precondition_user = user;
  if (s->space) s->space->has_shadow = false;          /* that was of what M, or none, stands for */
  if (s->norm == RITZ_NORM_PRECONDITIONED) outdate(s); /* it is part of the operator then */
}

/* "flexible_cg, gmres with M on the right, ..." */
static void name_flexible(size_t size, char *text) {
  size_t used = 0;
  text[0] = 0;
  for (int sided = 0; sided < 2; sided++)
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
      if (methods[i].flexible && methods[i].sided == sided && used < size)
        used += (size_t)snprintf(text + used, size - used, "%s%s%s", used ? ", " : "",
                                 methods[i].name, sided ? " with M on the right" : "");
}

ritz_status ritz_krylov_set_flexible_preconditioner(ritz_krylov *s, ritz_krylov_map *apply,
                                                    void *user) {
  char names[256];
  name_flexible(sizeof names, names);
  RITZ_REQUIRE(s->method->flexible && s->norm == s->method->norm, RITZ_ERR_ARGUMENT,
               "method %s%s needs a preconditioner that is linear and stays the same, wanted one "
               "of: %s",
               s->method->name, s->norm == s->method->norm ? "" : " with M on the left", names);
  ritz_krylov_set_preconditioner(s, apply, user);
  return RITZ_OK;
}

void ritz_krylov_set_sum(ritz_krylov *s, ritz_krylov_sum *sum, void *user) {
  s->sum = sum;
  s->sum_user = user;
}

ritz_status ritz_krylov_add_monitor(ritz_krylov *s, ritz_krylov_monitor *monitor, void *user) {
  RITZ_TRY(ritz_grow(s->listeners, s->listeners + 1, sizeof *s->listener, (void **)&s->listener));
  s->listener[s->listeners++] = (ritz_krylov_listener){monitor, user};
  return RITZ_OK;
}

ritz_status ritz_krylov_set_recycle(ritz_krylov *s, ritz_recycle *space) {
  RITZ_REQUIRE(s->own || !space, RITZ_ERR_ARGUMENT, "method %s has no recycle space",
               s->method->name);
  if (!space) space = s->own;
  RITZ_REQUIRE(!space || (space->scalar == s->scalar && space->n == s->n), RITZ_ERR_SHAPE,
               "recycle space has vectors of length %td, the solver %td, or another scalar",
               space->n, s->n);
  RITZ_REQUIRE(!space || space->capacity >= s->options.recycle, RITZ_ERR_SHAPE,
               "recycle space has room for %d directions, wanted at least recycle = %d",
               space->capacity, s->options.recycle);
  s->space = space;
  outdate(s);
  return RITZ_OK;
}

ritz_recycle *ritz_krylov_recycle(ritz_krylov *s) {
  if (s->space && s->space->debtor == s) s->kind->settle(s); /* it may go elsewhere */
  return s->space;
}

/* A solve -------------------------------------------------------------------------------------*/

ritz_solve_reason ritz_krylov_record(ritz_krylov *s, double norm) {
  const double residual = norm / s->scale;
  const int iteration = s->recorded;
  s->history[s->recorded++] = residual;
  s->report.iterations = iteration;
  bool go_on = true;
  for (int i = 0; i < s->listeners; i++)
    if (!s->listener[i].call(s->listener[i].user, iteration, residual)) go_on = false;
  if (!isfinite(residual)) return RITZ_SOLVE_NOT_FINITE;
  if (norm <= s->goal) return RITZ_SOLVE_CONVERGED;
  if (!go_on) return RITZ_SOLVE_STOPPED;
  if (residual > s->options.dtol) return RITZ_SOLVE_DIVERGED;
  if (iteration == s->options.max_iterations) return RITZ_SOLVE_MAX_ITERATIONS;
  return 0;
}

void ritz_krylov_open(ritz_krylov *s) {
  s->report = (ritz_solve_report){0};
  s->failure = 0;
  s->recorded = 0;
  if (s->space && s->space->dimension > s->options.recycle) {
    s->space->dimension = s->options.recycle;
    outdate(s);
  }
}

void ritz_krylov_close(ritz_krylov *s) {
  if (s->space && s->space->dimension > 0) s->space->age++;
}

ritz_status ritz_krylov_solve(ritz_krylov *s, const void *b, void *x, ritz_solve_report *report) {
  static ritz_solve_reason (*const solve[])(ritz_krylov *, const void *, void *) = {
      ritz_krylov_solve_s, ritz_krylov_solve_d, ritz_krylov_solve_c, ritz_krylov_solve_z};
  RITZ_REQUIRE(s->apply, RITZ_ERR_ARGUMENT,
               "no operator: call ritz_krylov_set_operator() before ritz_krylov_solve()");
  ritz_krylov_open(s);
  ritz_blas_hold();
  s->report.reason = solve[s->scalar](s, b, x);
  ritz_blas_release();
  ritz_krylov_close(s);
  *report = s->report;
  return RITZ_OK;
}

ritz_status ritz_krylov_solve_many(ritz_krylov *s, int count, const void *b, void *x,
                                   ritz_solve_report *reports) {
  RITZ_REQUIRE(count >= 0, RITZ_ERR_ARGUMENT, "%d right-hand sides, wanted at least 0", count);
  RITZ_REQUIRE(s->apply, RITZ_ERR_ARGUMENT,
               "no operator: call ritz_krylov_set_operator() before ritz_krylov_solve_many()");
  if (s->kind->block) {
    ritz_blas_hold();
    const ritz_status status = s->kind->block(s, count, b, x, reports);
    ritz_blas_release();
    return status;
  }
  const size_t column = (size_t)s->n * ritz_scalar_size(s->scalar);
  for (int j = 0; j < count; j++)
    RITZ_TRY(ritz_krylov_solve(s, (const char *)b + (size_t)j * column,
                               (char *)x + (size_t)j * column, &reports[j]));
  return RITZ_OK;
}

int ritz_krylov_history(const ritz_krylov *s, const double **residuals) {
  *residuals = s->history;
  return s->recorded;
}

int ritz_krylov_view(const ritz_krylov *s, size_t size, char *text) {
  static const char *const norms[] = {"||b - A x||", "||M (b - A x)||", "sqrt(r . M r)"};
  static const char *const sides[] = {"left", "right"};
  static const char *const ways[] = {"cgs2", "cgs", "mgs"};
  static const char *const qr[] = {"cholesky", "gram-schmidt"};
  const ritz_krylov_options *o = &s->options;
  return snprintf(
      text, size,
      "method: %s (%s)\nscalar: %s\nlength: %td\nnorm: %s\nrtol: %g\natol: %g\n"
      "dtol: %g\nmax_iterations: %d\nrestart: %d\nrecycle: %d\nblock: %d\nrefresh: %d\n"
      "side: %s\northogonalization: %s\nqr: %s\ninitial_guess: %s\nthreads: %d\nmonitors: %d\n"
      "recycle space: %d directions, %d systems old\n",
      s->method->name, s->method->summary, ritz_scalar_text(s->scalar), s->n, norms[s->norm],
      o->rtol, o->atol, o->dtol, o->max_iterations, o->restart, o->recycle, o->block, o->refresh,
      sides[o->side], ways[o->orthogonalization], qr[o->qr], o->initial_guess ? "yes" : "no",
      s->threads, s->listeners, s->space ? s->space->dimension : 0, s->space ? s->space->age : 0);
}
