/* SPDX-License-Identifier: BSD-3-Clause
 * Cosine series by matrix products, one axis after the other, the last first. */
#include "solvers/fields/gaussian3.h"

#include <math.h>
#include <ritz/random.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "kernels/solver_kernels.h"
#include "solvers/fields/cosine.h"

static const double pi = 3.14159265358979323846;

struct ritz_gaussian3 {
  ritz_gaussian3_options options;
  ritz_index count; /* modes of all axes */
  ritz_gaussian3_series series;
};

static ritz_status check(const ritz_gaussian3_options *o) {
  for (int axis = 0; axis < 3; axis++) {
    RITZ_REQUIRE(o->nodes[axis] >= 2 && o->nodes[axis] <= 1 << 14, RITZ_ERR_ARGUMENT,
                 "nodes along axis %d are %td, wanted 2 ... 2^14", axis, o->nodes[axis]);
    RITZ_REQUIRE(o->modes[axis] >= 1 && o->modes[axis] <= 1 << 14, RITZ_ERR_ARGUMENT,
                 "modes along axis %d are %td, wanted 1 ... 2^14", axis, o->modes[axis]);
  }
  RITZ_REQUIRE(o->alpha >= 0 && isfinite(o->alpha), RITZ_ERR_ARGUMENT,
               "alpha is %g, wanted at least 0", o->alpha);
  RITZ_REQUIRE(o->tau > 0 && isfinite(o->tau), RITZ_ERR_ARGUMENT,
               "tau is %g, wanted a positive number", o->tau);
  return RITZ_OK;
}

static ritz_status fill_cosines(const ritz_gaussian3_options *o, int axis, double **out) {
  const ritz_index nodes = o->nodes[axis], modes = o->modes[axis];
  RITZ_TRY(RITZ_NEW(nodes * modes, out));
  for (ritz_index i = 0; i < nodes; i++)
    for (ritz_index k = 0; k < modes; k++)
      (*out)[axis == 2 ? k * nodes + i : i * modes + k] = ritz_cosine(nodes, k, i);
  return RITZ_OK;
}

static ritz_status fill_amplitudes(const ritz_gaussian3_options *o, ritz_index first,
                                   ritz_index count, double **out) {
  const double factor = pow(o->tau, o->alpha - 1.5);
  RITZ_TRY(RITZ_NEW(count * o->modes[1] * o->modes[2], out));
  double *at = *out;
  for (ritz_index i = first; i < first + count; i++)
    for (ritz_index j = 0; j < o->modes[1]; j++)
      for (ritz_index l = 0; l < o->modes[2]; l++) {
        const double square = (double)(i * i + j * j + l * l);
        *at++ =
            i + j + l > 0 ? factor * pow(pi * pi * square + o->tau * o->tau, -0.5 * o->alpha) : 0;
      }
  return RITZ_OK;
}

ritz_status ritz_gaussian3_series_init(const ritz_gaussian3_options *o, ritz_index first,
                                       ritz_index count, ritz_index rows,
                                       ritz_gaussian3_series *s) {
  const ritz_index *n = o->nodes, *m = o->modes, line = rows * n[2];
  *s = (ritz_gaussian3_series){0};
  RITZ_TRY(check(o));
  for (int axis = 0; axis < 3; axis++) RITZ_TRY(fill_cosines(o, axis, &s->cosine[axis]));
  RITZ_TRY(fill_amplitudes(o, first, count, &s->amplitude));
  s->product[2] = ritz_gemm_plan(RITZ_FLOAT64, false, false, m[1], n[2], m[2], m[2], n[2], n[2]);
  s->product[1] = ritz_gemm_plan(RITZ_FLOAT64, false, false, n[1], n[2], m[1], m[1], n[2], n[2]);
  s->product[0] = ritz_gemm_plan(RITZ_FLOAT64, false, false, n[0], n[2], m[0], m[0], line, line);
  return RITZ_OK;
}

void ritz_gaussian3_series_clear(ritz_gaussian3_series *series) {
  for (int axis = 0; axis < 3; axis++) ritz_free(series->cosine[axis]);
  ritz_free(series->amplitude);
  *series = (ritz_gaussian3_series){0};
}

ritz_status ritz_gaussian3_create(const ritz_gaussian3_options *o, ritz_gaussian3 **out) {
  *out = NULL;
  ritz_gaussian3 *g;
  RITZ_TRY(RITZ_NEW(1, &g));
  g->options = *o;
  const ritz_status status = ritz_gaussian3_series_init(o, 0, o->modes[0], o->nodes[1], &g->series);
  if (status == RITZ_OK)
    g->count = o->modes[0] * o->modes[1] * o->modes[2];
  else
    ritz_gaussian3_destroy(&g);
  *out = g;
  return status;
}

