/* SPDX-License-Identifier: BSD-3-Clause
 * Operator-dependent transfer and Galerkin operators in three dimensions against dense products. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"
#include "kernels/solver_kernels.h"
#include "solvers/multigrid/cuboid_level.h"
#include "support.h"

static const char *const isas[] = {"avx512", "avx2", "base"};

/* Couplings spread over `contrast`, those within the boundary left at zero. */
static void fill_couplings(ritz_dtype dtype, const ritz_cuboid *box, double contrast) {
  const ritz_index size = ritz_cuboid_size(box);
  double *noise = malloc((size_t)size * sizeof *noise);
  const ritz_index columns = box->row / box->lanes, rows = box->plane / box->row;
  for (int axis = 0; axis < 3; axis++) {
    fill_uniform(51 + (uint32_t)axis, size, noise);
    for (ritz_index k = 0; k < size; k++) {
      const ritz_index point = k / box->lanes;
      const ritz_index at[] = {point / columns / rows, point / columns % rows, point % columns};
      bool inside = at[axis] <= box->n[axis];
      for (int other = 0; other < 3; other++)
        inside = inside && (other == axis || (at[other] >= 1 && at[other] <= box->n[other]));
      if (inside) ritz_number_set(dtype, box->coupling[axis], k, pow(contrast, 0.5 * noise[k]));
    }
  }
  free(noise);
}

static ritz_index place(const ritz_cuboid *box, const ritz_index at[3]) {
  return at[0] * box->plane + at[1] * box->row + at[2] * box->lanes;
}

static ritz_index unknowns(const ritz_cuboid *box) { return box->n[0] * box->n[1] * box->n[2]; }

/* Coordinates of unknown number k. */
static void point_of(const ritz_cuboid *box, ritz_index k, ritz_index at[3]) {
  at[0] = k / (box->n[1] * box->n[2]) + 1;
  at[1] = k / box->n[2] % box->n[1] + 1;
  at[2] = k % box->n[2] + 1;
}

static bool is_unknown(const ritz_cuboid *box, const ritz_index at[3]) {
  for (int axis = 0; axis < 3; axis++)
    if (at[axis] < 1 || at[axis] > box->n[axis]) return false;
  return true;
}

static ritz_index number_of(const ritz_cuboid *box, const ritz_index at[3]) {
  return ((at[0] - 1) * box->n[1] + at[1] - 1) * box->n[2] + at[2] - 1;
}

/* A [unknowns][unknowns] of lane l from the couplings. */
static double *matrix(ritz_dtype dtype, const ritz_cuboid *box, ritz_index l) {
  const ritz_index n = unknowns(box);
  double *a = calloc((size_t)(n * n), sizeof *a);
  const int links = box->coupling[3] ? ritz_cuboid_links : 3;
  for (ritz_index k = 0; k < n; k++)
    for (int m = 0; m < links; m++)
      for (int sign = -1; sign <= 1; sign += 2) {
        ritz_index at[3], to[3];
        int d[3];
        point_of(box, k, at);
        ritz_cuboid_link(m, d);
        for (int axis = 0; axis < 3; axis++) to[axis] = at[axis] + sign * d[axis];
        const ritz_index from = place(box, sign > 0 ? at : to) + l;
        const double coupling = ritz_number_get(dtype, box->coupling[m], from);
        a[k * n + k] += coupling;
        if (is_unknown(box, to)) a[k * n + number_of(box, to)] -= coupling;
      }
  return a;
}

/* P [fine unknowns][coarse unknowns] from the weights; sums [fine unknowns] of them, those of the
 * coarse boundary included. */
static double *interpolation(ritz_dtype dtype, const ritz_cuboid *fine, const ritz_cuboid *coarse,
                             ritz_index l, double *sums) {
  const ritz_index n = unknowns(fine), N = unknowns(coarse);
  double *p = calloc((size_t)(n * N), sizeof *p);
  for (ritz_index k = 0; k < n; k++) {
    ritz_index at[3];
    point_of(fine, k, at);
    sums[k] = 0;
    for (int q = 0; q < ritz_cuboid_offsets; q++) {
      int o[3];
      ritz_index C[3];
      ritz_cuboid_offset(q, o);
      bool whole = true;
      for (int axis = 0; axis < 3; axis++) {
        whole = whole && (at[axis] - o[axis]) % 2 == 0;
        C[axis] = (at[axis] - o[axis]) / 2;
      }
      if (!whole) continue;
      const double weight =
          q == 13 ? 1 : ritz_number_get(dtype, coarse->weight[q], place(coarse, C) + l);
      sums[k] += weight;
      if (is_unknown(coarse, C)) p[k * N + number_of(coarse, C)] = weight;
    }
  }
  return p;
}

