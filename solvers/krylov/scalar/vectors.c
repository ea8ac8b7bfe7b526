/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors and bases: chunks of rows over threads. */
#include "solvers/krylov/scalar/vectors.h"

#include <string.h>

#include "core/blas.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "solvers/krylov/scalar/rows.h"

enum {
  CHUNK_ROWS = 2048, /* a column's piece: 16 KiB of doubles */
  MOST_CHUNKS = 64,
  WHOLE_ROWS = 256, /* chunks are multiples of them */
  TRIANGLE_GRAM = 4,
  REPLACED = 3 /* bases */
};

static ritz_index chunk_rows(ritz_index n) {
  const ritz_index least = (n + MOST_CHUNKS - 1) / MOST_CHUNKS;
  const ritz_index rows = least > CHUNK_ROWS ? least : CHUNK_ROWS;
  return (rows + WHOLE_ROWS - 1) / WHOLE_ROWS * WHOLE_ROWS;
}

static ritz_index chunk_count(ritz_index n) { return (n + chunk_rows(n) - 1) / chunk_rows(n); }

/* One call: what each chunk does, in the order of the functions below. */
typedef struct job {
  const struct job *next; /* more on the same rows */
  const ritz_krylov *solver;
  int a, b, aw, ldc;
  int first;  /* column of [V W] that is the first to count */
  bool upper; /* c is an upper triangle */
  const scalar *v, *w;
  const int *chosen, *rest; /* of ritz_vectors_replace() */
  const wide *c;
  scalar *y;
  wide factor;
} job;

typedef struct rows {
  ritz_index first, count;
} rows;

static rows chunk(const ritz_krylov *solver, ritz_index index) {
  const ritz_index each = chunk_rows(solver->n), left = solver->n - index * each;
  return (rows){index * each, left < each ? left : each};
}

/* Without columns there may be no array: any other is as good to reckon with, NULL is not. */
static void run(const ritz_krylov *solver, ritz_task *task, job *work) {
  work->solver = solver;
  if (!work->v) work->v = work->w ? work->w : work->y;
  if (!work->w) work->w = work->v;
  ritz_parallel(solver->threads, chunk_count(solver->n), task, work);
}

/* Of a thread: rows of a panel of b columns, then lists of these and of the columns they are made
 * of. */
static size_t panel_bytes(int b) { return (size_t)b * REPLACE_ROWS * sizeof(scalar); }
static size_t scratch_bytes(int b, int columns) {
  return panel_bytes(b) + (size_t)(b + columns) * sizeof(void *);
}

ritz_status ritz_vectors_create(ritz_krylov *solver, int most, int columns) {
  const ritz_index sums = chunk_count(solver->n) + 1;
  RITZ_TRY(ritz_calloc(sums * most * most, sizeof(wide), (void **)&solver->partial));
  return ritz_calloc(solver->threads, scratch_bytes(most, columns), &solver->panel);
}

ritz_status ritz_vectors_work(ritz_krylov *solver, int count) {
  RITZ_TRY(ritz_calloc(count * solver->ld, sizeof(scalar), &solver->work));
  return ritz_vectors_create(solver, 2, 2);
}

void ritz_vectors_work_free(ritz_krylov *solver) {
  ritz_free(solver->work);
  solver->work = NULL;
}

/* Vectors -------------------------------------------------------------------------------------*/

void ritz_vectors_copy(const ritz_krylov *solver, const scalar *x, scalar *y) {
  memcpy(y, x, (size_t)solver->n * sizeof *y);
}

static void scale_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const rows r = chunk(work->solver, index);
  const scalar factor = (scalar)work->factor;
  scalar *const x = work->y + r.first;
  for (ritz_index i = 0; i < r.count; i++) x[i] *= factor;
}

void ritz_vectors_scale(const ritz_krylov *solver, wide a, scalar *x) {
  run(solver, scale_chunk, &(job){.factor = a, .y = x});
}

void ritz_vectors_add(const ritz_krylov *solver, wide a, const scalar *x, scalar *y) {
  ritz_vectors_combine(solver, 1, x, &a, y);
}

wide ritz_vectors_dot(ritz_krylov *solver, const scalar *x, const scalar *y) {
  wide sum;
  ritz_vectors_gram(solver, 1, x, 1, y, &sum);
  return sum;
}

double ritz_vectors_norm(ritz_krylov *solver, const scalar *x) {
  return sqrt(REAL(ritz_vectors_dot(solver, x, x)));
}

/* Bases ---------------------------------------------------------------------------------------*/

static void gram_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const rows r = chunk(work->solver, index);
  wide *const sums = (wide *)work->solver->partial + index * work->a * work->b;
  gram_rows(work->solver, r.count, work->a, work->v + r.first, work->b, work->w + r.first, sums,
            work->a);
}