void ritz_gaussian3_destroy(ritz_gaussian3 **gaussian) {
  if (!gaussian || !*gaussian) return;
  ritz_gaussian3_series_clear(&(*gaussian)->series);
  ritz_free(*gaussian);
  *gaussian = NULL;
}

static ritz_index shells(const ritz_gaussian3 *g) {
  ritz_index most = 0;
  for (int axis = 0; axis < 3; axis++)
    if (g->options.modes[axis] > most) most = g->options.modes[axis];
  return most;
}

/* Scratch, in doubles, each part starting at a multiple of 64 bytes. */
typedef struct parts {
  ritz_index first, second, normals, end; /* along axis 2; along axis 1; of a shell */
} parts;

static ritz_index padded(ritz_index n) { return ritz_padded(n, sizeof(double)); }

static parts scratch_parts(const ritz_gaussian3 *g) {
  const ritz_index *n = g->options.nodes, *m = g->options.modes, last = shells(g);
  parts s;
  s.first = padded(g->count);
  s.second = s.first + padded(m[0] * m[1] * n[2]);
  s.normals = s.second + padded(m[0] * n[1] * n[2]);
  s.end = s.normals + padded(3 * last * last + 4);
  return s;
}

size_t ritz_gaussian3_scratch(const ritz_gaussian3 *gaussian) {
  return (size_t)scratch_parts(gaussian).end * sizeof(double);
}

/* The normals of shell m into their places. */
static void place(const ritz_gaussian3 *g, ritz_index m, const double *normals, double *xi) {
  const ritz_index *modes = g->options.modes, w = m + 1;
  const ritz_index s0 = modes[1] * modes[2], s1 = modes[2];
  const double *second = normals + w * w, *third = second + m * w;
  for (ritz_index j = 0; m < modes[0] && j < w && j < modes[1]; j++)
    for (ritz_index l = 0; l < w && l < modes[2]; l++) xi[m * s0 + j * s1 + l] = normals[j * w + l];
  for (ritz_index i = 0; m < modes[1] && i < m && i < modes[0]; i++)
    for (ritz_index l = 0; l < w && l < modes[2]; l++) xi[i * s0 + m * s1 + l] = second[i * w + l];
  for (ritz_index i = 0; m < modes[2] && i < m && i < modes[0]; i++)
    for (ritz_index j = 0; j < m && j < modes[1]; j++) xi[i * s0 + j * s1 + m] = third[i * m + j];
}

static void draw(const ritz_gaussian3 *g, ritz_random stream, double *buffer, double *xi) {
  const ritz_solver_kernels *kernels = ritz_solver_kernels_get(RITZ_FLOAT64);
  for (ritz_index m = 0; m < shells(g); m++) {
    const ritz_index first = m * m * m, odd = first % 2, count = 3 * m * (m + 1) + 1;
    kernels->normal_pairs(&stream, (uint64_t)(first / 2), (odd + count + 1) / 2, buffer);
    place(g, m, buffer + odd, xi);
  }
}

void ritz_gaussian3_sample(const ritz_gaussian3 *gaussian, uint64_t seed, uint32_t sample,
                           double *field, void *scratch) {
  const ritz_gaussian3 *g = gaussian;
  const ritz_gaussian3_series *s = &g->series;
  const ritz_index *n = g->options.nodes, *m = g->options.modes;
  const parts at = scratch_parts(g);
  double *const xi = scratch, *const first = xi + at.first, *const second = xi + at.second;
  const ritz_random stream = {.seed = seed, .purpose = RITZ_RANDOM_FIELD, .sample = sample};
  draw(g, stream, xi + at.normals, xi);
  ritz_kernels_get(RITZ_FLOAT64)->multiply(g->count, xi, s->amplitude, xi);
  for (ritz_index i = 0; i < m[0]; i++) {
    double *const plane = first + i * m[1] * n[2];
    ritz_gemm_run(&s->product[2], xi + i * m[1] * m[2], s->cosine[2], plane);
    ritz_gemm_run(&s->product[1], s->cosine[1], plane, second + i * n[1] * n[2]);
  }
  for (ritz_index j = 0; j < n[1]; j++)
    ritz_gemm_run(&s->product[0], s->cosine[0], second + j * n[2], field + j * n[2]);
}