/* P^T A P. */
static double *reduced(ritz_index n, ritz_index N, const double *a, const double *p) {
  double *ap = calloc((size_t)(n * N), sizeof *ap), *b = calloc((size_t)(N * N), sizeof *b);
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index k = 0; k < n; k++)
      for (ritz_index j = 0; a[i * n + k] != 0 && j < N; j++)
        ap[i * N + j] += a[i * n + k] * p[k * N + j];
  for (ritz_index k = 0; k < n; k++)
    for (ritz_index i = 0; i < N; i++)
      for (ritz_index j = 0; p[k * N + i] != 0 && j < N; j++)
        b[i * N + j] += p[k * N + i] * ap[k * N + j];
  free(ap);
  return b;
}

/* Restriction and prolongation of noise in lane l against P. */
static void check_transfer(ritz_dtype dtype, const ritz_cuboid_level *fine,
                           const ritz_cuboid_level *coarse, ritz_index l, const double *p) {
  const ritz_solver_kernels *k = ritz_solver_kernels_get(dtype);
  const ritz_index n = unknowns(&fine->box), N = unknowns(&coarse->box);
  void *x, *e;
  double *noise = malloc((size_t)(n + N) * sizeof *noise);
  assert_non_null(x = calloc((size_t)ritz_cuboid_size(&fine->box), ritz_dtype_size(dtype)));
  assert_non_null(e = calloc((size_t)ritz_cuboid_size(&coarse->box), ritz_dtype_size(dtype)));
  fill_uniform(61, n + N, noise);
  const double eps = dtype == RITZ_FLOAT64 ? 1e-14 : 5e-6;
  ritz_index at[3];
  for (ritz_index i = 0; i < n; i++) {
    point_of(&fine->box, i, at);
    ritz_number_set(dtype, x, place(&fine->box, at) + l, noise[i]);
  }
  k->cuboid_restrict(&fine->box, &coarse->box, x, e);
  for (ritz_index j = 0; j < N; j++) {
    double sum = 0;
    for (ritz_index i = 0; i < n; i++) sum += p[i * N + j] * noise[i];
    point_of(&coarse->box, j, at);
    assert_near(ritz_number_get(dtype, e, place(&coarse->box, at) + l), sum, 27 * eps);
    ritz_number_set(dtype, e, place(&coarse->box, at) + l, noise[n + j]);
  }
  k->cuboid_prolong(&fine->box, &coarse->box, e, x);
  for (ritz_index i = 0; i < n; i++) {
    double sum = 0;
    for (ritz_index j = 0; j < N; j++) sum += p[i * N + j] * noise[n + j];
    point_of(&fine->box, i, at);
    assert_near(ritz_number_get(dtype, x, place(&fine->box, at) + l), sum, 8 * eps);
  }
  free(noise);
  free(x);
  free(e);
}

static void check_pair(ritz_dtype dtype, const ritz_cuboid_level *fine,
                       const ritz_cuboid_level *coarse, ritz_index l) {
  const ritz_index n = unknowns(&fine->box), N = unknowns(&coarse->box);
  double *sums = malloc((size_t)n * sizeof *sums);
  double *a = matrix(dtype, &fine->box, l), *b = matrix(dtype, &coarse->box, l);
  double *p = interpolation(dtype, &fine->box, &coarse->box, l, sums);
  double *wanted = reduced(n, N, a, p);
  const double eps = dtype == RITZ_FLOAT64 ? 1e-13 : 2e-5;
  double largest = 0;
  for (ritz_index k = 0; k < n; k++) assert_near(sums[k], 1, eps);
  for (ritz_index i = 0; i < N * N; i++) largest = fmax(largest, fabs(wanted[i]));
  for (ritz_index i = 0; i < N * N; i++)
    if (!(fabs(b[i] - wanted[i]) <= eps * largest))
      fail_msg("[%td, %td, %td], entry (%td, %td): %.17g, wanted %.17g", fine->box.n[0],
               fine->box.n[1], fine->box.n[2], i / N, i % N, b[i], wanted[i]);
  check_transfer(dtype, fine, coarse, l, p);
  double *const arrays[] = {sums, a, b, p, wanted};
  for (int i = 0; i < 5; i++) free(arrays[i]);
}

