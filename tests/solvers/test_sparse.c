/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices: making, products, files. */
#include <math.h>
#include <ritz/sparse.h>
#include <string.h>

#include "core/complex.h"
#include "core/memory.h"
#include "files.h"
#include "solvers/sparse/sparse.h"
#include "support.h"

static double _Complex value_at(ritz_scalar scalar, const void *array, ritz_index i) {
  double re, im;
  ritz_sparse_get(scalar, array, i, &re, &im);
  return CMPLX(re, im);
}

/* A matrix with a hash for its entries, rows of very different length, some of them empty. */
static ritz_sparse *sample(ritz_scalar scalar, ritz_index rows, ritz_index columns) {
  enum { most = 4000 };
  static ritz_index row[most], column[most];
  double _Complex values[most];
  double random[3 * most];
  fill_uniform(8, 3 * most, random);
  ritz_index count = 0;
  for (ritz_index i = 0; i < rows; i++)
    for (ritz_index j = 0; j < columns && count < most; j++)
      if (fabs(random[(i * 31 + j * 17) % most]) < 0.2 && i % 5 != 3) {
        row[count] = i, column[count] = j;
        ritz_sparse_put(scalar, values, count, random[most + count], random[2 * most + count]);
        count++;
      }
  for (ritz_index e = 0; e < count / 2; e++) { /* in no order */
    const ritz_index other = count - 1 - e, r = row[e], c = column[e];
    const size_t size = ritz_scalar_size(scalar);
    double _Complex kept;
    row[e] = row[other], column[e] = column[other], row[other] = r, column[other] = c;
    memcpy(&kept, (char *)values + (size_t)e * size, size);
    memcpy((char *)values + (size_t)e * size, (char *)values + (size_t)other * size, size);
    memcpy((char *)values + (size_t)other * size, &kept, size);
  }
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_entries(scalar, rows, columns, count, row, column, values, &a));
  assert_int_equal(ritz_sparse_describe(a).entries, count);
  return a;
}

static void products_agree_with_a_dense_sum(void **state) {
  static const ritz_index sizes[][2] = {{1, 1}, {7, 3}, {3, 11}, {53, 53}, {101, 47}};
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (int turned = 0; turned < 2; turned++) {
        const ritz_index rows = sizes[s][0], columns = sizes[s][1];
        const ritz_index from = turned ? rows : columns, to = turned ? columns : rows;
        ritz_sparse *a = sample(scalar, rows, columns);
        double random[202];
        double _Complex x[101], y[101], wanted[101] = {0};
        fill_uniform(9, 202, random);
        for (ritz_index i = 0; i < from; i++)
          ritz_sparse_put(scalar, x, i, random[i], random[101 + i]);
        const ritz_sparse_parts parts = ritz_sparse_describe(a);
        for (ritz_index i = 0; i < rows; i++)
          for (ritz_index e = parts.start[i]; e < parts.start[i + 1]; e++) {
            const ritz_index j = parts.column[e];
            const double _Complex v = value_at(scalar, parts.values, e);
            if (turned)
              wanted[j] += v * value_at(scalar, x, i);
            else
              wanted[i] += v * value_at(scalar, x, j);
          }
        if (turned) {
          assert_int_equal(ritz_sparse_apply_transposed(a, x, y), 1);
          assert_ok(ritz_sparse_plan_transposed(a));
          assert_int_equal(ritz_sparse_apply_transposed(a, x, y), 0);
        } else {
          assert_int_equal(ritz_sparse_apply(a, x, y), 0);
        }
        for (ritz_index i = 0; i < to; i++)
          assert_true(cabs(value_at(scalar, y, i) - wanted[i]) < (scalar % 2 ? 1e-14 : 1e-5));
        ritz_sparse_destroy(&a);
        assert_null(a);
      }
}

static void entries_of_one_place_add_up(void **state) {
  const ritz_index row[] = {1, 0, 1, 1}, column[] = {2, 1, 0, 2};
  const double values[] = {1, 2, 3, 4};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 3, 4, row, column, values, &a));
  const ritz_sparse_parts p = ritz_sparse_describe(a);
  const double *v = p.values;
  assert_int_equal(p.entries, 3);
  assert_int_equal(p.column[1], 0);
  assert_near(v[2], 5, 0);
  assert_int_equal(ritz_sparse_find(a, 0, 0), -1);
  assert_int_equal(ritz_sparse_find(a, 1, 2), 2);
  ritz_sparse_destroy(&a);
}

