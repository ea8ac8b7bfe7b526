/* SPDX-License-Identifier: BSD-3-Clause
 * Waves of one frequency in a closed square that one side drives; de Hoop, Huang, Qian &
 * Stuart 2022, J. Mach. Learn. 1, 299-341:
 *
 *   -Laplace u - (omega / c)^2 u = 0,  du/dn = 1 on the top where |x - 1/2| <= 0.15, else 0,
 *   c = speed + tanh(a),  a = sum over the first 100 pairs (i, j) != 0 by i^2 + j^2 of
 *                             theta_ij (pi^2 (i^2 + j^2) + 9)^-1 c_i cos(pi i x) c_j cos(pi j y),
 *
 * theta standard normal, c_0 = 1, else sqrt(2); x = c, y = u at the nodes. Bilinear elements,
 * (omega / c)^2 bilinear between its values at the nodes and integrated exactly. */
#include <math.h>
#include <ritz/random.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/square_system.h"
#include "solvers/sparse/sparse.h"

enum { PAIRS = 100, MODES = 16 }; /* pairs of the field; beyond its largest index */

static const double pi = 3.14159265358979323846;

typedef struct waves_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_ints resolution;
  double frequency, speed, contrast, half_width;
} waves_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(waves_config, 3, "101"),
    RITZ_OPTION_REAL(waves_config, frequency, 0, 1e9, "1000", "omega"),
    RITZ_OPTION_REAL(waves_config, speed, 1e-3, 1e9, "20", "mean of c"),
    RITZ_OPTION_REAL(waves_config, contrast, 0, 1e9, "1", "c = speed + contrast tanh(a)"),
    RITZ_OPTION_REAL(waves_config, half_width, 0, 0.5, "0.15",
                     "of the part of the top that drives"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

typedef struct waves {
  const waves_config *config;
  ritz_square square;
  int pair[PAIRS][2];
  double *cosine[2];    /* [MODES][nodes] per axis */
  double *load;         /* [n0], of the top */
  double *stiffness;    /* [entries] */
  int32_t *slot;        /* [cells][4][4]: entries of a cell's corners */
  double mass[4][4][4]; /* of a cell: integral of N_u N_v N_w */
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_square_system *system;
    double *q; /* [size] (omega / c)^2 */
  } * worker;
} waves;

static ritz_status check(const void *config) {
  const waves_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  const ritz_square s = ritz_square_of(&c->resolution);
  RITZ_REQUIRE(s.size <= INT32_MAX / 9, RITZ_ERR_CONFIG,
               "resolution gives %td nodes, wanted at most 2^31 / 9: each couples to nine", s.size);
  RITZ_REQUIRE(c->contrast < c->speed, RITZ_ERR_CONFIG,
               "contrast is %g, wanted less than speed, which is %g: c is positive", c->contrast,
               c->speed);
  return ritz_grid_system_check(&c->system, true, false);
}

/* Field --------------------------------------------------------------------------------------- */

static int compare(const void *x, const void *y) {
  const int *a = x, *b = y, s = a[0] * a[0] + a[1] * a[1], t = b[0] * b[0] + b[1] * b[1];
  return s != t ? s - t : a[0] - b[0];
}

static void choose_pairs(waves *p) {
  int all[MODES * MODES][2];
  for (int k = 0; k < MODES * MODES; k++) all[k][0] = k / MODES, all[k][1] = k % MODES;
  qsort(all, MODES * MODES, sizeof *all, compare);
  memcpy(p->pair, all + 1, sizeof p->pair); /* the first is (0, 0) */
}

