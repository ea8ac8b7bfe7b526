/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices: making, products, elements, files. */
#include <math.h>
#include <ritz/sparse.h>
#include <stdio.h>
#include <string.h>

#include "core/complex.h"
#include "core/memory.h"
#include "five_point.h"
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
  const ritz_elements problem = {.grid = {2, {n + 2, n + 2}, {1, 1}, NULL, kind}, .a = k};
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

/* -- Stencils and elements ------------------------------------------------------------------- */

static void stencils_know_their_neighbours(void **state) {
  static const struct {
    int dim, points;
    ritz_index n[3];
  } cases[] = {{1, 3, {5}}, {2, 5, {4, 3}}, {2, 9, {3, 5}}, {3, 7, {3, 4, 3}}, {3, 27, {4, 3, 5}}};
  for (size_t s = 0; s < sizeof cases / sizeof *cases; s++)
    for (int wrap = 0; wrap < 2; wrap++) {
      const int dim = cases[s].dim, points = cases[s].points;
      ritz_sparse_grid grid = {.dim = dim, .length = {1, 1, 1}};
      ritz_index nodes = 1;
      for (int d = 0; d < dim; d++) nodes *= grid.nodes[d] = cases[s].n[d];
      const bool periodic[] = {wrap, wrap, wrap};
      double c[60 * 27], x[60], y[60];
      fill_uniform(2, nodes * points, c);
      fill_uniform(3, nodes, x);
      ritz_sparse *a;
      assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, points, periodic, c, &a));
      ritz_sparse_apply(a, x, y);
      for (ritz_index node = 0; node < nodes; node++) {
        ritz_index at[3], rest = node;
        for (int d = dim - 1; d >= 0; d--) at[d] = rest % grid.nodes[d], rest /= grid.nodes[d];
        double sum = 0;
        int p = 0;
        const int all = dim == 1 ? 3 : dim == 2 ? 9 : 27;
        for (int o = 0; o < all; o++) {
          int offset[3], q = o, away = 0;
          for (int d = dim - 1; d >= 0; d--) offset[d] = q % 3 - 1, q /= 3, away += offset[d] != 0;
          if (points == 2 * dim + 1 && away > 1) continue;
          ritz_index other = 0;
          bool inside = true;
          for (int d = 0; d < dim; d++) {
            ritz_index i = at[d] + offset[d];
            if (i < 0 || i >= grid.nodes[d]) inside = inside && wrap;
            i = (i + grid.nodes[d]) % grid.nodes[d];
            other = other * grid.nodes[d] + i;
          }
          if (inside) sum += c[node * points + p] * x[other];
          p++;
        }
        assert_near(y[node], sum, 1e-13);
      }
      ritz_sparse_destroy(&a);
    }
  ritz_sparse *a;
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {3, 3}, .length = {1, 1}};
  assert_int_equal(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 7, NULL, NULL, &a),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("7 points in 2 axes");
}

static void stars_are_the_five_point_scheme(void **state) {
  enum { n = 11 };
  five_point f = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  five_point_fill(&f, 3);
  uint8_t kind[(n + 2) * (n + 2)];
  for (int i = 0; i < n + 2; i++)
    for (int j = 0; j < n + 2; j++)
      kind[i * (n + 2) + j] = i % (n + 1) == 0 || j % (n + 1) == 0 ? 2 : 1;
  const ritz_elements problem = {.grid = {2, {n + 2, n + 2}, {1, 1}, NULL, kind}, .a = f.k};
  double x[n * n], y[n * n], z[n * n];
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a));
  fill_uniform(1, n * n, x);
  ritz_sparse_apply(a, x, y);
  five_point_apply(&f, x, z);
  assert_true(relative_error(n * n, y, z) < 1e-14);
  ritz_sparse_destroy(&a);
  free(f.k);
}

/* Two nodes at distance 1/2 with a = 1 and 3: the flux between them is mean(a) / h. */
static void means_are_arithmetic_or_harmonic(void **state) {
  const double a[] = {1, 3};
  ritz_elements problem = {.grid = {1, {2}, {0.5}, NULL, NULL}, .a = a};
  for (int mean = 0; mean < 2; mean++) {
    ritz_sparse *m;
    problem.mean = mean ? RITZ_MEAN_HARMONIC : RITZ_MEAN_ARITHMETIC;
    assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &m));
    assert_near(((const double *)m->values)[1], mean ? -3 : -4, 1e-15);
    ritz_sparse_destroy(&m);
  }
  ritz_sparse *m;
  problem.element = RITZ_ELEMENT_P1; /* elements interpolate the coefficient */
  assert_int_equal(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &m),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("harmonic");
}

