/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices as objects: making, sorting, multiplying. */
#include "solvers/sparse/sparse.h"

#include <string.h>

#include "core/complex.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

/* Memory --------------------------------------------------------------------------------------*/

ritz_status ritz_sparse_allocate(ritz_scalar scalar, ritz_index rows, ritz_index columns,
                                 ritz_index entries, ritz_sparse **out) {
  static const ritz_sparse_kind *const kinds[] = {&ritz_sparse_kind_s, &ritz_sparse_kind_d,
                                                  &ritz_sparse_kind_c, &ritz_sparse_kind_z};
  *out = NULL;
  RITZ_TRY(ritz_scalar_check(scalar));
  RITZ_REQUIRE(rows >= 0 && columns >= 0 && rows <= INT32_MAX && columns <= INT32_MAX,
               RITZ_ERR_ARGUMENT, "matrix is [%td, %td], wanted 0 ... 2^31 - 1 rows and columns",
               rows, columns);
  RITZ_REQUIRE(entries >= 0, RITZ_ERR_ARGUMENT, "%td entries, wanted at least 0", entries);
  ritz_status status;
  ritz_sparse *a;
  RITZ_TRY(RITZ_NEW(1, &a));
  *a = (ritz_sparse){.scalar = scalar,
                     .kind = kinds[scalar],
                     .rows = rows,
                     .columns = columns,
                     .entries = entries,
                     .threads = 1};
  RITZ_TRY_DONE(RITZ_NEW(rows + 1, &a->start));
  RITZ_TRY_DONE(RITZ_NEW(entries, &a->column));
  RITZ_TRY_DONE(ritz_calloc(entries, ritz_scalar_size(scalar), &a->values));
  *out = a;
  return RITZ_OK;
done:
  ritz_sparse_destroy(&a);
  return status;
}

void ritz_sparse_destroy(ritz_sparse **matrix) {
  if (!matrix || !*matrix) return;
  ritz_sparse *a = *matrix;
  ritz_free(a->start);
  ritz_free(a->column);
  ritz_free(a->values);
  ritz_free(a->run);
  ritz_free(a->turned_start);
  ritz_free(a->turned_column);
  ritz_free(a->turned_from);
  ritz_free(a);
  *matrix = NULL;
}

ritz_sparse_parts ritz_sparse_describe(const ritz_sparse *a) {
  return (ritz_sparse_parts){a->scalar, a->rows,   a->columns, a->entries,
                             a->start,  a->column, a->values};
}

void ritz_sparse_put(ritz_scalar scalar, void *values, ritz_index i, double re, double im) {
  switch (scalar) {
    case RITZ_REAL_FLOAT: ((float *)values)[i] = (float)re; break;
    case RITZ_REAL_DOUBLE: ((double *)values)[i] = re; break;
    case RITZ_COMPLEX_FLOAT: ((float _Complex *)values)[i] = CMPLXF((float)re, (float)im); break;
    case RITZ_COMPLEX_DOUBLE: ((double _Complex *)values)[i] = CMPLX(re, im); break;
  }
}

void ritz_sparse_get(ritz_scalar scalar, const void *values, ritz_index i, double *re, double *im) {
  const bool is_complex = scalar >= RITZ_COMPLEX_FLOAT;
  const ritz_index at = is_complex ? 2 * i : i, other = is_complex ? at + 1 : at;
  const bool is_double = scalar % 2;
  *re = is_double ? ((const double *)values)[at] : (double)((const float *)values)[at];
  *im = is_double ? ((const double *)values)[other] : (double)((const float *)values)[other];
  if (!is_complex) *im = 0;
}

ritz_index ritz_sparse_find(const ritz_sparse *a, ritz_index row, ritz_index column) {
  ritz_index low = a->start[row], high = a->start[row + 1];
  while (low < high) {
    const ritz_index middle = low + (high - low) / 2;
    if (a->column[middle] < column)
      low = middle + 1;
    else
      high = middle;
  }
  return low < a->start[row + 1] && a->column[low] == column ? low : -1;
}

/* Runs ----------------------------------------------------------------------------------------*/

enum { RUN_ROWS = 8 }; /* mean below which finding a run's offsets costs what it saves */

/* Whether row i has the columns of the row before, each one further. */
static bool continues_run(const ritz_sparse *a, ritz_index i) {
  const ritz_index entries = a->start[i + 1] - a->start[i];
  if (entries != a->start[i] - a->start[i - 1]) return false;
  for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
    if (a->column[e] != a->column[e - entries] + 1) return false;
  return true;
}

