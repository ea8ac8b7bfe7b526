/* SPDX-License-Identifier: BSD-3-Clause
 * Small products of all widths against the sum that defines them. */
#include "kernels/gemm.h"

#include "support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_m = 30, most_n = 43, most_k = 25, most_terms = 3, gap = 2 };

typedef struct product {
  ritz_dtype dtype;
  bool transpose, accumulate;
  ritz_index m, n, k;
  int terms;
} product;

static ritz_index a_stride(const product *p) { return (p->transpose ? p->m : p->k) + gap; }
static ritz_index a_count(const product *p) {
  return (p->transpose ? p->k : p->m) * a_stride(p) + gap;
}
static ritz_index b_count(const product *p) { return p->k * (p->n + gap) + gap; }

static double entry(const product *p, const void *a, const void *b, const void *c, ritz_index i,
                    ritz_index j) {
  const ritz_index lda = a_stride(p), ld = p->n + gap;
  double sum = p->accumulate ? ritz_number_get(p->dtype, c, i * ld + j) : 0;
  for (int t = 0; t < p->terms; t++)
    for (ritz_index l = 0; l < p->k; l++)
      sum += ritz_number_get(p->dtype, a,
                             t * a_count(p) + (p->transpose ? l * lda + i : i * lda + l)) *
             ritz_number_get(p->dtype, b, t * b_count(p) + l * ld + j);
  return sum;
}

static void run(const product *p, const void *a, const void *b, void *c) {
  const ritz_index ld = p->n + gap;
  const size_t size = ritz_dtype_size(p->dtype);
  unsigned long long at_a[most_terms], at_b[most_terms];
  for (int t = 0; t < p->terms; t++) {
    at_a[t] = (size_t)(t * a_count(p)) * size;
    at_b[t] = (size_t)(t * b_count(p)) * size;
  }
  if (p->terms == 1) {
    const ritz_gemm one = ritz_gemm_plan(p->dtype, p->transpose, p->accumulate, p->m, p->n, p->k,
                                         a_stride(p), ld, ld);
    ritz_gemm_run(&one, a, b, c);
  } else {
    const ritz_gemm_batch sum =
        ritz_gemm_batch_plan(p->dtype, p->accumulate, p->m, p->n, p->k, a_stride(p), ld, ld);
    ritz_gemm_batch_run(&sum, p->terms, a, at_a, b, at_b, c);
  }
}

/* Also: nothing is written between the rows of C. */
static void check(const product *p) {
  const ritz_index ld = p->n + gap, count = p->m * ld;
  const size_t bytes = (size_t)count * ritz_dtype_size(p->dtype);
  void *a = random_numbers(p->dtype, 1, most_terms * a_count(p));
  void *b = random_numbers(p->dtype, 2, most_terms * b_count(p));
  void *c = random_numbers(p->dtype, 3, count), *before = malloc(bytes);
  memcpy(before, c, bytes);
  run(p, a, b, c);
  const double eps = p->dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
  for (ritz_index i = 0; i < p->m; i++)
    for (ritz_index j = 0; j < ld; j++) {
      const double have = ritz_number_get(p->dtype, c, i * ld + j);
      if (j >= p->n)
        assert_true(have == ritz_number_get(p->dtype, before, i * ld + j));
      else /* a rounding of every term at the most */
        assert_near(have, entry(p, a, b, before, i, j), eps * (double)(p->terms * p->k + 1));
    }
  free(a), free(b), free(c), free(before);
}

static void products_of_all_widths(void **state) {
  static const ritz_index m[] = {1, 4, 11, 13, most_m}, k[] = {1, 8, most_k};
  for (ritz_index n = 1; n <= most_n; n++)
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
      for (size_t l = 0; l < sizeof k / sizeof *k; l++)
        for (int way = 0; way < 8; way++) {
          const product p = {.dtype = way & 1 ? RITZ_FLOAT64 : RITZ_FLOAT32,
                             .transpose = way & 2,
                             .accumulate = way & 4,
                             .m = m[i],
                             .n = n,
                             .k = k[l],
                             .terms = 1};
          check(&p);
        }
}

static void sums_of_products(void **state) {
  for (ritz_index n = 15; n <= most_n; n++)
    for (int way = 0; way < 4; way++)
      for (int terms = 0; terms <= most_terms; terms++) {
        const product p = {.dtype = way & 1 ? RITZ_FLOAT64 : RITZ_FLOAT32,
                           .accumulate = way & 2,
                           .m = most_m,
                           .n = n,
                           .k = most_k,
                           .terms = terms};
        check(&p);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_of_all_widths),
      cmocka_unit_test(sums_of_products),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
