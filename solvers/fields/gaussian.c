/* SPDX-License-Identifier: BSD-3-Clause
 * Cosine series by matrix products, with parity: cos(pi i x) is even about x = 1/2 for even i and
 * odd for odd i, so the near half of the nodes gives the even and the odd part of the field, and
 * these the far half, at half the flops.
 *
 * p, q parity of a mode along axis 0 and 1; block (p, q) of the coefficients is [modes0(p),
 * modes1(q)], of the field [nodes0(p), nodes1(q)]. */
#include "solvers/fields/gaussian.h"

#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"
#include "kernels/solver_kernels.h"
#include "solvers/fields/cosine.h"

static const double pi = 3.14159265358979323846;

struct ritz_gaussian {
  const ritz_kernels *kernels;
  ritz_gaussian_options options;
  ritz_index mode_ld, mode_block;   /* row length and size of a block of coefficients */
  ritz_index field_ld, field_block; /* and of the field */
  double *amplitude;                /* [2][2] blocks of standard deviations; padding zero */
  double *cos0[2];                  /* by parity: [node, mode], rows of cos0_ld */
  double *cos1[2];                  /* by parity: [mode, node], rows of field_ld */
  ritz_index cos0_ld;
  ritz_gemm right[2][2], left[2]; /* coefficients times cos1, cos0 times the result */
};

static ritz_index half(ritz_index n, int parity) { return (n + 1 - parity) / 2; }

static ritz_index padded(ritz_index n) { return ritz_padded(n, sizeof(double)); }

static ritz_status fill_cosines(ritz_gaussian *g, int parity) {
  const ritz_gaussian_options *o = &g->options;
  const ritz_index nodes0 = half(o->nodes[0], parity), modes0 = half(o->modes[0], parity);
  const ritz_index nodes1 = half(o->nodes[1], parity), modes1 = half(o->modes[1], parity);
  RITZ_TRY(RITZ_NEW(nodes0 * g->cos0_ld, &g->cos0[parity]));
  RITZ_TRY(RITZ_NEW(modes1 * g->field_ld, &g->cos1[parity]));
  for (ritz_index i = 0; i < nodes0; i++)
    for (ritz_index m = 0; m < modes0; m++)
      g->cos0[parity][i * g->cos0_ld + m] = ritz_cosine(o->nodes[0], 2 * m + parity, i);
  for (ritz_index m = 0; m < modes1; m++)
    for (ritz_index i = 0; i < nodes1; i++)
      g->cos1[parity][m * g->field_ld + i] = ritz_cosine(o->nodes[1], 2 * m + parity, i);
  return RITZ_OK;
}

/* Where the coefficient of mode (i, j) stands. */
static ritz_index place(const ritz_gaussian *g, ritz_index i, ritz_index j) {
  return (2 * (i % 2) + j % 2) * g->mode_block + i / 2 * g->mode_ld + j / 2;
}

static ritz_status fill_amplitudes(ritz_gaussian *g) {
  const ritz_gaussian_options *o = &g->options;
  const double factor = pow(o->tau, o->alpha - 1);
  RITZ_TRY(RITZ_NEW(4 * g->mode_block, &g->amplitude));
  for (ritz_index i = 0; i < o->modes[0]; i++)
    for (ritz_index j = 0; j < o->modes[1]; j++) {
      const double square = (double)i * (double)i + (double)j * (double)j;
      g->amplitude[place(g, i, j)] =
          factor * pow(pi * pi * square + o->tau * o->tau, -0.5 * o->alpha);
    }
  g->amplitude[place(g, 0, 0)] = 0;
  return RITZ_OK;
}

static void plan_products(ritz_gaussian *g) {
  const ritz_gaussian_options *o = &g->options;
  for (int p = 0; p < 2; p++) {
    const ritz_index modes = half(o->modes[0], p);
    g->left[p] = ritz_gemm_plan(RITZ_FLOAT64, false, false, half(o->nodes[0], p), g->field_ld,
                                modes, g->cos0_ld, g->field_ld, g->field_ld);
    for (int q = 0; q < 2; q++)
      g->right[p][q] = ritz_gemm_plan(RITZ_FLOAT64, false, false, modes, g->field_ld,
                                      half(o->modes[1], q), g->mode_ld, g->field_ld, g->field_ld);
  }
}

static ritz_status check(const ritz_gaussian_options *o) {
  for (int axis = 0; axis < 2; axis++) {
    RITZ_REQUIRE(o->nodes[axis] >= 2 && o->nodes[axis] <= 1 << 20, RITZ_ERR_ARGUMENT,
                 "nodes along axis %d are %td, wanted 2 ... 2^20", axis, o->nodes[axis]);
    RITZ_REQUIRE(o->modes[axis] >= 1 && o->modes[axis] <= 1 << 20, RITZ_ERR_ARGUMENT,
                 "modes along axis %d are %td, wanted 1 ... 2^20", axis, o->modes[axis]);
  }
  RITZ_REQUIRE(o->alpha >= 0 && isfinite(o->alpha), RITZ_ERR_ARGUMENT,
               "alpha is %g, wanted at least 0", o->alpha);
  RITZ_REQUIRE(o->tau > 0 && isfinite(o->tau), RITZ_ERR_ARGUMENT,
               "tau is %g, wanted a positive number", o->tau);
  return RITZ_OK;
}