ritz_status ritz_sparse_find_runs(ritz_sparse *a) {
  ritz_index runs = a->rows > 0;
  for (ritz_index i = 1; i < a->rows; i++) runs += !continues_run(a, i);
  if (runs * RUN_ROWS > a->rows) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(runs + 1, &a->run));
  for (ritz_index i = 1; i < a->rows; i++)
    if (!continues_run(a, i)) a->run[++a->runs] = i;
  a->run[++a->runs] = a->rows;
  return RITZ_OK;
}

/* Entries -------------------------------------------------------------------------------------*/

/* Entries as they were given, and their order by row, then column, then as given. */
typedef struct entries {
  ritz_index count, rows, columns;
  const ritz_index *row, *column;
  ritz_index *order, *other, *first; /* [count], [count], [max(rows, columns) + 1] */
} entries;

static ritz_status check_places(const entries *e) {
  for (ritz_index i = 0; i < e->count; i++)
    RITZ_REQUIRE(
        e->row[i] >= 0 && e->row[i] < e->rows && e->column[i] >= 0 && e->column[i] < e->columns,
        RITZ_ERR_ARGUMENT, "entry %td is at (%td, %td), outside a matrix of [%td, %td]", i,
        e->row[i], e->column[i], e->rows, e->columns);
  return RITZ_OK;
}

/* One stable pass of a radix sort. */
static void sort_pass(entries *e, ritz_index keys, const ritz_index *key, const ritz_index *from,
                      ritz_index *to) {
  memset(e->first, 0, (size_t)(keys + 1) * sizeof *e->first);
  for (ritz_index i = 0; i < e->count; i++) e->first[key[i] + 1]++;
  for (ritz_index k = 0; k < keys; k++) e->first[k + 1] += e->first[k];
  for (ritz_index i = 0; i < e->count; i++) {
    const ritz_index at = from ? from[i] : i;
    to[e->first[key[at]]++] = at;
  }
}

static ritz_status sort_entries(entries *e) {
  const ritz_index keys = (e->rows > e->columns ? e->rows : e->columns) + 1;
  RITZ_TRY(check_places(e));
  RITZ_TRY(RITZ_NEW(e->count, &e->order));
  RITZ_TRY(RITZ_NEW(e->count, &e->other));
  RITZ_TRY(RITZ_NEW(keys, &e->first));
  sort_pass(e, e->columns, e->column, NULL, e->other);
  sort_pass(e, e->rows, e->row, e->other, e->order);
  return RITZ_OK;
}

static bool continues(const entries *e, ritz_index i) {
  if (i == 0) return false;
  const ritz_index a = e->order[i - 1], b = e->order[i];
  return e->row[a] == e->row[b] && e->column[a] == e->column[b];
}

static ritz_status collect(const entries *e, ritz_scalar scalar, bool once, const void *values,
                           ritz_sparse **out) {
  const size_t size = ritz_scalar_size(scalar);
  ritz_index places = 0;
  for (ritz_index i = 0; i < e->count; i++) {
    const ritz_index at = e->order[i];
    RITZ_REQUIRE(!once || !continues(e, i), RITZ_ERR_ARGUMENT, "column %td is twice in row %td",
                 e->column[at], e->row[at]);
    places += !continues(e, i);
  }
  RITZ_TRY(ritz_sparse_allocate(scalar, e->rows, e->columns, places, out));
  ritz_sparse *a = *out;
  ritz_index place = -1;
  for (ritz_index i = 0; i < e->count; i++) {
    const ritz_index from = e->order[i];
    if (!continues(e, i)) {
      a->column[++place] = (int32_t)e->column[from];
      a->start[e->row[from] + 1]++;
    }
    if (values)
      a->kind->add((const char *)values + (size_t)from * size,
                   (char *)a->values + (size_t)place * size);
  }
  for (ritz_index r = 0; r < e->rows; r++) a->start[r + 1] += a->start[r];
  return ritz_sparse_find_runs(a);
}

static ritz_status from_entries(entries *e, ritz_scalar scalar, bool once, const void *values,
                                ritz_sparse **out) {
  *out = NULL;
  RITZ_TRY(ritz_scalar_check(scalar));
  RITZ_REQUIRE(e->count >= 0, RITZ_ERR_ARGUMENT, "%td entries, wanted at least 0", e->count);
  ritz_status status = sort_entries(e);
  if (status == RITZ_OK) status = collect(e, scalar, once, values, out);
  if (status != RITZ_OK) ritz_sparse_destroy(out);
  ritz_free(e->order);
  ritz_free(e->other);
  ritz_free(e->first);
  return status;
}

