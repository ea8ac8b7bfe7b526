/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/sequence_sets.h"

#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/complex.h"
#include "core/fail.h"
#include "core/memory.h"

static const double pi = 3.14159265358979323846;

static ritz_random stream_of(int sample) {
  return (ritz_random){.seed = 1, .purpose = RITZ_RANDOM_FIELD, .sample = (uint32_t)sample};
}

/* Darcy and Helmholtz -------------------------------------------------------------------------- */

enum { K = 12, MODES = 2 * K + 1 }; /* beyond these a mode has less than 1 % of the first one */

/* exp of the periodic field, sum over k of sigma (4 pi^2 |k|^2 + 49)^-1.25 Re((a + i b) e^(2 pi i
 * k.x)), sigma^2 = 343, a and b normal. */
static void fill_field(int side, int sample, double complex *rows, double *w) {
  double normals[2 * MODES * MODES];
  ritz_random_normals(stream_of(sample), 0, 2 * MODES * MODES, normals);
  for (int k0 = -K; k0 <= K; k0++)
    for (int j = 0; j < side; j++) {
      double complex sum = 0;
      for (int k1 = -K; k1 <= K; k1++) {
        const int at = (k0 + K) * MODES + k1 + K;
        const double size =
            k0 || k1 ? sqrt(343) * pow(4 * pi * pi * (k0 * k0 + k1 * k1) + 49, -1.25) : 0;
        sum += size * CMPLX(normals[2 * at], normals[2 * at + 1]) *
               cexp(CMPLX(0, 2 * pi * k1 * j / side));
      }
      rows[(k0 + K) * side + j] = sum;
    }
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++) {
      double complex sum = 0;
      for (int k0 = -K; k0 <= K; k0++)
        sum += rows[(k0 + K) * side + j] * cexp(CMPLX(0, 2 * pi * k0 * i / side));
      w[i * side + j] = exp(creal(sum));
    }
}

/* The neighbour's weight; @p slip: in the rows above and below that of one two entries further. */
static double weight(int side, const double *w, int p, int q, int slip) {
  const int at = p * side + q + slip, last = side * side - 1;
  return w[at < 0 ? 0 : at > last ? last : at];
}

static void fill_stencil(int side, const double *w, double shift, bool slip, double *c) {
  static const int step[5][2] = {{-1, 0}, {0, -1}, {0, 0}, {0, 1}, {1, 0}};
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++)
      for (int e = 0; e < 5; e++) {
        const int p = i + step[e][0], q = j + step[e][1];
        const bool inside = p >= 0 && p < side && q >= 0 && q < side;
        c[5 * (i * side + j) + e] = e == 2   ? 4 * w[i * side + j] - shift
                                    : inside ? -weight(side, w, p, q, slip ? 2 * step[e][0] : 0)
                                             : 0;
      }
}

static ritz_status fill_diffusion(sequence_set *s, bool helmholtz, bool slip) {
  const int side = s->side;
  const double h = 1.0 / (side + 1);
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {side, side}, .length = {1, 1}};
  double complex *rows = NULL;
  double *c = NULL;
  ritz_status status = RITZ_NEW(MODES * side, &rows);
  if (status == RITZ_OK) status = RITZ_NEW(5 * s->n, &c);
  for (int i = 0; i < s->count && status == RITZ_OK; i++) {
    double *const p = s->parameters + i * s->numbers;
    fill_field(side, i, rows, p);
    const double k = helmholtz ? ritz_random_uniform(stream_of(i), 1 << 20) : 0;
    if (helmholtz) p[s->n] = k;
    fill_stencil(side, p, h * h * k * k, slip, c);
    ritz_sparse_destroy(&s->matrix);
    status = ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 5, NULL, c, &s->matrix);
    if (status != RITZ_OK) break;
    const ritz_sparse_parts parts = ritz_sparse_describe(s->matrix);
    if (i == 0) status = RITZ_NEW(s->count * parts.entries, &s->values);
    if (status == RITZ_OK)
      memcpy(s->values + i * parts.entries, parts.values, (size_t)parts.entries * sizeof(double));
    for (ritz_index r = 0; r < s->n; r++) s->b[i * s->n + r] = h * h;
  }
  ritz_free(rows);
  ritz_free(c);
  return status;
}

/* Thermal and Poisson -------------------------------------------------------------------------- */

/* The nodes of the slotted block, side intervals per unit of length; the left side is given. */
static void fill_block(int side, ritz_index n0, ritz_index n1, uint8_t *kind) {
  const double tiny = 1e-9;
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const double x = (double)i / side - 0.5, y = (double)j / side - 0.8;
      const bool slot = fabs(x) < 0.05 - tiny && fabs(y) < 0.4 - tiny;
      kind[i * n1 + j] = slot     ? RITZ_GRID_OUTSIDE
                         : i == 0 ? RITZ_GRID_PRESCRIBED
                                  : RITZ_GRID_UNKNOWN;
    }
}

static double chebyshev_series(const double *c, double t) {
  double sum = 0;
  for (int k = 0; k < 5; k++) sum += c[k] * cos(k * acos(fmax(-1, fmin(1, t))));
  return sum;
}

/* Values on the edges and the right-hand side of a Poisson problem, from its 45 coefficients. */
static void fill_poisson(ritz_index n, const double *c, double *f, double *g) {
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++) {
      const double x = 2.0 * (double)i / (double)(n - 1) - 1,
                   y = 2.0 * (double)j / (double)(n - 1) - 1;
      double in_y[5], sum = 0;
      for (int k = 0; k < 5; k++) in_y[k] = chebyshev_series(c + 20 + 5 * k, y);
      for (int k = 0; k < 5; k++) sum += in_y[k] * cos(k * acos(fmax(-1, fmin(1, x))));
      f[i * n + j] = -sum;
      g[i * n + j] = i == 0       ? chebyshev_series(c, y)
                     : i == n - 1 ? chebyshev_series(c + 5, y)
                     : j == 0     ? chebyshev_series(c + 10, x)
                                  : chebyshev_series(c + 15, x);
    }
}

