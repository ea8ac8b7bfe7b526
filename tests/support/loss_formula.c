/* SPDX-License-Identifier: BSD-3-Clause */
#include "loss_formula.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"

typedef struct field {
  ritz_index n[3], channels;
  double h[3];
  bool periodic, real_axis[3];
  const double *u;
} field;

static double at(const field *f, const ritz_index i[3], int axis, ritz_index place, ritz_index c) {
  ritz_index k[3] = {i[0], i[1], i[2]};
  k[axis] = place;
  return f->u[((k[0] * f->n[1] + k[1]) * f->n[2] + k[2]) * f->channels + c];
}

static double derivative(const field *f, const ritz_index i[3], int a, ritz_index c) {
  const ritz_index n = f->n[a], k = i[a];
#define U(place) at(f, i, a, place, c)
  if (f->periodic || (k > 0 && k < n - 1))
    return (U((k + 1) % n) - U((k + n - 1) % n)) / (2 * f->h[a]);
  if (k == 0) return (-11 * U(0) + 18 * U(1) - 9 * U(2) + 2 * U(3)) / (6 * f->h[a]);
  return (11 * U(n - 1) - 18 * U(n - 2) + 9 * U(n - 3) - 2 * U(n - 4)) / (6 * f->h[a]);
#undef U
}

typedef struct field_sums {
  double l1, l2, h1, most;
} field_sums;

static field_sums sums_of_channel(const field *f, ritz_index c) {
  field_sums s = {0};
  ritz_index i[3];
  for (i[0] = 0; i[0] < f->n[0]; i[0]++)
    for (i[1] = 0; i[1] < f->n[1]; i[1]++)
      for (i[2] = 0; i[2] < f->n[2]; i[2]++) {
        const double u = at(f, i, 0, i[0], c);
        s.l1 += fabs(u);
        s.l2 += u * u;
        s.h1 += u * u;
        s.most = fmax(s.most, fabs(u));
        for (int a = 0; a < 3; a++)
          if (f->real_axis[a]) s.h1 += pow(derivative(f, i, a, c), 2);
      }
  return s;
}

static field_sums total_of(const field *f) {
  field_sums t = {0};
  for (ritz_index c = 0; c < f->channels; c++) {
    const field_sums s = sums_of_channel(f, c);
    t.l1 += s.l1, t.l2 += s.l2, t.h1 += s.h1, t.most = fmax(t.most, s.most);
  }
  return t;
}

/* DFT along one axis of z [outer][n][inner], by its sum. */
static void transform_axis(ritz_index outer, ritz_index n, ritz_index inner, double complex *z) {
  double complex *line = malloc((size_t)n * sizeof *line);
  for (ritz_index r = 0; r < outer * inner; r++) {
    double complex *at = z + r / inner * n * inner + r % inner;
    for (ritz_index q = 0; q < n; q++) {
      line[q] = 0;
      for (ritz_index i = 0; i < n; i++)
        line[q] += at[i * inner] * cexp(-2 * acos(-1.0) * I * (double)(q * i % n) / (double)n);
    }
    for (ritz_index q = 0; q < n; q++) at[q * inner] = line[q] / sqrt((double)n);
  }
  free(line);
}

/* Sum of (1 + |k|^2) |u_k|^2, frequencies from `cut` on counting as 0. */
static double fourier_h1(const field *f, ritz_index cut) {
  const ritz_index *n = f->n, count = n[0] * n[1] * n[2] * f->channels;
  double complex *z = malloc((size_t)count * sizeof *z);
  for (ritz_index i = 0; i < count; i++) z[i] = f->u[i];
  transform_axis(1, n[0], n[1] * n[2] * f->channels, z);
  transform_axis(n[0], n[1], n[2] * f->channels, z);
  transform_axis(n[0] * n[1], n[2], f->channels, z);
  double sum = 0;
  for (ritz_index i = 0; i < count; i++) {
    const ritz_index p = i / f->channels;
    const ritz_index q[3] = {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]};
    double weight = 1;
    for (int a = 0; a < 3; a++) {
      const ritz_index k = q[a] < n[a] - q[a] ? q[a] : n[a] - q[a];
      if (k < cut) weight += (double)(k * k);
    }
    sum += weight * pow(cabs(z[i]), 2);
  }
  free(z);
  return sum;
}

