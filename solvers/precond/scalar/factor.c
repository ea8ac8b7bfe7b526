/* SPDX-License-Identifier: BSD-3-Clause
 * Incomplete LU factors by levels of fill: an entry made from entries of levels p and q has level
 * p + q + 1 (Saad 2003, Alg. 10.5 and 10.4). Of a Hermitian matrix they are its Cholesky factors, U
 * = D L*; the modified form moves what it drops to the diagonal (Gustafsson 1978). */
#include "solvers/precond/scalar/factor.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

struct ritz_factor {
  ritz_factor_options options;
  ritz_index n;
  ritz_index *start;
  int32_t *column;
  scalar *values, *inverse;
  ritz_triangles triangles;
  wide *row;         /* [n], the row under way */
  ritz_index *place; /* [n], of its columns in the pattern; -1 elsewhere */
};

/* Pattern ------------------------------------------------------------------------------------- */

/* The row under way as a list in ascending order, ending at n. */
typedef struct list {
  int32_t *next, *level; /* [n + 1]; next[n] is the first */
  ritz_index entries, room;
  int32_t *kept; /* levels of the entries kept so far, [room] */
} list;

/* Puts column j behind `after`, or lowers its level. @return  The place to look on from. */
static int32_t put(list *l, int32_t after, int32_t j, int32_t level) {
  while (l->next[after] < j) after = l->next[after];
  if (l->next[after] == j) {
    if (level < l->level[j]) l->level[j] = level;
  } else {
    l->next[j] = l->next[after];
    l->next[after] = j;
    l->level[j] = level;
  }
  return j;
}

/* Entries that eliminating column k of the row makes. */
static void eliminate(const ritz_factor *f, list *l, const ritz_index *diagonal, int32_t k) {
  int32_t after = k;
  for (ritz_index e = diagonal[k] + 1; e < f->start[k + 1]; e++) {
    const int64_t level = (int64_t)l->level[k] + l->kept[e] + 1;
    if (level <= f->options.fill) after = put(l, after, f->column[e], (int32_t)level);
  }
}

static ritz_status keep_row(ritz_factor *f, list *l, ritz_index i, ritz_index *diagonal) {
  ritz_index count = 0;
  for (int32_t j = l->next[f->n]; j < f->n; j = l->next[j]) count++;
  if (l->entries + count > l->room) {
    const ritz_index room = 2 * l->room + count;
    RITZ_TRY(ritz_grow(l->room, room, sizeof *f->column, (void **)&f->column));
    RITZ_TRY(ritz_grow(l->room, room, sizeof *l->kept, (void **)&l->kept));
    l->room = room;
  }
  for (int32_t j = l->next[f->n]; j < f->n; j = l->next[j]) {
    if (j == i) diagonal[i] = l->entries;
    l->kept[l->entries] = l->level[j];
    f->column[l->entries++] = j;
  }
  f->start[i + 1] = l->entries;
  return RITZ_OK;
}

static ritz_status find_rows(ritz_factor *f, const ritz_sparse *a, list *l, ritz_index *diagonal) {
  const int32_t n = (int32_t)f->n;
  l->room = a->entries + f->n;
  RITZ_TRY(RITZ_NEW(l->room, &f->column));
  RITZ_TRY(RITZ_NEW(l->room, &l->kept));
  for (int32_t i = 0; i < n; i++) {
    l->next[n] = n;
    int32_t after = n;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) {
      l->next[a->column[e]] = n;
      l->next[after] = a->column[e];
      l->level[after = a->column[e]] = 0;
    }
    /* A place for the pivot, whether the matrix has one or not. */
    int32_t before = n;
    while (l->next[before] < i) before = l->next[before];
    put(l, before, i, 0);
    for (int32_t k = l->next[n]; k < i; k = l->next[k]) eliminate(f, l, diagonal, k);
    RITZ_TRY(keep_row(f, l, i, diagonal));
  }
  return RITZ_OK;
}

static ritz_status find_pattern(ritz_factor *f, const ritz_sparse *a) {
  list l = {0};
  ritz_index *diagonal = NULL;
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(f->n + 1, &l.next));
  RITZ_TRY_DONE(RITZ_NEW(f->n + 1, &l.level));
  RITZ_TRY_DONE(RITZ_NEW(f->n, &diagonal));
  status = find_rows(f, a, &l, diagonal);
done:
  ritz_free(l.next);
  ritz_free(l.level);
  ritz_free(l.kept);
  ritz_free(diagonal);
  return status;
}

static ritz_status check_symmetric(const ritz_sparse *a) {
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
      RITZ_REQUIRE(ritz_sparse_find(a, a->column[e], i) >= 0, RITZ_ERR_NUMERIC,
                   "the matrix is not symmetric: it has an entry (%td, %ld) but none at (%ld, %td)",
                   i, (long)a->column[e], (long)a->column[e], i);
  return RITZ_OK;
}