/* From seven points to 27, and from there on while every axis has two unknowns. */
static void check_levels(ritz_dtype dtype, const ritz_index size[3], ritz_index lanes,
                         double contrast) {
  enum { most = 4 };
  const ritz_solver_kernels *k = ritz_solver_kernels_get(dtype);
  ritz_cuboid_level level[most];
  int levels = 1;
  ritz_index n[] = {size[0], size[1], size[2]};
  assert_ok(ritz_cuboid_level_create(dtype, n, lanes, NULL, true, level));
  fill_couplings(dtype, &level->box, contrast);
  while (levels < most && n[0] > 1 && n[1] > 1 && n[2] > 1) {
    ritz_cuboid_level *fine = &level[levels - 1], *coarse = &level[levels++];
    for (int axis = 0; axis < 3; axis++) n[axis] /= 2;
    assert_ok(ritz_cuboid_level_create(dtype, n, lanes, fine, true, coarse));
    k->cuboid_weights(&fine->box, &coarse->box);
    k->cuboid_galerkin(&fine->box, &coarse->box);
    check_pair(dtype, fine, coarse, 0);
    check_pair(dtype, fine, coarse, lanes - 1);
  }
  for (int i = 0; i < levels; i++) ritz_cuboid_level_clear(&level[i]);
}

static void coarse_operators_are_the_product(void **state) {
  static const ritz_index sizes[] = {2, 3, 4, 5, 7, 9};
  ritz_index n[3];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      for (int k = 0; k < 6; k++) {
        n[0] = sizes[i], n[1] = sizes[j], n[2] = sizes[k];
        if (n[0] * n[1] * n[2] > 250) continue;
        check_levels(RITZ_FLOAT64, n, 1, 1e4);
      }
}

static void in_every_format_and_pack(void **state) {
  static const ritz_index sizes[][3] = {{9, 8, 7}, {4, 9, 5}, {6, 5, 8}, {2, 7, 4}};
  const char *before = getenv("RITZ_ISA");
  for (int isa = 0; isa < 3; isa++) {
    setenv("RITZ_ISA", isas[isa], 1);
    for (int i = 0; i < 4; i++) {
      check_levels(RITZ_FLOAT64, sizes[i], 7, 1e3);
      check_levels(RITZ_FLOAT32, sizes[i], 8, 30);
      check_levels(RITZ_FLOAT32, sizes[i], 31, 30);
    }
  }
  if (before)
    setenv("RITZ_ISA", before, 1);
  else
    unsetenv("RITZ_ISA");
}

/* Of the Laplacian weights are trilinear, right to the boundary. */
static void a_constant_coefficient_has_trilinear_weights(void **state) {
  const ritz_index n[] = {7, 6, 9}, N[] = {3, 3, 4};
  ritz_cuboid_level fine, coarse;
  assert_ok(ritz_cuboid_level_create(RITZ_FLOAT64, n, 1, NULL, true, &fine));
  assert_ok(ritz_cuboid_level_create(RITZ_FLOAT64, N, 1, &fine, true, &coarse));
  fill_couplings(RITZ_FLOAT64, &fine.box, 1);
  ritz_solver_kernels_get(RITZ_FLOAT64)->cuboid_weights(&fine.box, &coarse.box);
  for (ritz_index k = 0; k < unknowns(&coarse.box); k++)
    for (int q = 0; q < ritz_cuboid_offsets; q++) {
      ritz_index at[3];
      int o[3];
      point_of(&coarse.box, k, at);
      ritz_cuboid_offset(q, o);
      if (q == 13 || 2 * at[1] + o[1] > n[1]) continue;
      const double weight = ((double *)coarse.box.weight[q])[place(&coarse.box, at)];
      assert_near(weight, pow(0.5, abs(o[0]) + abs(o[1]) + abs(o[2])), 1e-15);
    }
  ritz_cuboid_level_clear(&fine);
  ritz_cuboid_level_clear(&coarse);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coarse_operators_are_the_product),
      cmocka_unit_test(in_every_format_and_pack),
      cmocka_unit_test(a_constant_coefficient_has_trilinear_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
