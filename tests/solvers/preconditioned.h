/* SPDX-License-Identifier: BSD-3-Clause
 * Matrices for the tests of preconditioners, seen in complex double whatever the format. */
#ifndef PRECONDITIONED_H
#define PRECONDITIONED_H

#include <math.h>
#ifdef RITZ_WITH_HYPRE
#include <mpi.h>
#endif
#include <ritz/preconditioner.h>
#include <stdio.h>
#include <string.h>

#include "core/complex.h"
#include "solvers/sparse/sparse.h"
#include "support.h"

enum { side = 13, most = side * side };

static inline double _Complex at(ritz_scalar scalar, const void *array, ritz_index i) {
  double re, im;
  ritz_sparse_get(scalar, array, i, &re, &im);
  return CMPLX(re, im);
}

static inline void fill_vector(ritz_scalar scalar, ritz_index n, uint32_t seed, void *x) {
  double random[2 * most];
  fill_uniform(seed, 2 * n, random);
  for (ritz_index i = 0; i < n; i++) ritz_sparse_put(scalar, x, i, random[i], random[n + i]);
}

/* The five-point matrix of a smooth coefficient on n0 x n1 unknowns; in complex formats turned by
 * phases that keep it Hermitian; with `skew` a part that makes it unsymmetric. */
static inline ritz_sparse *diffusion(ritz_scalar scalar, ritz_index n0, ritz_index n1,
                                     double skew) {
  static double k[(side + 2) * (side + 2)];
  static uint8_t kind[(side + 2) * (side + 2)];
  for (ritz_index i = 0; i < n0 + 2; i++)
    for (ritz_index j = 0; j < n1 + 2; j++) {
      const bool edge = i == 0 || i == n0 + 1 || j == 0 || j == n1 + 1;
      kind[i * (n1 + 2) + j] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
      k[i * (n1 + 2) + j] = 1.5 + sin(0.3 * (double)i) * cos(0.5 * (double)j);
    }
  const ritz_elements problem = {.grid = {.dim = 2,
                                          .nodes = {n0 + 2, n1 + 2},
                                          .length = {(double)(n0 + 1), (double)(n1 + 1)},
                                          .kind = kind},
                                 .a = k};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_elements(scalar, &problem, NULL, &a));
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) {
      const ritz_index j = a->column[e];
      const double _Complex turned = at(scalar, a->values, e) *
                                     (1 + skew * (double)((j > i) - (j < i))) *
                                     cexp(CMPLX(0, 0.1 * sin((double)i) - 0.1 * sin((double)j)));
      ritz_sparse_put(scalar, a->values, e, creal(turned),
                      scalar >= RITZ_COMPLEX_FLOAT ? cimag(turned) : 0);
    }
  return a;
}

static inline double epsilon_of(ritz_scalar scalar) { return scalar % 2 ? 1e-15 : 5e-7; }

static inline ritz_preconditioner *make(const char *type, const char *options,
                                        const ritz_sparse *a) {
  ritz_preconditioner *p;
  assert_ok(ritz_preconditioner_create(type, options, a, &p));
  return p;
}

/* Options that a type needs for a grid. */
static inline const char *options_of(const char *type, ritz_index n0, ritz_index n1,
                                     char text[64]) {
  if (strcmp(type, "poisson") != 0 && strcmp(type, "pfmg") != 0) return NULL;
  snprintf(text, 64, "{unknowns: [%td, %td]}", n0, n1);
  return text;
}

/* hypre works in real double only. */
static inline bool has_format(const char *type, ritz_scalar scalar) {
  return scalar == RITZ_REAL_DOUBLE ||
         (strcmp(type, "boomeramg") != 0 && strcmp(type, "pfmg") != 0);
}

/* hypre wants MPI, here with one of its levels of threads. */
#ifdef RITZ_WITH_HYPRE
#define RUN_PRECONDITIONER_TESTS_OVER(level, tests) \
  (MPI_Init_thread(NULL, NULL, level, &(int){0}), cmocka_run_group_tests(tests, NULL, end_of_mpi))
static inline int end_of_mpi(void **state) { return MPI_Finalize(); }
#else
#define RUN_PRECONDITIONER_TESTS_OVER(level, tests) cmocka_run_group_tests(tests, NULL, NULL)
#endif
#define RUN_PRECONDITIONER_TESTS(tests) RUN_PRECONDITIONER_TESTS_OVER(MPI_THREAD_FUNNELED, tests)

#endif
