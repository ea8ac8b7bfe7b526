/* SPDX-License-Identifier: BSD-3-Clause
 * Matrix Market files in coordinate form (Boisvert, Pozo & Remington 1996, NISTIR 5935). */
#include <complex.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "solvers/sparse/sparse.h"

enum { LINE = 1025, WORDS = 5 };

typedef enum symmetry { GENERAL, SYMMETRIC, SKEW, HERMITIAN } symmetry;
typedef enum field { REAL, INTEGER, PATTERN, COMPLEX } field;

static const char *const symmetry_names[] = {"general", "symmetric", "skew-symmetric", "hermitian"};
static const char *const field_names[] = {"real", "integer", "pattern", "complex"};

typedef struct reader {
  const char *path;
  FILE *file;
  int line;
  char text[LINE];
  int words;
  char *word[WORDS + 1]; /* one more than any line has */
  symmetry symmetry;
  field field;
  ritz_scalar scalar;
  ritz_index rows, columns, lines, count; /* of the size line; entries so far */
  ritz_index *row, *column;
  void *values;
} reader;

#define WRONG(r, ...) (RITZ_FAIL(RITZ_ERR_FORMAT, __VA_ARGS__), prefix(r))

static ritz_status prefix(const reader *r) {
  return ritz_fail_prefix(RITZ_ERR_FORMAT, "%s:%d", r->path, r->line);
}

/* The next line that holds anything, in words. @return  false at the end of the file. */
static bool next_line(reader *r, bool comments) {
  while (fgets(r->text, sizeof r->text, r->file)) {
    r->line++;
    if (!comments && r->text[0] == '%') continue;
    r->words = 0;
    for (char *at = r->text; *at && r->words <= WORDS;) {
      while (isspace((unsigned char)*at)) *at++ = 0;
      if (!*at) break;
      r->word[r->words++] = at;
      while (*at && !isspace((unsigned char)*at)) at++;
    }
    if (r->words > 0) return true;
  }
  return false;
}

/* @return  Position of the word among names, any case; -1. */
static int name_of(const char *word, const char *const *names, int count) {
  for (int i = 0; i < count; i++) {
    size_t c = 0;
    while (names[i][c] && tolower((unsigned char)word[c]) == names[i][c]) c++;
    if (!names[i][c] && !word[c]) return i;
  }
  return -1;
}

static ritz_status read_banner(reader *r) {
  static const char *const object[] = {"matrix"}, *const format[] = {"coordinate"};
  if (!next_line(r, true) || r->words != 5 || strcmp(r->word[0], "%%MatrixMarket") != 0)
    return WRONG(r, "not a Matrix Market file: wanted '%%%%MatrixMarket matrix coordinate ...'");
  if (name_of(r->word[1], object, 1) < 0 || name_of(r->word[2], format, 1) < 0)
    return WRONG(r, "holds '%s %s', wanted 'matrix coordinate'", r->word[1], r->word[2]);
  const int values = name_of(r->word[3], field_names, 4);
  const int halves = name_of(r->word[4], symmetry_names, 4);
  if (values < 0)
    return WRONG(r, "numbers are '%s', wanted real, integer, pattern or complex", r->word[3]);
  if (halves < 0)
    return WRONG(r, "symmetry is '%s', wanted general, symmetric, skew-symmetric or hermitian",
                 r->word[4]);
  r->field = (field)values;
  r->symmetry = (symmetry)halves;
  if (r->field == COMPLEX && r->scalar < RITZ_COMPLEX_FLOAT)
    return WRONG(r, "numbers are complex, asked for %s", ritz_scalar_text(r->scalar));
  return RITZ_OK;
}

static ritz_status read_sizes(reader *r) {
  if (!next_line(r, false)) return WRONG(r, "ends before the line 'rows columns entries'");
  ritz_index *const sizes[] = {&r->rows, &r->columns, &r->lines};
  for (int i = 0; i < 3; i++)
    if (r->words != 3 || !ritz_text_to_index(r->word[i], sizes[i]) || *sizes[i] < 0)
      return WRONG(r, "wanted 'rows columns entries', three whole numbers from 0");
  if (r->rows > INT32_MAX || r->columns > INT32_MAX)
    return WRONG(r, "matrix is [%td, %td], wanted at most 2^31 - 1 rows and columns", r->rows,
                 r->columns);
  if (r->lines > PTRDIFF_MAX / 2) return WRONG(r, "%td entries are more than memory has", r->lines);
  if (r->symmetry != GENERAL && r->rows != r->columns)
    return WRONG(r, "matrix is [%td, %td] but %s", r->rows, r->columns,
                 symmetry_names[r->symmetry]);
  return RITZ_OK;
}