ritz_status ritz_sparse_from_entries(ritz_scalar scalar, ritz_index rows, ritz_index columns,
                                     ritz_index count, const ritz_index *row,
                                     const ritz_index *column, const void *values,
                                     ritz_sparse **out) {
  entries e = {.count = count, .rows = rows, .columns = columns, .row = row, .column = column};
  return from_entries(&e, scalar, false, values, out);
}

ritz_status ritz_sparse_create(ritz_scalar scalar, ritz_index rows, ritz_index columns,
                               const ritz_index *start, const ritz_index *column,
                               const void *values, ritz_sparse **out) {
  *out = NULL;
  RITZ_REQUIRE(rows >= 0, RITZ_ERR_ARGUMENT, "matrix has %td rows, wanted at least 0", rows);
  RITZ_REQUIRE(start[0] == 0, RITZ_ERR_ARGUMENT, "rows start at entry %td, wanted 0", start[0]);
  for (ritz_index r = 0; r < rows; r++)
    RITZ_REQUIRE(start[r] <= start[r + 1], RITZ_ERR_ARGUMENT,
                 "row %td starts at entry %td and ends at %td", r, start[r], start[r + 1]);
  ritz_index *row;
  RITZ_TRY(RITZ_NEW(start[rows], &row));
  for (ritz_index r = 0; r < rows; r++)
    for (ritz_index e = start[r]; e < start[r + 1]; e++) row[e] = r;
  entries e = {
      .count = start[rows], .rows = rows, .columns = columns, .row = row, .column = column};
  const ritz_status status = from_entries(&e, scalar, true, values, out);
  ritz_free(row);
  return status;
}

/* Products ------------------------------------------------------------------------------------*/

void ritz_sparse_set_threads(ritz_sparse *a, int threads) {
  a->threads = threads > 0 ? threads : ritz_threads_available();
}

enum {
  CHUNK_ROWS = 1024,
  LEAST_ENTRIES = 1 << 15 /* fewer are done before a second thread has woken up */
};

typedef struct product {
  const ritz_sparse *a;
  ritz_index rows;
  void (*run)(const ritz_sparse *a, ritz_index first, ritz_index last, const void *x, void *y);
  const void *x;
  void *y;
} product;

static void product_chunk(void *arg, ritz_index chunk, int thread) {
  const product *p = arg;
  const ritz_index first = chunk * CHUNK_ROWS, last = first + CHUNK_ROWS;
  p->run(p->a, first, last < p->rows ? last : p->rows, p->x, p->y);
}

static void multiply(product *p) {
  const int threads = p->a->entries < LEAST_ENTRIES ? 1 : p->a->threads;
  ritz_parallel(threads, (p->rows + CHUNK_ROWS - 1) / CHUNK_ROWS, product_chunk, p);
}

int ritz_sparse_apply(void *matrix, const void *x, void *y) {
  const ritz_sparse *a = matrix;
  multiply(&(product){a, a->rows, a->kind->apply, x, y});
  return 0;
}

int ritz_sparse_apply_transposed(void *matrix, const void *x, void *y) {
  const ritz_sparse *a = matrix;
  if (!a->turned_start) return 1;
  multiply(&(product){a, a->columns, a->kind->apply_transposed, x, y});
  return 0;
}

ritz_status ritz_sparse_plan_transposed(ritz_sparse *a) {
  if (a->turned_start) return RITZ_OK;
  ritz_status status;
  ritz_index *start = NULL, *from = NULL;
  int32_t *column = NULL;
  RITZ_TRY_DONE(RITZ_NEW(a->columns + 2, &start));
  RITZ_TRY_DONE(RITZ_NEW(a->entries, &from));
  RITZ_TRY_DONE(RITZ_NEW(a->entries, &column));
  for (ritz_index e = 0; e < a->entries; e++) start[a->column[e] + 2]++;
  for (ritz_index c = 0; c < a->columns; c++) start[c + 2] += start[c + 1];
  for (ritz_index r = 0; r < a->rows; r++)
    for (ritz_index e = a->start[r]; e < a->start[r + 1]; e++) {
      const ritz_index to = start[a->column[e] + 1]++;
      column[to] = (int32_t)r;
      from[to] = e;
    }
  a->turned_start = start;
  a->turned_column = column;
  a->turned_from = from;
  return RITZ_OK;
done:
  ritz_free(start);
  ritz_free(from);
  ritz_free(column);
  return status;
}