static void draw(void *user, int thread, uint64_t seed, uint32_t sample, double *x) {
  const waves *p = user;
  const ritz_index n0 = p->square.n[0], n1 = p->square.n[1];
  double theta[PAIRS];
  ritz_random_normals((ritz_random){seed, RITZ_RANDOM_FIELD, sample}, 0, PAIRS, theta);
  for (ritz_index i = 0; i < n0; i++) {
    double along[MODES] = {0}; /* coefficients of the row's cosines */
    for (int k = 0; k < PAIRS; k++) {
      const int *at = p->pair[k];
      const double size = 1 / (pi * pi * (at[0] * at[0] + at[1] * at[1]) + 9);
      along[at[1]] += theta[k] * size * p->cosine[0][at[0] * n0 + i];
    }
    double *row = x + i * n1;
    memset(row, 0, (size_t)n1 * sizeof *row);
    for (int l = 0; l < MODES; l++)
      for (ritz_index j = 0; j < n1; j++) row[j] += along[l] * p->cosine[1][l * n1 + j];
    for (ritz_index j = 0; j < n1; j++)
      row[j] = p->config->speed + p->config->contrast * tanh(row[j]);
  }
}

/* Elements ------------------------------------------------------------------------------------ */

/* Node of a cell's corner v: bit 1 is its offset along axis 0, bit 0 along axis 1. */
static ritz_index corner(const ritz_square *s, ritz_index i, ritz_index j, int v) {
  return (i + (v >> 1)) * s->n[1] + j + (v & 1);
}

/* Products of integrals along the axes: of three hats h/4 if they are one, else h/12. */
static void fill_mass(waves *p) {
  const double *h = p->square.h;
  for (int u = 0; u < 4; u++)
    for (int v = 0; v < 4; v++)
      for (int w = 0; w < 4; w++) {
        const bool one0 = u >> 1 == v >> 1 && v >> 1 == w >> 1;
        const bool one1 = (u & 1) == (v & 1) && (v & 1) == (w & 1);
        p->mass[u][v][w] = h[0] * h[1] * (one0 ? 0.25 : 1.0 / 12) * (one1 ? 0.25 : 1.0 / 12);
      }
}

/* Gradients: (+-1 / h0) (+-1 / h0) h0 along one axis times h1 (1/3 or 1/6) along the other. */
static double stiffness(const double h[2], int u, int v) {
  const bool same0 = u >> 1 == v >> 1, same1 = (u & 1) == (v & 1);
  return (same0 ? 1 : -1) * h[1] / h[0] * (same1 ? 1.0 / 3 : 1.0 / 6) +
         (same1 ? 1 : -1) * h[0] / h[1] * (same0 ? 1.0 / 3 : 1.0 / 6);
}

static void fill(void *user, int thread, uint64_t seed, uint32_t sample, const double *x,
                 double *values, double *b) {
  const waves *p = user;
  const ritz_square *s = &p->square;
  double *q = p->worker[thread].q;
  const int32_t *slot = p->slot;
  memcpy(values, p->stiffness, (size_t)ritz_grid_systems_entries(p->systems) * sizeof *values);
  for (ritz_index k = 0; k < s->size; k++) q[k] = pow(p->config->frequency / x[k], 2);
  for (ritz_index i = 0; i < s->n[0] - 1; i++)
    for (ritz_index j = 0; j < s->n[1] - 1; j++, slot += 16) {
      double at[4];
      for (int v = 0; v < 4; v++) at[v] = q[corner(s, i, j, v)];
      for (int u = 0; u < 4; u++)
        for (int v = 0; v < 4; v++) {
          const double *m = p->mass[u][v];
          values[slot[4 * u + v]] -= m[0] * at[0] + m[1] * at[1] + m[2] * at[2] + m[3] * at[3];
        }
    }
  memset(b, 0, (size_t)s->size * sizeof *b);
  for (ritz_index i = 0; i < s->n[0]; i++) b[i * s->n[1] + s->n[1] - 1] = p->load[i];
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const waves *p = state;
  const ritz_square_problem problem = {.user = state, .channels = 1, .draw = draw, .fill = fill};
  ritz_square_system_run(p->worker[thread].system, &problem, thread, seed, first, count, x, y,
                         reports);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  waves *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    ritz_square_system_destroy(&p->worker[t].system);
    ritz_free(p->worker[t].q);
  }
  ritz_free(p->worker);
  for (int axis = 0; axis < 2; axis++) ritz_free(p->cosine[axis]);
  ritz_free(p->load);
  ritz_free(p->stiffness);
  ritz_free(p->slot);
  ritz_grid_systems_destroy(&p->systems);
}