static void bad_patterns_are_named(void **state) {
  ritz_sparse *a;
  const ritz_index start[] = {0, 2}, twice[] = {1, 1}, beyond[] = {0, 2}, falling[] = {0, 2, 1};
#define REFUSED(call, text)                    \
  assert_int_equal((call), RITZ_ERR_ARGUMENT); \
  assert_message_contains(text);               \
  assert_null(a)
  REFUSED(ritz_sparse_create(RITZ_REAL_DOUBLE, 1, 2, start, twice, NULL, &a), "twice in row 0");
  REFUSED(ritz_sparse_create(RITZ_REAL_DOUBLE, 1, 2, start, beyond, NULL, &a), "(0, 2)");
  REFUSED(ritz_sparse_create(RITZ_REAL_DOUBLE, 2, 2, falling, twice, NULL, &a), "row 1");
  REFUSED(ritz_sparse_create(RITZ_REAL_DOUBLE, -1, 2, start, twice, NULL, &a), "-1 rows");
  REFUSED(ritz_sparse_create((ritz_scalar)9, 1, 2, start, twice, NULL, &a), "scalar");
#undef REFUSED
}

static void threads_change_no_bit(void **state) {
  enum { n = 130 };
  static double k[(n + 2) * (n + 2)], x[n * n], y[2][n * n];
  static uint8_t kind[(n + 2) * (n + 2)];
  for (int i = 0; i < (n + 2) * (n + 2); i++) {
    const int r = i / (n + 2), c = i % (n + 2);
    const bool edge = r == 0 || r == n + 1 || c == 0 || c == n + 1;
    k[i] = 2 + sin(i), kind[i] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
  }
  const ritz_elements problem = {
      .grid = {.dim = 2, .nodes = {n + 2, n + 2}, .length = {1, 1}, .kind = kind}, .a = k};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a));
  fill_uniform(3, n * n, x);
  for (int t = 0; t < 2; t++) {
    ritz_sparse_set_threads(a, t + 1);
    ritz_sparse_apply(a, x, y[t]);
  }
  assert_memory_equal(y[0], y[1], sizeof y[0]);
  ritz_sparse_destroy(&a);
}

/* -- Files ------------------------------------------------------------------------------------ */

static void files_read_back_to_the_same_bits(void **state) {
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
    ritz_sparse *a = sample(scalar, 23, 31), *b;
    assert_ok(ritz_sparse_write(a, in_folder("sparse.mtx")));
    assert_ok(ritz_sparse_read(in_folder("sparse.mtx"), scalar, &b));
    assert_int_equal(a->entries, b->entries);
    assert_memory_equal(a->start, b->start, 24 * sizeof *a->start);
    assert_memory_equal(a->column, b->column, (size_t)a->entries * sizeof *a->column);
    assert_memory_equal(a->values, b->values, (size_t)a->entries * ritz_scalar_size(scalar));
    ritz_sparse_destroy(&a);
    ritz_sparse_destroy(&b);
  }
}

static ritz_status read_text(const char *text, ritz_scalar scalar, ritz_sparse **out) {
  file_write_text(in_folder("text.mtx"), text);
  return ritz_sparse_read(in_folder("text.mtx"), scalar, out);
}

static void halves_become_whole(void **state) {
  ritz_sparse *a;
  assert_ok(
      read_text("%%MatrixMarket matrix coordinate complex Hermitian\n% a remark\n\n"
                "2 2 2\n1 1 3 0\n2 1 1 -2\n",
                RITZ_COMPLEX_DOUBLE, &a));
  const double _Complex *v = a->values;
  assert_int_equal(a->entries, 3);
  assert_true(v[0] == 3 && v[1] == CMPLX(1, 2) && v[2] == CMPLX(1, -2));
  ritz_sparse_destroy(&a);
  assert_ok(read_text("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 1\n2 1\n",
                      RITZ_REAL_FLOAT, &a));
  assert_int_equal(a->entries, 2);
  assert_true(((float *)a->values)[1] == 1);
  ritz_sparse_destroy(&a);
  assert_ok(read_text("%%MatrixMarket matrix coordinate integer skew-symmetric\n2 2 1\n2 1 4\n",
                      RITZ_REAL_DOUBLE, &a));
  assert_true(((double *)a->values)[0] == -4);
  ritz_sparse_destroy(&a);
}

