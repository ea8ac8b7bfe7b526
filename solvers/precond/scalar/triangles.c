/* SPDX-License-Identifier: BSD-3-Clause
 * Triangular solves, row after row or in slices. */
#include "solvers/precond/scalar/triangles.h"

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

enum {
  PARTS = RITZ_IS_COMPLEX ? 2 : 1,
  LANES = 64 / sizeof(real),
  LEVEL_ROWS = 2048, /* mean below which waking threads costs more than they save */
  CHUNK_SLICES = 512 / LANES
};

/* Patterns ------------------------------------------------------------------------------------- */

static ritz_status find_diagonal(ritz_triangles *t) {
  const ritz_pattern *p = &t->pattern;
  for (ritz_index i = 0; i < p->n; i++) {
    ritz_index e = p->start[i];
    while (e < p->start[i + 1] && p->column[e] < i) e++;
    t->diagonal[i] = e;
    RITZ_REQUIRE(e < p->start[i + 1] && p->column[e] == i, RITZ_ERR_NUMERIC,
                 "row %td has no diagonal entry", i);
  }
  return RITZ_OK;
}

/* Room for the numbers of a packed triangle and its working vector. */
static ritz_status add_room(ritz_packed *p, real **work) {
  const ritz_index slice = PARTS * LANES;
  RITZ_TRY(ritz_calloc(p->terms * slice, sizeof(real), &p->slices.values));
  RITZ_TRY(ritz_calloc(p->slices.count * slice, sizeof(real), &p->slices.before));
  RITZ_TRY(ritz_calloc(p->slices.count * slice, sizeof(real), &p->slices.after));
  return RITZ_NEW(PARTS * p->slices.room, work);
}

static ritz_status pack(ritz_triangles *t, bool both) {
  RITZ_TRY(ritz_packed_create(&t->pattern, false, LANES, PARTS, NULL, &t->below));
  if (t->below.slices.count == 0) return RITZ_OK;
  if (both) {
    RITZ_TRY(ritz_packed_create(&t->pattern, true, LANES, PARTS, &t->below, &t->above));
    if (t->above.slices.count == 0) {
      ritz_packed_clear(&t->below);
      return RITZ_OK;
    }
    RITZ_TRY(add_room(&t->above, &t->work[1]));
  }
  return add_room(&t->below, &t->work[0]);
}

ritz_status ritz_triangles_create(ritz_index n, const ritz_index *start, const int32_t *column,
                                  bool both, ritz_triangles *out) {
  const ritz_dtype format = sizeof(real) == sizeof(double) ? RITZ_FLOAT64 : RITZ_FLOAT32;
  *out = (ritz_triangles){.kernels = ritz_solver_kernels_get(format)};
  ritz_status status = RITZ_NEW(n, &out->diagonal);
  out->pattern = (ritz_pattern){n, start, out->diagonal, column};
  if (status == RITZ_OK) status = find_diagonal(out);
  if (status == RITZ_OK) status = pack(out, both);
  if (status != RITZ_OK) ritz_triangles_clear(out);
  return status;
}

void ritz_triangles_clear(ritz_triangles *t) {
  ritz_free(t->diagonal);
  ritz_packed_clear(&t->below);
  ritz_packed_clear(&t->above);
  ritz_free(t->work[0]);
  ritz_free(t->work[1]);
  *t = (ritz_triangles){0};
}

/* Numbers -------------------------------------------------------------------------------------- */

/* Number `lane` of a slice or term; index -1 is zero. */
static void put(real *slice, int lane, const scalar *x, int32_t index) {
  const scalar value = index < 0 ? 0 : x[index];
  slice[lane] = (real)REAL(value);
#if RITZ_IS_COMPLEX
  slice[LANES + lane] = (real)cimag(value);
#endif
}

static void put_all(ritz_index slices, const int32_t *index, const scalar *x, real *to) {
  for (ritz_index k = 0; k < slices; k++)
    for (int lane = 0; lane < LANES; lane++)
      put(to + k * PARTS * LANES, lane, x, index[k * LANES + lane]);
}

/* Factors of the rows in their slices, which drop the array where there are none. */
static void put_factors(const ritz_packed *p, const scalar *x, void **to) {
  if (x) {
    put_all(p->slices.count, p->row, x, *to);
  } else {
    ritz_free(*to);
    *to = NULL;
  }
}

static void fill(ritz_packed *p, const scalar *values, const scalar *before, const scalar *after) {
  put_all(p->terms, p->entry, values, p->slices.values);
  put_factors(p, before, &p->slices.before);
  put_factors(p, after, &p->slices.after);
}