/* Integral of the hat at 0 of width h from a to b, which lie on one side of it. */
static double half_hat(double h, double a, double b) {
  const double low = fmin(fmax(a, 0), h), high = fmin(fmax(b, 0), h);
  return high > low ? (high - low) * (1 - 0.5 * (low + high) / h) : 0;
}

static ritz_status fill_load(waves *p) {
  const ritz_index n = p->square.n[0];
  const double h = p->square.h[0], a = 0.5 - p->config->half_width, b = 1 - a;
  RITZ_TRY(RITZ_NEW(n, &p->load));
  for (ritz_index i = 0; i < n; i++) {
    const double x = (double)i * h;
    if (i < n - 1) p->load[i] += half_hat(h, a - x, b - x);
    if (i > 0) p->load[i] += half_hat(h, x - b, x - a);
  }
  return RITZ_OK;
}

static ritz_status fill_cosines(waves *p) {
  for (int axis = 0; axis < 2; axis++) {
    const ritz_index n = p->square.n[axis];
    RITZ_TRY(RITZ_NEW(MODES * n, &p->cosine[axis]));
    for (int k = 0; k < MODES; k++)
      for (ritz_index i = 0; i < n; i++)
        p->cosine[axis][k * n + i] =
            (k == 0 ? 1 : sqrt(2.0)) * cos(pi * k * (double)i / (double)(n - 1));
  }
  return RITZ_OK;
}

/* Where a cell's corners meet in the pattern, and what they add whatever c is. */
static ritz_status fill_slots(waves *p, const ritz_sparse *pattern) {
  const ritz_square *s = &p->square;
  RITZ_TRY(RITZ_NEW(pattern->entries, &p->stiffness));
  RITZ_TRY(RITZ_NEW(16 * (s->n[0] - 1) * (s->n[1] - 1), &p->slot));
  int32_t *slot = p->slot;
  for (ritz_index i = 0; i < s->n[0] - 1; i++)
    for (ritz_index j = 0; j < s->n[1] - 1; j++)
      for (int u = 0; u < 4; u++)
        for (int v = 0; v < 4; v++) {
          *slot = (int32_t)ritz_sparse_find(pattern, corner(s, i, j, u), corner(s, i, j, v));
          p->stiffness[*slot++] += stiffness(s->h, u, v);
        }
  return RITZ_OK;
}

static ritz_status plan(waves *p) {
  ritz_sparse *pattern;
  choose_pairs(p);
  fill_mass(p);
  RITZ_TRY(fill_cosines(p));
  RITZ_TRY(fill_load(p));
  RITZ_TRY(ritz_square_pattern(&p->square, false, &pattern));
  const ritz_status status = fill_slots(p, pattern);
  ritz_sparse_destroy(&pattern);
  RITZ_TRY(status);
  RITZ_TRY(ritz_square_systems_all(&p->square, &p->config->system, true, &p->systems));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) {
    RITZ_TRY(ritz_square_system_create(&p->square, p->systems, &p->worker[t].system));
    RITZ_TRY(RITZ_NEW(p->square.size, &p->worker[t].q));
  }
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  waves *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  RITZ_TRY(plan(p));
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(&p->square, "speed of waves", 1, NULL);
  info->y = ritz_square_field(&p->square, "solution", 1, NULL);
  ritz_square_system_describe(p->systems, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_helmholtz_neumann = {
    .name = "helmholtz_neumann",
    .summary =
        "-Laplace u - (omega / c)^2 u = 0 on the unit square, driven from one side; speed "
        "of waves c -> u",
    .paper =
        "de Hoop, Huang, Qian & Stuart 2022, The Cost-Accuracy Trade-Off in Operator Learning, "
        "J. Mach. Learn. 1, 299-341",
    .options = options,
    .config_size = sizeof(waves_config),
    .check = check,
    .state_size = sizeof(waves),
    .create = create,
    .run = run,
    .destroy = destroy,
};