typedef struct finite_elements {
  ritz_index n[2];
  uint8_t *kind;
  double *f, *g;
} finite_elements;

static void fill_sample(const sequence_set *s, sequence_kind kind, int sample, finite_elements *e) {
  double *const p = s->parameters + sample * s->numbers;
  for (ritz_index i = 0; i < s->numbers; i++)
    p[i] = ritz_random_uniform(stream_of(sample), (uint64_t)i);
  if (kind == SEQUENCE_THERMAL) {
    for (ritz_index j = 0; j < e->n[1]; j++) e->g[j] = 100 * p[0];
    return;
  }
  for (ritz_index i = 0; i < s->numbers; i++) p[i] = 2 * p[i] - 1;
  fill_poisson(e->n[0], p, e->f, e->g);
}

/* The flux -100 U through the right side, into the loads of its nodes. */
static void add_flux(const sequence_set *s, const finite_elements *e, double u, double *b) {
  const ritz_index n1 = e->n[1];
  for (ritz_index j = 0; j < n1; j++)
    b[s->n - n1 + j] += -100 * u / s->side * (j == 0 || j == n1 - 1 ? 0.5 : 1);
}

static ritz_status assemble(sequence_set *s, sequence_kind kind, finite_elements *e) {
  const bool thermal = kind == SEQUENCE_THERMAL;
  const ritz_elements problem = {.grid = {.dim = 2,
                                          .nodes = {e->n[0], e->n[1]},
                                          .length = {1, thermal ? 1.6 : 1},
                                          .kind = e->kind},
                                 .element = RITZ_ELEMENT_P1,
                                 .f = e->f,
                                 .g = e->g};
  for (int i = 0; i < s->count; i++) {
    fill_sample(s, kind, i, e);
    double *const b = s->b + i * s->n;
    if (i == 0)
      RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, b, &s->matrix));
    else
      RITZ_TRY(ritz_sparse_elements_update(s->matrix, &problem, b));
    if (thermal) add_flux(s, e, s->parameters[i * s->numbers + 1], b);
  }
  const ritz_sparse_parts parts = ritz_sparse_describe(s->matrix);
  RITZ_TRY(RITZ_NEW(parts.entries, &s->values));
  memcpy(s->values, parts.values, (size_t)parts.entries * sizeof(double));
  return RITZ_OK;
}

static ritz_status fill_elements(sequence_set *s, sequence_kind kind) {
  const bool thermal = kind == SEQUENCE_THERMAL;
  finite_elements e = {
      .n = {thermal ? s->side + 1 : s->side + 2, thermal ? s->side * 8 / 5 + 1 : s->side + 2}};
  const ritz_index nodes = e.n[0] * e.n[1];
  ritz_status status = RITZ_NEW(nodes, &e.kind);
  if (status == RITZ_OK) status = RITZ_NEW(nodes, &e.f);
  if (status == RITZ_OK) status = RITZ_NEW(nodes, &e.g);
  if (status == RITZ_OK) {
    for (ritz_index i = 0; i < nodes; i++) {
      const bool edge = i / e.n[1] == 0 || i / e.n[1] == e.n[0] - 1 || i % e.n[1] == 0 ||
                        i % e.n[1] == e.n[1] - 1;
      e.kind[i] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
    }
    if (thermal) fill_block(s->side, e.n[0], e.n[1], e.kind);
    const ritz_sparse_grid grid = {
        .dim = 2, .nodes = {e.n[0], e.n[1]}, .length = {1, 1}, .kind = e.kind};
    s->n = ritz_sparse_grid_unknowns(&grid, NULL);
    status = RITZ_NEW(s->count * s->n, &s->b);
  }
  if (status == RITZ_OK) status = assemble(s, kind, &e);
  ritz_free(e.kind);
  ritz_free(e.f);
  ritz_free(e.g);
  return status;
}

/* All ------------------------------------------------------------------------------------------ */

ritz_status sequence_set_create(sequence_kind kind, int side, int count, sequence_set *s) {
  const ritz_index n = (ritz_index)side * side;
  const ritz_index numbers[] = {n, n + 1, n, n + 1, 2, 45};
  *s = (sequence_set){.count = count,
                      .side = side,
                      .symmetric = kind == SEQUENCE_THERMAL || kind == SEQUENCE_POISSON,
                      .box = kind != SEQUENCE_THERMAL,
                      .fixed = kind == SEQUENCE_THERMAL || kind == SEQUENCE_POISSON,
                      .n = n,
                      .numbers = numbers[kind]};
  RITZ_TRY(RITZ_NEW(count * s->numbers, &s->parameters));
  if (s->fixed) return fill_elements(s, kind);
  RITZ_TRY(RITZ_NEW(count * n, &s->b));
  return fill_diffusion(s, kind == SEQUENCE_HELMHOLTZ || kind == SEQUENCE_HELMHOLTZ_SLIP,
                        kind == SEQUENCE_DARCY_SLIP || kind == SEQUENCE_HELMHOLTZ_SLIP);
}

void sequence_set_clear(sequence_set *s) {
  ritz_free(s->parameters);
  ritz_free(s->values);
  ritz_free(s->b);
  ritz_sparse_destroy(&s->matrix);
}