static void bad_files_say_where(void **state) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "text.mtx:0: not a Matrix Market file"},
      {"1 1 1\n", "text.mtx:1: not a Matrix Market file"},
      {"%%MatrixMarket matrix array real general\n", "text.mtx:1: holds 'matrix array'"},
      {"%%MatrixMarket matrix coordinate rael general\n", ":1: numbers are 'rael'"},
      {"%%MatrixMarket matrix coordinate real half\n", ":1: symmetry is 'half'"},
      {"%%MatrixMarket matrix coordinate complex general\n", ":1: numbers are complex"},
      {"%%MatrixMarket matrix coordinate real general\n% x\n", ":2: ends before"},
      {"%%MatrixMarket matrix coordinate real general\n2 2\n", ":2: wanted 'rows"},
      {"%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", ":2: matrix is [2, 3]"},
      {"%%MatrixMarket matrix coordinate real symmetric\n2 2 9223372036854775807\n",
       ":2: 9223372036854775807 entries"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n", ":3: row is '3'"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 0 1\n", ":3: column is '0'"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 one\n", ":3: 'one'"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1\n", ":3: 2 words"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n", ":3: ends after 1 of 2"},
      {"%%MatrixMarket matrix coordinate real general\n2 2 0\n1 1 1\n", ":3: more lines"},
      {"%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", ":3: (1, 2) is above"},
  };
  ritz_sparse *a;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(read_text(cases[i].text, RITZ_REAL_DOUBLE, &a), RITZ_ERR_FORMAT);
    assert_message_contains(cases[i].message);
    assert_null(a);
  }
  assert_int_equal(ritz_sparse_read("nowhere.mtx", RITZ_REAL_DOUBLE, &a), RITZ_ERR_IO);
  assert_message_contains("nowhere.mtx");
}

/* Rows that are alike are multiplied together, from wherever a thread begins: the same bits. */
static void runs_of_rows_change_no_bit(void **state) {
  enum { most = 40 * 240 };
  static const struct {
    int dim, points;
    ritz_index n[3];
    bool found;
  } grids[] = {{2, 5, {40, 240}, true},  {2, 9, {30, 31}, true},    {3, 7, {9, 8, 12}, false},
               {3, 7, {9, 8, 40}, true}, {3, 27, {5, 8, 40}, true}, {2, 5, {40, 3}, false}};
  static double _Complex values[5 * most], x[most], y[3][most];
  static double random[10 * most];
  fill_uniform(21, 10 * most, random);
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (size_t g = 0; g < sizeof grids / sizeof *grids; g++) {
      ritz_sparse_grid grid = {.dim = grids[g].dim};
      ritz_index points = grids[g].points;
      for (int d = 0; d < grid.dim; d++)
        points *= grid.nodes[d] = grids[g].n[d], grid.length[d] = 1;
      for (ritz_index i = 0; i < points; i++)
        ritz_sparse_put(scalar, values, i, random[i], random[10 * most - 1 - i]);
      ritz_sparse *a;
      assert_ok(ritz_sparse_from_stencil(scalar, &grid, grids[g].points, NULL, values, &a));
      assert_int_equal(a->run != NULL, grids[g].found);
      for (ritz_index i = 0; i < a->columns; i++)
        ritz_sparse_put(scalar, x, i, random[i], random[most + i]);
      for (int t = 0; t < 2; t++) {
        ritz_sparse_set_threads(a, t + 1);
        ritz_sparse_apply(a, x, y[t]);
      }
      ritz_free(a->run);
      a->run = NULL;
      ritz_sparse_apply(a, x, y[2]);
      const size_t bytes = (size_t)a->rows * ritz_scalar_size(scalar);
      assert_memory_equal(y[0], y[2], bytes);
      assert_memory_equal(y[1], y[2], bytes);
      ritz_sparse_destroy(&a);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_agree_with_a_dense_sum),
      cmocka_unit_test(entries_of_one_place_add_up),
      cmocka_unit_test(bad_patterns_are_named),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(files_read_back_to_the_same_bits),
      cmocka_unit_test(halves_become_whole),
      cmocka_unit_test(bad_files_say_where),
      cmocka_unit_test(runs_of_rows_change_no_bit),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