ritz_status ritz_factor_create(const ritz_sparse *a, const ritz_factor_options *options,
                               ritz_factor **out) {
  *out = NULL;
  ritz_status status;
  ritz_factor *f;
  if (options->definite) RITZ_TRY(check_symmetric(a));
  RITZ_TRY(RITZ_NEW(1, &f));
  f->options = *options;
  f->n = a->rows;
  RITZ_TRY_DONE(RITZ_NEW(f->n + 1, &f->start));
  RITZ_TRY_DONE(find_pattern(f, a));
  RITZ_TRY_DONE(RITZ_NEW(f->start[f->n], &f->values));
  RITZ_TRY_DONE(RITZ_NEW(f->n, &f->inverse));
  RITZ_TRY_DONE(RITZ_NEW(f->n, &f->row));
  RITZ_TRY_DONE(RITZ_NEW(f->n, &f->place));
  for (ritz_index i = 0; i < f->n; i++) f->place[i] = -1;
  RITZ_TRY_DONE(ritz_triangles_create(f->n, f->start, f->column, true, &f->triangles));
  *out = f;
  return RITZ_OK;
done:
  ritz_factor_destroy(&f);
  return status;
}

void ritz_factor_destroy(ritz_factor **factor) {
  if (!factor || !*factor) return;
  ritz_factor *f = *factor;
  ritz_triangles_clear(&f->triangles);
  void *const blocks[] = {f->start, f->column, f->values, f->inverse, f->row, f->place};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(f);
  *factor = NULL;
}

/* Numbers ------------------------------------------------------------------------------------- */

static void load_row(ritz_factor *f, const ritz_sparse *a, ritz_index i) {
  const scalar *values = a->values;
  for (ritz_index e = f->start[i]; e < f->start[i + 1]; e++) {
    f->row[f->column[e]] = 0;
    f->place[f->column[e]] = e;
  }
  for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) f->row[a->column[e]] = values[e];
  f->row[i] *= 1 + f->options.shift;
}

static void store_row(ritz_factor *f, ritz_index i) {
  for (ritz_index e = f->start[i]; e < f->start[i + 1]; e++) {
    f->values[e] = (scalar)f->row[f->column[e]];
    f->place[f->column[e]] = -1;
  }
}

/* Row i less its multiples of earlier rows. */
static void reduce_row(ritz_factor *f, ritz_index i) {
  const ritz_index *diagonal = f->triangles.diagonal;
  wide dropped = 0;
  for (ritz_index e = f->start[i]; e < diagonal[i]; e++) {
    const int32_t k = f->column[e];
    const wide l = f->row[k] *= f->inverse[k];
    for (ritz_index d = diagonal[k] + 1; d < f->start[k + 1]; d++) {
      const int32_t j = f->column[d];
      const wide term = l * f->values[d];
      if (f->place[j] >= 0)
        f->row[j] -= term;
      else
        dropped += term;
    }
  }
  /* Its imaginary part would leave the factors of a Hermitian matrix not Hermitian. */
  f->row[i] -= f->options.modified * (f->options.definite ? REAL(dropped) : dropped);
}

static ritz_status check_hermitian(const ritz_sparse *a, ritz_index i) {
  const scalar *values = a->values;
  for (ritz_index e = a->start[i]; e < a->start[i + 1] && a->column[e] <= i; e++) {
    const wide here = values[e], there = values[ritz_sparse_find(a, a->column[e], i)];
    RITZ_REQUIRE(ABS(here - CONJ(there)) <= 64 * EPSILON * (ABS(here) + ABS(there)),
                 RITZ_ERR_NUMERIC,
                 "the matrix is not Hermitian: its entries at (%td, %ld) and (%ld, %td) differ", i,
                 (long)a->column[e], (long)a->column[e], i);
  }
  return RITZ_OK;
}

static ritz_status check_pivot(const ritz_factor *f, ritz_index i, double size) {
  const wide pivot = f->row[i];
  if (f->options.definite)
    RITZ_REQUIRE(REAL(pivot) > 0, RITZ_ERR_NUMERIC,
                 "the pivot of row %td is %g: the matrix is not positive definite, or its "
                 "incomplete factors need a shift",
                 i, REAL(pivot));
  RITZ_REQUIRE(ABS(pivot) > 4 * EPSILON * size && isfinite(ABS(pivot)), RITZ_ERR_NUMERIC,
               "the pivot of row %td is %g beside entries of %g: no factors without a shift or "
               "another order of the unknowns",
               i, ABS(pivot), size);
  return RITZ_OK;
}

static double row_size(const ritz_sparse *a, ritz_index i) {
  const scalar *values = a->values;
  double most = 0;
  for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) most = fmax(most, ABS(values[e]));
  return most;
}

ritz_status ritz_factor_update(ritz_factor *f, const ritz_sparse *a) {
  for (ritz_index i = 0; i < f->n; i++) {
    if (f->options.definite) RITZ_TRY(check_hermitian(a, i));
    load_row(f, a, i);
    reduce_row(f, i);
    const ritz_status status = check_pivot(f, i, row_size(a, i));
    f->inverse[i] = (scalar)(1 / f->row[i]);
    store_row(f, i);
    if (status != RITZ_OK) return status;
  }
  ritz_triangles_update(&f->triangles,
                        &(ritz_triangle_numbers){.values = f->values, .upper = f->inverse});
  return RITZ_OK;
}

void ritz_factor_solve(const ritz_factor *f, int threads, const scalar *r, scalar *z) {
  ritz_triangles_solve(&f->triangles, threads, r, z);
}