/* A smooth map of the cube without symmetry. */
static void map(int dim, const double t[3], double x[3]) {
  for (int d = 0; d < dim; d++)
    x[d] = t[d] + 0.08 * sin(3 * t[0] + d) * cos(2 * t[dim - 1] - d) + 0.1 * d * t[0];
}

/* Dirichlet values of a linear function on the boundary: elements find it exactly on any mesh, the
 * star on boxes. The residual of the exact values is then zero. */
static void linear_functions_are_exact(void **state) {
  for (ritz_element element = RITZ_ELEMENT_STAR; element <= RITZ_ELEMENT_Q1; element++)
    for (int dim = 1; dim <= 3; dim++)
      for (int mapped = 0; mapped < (element == RITZ_ELEMENT_STAR ? 1 : 2); mapped++) {
        enum { n = 6 };
        static double points[n * n * n][3], g[n * n * n], rhs[n * n * n], x[n * n * n],
            y[n * n * n];
        static uint8_t kind[n * n * n];
        double flat[3 * n * n * n];
        ritz_sparse_grid grid = {.dim = dim, .kind = kind};
        ritz_index nodes = 1, unknowns = 0;
        for (int d = 0; d < dim; d++) nodes *= grid.nodes[d] = n, grid.length[d] = 1;
        for (ritz_index p = 0; p < nodes; p++) {
          double t[3] = {0};
          ritz_index rest = p;
          kind[p] = RITZ_GRID_UNKNOWN;
          for (int d = dim - 1; d >= 0; d--, rest /= n) {
            t[d] = (double)(rest % n) / (n - 1);
            if (rest % n == 0 || rest % n == n - 1) kind[p] = RITZ_GRID_PRESCRIBED;
          }
          memcpy(points[p], t, sizeof t);
          if (mapped) map(dim, t, points[p]);
          g[p] = 1;
          for (int d = 0; d < dim; d++) {
            g[p] += (d + 0.5) * points[p][d];
            flat[p * dim + d] = points[p][d];
          }
          if (kind[p] == RITZ_GRID_UNKNOWN) x[unknowns++] = g[p];
        }
        if (mapped) grid.points = flat;
        const ritz_elements problem = {.grid = grid, .element = element, .g = g};
        ritz_sparse *a;
        assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, rhs, &a));
        assert_int_equal(ritz_sparse_describe(a).rows, unknowns);
        ritz_sparse_apply(a, x, y);
        for (ritz_index i = 0; i < unknowns; i++) assert_near(y[i], rhs[i], 2e-13);
        ritz_sparse_destroy(&a);
      }
}

/* Row sums of the mass matrix and the load of f = 1 are the volume; K is symmetric with the
 * constants in its kernel, cut-out nodes or not. */
static void volumes_and_constants_are_right(void **state) {
  enum { n = 7 };
  for (ritz_element element = RITZ_ELEMENT_STAR; element <= RITZ_ELEMENT_Q1; element++)
    for (int cut = 0; cut < 2; cut++) {
      uint8_t kind[n * n];
      double ones[n * n], a[n * n], x[n * n], y[n * n], rhs[n * n];
      for (int i = 0; i < n * n; i++) {
        ones[i] = 1, a[i] = 2 + sin(i);
        kind[i] = cut && i / n > 3 && i % n > 3 ? RITZ_GRID_OUTSIDE : RITZ_GRID_UNKNOWN;
      }
      ritz_elements problem = {
          .grid = {2, {n, n}, {2, 3}, NULL, kind}, .element = element, .a = a, .f = ones};
      ritz_sparse *m;
      assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, rhs, &m));
      const ritz_index rows = ritz_sparse_describe(m).rows;
      ritz_sparse_apply(m, ones, y);
      double volume = 0, xy = 0, yx = 0, z[n * n];
      for (ritz_index i = 0; i < rows; i++) {
        assert_near(y[i], 0, 1e-13);
        volume += rhs[i];
      }
      assert_near(volume, cut ? 6 - 6.0 * 9 / 36 : 6, 1e-13);
      fill_uniform(4, rows, x);
      ritz_sparse_apply(m, x, y);
      fill_uniform(5, rows, rhs);
      ritz_sparse_apply(m, rhs, z);
      for (ritz_index i = 0; i < rows; i++) xy += rhs[i] * y[i], yx += z[i] * x[i];
      assert_near(xy, yx, 1e-13);
      problem.c = ones;
      assert_ok(ritz_sparse_elements_update(m, &problem, NULL));
      ritz_sparse_apply(m, ones, y);
      double mass = 0;
      for (ritz_index i = 0; i < rows; i++) mass += y[i];
      assert_near(mass, volume, 1e-13);
      problem.element = (ritz_element)((element + 1) % 3);
      assert_int_equal(ritz_sparse_elements_update(m, &problem, NULL), RITZ_ERR_SHAPE);
      ritz_sparse_destroy(&m);
    }
}