static void add_entry(reader *r, ritz_index i, ritz_index j, double re, double im) {
  r->row[r->count] = i;
  r->column[r->count] = j;
  ritz_sparse_put(r->scalar, r->values, r->count++, re, im);
}

static ritz_status read_entry(reader *r) {
  static const int numbers[] = {1, 1, 0, 2};
  const int count = numbers[r->field];
  double value[2] = {1, 0};
  ritz_index i, j;
  if (r->words != 2 + count)
    return WRONG(r, "%d words, wanted row, column and %d number%s", r->words, count,
                 count == 1 ? "" : "s");
  if (!ritz_text_to_index(r->word[0], &i) || i < 1 || i > r->rows)
    return WRONG(r, "row is '%s', wanted 1 ... %td", r->word[0], r->rows);
  if (!ritz_text_to_index(r->word[1], &j) || j < 1 || j > r->columns)
    return WRONG(r, "column is '%s', wanted 1 ... %td", r->word[1], r->columns);
  for (int k = 0; k < count; k++)
    if (!ritz_text_to_real(r->word[2 + k], &value[k]))
      return WRONG(r, "'%s' is no number", r->word[2 + k]);
  if (r->symmetry != GENERAL && j > i)
    return WRONG(r, "(%td, %td) is above the diagonal of a %s matrix", i, j,
                 symmetry_names[r->symmetry]);
  add_entry(r, i - 1, j - 1, value[0], value[1]);
  if (r->symmetry == GENERAL || i == j) return RITZ_OK;
  const double re = r->symmetry == SKEW ? -1 : 1;
  const double im = r->symmetry == SYMMETRIC ? 1 : -1;
  add_entry(r, j - 1, i - 1, re * value[0], im * value[1]);
  return RITZ_OK;
}

static ritz_status read_matrix(reader *r, ritz_sparse **out) {
  RITZ_TRY(read_banner(r));
  RITZ_TRY(read_sizes(r));
  const ritz_index room = r->symmetry == GENERAL ? r->lines : 2 * r->lines;
  RITZ_TRY(RITZ_NEW(room, &r->row));
  RITZ_TRY(RITZ_NEW(room, &r->column));
  RITZ_TRY(ritz_calloc(room, ritz_scalar_size(r->scalar), &r->values));
  for (ritz_index e = 0; e < r->lines; e++) {
    if (!next_line(r, false)) return WRONG(r, "ends after %td of %td entries", e, r->lines);
    RITZ_TRY(read_entry(r));
  }
  if (next_line(r, false)) return WRONG(r, "more lines than the %td entries announced", r->lines);
  return ritz_sparse_from_entries(r->scalar, r->rows, r->columns, r->count, r->row, r->column,
                                  r->values, out);
}

ritz_status ritz_sparse_read(const char *path, ritz_scalar scalar, ritz_sparse **out) {
  *out = NULL;
  RITZ_TRY(ritz_scalar_check(scalar));
  reader r = {.path = path, .scalar = scalar, .file = fopen(path, "r")};
  RITZ_REQUIRE(r.file, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  const ritz_status status = read_matrix(&r, out);
  fclose(r.file);
  ritz_free(r.row);
  ritz_free(r.column);
  ritz_free(r.values);
  return status;
}

/* Writing -------------------------------------------------------------------------------------*/

static void write_entry(FILE *file, const ritz_sparse *a, ritz_index row, ritz_index e) {
  double re, im;
  char text[2][32];
  ritz_sparse_get(a->scalar, a->values, e, &re, &im);
  ritz_real_to_text(re, text[0]);
  ritz_real_to_text(im, text[1]);
  fprintf(file, "%td %ld %s%s%s\n", row + 1, (long)a->column[e] + 1, text[0],
          a->scalar >= RITZ_COMPLEX_FLOAT ? " " : "",
          a->scalar >= RITZ_COMPLEX_FLOAT ? text[1] : "");
}

static ritz_status put_matrix(FILE *file, const void *what) {
  const ritz_sparse *a = what;
  fprintf(file, "%%%%MatrixMarket matrix coordinate %s general\n%td %td %td\n",
          a->scalar >= RITZ_COMPLEX_FLOAT ? "complex" : "real", a->rows, a->columns, a->entries);
  for (ritz_index row = 0; row < a->rows; row++)
    for (ritz_index e = a->start[row]; e < a->start[row + 1]; e++) write_entry(file, a, row, e);
  return RITZ_OK;
}

ritz_status ritz_sparse_write(const ritz_sparse *a, const char *path) {
  return ritz_file_write(path, put_matrix, a);
}
