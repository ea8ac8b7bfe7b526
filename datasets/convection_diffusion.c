/* SPDX-License-Identifier: BSD-3-Clause
 * Steady transport, -nu Laplace u + b . grad u = f on the unit square, u = 0 on its boundary, by a
 * flow that turns within it: b = (d psi / dy, -d psi / dx) with
 *
 *   psi = sum over k, l = 1 ... M of c_kl sin(pi k x) sin(pi l y),  c_kl ~ n_kl (k^2 + l^2)^(-s/2),
 *
 * n_kl standard normal; x = b and f, y = u at the nodes.
 *
 * Finite volumes around the nodes. psi at their corners makes the flow through a face, so that what
 * flows in flows out, exactly; fluxes after Scharfetter & Gummel 1969, doi:10.1109/T-ED.1969.16566,
 * which are of second order where the grid resolves the flow and never overshoot where it does not,
 * or central ones. */
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/grid_system.h"
#include "datasets/square.h"
#include "datasets/square_system.h"
#include "kernels/gemm.h"

enum { EXPONENTIAL, CENTRAL };

static const double pi = 3.14159265358979323846;

typedef struct transport_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_ints resolution;
  int scheme;
  double viscosity, speed, decay, alpha, tau, source, mean_source;
  ritz_index modes, source_modes;
} transport_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(transport_config, 4, "64"),
    RITZ_OPTION_REAL(transport_config, viscosity, 1e-9, 1e9, "0.02", "nu"),
    RITZ_OPTION_REAL(transport_config, speed, 0, 1e9, "1",
                     "root mean square of |b| over the square and all samples"),
    RITZ_OPTION_INT(transport_config, modes, 1, 256, "8", "M: sines of psi per axis"),
    RITZ_OPTION_REAL(transport_config, decay, 0, 16, "3", "s: how fast they fall"),
    RITZ_OPTION_REAL(transport_config, mean_source, -1e12, 1e12, "0", "constant part of f"),
    RITZ_OPTION_REAL(transport_config, source, 0, 1e12, "1", "factor of the Gaussian field in f"),
    RITZ_OPTION_REAL(transport_config, alpha, 0, 16, "2", "smoothness of the field"),
    RITZ_OPTION_REAL(transport_config, tau, 1e-3, 1e4, "3", "inverse length of the field"),
    RITZ_OPTION_INT(transport_config, source_modes, 0, 16384, "0",
                    "cosine modes of the field per axis; 0: as many as nodes"),
    RITZ_OPTION_CHOICE(transport_config, scheme, "exponential|central", "exponential",
                       "fluxes between nodes"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

/* Values of the sines' products at some points, out = left c right. */
typedef struct expansion {
  double *left, *right; /* [n0, modes], [modes, n1] */
  ritz_gemm inner, outer;
} expansion;

typedef struct transport {
  const transport_config *config;
  ritz_square square;
  ritz_gaussian *gaussian;
  double *amplitude; /* [modes, modes] standard deviations of c */
  expansion flow[2]; /* b at the nodes */
  expansion corners; /* psi between them */
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_square_system *system;
    void *sampler;
    double *c, *half;         /* coefficients; them times right */
    double *psi, *f;          /* [n0 - 1, n1 - 1] at the corners; [n0, n1] */
    double *flow[2], *out[2]; /* [n0 - 1, n1 - 1], of faces */
  } * worker;
} transport;

static ritz_status check(const void *config) {
  const transport_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  return ritz_grid_system_check(&c->system, false, true);
}

/* Fields -------------------------------------------------------------------------------------- */

/* Normals by shells of max(k, l), so that more modes only add detail. */
static void draw_flow(const transport *t, ritz_random stream, double *c) {
  const ritz_index modes = t->config->modes;
  for (ritz_index k = 0; k < modes; k++)
    for (ritz_index l = 0; l < modes; l++) {
      const ritz_index m = k > l ? k : l, number = k == m ? m * m + l : m * m + m + 1 + k;
      ritz_random_normals(stream, (uint64_t)number, 1, &c[k * modes + l]);
      c[k * modes + l] *= t->amplitude[k * modes + l];
    }
}

static void expand(const expansion *e, const struct worker *w, double *out) {
  ritz_gemm_run(&e->inner, w->c, e->right, w->half);
  ritz_gemm_run(&e->outer, e->left, w->half, out);
}

/* b and f into x. */
static void draw(void *user, int thread, uint64_t seed, uint32_t sample, double *x) {
  const transport *t = user;
  struct worker *w = &t->worker[thread];
  const ritz_index size = t->square.size;
  draw_flow(t, (ritz_random){seed, RITZ_RANDOM_NOISE, sample}, w->c);
  for (int axis = 0; axis < 2; axis++) {
    expand(&t->flow[axis], w, w->f);
    for (ritz_index k = 0; k < size; k++) x[3 * k + axis] = w->f[k];
  }
  ritz_gaussian_sample(t->gaussian, seed, sample, w->f, w->sampler);
  for (ritz_index k = 0; k < size; k++)
    x[3 * k + 2] = t->config->mean_source + t->config->source * w->f[k];
}