void ritz_triangles_update(ritz_triangles *t, const ritz_triangle_numbers *numbers) {
  t->numbers = *numbers;
  if (t->below.slices.count > 0) fill(&t->below, numbers->values, NULL, numbers->lower);
  if (t->above.slices.count > 0) fill(&t->above, numbers->values, numbers->between, numbers->upper);
}

/* Row after row -------------------------------------------------------------------------------- */

static void rows_lower(const ritz_triangles *t, const scalar *r, scalar *y) {
  const ritz_pattern *p = &t->pattern;
  const ritz_triangle_numbers *x = &t->numbers;
  for (ritz_index i = 0; i < p->n; i++) {
    scalar sum = r[i];
    for (ritz_index e = p->start[i]; e < p->diagonal[i]; e++) sum -= x->values[e] * y[p->column[e]];
    y[i] = x->lower ? sum * x->lower[i] : sum;
  }
}

static void rows_upper(const ritz_triangles *t, scalar *y) {
  const ritz_pattern *p = &t->pattern;
  const ritz_triangle_numbers *x = &t->numbers;
  for (ritz_index i = p->n; i-- > 0;) {
    scalar sum = x->between ? y[i] * x->between[i] : y[i];
    for (ritz_index e = p->diagonal[i] + 1; e < p->start[i + 1]; e++)
      sum -= x->values[e] * y[p->column[e]];
    y[i] = x->upper ? sum * x->upper[i] : sum;
  }
}

/* In slices ------------------------------------------------------------------------------------ */

typedef struct sweep {
  const ritz_triangles *t;
  const ritz_packed *packed;
  const real *from[2]; /* parts of the right-hand side */
  real *work;
  ritz_index first, last; /* slices of a level */
} sweep;

static void run(const sweep *s, ritz_index first, ritz_index last) {
#if RITZ_IS_COMPLEX
  s->t->kernels->slices_solve_complex(&s->packed->slices, first, last, s->from[0], s->from[1],
                                      s->work);
#else
  s->t->kernels->slices_solve(&s->packed->slices, first, last, s->from[0], s->work);
#endif
}

static void run_chunk(void *arg, ritz_index chunk, int thread) {
  const sweep *s = arg;
  const ritz_index first = s->first + chunk * CHUNK_SLICES, last = first + CHUNK_SLICES;
  run(s, first, last < s->last ? last : s->last);
}

static void run_all(sweep *s, int threads) {
  const ritz_packed *p = s->packed;
  if (threads == 1 || p->levels * LEVEL_ROWS > s->t->pattern.n) {
    run(s, 0, p->slices.count);
    return;
  }
  for (ritz_index l = 0; l < p->levels; l++) {
    s->first = p->level[l];
    s->last = p->level[l + 1];
    ritz_parallel(threads, (s->last - s->first + CHUNK_SLICES - 1) / CHUNK_SLICES, run_chunk, s);
  }
}

static void slices_lower(const ritz_triangles *t, int threads, const scalar *r) {
  const real *const from = (const real *)r;
  run_all(&(sweep){t, &t->below, {from, from + PARTS - 1}, t->work[0], 0, 0}, threads);
}

static void slices_upper(const ritz_triangles *t, int threads) {
  const real *const from = t->work[0];
  run_all(&(sweep){t, &t->above, {from, from + t->below.slices.room}, t->work[1], 0, 0}, threads);
}

/* The rows of a working vector in their order. */
static void read_rows(const ritz_packed *p, const real *work, ritz_index n, scalar *out) {
  const int32_t *const at = p->position;
#if RITZ_IS_COMPLEX
  const real *const im = work + p->slices.room;
  real *const parts = (real *)out;
  for (ritz_index i = 0; i < n; i++) {
    parts[2 * i] = work[at[i]];
    parts[2 * i + 1] = im[at[i]];
  }
#else
  for (ritz_index i = 0; i < n; i++) out[i] = work[at[i]];
#endif
}

/* Both ----------------------------------------------------------------------------------------- */

void ritz_triangles_lower(const ritz_triangles *t, int threads, const scalar *r, scalar *y) {
  if (t->below.slices.count > 0) {
    slices_lower(t, threads, r);
    read_rows(&t->below, t->work[0], t->pattern.n, y);
  } else {
    rows_lower(t, r, y);
  }
}

void ritz_triangles_solve(const ritz_triangles *t, int threads, const scalar *r, scalar *z) {
  if (t->below.slices.count > 0) {
    slices_lower(t, threads, r);
    slices_upper(t, threads);
    read_rows(&t->above, t->work[1], t->pattern.n, z);
  } else {
    rows_lower(t, r, z);
    rows_upper(t, z);
  }
}