static void bad_grids_are_named(void **state) {
  double points[] = {0, 0, 0, 1, 1, 0, -1, -1}; /* of [2, 2] nodes, the last corner folded over */
  ritz_sparse *a;
  ritz_elements problem = {.grid = {2, {2, 2}, {1, 1}, points, NULL}, .element = RITZ_ELEMENT_Q1};
#define REFUSED(text)                                                               \
  assert_int_equal(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a), \
                   RITZ_ERR_ARGUMENT);                                              \
  assert_message_contains(text);                                                    \
  assert_null(a)
  REFUSED("inside out");
  problem.element = RITZ_ELEMENT_STAR;
  REFUSED("box grid");
  problem.grid.points = NULL;
  problem.grid.nodes[1] = 1;
  REFUSED("axis 1");
  problem.grid.dim = 4;
  REFUSED("4 axes");
#undef REFUSED
}

/* -- Files ------------------------------------------------------------------------------------ */

static void files_read_back_to_the_same_bits(void **state) {
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
    ritz_sparse *a = sample(scalar, 23, 31), *b;
    assert_ok(ritz_sparse_write(a, "sparse.mtx"));
    assert_ok(ritz_sparse_read("sparse.mtx", scalar, &b));
    assert_int_equal(a->entries, b->entries);
    assert_memory_equal(a->start, b->start, 24 * sizeof *a->start);
    assert_memory_equal(a->column, b->column, (size_t)a->entries * sizeof *a->column);
    assert_memory_equal(a->values, b->values, (size_t)a->entries * ritz_scalar_size(scalar));
    ritz_sparse_destroy(&a);
    ritz_sparse_destroy(&b);
  }
  remove("sparse.mtx");
}

static ritz_status read_text(const char *text, ritz_scalar scalar, ritz_sparse **out) {
  FILE *file = fopen("text.mtx", "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  const ritz_status status = ritz_sparse_read("text.mtx", scalar, out);
  remove("text.mtx");
  return status;
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

static void survives_every_failed_allocation(void **state) {
  const ritz_elements problem = {.grid = {2, {4, 4}, {1, 1}, NULL, NULL}};
  for (long fail = 0;; fail++) {
    ritz_sparse *a;
    ritz_test_fail_allocation(fail);
    ritz_status status = ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a);
    if (status == RITZ_OK) status = ritz_sparse_plan_transposed(a);
    ritz_test_fail_allocation(-1);
    ritz_sparse_destroy(&a);
    if (status == RITZ_OK) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_agree_with_a_dense_sum),
      cmocka_unit_test(entries_of_one_place_add_up),
      cmocka_unit_test(bad_patterns_are_named),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(stencils_know_their_neighbours),
      cmocka_unit_test(stars_are_the_five_point_scheme),
      cmocka_unit_test(means_are_arithmetic_or_harmonic),
      cmocka_unit_test(linear_functions_are_exact),
      cmocka_unit_test(volumes_and_constants_are_right),
      cmocka_unit_test(bad_grids_are_named),
      cmocka_unit_test(files_read_back_to_the_same_bits),
      cmocka_unit_test(halves_become_whole),
      cmocka_unit_test(bad_files_say_where),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