/* Matrix -------------------------------------------------------------------------------------- */

/* p / (exp(p) - 1) */
static double bernoulli(double p) { return p == 0 ? 1 : p / expm1(p); }

/* The flux from a node to the next one is out u - in u_next for a flow q and a conductance g;
 * in = out - q in either scheme. @return  out. */
static double flux(const transport *t, double q, double g) {
  return t->config->scheme == CENTRAL ? g + 0.5 * q : g * bernoulli(-q / g);
}

/* Of the faces between nodes (i, j) and (i + 1, j), then (i, j) and (i, j + 1), of inner nodes: the
 * flow through them and `out`. psi stands at the corners. */
static void fill_faces(const transport *t, struct worker *w) {
  const ritz_index m0 = t->square.n[0] - 1, m1 = t->square.n[1] - 1;
  const double nu = t->config->viscosity, *h = t->square.h, *psi = w->psi;
  for (ritz_index i = 0; i < m0; i++)
    for (ritz_index j = 0; j < m1; j++) {
      const ritz_index k = i * m1 + j;
      if (j > 0) w->flow[0][k] = psi[k] - psi[k - 1];
      if (j > 0) w->out[0][k] = flux(t, w->flow[0][k], nu * h[1] / h[0]);
      if (i > 0) w->flow[1][k] = psi[k - m1] - psi[k];
      if (i > 0) w->out[1][k] = flux(t, w->flow[1][k], nu * h[0] / h[1]);
    }
}