/* The upper triangle by columns, a few of them at a time, with what that has of the rest. */
static void gram_upper_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const ritz_krylov *solver = work->solver;
  const rows r = chunk(solver, index);
  const int a = work->a;
  const scalar *const v = work->v + r.first;
  wide *const sums = (wide *)solver->partial + index * a * a;
  memset(sums, 0, (size_t)a * a * sizeof *sums);
  for (int j = 0; j < a; j += TRIANGLE_GRAM) {
    const int next = j + TRIANGLE_GRAM < a ? j + TRIANGLE_GRAM : a;
    gram_rows(solver, r.count, next, v, next - j, v + j * solver->ld, sums + j * a, a);
  }
}

/* Sums of the chunks in their order, then of the ranks. */
static void reduce(ritz_krylov *solver, int count, wide *sums) {
  for (int i = 0; i < count; i++) sums[i] = 0;
  for (ritz_index p = 0; p < chunk_count(solver->n); p++)
    for (int i = 0; i < count; i++) sums[i] += ((const wide *)solver->partial)[p * count + i];
  const int numbers = count * (int)(sizeof(wide) / sizeof(double));
  if (solver->sum && solver->sum(solver->sum_user, (double *)sums, numbers))
    solver->failure = RITZ_SOLVE_SUM_FAILED;
}

void ritz_vectors_gram(ritz_krylov *solver, int a, const scalar *v, int b, const scalar *w,
                       wide *sums) {
  run(solver, gram_chunk, &(job){.a = a, .v = v, .b = b, .w = w});
  reduce(solver, a * b, sums);
}

void ritz_vectors_gram_upper(ritz_krylov *solver, int a, const scalar *v, wide *sums) {
  run(solver, gram_upper_chunk, &(job){.a = a, .b = a, .v = v});
  reduce(solver, a * a, sums);
}

static void lengths_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const ritz_krylov *solver = work->solver;
  const rows r = chunk(solver, index);
  const scalar *const x = work->y + r.first;
  wide *const sums = (wide *)solver->partial + index * (work->a + work->aw + 1);
  gram_rows(solver, r.count, work->a, work->v + r.first, 1, x, sums, work->a);
  gram_rows(solver, r.count, work->aw, work->w + r.first, 1, x, sums + work->a, work->aw);
  gram_rows(solver, r.count, 1, x, 1, x, sums + work->a + work->aw, 1);
}

static void correct_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const ritz_krylov *solver = work->solver;
  const rows r = chunk(solver, index);
  const int terms = work->a + work->aw;
  scalar *const x = work->y + r.first;
  const int v = work->first < work->a ? work->first : work->a, w = work->first - v;
  const ritz_index ld = solver->ld;
  combine_rows(solver, r.count, work->a - v, work->v + v * ld + r.first, ld, 1, work->c + v, terms,
               x, ld);
  combine_rows(solver, r.count, work->aw - w, work->w + w * ld + r.first, ld, 1,
               work->c + work->a + w, terms, x, ld);
  const scalar factor = (scalar)work->factor;
  for (ritz_index i = 0; i < r.count; i++) x[i] *= factor;
}

/* From the last chunk to the first: what the sums over the bases have read last is in the cache. */
static void correct_chunk_back(void *arg, ritz_index index, int thread) {
  correct_chunk(arg, chunk_count(((const job *)arg)->solver->n) - 1 - index, thread);
}

/* The sums while the chunk of the bases is still in the cache: one reading of them instead of two.
 */
static void correct_lengths_chunk(void *arg, ritz_index index, int thread) {
  correct_chunk(arg, index, thread);
  lengths_chunk(arg, index, thread);
}

void ritz_vectors_lengths(ritz_krylov *solver, int av, const scalar *v, int aw, const scalar *w,
                          const scalar *x, wide *sums) {
  run(solver, lengths_chunk, &(job){.a = av, .v = v, .aw = aw, .w = w, .y = (scalar *)x});
  reduce(solver, av + aw + 1, sums);
}

void ritz_vectors_correct(const ritz_krylov *solver, int av, const scalar *v, int aw,
                          const scalar *w, const wide *c, double factor, scalar *x) {
  run(solver, correct_chunk_back,
      &(job){.a = av, .v = v, .aw = aw, .w = w, .c = c, .factor = factor, .y = x});
}

void ritz_vectors_correct_lengths(ritz_krylov *solver, int av, const scalar *v, int aw,
                                  const scalar *w, int first, wide *c, scalar *x) {
  job work = {.a = av, .v = v, .aw = aw, .w = w, .first = first, .c = c, .factor = 1, .y = x};
  run(solver, correct_lengths_chunk, &work);
  reduce(solver, av + aw + 1, c);
}