ritz_status ritz_gaussian_create(const ritz_gaussian_options *options, ritz_gaussian **out) {
  *out = NULL;
  RITZ_TRY(check(options));
  ritz_status status;
  ritz_gaussian *g;
  RITZ_TRY(RITZ_NEW(1, &g));
  g->kernels = ritz_kernels_get(RITZ_FLOAT64);
  g->options = *options;
  g->mode_ld = padded(half(options->modes[1], 0));
  g->mode_block = half(options->modes[0], 0) * g->mode_ld;
  g->field_ld = padded(half(options->nodes[1], 0));
  g->field_block = half(options->nodes[0], 0) * g->field_ld;
  g->cos0_ld = padded(half(options->modes[0], 0));
  RITZ_TRY_DONE(fill_cosines(g, 0));
  RITZ_TRY_DONE(fill_cosines(g, 1));
  RITZ_TRY_DONE(fill_amplitudes(g));
  plan_products(g);
  *out = g;
  return RITZ_OK;
done:
  ritz_gaussian_destroy(&g);
  return status;
}

void ritz_gaussian_destroy(ritz_gaussian **gaussian) {
  if (!gaussian || !*gaussian) return;
  for (int parity = 0; parity < 2; parity++) {
    ritz_free((*gaussian)->cos0[parity]);
    ritz_free((*gaussian)->cos1[parity]);
  }
  ritz_free((*gaussian)->amplitude);
  ritz_free(*gaussian);
  *gaussian = NULL;
}

/* Scratch: coefficients, then these, each starting at a multiple of 64 bytes. */
typedef struct parts {
  ritz_index product; /* one block of half-made products */
  ritz_index blocks;  /* the field's blocks */
  ritz_index normals; /* of one shell */
  ritz_index end;
} parts;

static parts scratch_parts(const ritz_gaussian *g) {
  const ritz_index *modes = g->options.modes;
  parts s;
  s.product = 4 * g->mode_block;
  s.blocks = s.product + half(modes[0], 0) * g->field_ld;
  s.normals = s.blocks + 4 * g->field_block;
  s.end = s.normals + padded(2 * (modes[0] > modes[1] ? modes[0] : modes[1]) + 2);
  return s;
}

size_t ritz_gaussian_scratch(const ritz_gaussian *gaussian) {
  return (size_t)scratch_parts(gaussian).end * sizeof(double);
}

/* Puts the normals of all modes into their places, shell by shell. */
static void draw(const ritz_gaussian *g, ritz_random stream, double *buffer, double *xi) {
  const ritz_index modes0 = g->options.modes[0], modes1 = g->options.modes[1];
  const ritz_index shells = modes0 > modes1 ? modes0 : modes1;
  const ritz_solver_kernels *kernels = ritz_solver_kernels_get(RITZ_FLOAT64);
  for (ritz_index m = 0; m < shells; m++) {
    /* Of the shell's normals, 0 ... m belong to (m, j) and m+1 ... 2m to (i, m). */
    const ritz_index first = m * m, odd = first % 2;
    kernels->normal_pairs(&stream, (uint64_t)(first / 2), (odd + 2 * m + 2) / 2, buffer);
    const double *normals = buffer + odd;
    if (m < modes0)
      for (ritz_index j = 0; j <= m && j < modes1; j++) xi[place(g, m, j)] = normals[j];
    if (m < modes1)
      for (ritz_index i = 0; i < m && i < modes0; i++) xi[place(g, i, m)] = normals[m + 1 + i];
  }
}

void ritz_gaussian_sample(const ritz_gaussian *gaussian, uint64_t seed, uint32_t sample,
                          double *field, void *scratch) {
  const ritz_gaussian *g = gaussian;
  const ritz_gaussian_options *o = &g->options;
  const parts at = scratch_parts(g);
  double *const coefficients = scratch, *const product = coefficients + at.product;
  double *const blocks = coefficients + at.blocks;
  const ritz_random stream = {.seed = seed, .purpose = RITZ_RANDOM_FIELD, .sample = sample};
  memset(coefficients, 0, (size_t)(4 * g->mode_block) * sizeof *coefficients);
  draw(g, stream, coefficients + at.normals, coefficients);
  g->kernels->multiply(4 * g->mode_block, coefficients, g->amplitude, coefficients);
  for (int p = 0; p < 2; p++)
    for (int q = 0; q < 2; q++) {
      const ritz_index b = 2 * p + q;
      ritz_gemm_run(&g->right[p][q], coefficients + b * g->mode_block, g->cos1[q], product);
      ritz_gemm_run(&g->left[p], g->cos0[p], product, blocks + b * g->field_block);
    }
  g->kernels->parity_unfold(o->nodes[0], o->nodes[1], blocks, g->field_ld, field, o->nodes[1]);
}