static void fill(void *user, int thread, uint64_t seed, uint32_t sample, const double *x,
                 double *values, double *b) {
  const transport *t = user;
  struct worker *w = &t->worker[thread];
  const ritz_square *s = &t->square;
  const ritz_index m1 = s->n[1] - 1;
  draw_flow(t, (ritz_random){seed, RITZ_RANDOM_NOISE, sample}, w->c);
  expand(&t->corners, w, w->psi);
  fill_faces(t, w);
  for (ritz_index i = 1; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < s->n[1] - 1; j++) {
      const ritz_index south = i * m1 + j, north = south - m1, east = south, west = south - 1;
      const double *out0 = w->out[0], *out1 = w->out[1], *q0 = w->flow[0], *q1 = w->flow[1];
      const double centre =
          out0[south] + out1[east] + out0[north] - q0[north] + out1[west] - q1[west];
      const double row[5] = {-out0[north], -out1[west], centre, q1[east] - out1[east],
                             q0[south] - out0[south]};
      values = ritz_square_put(s, i, j, row, values);
      *b++ = s->h[0] * s->h[1] * x[3 * (i * s->n[1] + j) + 2];
    }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const transport *t = state;
  const ritz_square_problem problem = {.user = state, .channels = 3, .draw = draw, .fill = fill};
  ritz_square_system_run(t->worker[thread].system, &problem, thread, seed, first, count, x, y,
                         reports);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void clear_expansion(expansion *e) {
  ritz_free(e->left);
  ritz_free(e->right);
}

static void destroy(void *state) {
  transport *t = state;
  for (int i = 0; t->worker && i < t->threads; i++) {
    struct worker *w = &t->worker[i];
    ritz_square_system_destroy(&w->system);
    ritz_free(w->sampler);
    ritz_free(w->c);
    ritz_free(w->half);
    ritz_free(w->psi);
    ritz_free(w->f);
    for (int axis = 0; axis < 2; axis++) {
      ritz_free(w->flow[axis]);
      ritz_free(w->out[axis]);
    }
  }
  ritz_free(t->worker);
  ritz_free(t->amplitude);
  for (int axis = 0; axis < 2; axis++) clear_expansion(&t->flow[axis]);
  clear_expansion(&t->corners);
  ritz_grid_systems_destroy(&t->systems);
  ritz_gaussian_destroy(&t->gaussian);
}

/* Mean of |b|^2 is sum of c^2 pi^2 (k^2 + l^2) / 4. */
static ritz_status fill_amplitudes(transport *t) {
  const transport_config *c = t->config;
  double square = 0;
  RITZ_TRY(RITZ_NEW(c->modes * c->modes, &t->amplitude));
  for (ritz_index k = 0; k < c->modes; k++)
    for (ritz_index l = 0; l < c->modes; l++) {
      const double k2 = (double)((k + 1) * (k + 1) + (l + 1) * (l + 1));
      const double a = pow(k2, -0.5 * c->decay);
      t->amplitude[k * c->modes + l] = a;
      square += a * a * pi * pi * k2 / 4;
    }
  for (ritz_index k = 0; k < c->modes * c->modes; k++) t->amplitude[k] *= c->speed / sqrt(square);
  return RITZ_OK;
}

/* sin(pi k x) or pi k cos(pi k x). */
static double wave(ritz_index k, double x, bool slope) {
  return slope ? pi * (double)k * cos(pi * (double)k * x) : sin(pi * (double)k * x);
}

/* The derivative along axis `slope` times a sign (-1: none) at points (i + offset) h. */
static ritz_status plan_expansion(const transport *t, const ritz_index n[2], double offset,
                                  int slope, double sign, expansion *e) {
  const ritz_index modes = t->config->modes;
  RITZ_TRY(RITZ_NEW(n[0] * modes, &e->left));
  RITZ_TRY(RITZ_NEW(modes * n[1], &e->right));
  for (ritz_index k = 0; k < modes; k++) {
    for (ritz_index i = 0; i < n[0]; i++)
      e->left[i * modes + k] =
          sign * wave(k + 1, ((double)i + offset) * t->square.h[0], slope == 0);
    for (ritz_index j = 0; j < n[1]; j++)
      e->right[k * n[1] + j] = wave(k + 1, ((double)j + offset) * t->square.h[1], slope == 1);
  }
  e->inner = ritz_gemm_plan(RITZ_FLOAT64, false, false, modes, n[1], modes, modes, n[1], n[1]);
  e->outer = ritz_gemm_plan(RITZ_FLOAT64, false, false, n[0], n[1], modes, modes, n[1], n[1]);
  return RITZ_OK;
}

static ritz_status create_worker(const transport *t, struct worker *w) {
  const ritz_index modes = t->config->modes, *n = t->square.n;
  RITZ_TRY(ritz_square_system_create(&t->square, t->systems, &w->system));
  RITZ_TRY(ritz_calloc((ritz_index)ritz_gaussian_scratch(t->gaussian), 1, &w->sampler));
  RITZ_TRY(RITZ_NEW(modes * modes, &w->c));
  RITZ_TRY(RITZ_NEW(modes * n[1], &w->half));
  const ritz_index corners = (n[0] - 1) * (n[1] - 1);
  RITZ_TRY(RITZ_NEW(corners, &w->psi));
  for (int axis = 0; axis < 2; axis++) {
    RITZ_TRY(RITZ_NEW(corners, &w->flow[axis]));
    RITZ_TRY(RITZ_NEW(corners, &w->out[axis]));
  }
  return RITZ_NEW(t->square.size, &w->f);
}

/* Of GMRES with transforms, as measured (docs/generators/convection_diffusion.md). */
static double iterations(const transport_config *c) {
  return 4 + 2.1 * pow(c->speed / c->viscosity, 0.8);
}

/* Of BiCGStab, which loses where the flow is fast. */
static double stabilised(const transport_config *c) {
  const double gmres = iterations(c);
  return gmres * (0.57 + 5.6e-4 * gmres * gmres);
}

static ritz_status plan(transport *t) {
  const transport_config *c = t->config;
  const ritz_index *n = t->square.n, corners[2] = {n[0] - 1, n[1] - 1};
  RITZ_TRY(fill_amplitudes(t));
  RITZ_TRY(plan_expansion(t, n, 0, 1, 1, &t->flow[0]));
  RITZ_TRY(plan_expansion(t, n, 0, 0, -1, &t->flow[1]));
  RITZ_TRY(plan_expansion(t, corners, 0.5, -1, 1, &t->corners));
  RITZ_TRY(ritz_square_gaussian(&t->square, c->alpha, c->tau, c->source_modes, &t->gaussian));
  RITZ_TRY(ritz_square_systems(&t->square, &c->system, false, iterations(c), stabilised(c),
                               &t->systems));
  RITZ_TRY(RITZ_NEW(t->threads, &t->worker));
  for (int i = 0; i < t->threads; i++) RITZ_TRY(create_worker(t, &t->worker[i]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"velocity along axis 0", "velocity along axis 1", "source"};
  transport *t = state;
  t->config = config;
  t->threads = threads;
  t->square = ritz_square_of(&t->config->resolution);
  RITZ_TRY(plan(t));
  ritz_square_describe(&t->square, info);
  info->x = ritz_square_field(&t->square, "velocity and source", 3, channel);
  info->y = ritz_square_field(&t->square, "solution", 1, NULL);
  ritz_square_system_describe(t->systems, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_convection_diffusion = {
    .name = "convection_diffusion",
    .summary =
        "-nu Laplace u + b . grad u = f on the unit square, u = 0 on the boundary; velocity "
        "b and source f -> u",
    .paper = "sums of sines and a Gaussian field; no reference",
    .options = options,
    .config_size = sizeof(transport_config),
    .check = check,
    .state_size = sizeof(transport),
    .create = create,
    .run = run,
    .destroy = destroy,
};