/* From the last chunk to the first, too. */
static void combine_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const rows r = chunk(work->solver, chunk_count(work->solver->n) - 1 - index);
  const ritz_index ld = work->solver->ld;
  combine_rows(work->solver, r.count, work->a, work->v + r.first, ld, work->b, work->c, work->ldc,
               work->y + r.first, ld);
}

void ritz_vectors_combine_block(const ritz_krylov *solver, int a, const scalar *v, int b,
                                const wide *c, int ldc, scalar *y) {
  if (a > 0) run(solver, combine_chunk, &(job){.a = a, .v = v, .b = b, .c = c, .ldc = ldc, .y = y});
}

void ritz_vectors_combine(const ritz_krylov *solver, int a, const scalar *v, const wide *c,
                          scalar *y) {
  ritz_vectors_combine_block(solver, a, v, 1, c, a, y);
}

static const scalar *column_of(const job *work, int from, ritz_index row) {
  const ritz_index ld = work->solver->ld;
  return (from < work->a ? work->v + from * ld : work->w + (from - work->a) * ld) + row;
}

static void replace_chunk(const job *work, rows r, char *scratch) {
  const int b = work->b, terms = work->a + work->aw - (work->chosen ? b : 0);
  const void **const list = (const void **)(scratch + panel_bytes(b)), **const start = list + terms;
  void **const y = (void **)(start + (work->chosen ? b : 0));
  for (int l = 0; l < terms; l++)
    list[l] = column_of(work, work->rest ? work->rest[l] : l, r.first);
  for (int i = 0; i < b; i++) {
    if (work->chosen) start[i] = column_of(work, work->chosen[i], r.first);
    y[i] = work->y + i * work->solver->ld + r.first;
  }
  replace_rows(work->solver, r.count, terms, list, b, work->chosen ? start : NULL, work->c, terms,
               work->upper, y, (scalar *)scratch);
}

static void recombine_chunk(void *arg, ritz_index index, int thread) {
  const job *work = arg;
  const rows r = chunk(work->solver, index);
  int columns = 0;
  for (const job *each = work; each; each = each->next)
    columns = each->a + each->aw > columns ? each->a + each->aw : columns;
  char *const scratch =
      (char *)work->solver->panel + (size_t)thread * scratch_bytes(work->b, columns);
  for (const job *each = work; each; each = each->next) replace_chunk(each, r, scratch);
}

void ritz_vectors_recombine(const ritz_krylov *solver, int av, const scalar *v, int aw,
                            const scalar *w, int b, const wide *c, scalar *y) {
  job work = {.a = av, .v = v, .aw = aw, .w = w, .b = b, .c = c, .y = y};
  run(solver, recombine_chunk, &work);
}

void ritz_vectors_multiply_upper(const ritz_krylov *solver, int a, scalar *v, const wide *t) {
  job work = {.a = a, .v = v, .b = a, .c = t, .upper = true, .y = v};
  run(solver, recombine_chunk, &work);
}

void ritz_vectors_replace(const ritz_krylov *solver, int count, const ritz_replacement *all) {
  job work[REPLACED];
  for (int i = 0; i < count; i++) {
    const ritz_replacement *r = &all[i];
    work[i] = (job){.solver = solver,
                    .next = i + 1 < count ? &work[i + 1] : NULL,
                    .a = r->a,
                    .v = r->v,
                    .aw = r->aw,
                    .w = r->w,
                    .b = r->b,
                    .chosen = r->chosen,
                    .rest = r->rest,
                    .c = r->c,
                    .y = r->v};
  }
  run(solver, recombine_chunk, work);
}

/* Callbacks -----------------------------------------------------------------------------------*/

/* BLAS is theirs to set: what a solve holds is let go for the call. */
static int call(ritz_krylov_map *callback, void *user, const scalar *x, scalar *y) {
  ritz_blas_release();
  const int failed = callback(user, x, y);
  ritz_blas_hold();
  return failed;
}

void ritz_vectors_apply(ritz_krylov *solver, const scalar *x, scalar *y) {
  solver->report.products++;
  if (call(solver->apply, solver->apply_user, x, y)) solver->failure = RITZ_SOLVE_OPERATOR_FAILED;
}

void ritz_vectors_precondition(ritz_krylov *solver, const scalar *r, scalar *z) {
  if (!solver->precondition)
    ritz_vectors_copy(solver, r, z);
  else if (call(solver->precondition, solver->precondition_user, r, z))
    solver->failure = RITZ_SOLVE_PRECONDITIONER_FAILED;
}