static double by_formula(const loss_case *c, const field *e, const field *y) {
  const field_sums se = total_of(e), sy = total_of(y);
  const double eps = c->options.eps, cell = e->h[0] * e->h[1] * e->h[2];
  const double points = (double)(e->n[0] * e->n[1] * e->n[2]);
  const bool h1 = strstr(c->name, "h1") != NULL;
  if (strcmp(c->name, "rel_l2") == 0) return sqrt(se.l2) / (sqrt(sy.l2) + eps);
  if (strcmp(c->name, "rel_h1") == 0) return sqrt(se.h1) / (sqrt(sy.h1) + eps);
  if (strcmp(c->name, "rel_h1_fourier") == 0)
    return sqrt(fourier_h1(e, c->options.cut)) / (sqrt(fourier_h1(y, c->options.cut)) + eps);
  if (strcmp(c->name, "rel_l1") == 0) return se.l1 / (sy.l1 + eps);
  if (strcmp(c->name, "rel_max") == 0) return se.most / (sy.most + eps);
  if (strcmp(c->name, "mse") == 0) return se.l2 / points / (double)e->channels;
  if (strcmp(c->name, "l2") == 0) return sqrt(cell * se.l2);
  if (strcmp(c->name, "h1") == 0) return sqrt(cell * se.h1);
  assert_non_null(strstr(c->name, "_per_channel"));
  double sum = 0;
  for (ritz_index k = 0; k < e->channels; k++) {
    const field_sums ce = sums_of_channel(e, k), cy = sums_of_channel(y, k);
    sum += h1 ? sqrt(ce.h1) / (sqrt(cy.h1) + eps) : sqrt(ce.l2) / (sqrt(cy.l2) + eps);
  }
  return sum;
}

/* Of sample b: of all channels, or of channel `only` if it is not negative. */
static double expected_loss(const loss_case *c, ritz_index b, ritz_index only, const double *x,
                            const double *y) {
  const int d = c->shape.rank - 2;
  field f = {.n = {1, 1, 1},
             .h = {1, 1, 1},
             .channels = c->shape.n[d + 1],
             .periodic = c->options.periodic};
  ritz_index count = f.channels;
  for (int a = 0; a < d; a++) {
    const double length = c->options.lengths.v[c->options.lengths.count == 1 ? 0 : a];
    f.n[3 - d + a] = c->shape.n[a + 1];
    f.h[3 - d + a] = length / (double)c->shape.n[a + 1];
    f.real_axis[3 - d + a] = true;
    count *= c->shape.n[a + 1];
  }
  const ritz_index kept = only < 0 ? f.channels : 1, rows = count / f.channels;
  double *e = malloc((size_t)count * sizeof *e), *t = malloc((size_t)count * sizeof *t);
  for (ritz_index r = 0; r < rows; r++)
    for (ritz_index k = 0; k < kept; k++) {
      const ritz_index from = b * count + r * f.channels + (only < 0 ? k : only);
      t[r * kept + k] = y[from];
      e[r * kept + k] = x[from] - y[from];
    }
  f.channels = kept;
  field error = f, truth = f;
  error.u = e;
  truth.u = t;
  const double value = by_formula(c, &error, &truth);
  free(e);
  free(t);
  return value;
}

/* sums of a few hundred squares in another order */
static void check_number(const char *name, double value, double expected) {
  if (!(fabs(value - expected) <= 1e-13 * expected))
    fail_msg("%s: %.17g, formula %.17g", name, value, expected);
}

void check_loss_values(const loss_case *c) {
  const ritz_index count = ritz_shape_count(&c->shape);
  const ritz_index channels = c->shape.n[c->shape.rank - 1];
  double *x = malloc((size_t)count * sizeof *x), *y = malloc((size_t)count * sizeof *y);
  fill_uniform(1, count, x);
  fill_truth(c, y);
  for (int by_channel = 0; by_channel < 2; by_channel++) {
    loss_case one = *c;
    loss_graph g;
    if (by_channel) one.construct = ritz_loss_by_channel;
    assert_ok(loss_graph_plan(&one, RITZ_FLOAT64, false, &g));
    memcpy(ritz_plan_value(g.plan, g.prediction), x, (size_t)count * sizeof *x);
    memcpy(ritz_plan_value(g.plan, g.truth), y, (size_t)count * sizeof *y);
    ritz_plan_forward(g.plan);
    const double *value = ritz_plan_value(g.plan, g.loss);
    for (ritz_index b = 0; b < c->shape.n[0]; b++)
      for (ritz_index k = 0; k < (by_channel ? channels : 1); k += 5)
        check_number(c->name, value[by_channel ? b * channels + k : b],
                     expected_loss(c, b, by_channel ? k : -1, x, y));
    loss_graph_release(&g);
  }
  free(x);
  free(y);
}
