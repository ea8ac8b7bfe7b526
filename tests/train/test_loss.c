/* SPDX-License-Identifier: BSD-3-Clause
 * Losses against their formulas written out, published numbers and central differences. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "gradient.h"
#include "graph/op.h"
#include "io/yaml.h"
#include "train/loss.h"

/* A loss to test: truth is a constant of the graph. */
typedef struct loss_case {
  const char *name;
  ritz_loss_options options;
  ritz_shape shape;
  double truth_scale;
} loss_case;

/* An op without operands that gives the same random numbers at every run. */
static ritz_status constant_infer(ritz_node *node) {
  node->shape = ((const loss_case *)node->attr)->shape;
  return RITZ_OK;
}
static void constant_forward(const ritz_node *node) {
  const loss_case *c = node->attr;
  const ritz_index count = ritz_shape_count(&node->shape);
  fill_uniform_as(node->graph->dtype, 77, count, node->value.data);
  for (ritz_index i = 0; i < count; i++) {
    if (node->graph->dtype == RITZ_FLOAT64)
      ((double *)node->value.data)[i] *= c->truth_scale;
    else
      ((float *)node->value.data)[i] *= (float)c->truth_scale;
  }
}
static const ritz_op constant_op = {
    .name = "constant", .infer = constant_infer, .forward = constant_forward};

static const ritz_loss_type *type_named(const char *name) {
  const ritz_loss_type *type;
  assert_ok(ritz_loss_type_find(name, &type));
  return type;
}

static ritz_var build_loss(ritz_graph *g, ritz_params *params, ritz_var x, const void *config) {
  const loss_case *c = config;
  ritz_var truth = ritz_graph_add(g, &constant_op, 0, NULL, c, sizeof *c);
  return ritz_loss(g, type_named(c->name), x, truth, &c->options);
}

static loss_case case_of(const char *name, ritz_shape shape) {
  loss_case c = {.name = name, .shape = shape, .truth_scale = 1};
  ritz_loss_options_defaults(&c.options);
  return c;
}

/* -- the formulas, point by point ------------------------------------------------------------- */

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

/* All channels, or channel `only` if it is not negative. */
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

static void check_value(const loss_case *c) {
  const ritz_index count = ritz_shape_count(&c->shape);
  double *x = malloc((size_t)count * sizeof *x), *y = malloc((size_t)count * sizeof *y);
  fill_uniform(1, count, x); /* as run_graph fills its input */
  fill_uniform(77, count, y);
  for (ritz_index i = 0; i < count; i++) y[i] *= c->truth_scale;
  const double *input[2] = {x, y};
  ritz_context *context;
  ritz_graph *g;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &g));
  ritz_var in[2] = {ritz_input(g, "prediction", c->shape), ritz_input(g, "truth", c->shape)};
  const ritz_var loss[2] = {
      ritz_loss(g, type_named(c->name), in[0], in[1], &c->options),
      ritz_loss_by_channel(g, type_named(c->name), in[0], in[1], &c->options)};
  assert_ok(ritz_graph_plan(g, 2, loss, NULL, &plan));
  for (int i = 0; i < 2; i++)
    memcpy(ritz_plan_value(plan, in[i]), input[i], (size_t)count * sizeof *x);
  ritz_plan_forward(plan);
  const double *value = ritz_plan_value(plan, loss[0]),
               *by_channel = ritz_plan_value(plan, loss[1]);
  const ritz_index channels = c->shape.n[c->shape.rank - 1];
  for (ritz_index b = 0; b < c->shape.n[0]; b++) {
    check_number(c->name, value[b], expected_loss(c, b, -1, x, y));
    for (ritz_index k = 0; k < channels; k += 5)
      check_number(c->name, by_channel[b * channels + k], expected_loss(c, b, k, x, y));
  }
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
  free(x);
  free(y);
}

static const ritz_shape shapes[] = {
    {3, {2, 17, 3}},       /* 1-D, prime */
    {3, {1, 1, 1}},        /* one number */
    {3, {3, 2, 2}},        /* two points */
    {4, {2, 3, 1, 5}},     /* three points and one */
    {4, {2, 5, 4, 1}},     /* the smallest without periodicity */
    {4, {3, 13, 9, 2}},    /* odd */
    {4, {1, 4, 5, 67}},    /* more channels than lanes */
    {5, {2, 4, 6, 5, 3}},  /* 3-D */
    {4, {2, 101, 103, 1}}, /* several chunks a sample */
};
enum { shape_count = sizeof shapes / sizeof *shapes };

static bool fits_without_periodicity(const ritz_shape *shape) {
  for (int a = 1; a < shape->rank - 1; a++)
    if (shape->n[a] < 4) return false;
  return true;
}

typedef void loss_check(const loss_case *c);

/* All losses, shapes, both kinds of ends, lengths of one and of every axis. */
static void for_all_cases(loss_check *check) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < shape_count; s++) {
      loss_case c = case_of(types[t]->name, shapes[s]);
      check(&c);
      c.options.lengths = (ritz_reals){.count = shapes[s].rank - 2, .v = {2.5, 0.5, 7}};
      c.options.eps = 0.125;
      c.options.cut = 3;
      c.options.periodic = !fits_without_periodicity(&shapes[s]);
      check(&c);
    }
}

static void values_follow_the_formulas(void **state) { for_all_cases(check_value); }

static void check_case_gradients(const loss_case *c) {
  if (!ritz_loss_has_gradient(type_named(c->name))) return;
  /* One of 1e4 numbers moves a loss by less than central differences resolve. */
  if (ritz_shape_count(&c->shape) > 10000) return;
  check_gradients(c->shape, build_loss, c);
}

static void gradients_match_central_differences(void **state) {
  for_all_cases(check_case_gradients);
}

static ritz_var build_all_losses(ritz_graph *g, ritz_params *params, ritz_var x,
                                 const void *config) {
  static const char *const names[] = {"rel_h1", "rel_l1", "h1", "l2_per_channel", "rel_h1_fourier"};
  loss_case c = *(const loss_case *)config;
  ritz_var sum = build_loss(g, params, ritz_gelu(g, x), config);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    c.name = names[i];
    sum = ritz_add(g, sum, build_loss(g, params, x, &c));
  }
  return sum;
}

/* All but the first vjp to run have to add to the gradient of x. */
static void gradients_of_several_losses_add_up(void **state) {
  for (int s = 0; s < shape_count; s++) {
    const loss_case c = case_of("mse", shapes[s]);
    if (ritz_shape_count(&c.shape) < 10000) check_gradients(c.shape, build_all_losses, &c);
  }
}

/* A norm is homogeneous of degree 1 in e, a mean square of degree 2: <gradient, e> = degree loss
 * (Euler). It sees every number of a gradient, on grids of several chunks too. */
static void check_homogeneity(const loss_case *c) {
  if (!ritz_loss_has_gradient(type_named(c->name))) return;
  graph_result result = run_graph(RITZ_FLOAT64, 2, c->shape, build_loss, c);
  const ritz_index samples = c->shape.n[0], count = result.x_count / samples;
  const double degree = strcmp(c->name, "mse") == 0 ? 2 : 1;
  double *x = malloc((size_t)result.x_count * sizeof *x), cotangent[4];
  double *y = malloc((size_t)result.x_count * sizeof *y);
  fill_uniform(1, result.x_count, x);
  fill_uniform(77, result.x_count, y);
  fill_uniform(2, samples, cotangent);
  for (ritz_index b = 0; b < samples; b++) {
    double inner = 0;
    for (ritz_index i = b * count; i < (b + 1) * count; i++) inner += result.gx[i] * (x[i] - y[i]);
    const double expected = degree * cotangent[b] * result.y[b];
    assert_near(inner, expected, 1e-12 * fabs(expected));
  }
  graph_result_free(&result);
  free(x);
  free(y);
}

static void gradients_are_homogeneous(void **state) { for_all_cases(check_homogeneity); }

static void check_threads(const loss_case *c) {
  if (!ritz_loss_has_gradient(type_named(c->name))) return;
  graph_result one = run_graph(RITZ_FLOAT32, 1, c->shape, build_loss, c);
  graph_result two = run_graph(RITZ_FLOAT32, 2, c->shape, build_loss, c);
  graph_result exact = run_graph(RITZ_FLOAT64, 3, c->shape, build_loss, c);
  assert_memory_equal(one.y, two.y, (size_t)one.y_count * sizeof *one.y);
  assert_memory_equal(one.gx, two.gx, (size_t)one.x_count * sizeof *one.gx);
  /* Inputs are rounded to float, differences of neighbours keep their relative error. */
  assert_true(relative_error(one.y_count, one.y, exact.y) < 2e-6);
  if (strstr(c->name, "l1") == NULL)
    assert_true(relative_error(one.x_count, one.gx, exact.gx) < 5e-6);
  graph_result_free(&one);
  graph_result_free(&two);
  graph_result_free(&exact);
}

static void results_do_not_depend_on_threads_and_float_agrees_with_double(void **state) {
  for_all_cases(check_threads);
}

/* -- numbers of the published implementations -------------------------------------------------- */

/* The integer hash of the golden vectors: element k of tensor p. */
static double golden_number(uint32_t k, uint32_t p) {
  uint32_t h = (k + 1) * 2654435761u + (p + 1) * 2246822519u;
  h ^= h >> 15;
  h *= 2246822519u;
  h ^= h >> 13;
  return 2 * (double)h / 4294967296.0 - 1;
}

/* Sum over two samples of one channel, a against b. */
static double golden_loss(const char *name, ritz_shape shape, bool periodic) {
  ritz_context *context;
  ritz_graph *g;
  ritz_plan *plan;
  loss_case c = case_of(name, shape);
  c.options.periodic = periodic;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &g));
  ritz_var a = ritz_input(g, "a", shape), b = ritz_input(g, "b", shape);
  ritz_var loss = ritz_loss(g, type_named(name), a, b, &c.options);
  assert_ok(ritz_graph_plan(g, 1, &loss, NULL, &plan));
  for (ritz_index k = 0; k < ritz_shape_count(&shape); k++) {
    ((double *)ritz_plan_value(plan, a))[k] = golden_number((uint32_t)k, 10);
    ((double *)ritz_plan_value(plan, b))[k] = golden_number((uint32_t)k, 11);
  }
  ritz_plan_forward(plan);
  const double *value = ritz_plan_value(plan, loss);
  const double sum = value[0] + value[1];
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
  return sum;
}

/* Printed with seven digits, computed by the reference in float. */
static void losses_match_the_reference_implementation(void **state) {
  const ritz_shape line = RITZ_SHAPE(2, 8, 1), plane = RITZ_SHAPE(2, 6, 5, 1),
                   space = RITZ_SHAPE(2, 5, 4, 6, 1);
  assert_near(golden_loss("rel_l2", plane, true), 2.3549, 2e-6);
  assert_near(golden_loss("l2_per_channel", plane, true), 2.3549, 2e-6);
  assert_near(golden_loss("l2", plane, true), 1.454913, 2e-6);
  assert_near(golden_loss("rel_l1", plane, true), 2.13169, 2e-6);
  assert_near(golden_loss("rel_h1", plane, true), 2.42612, 2e-6);
  assert_near(golden_loss("h1_per_channel", plane, true), 2.42612, 2e-6);
  assert_near(golden_loss("h1", plane, true), 8.568961, 5e-6);
  assert_near(golden_loss("rel_h1", plane, false), 2.576417, 2e-6);
  assert_near(golden_loss("h1", plane, false), 27.70949, 2e-5);
  assert_near(golden_loss("rel_h1", line, true), 2.787697, 2e-6);
  assert_near(golden_loss("h1", line, true), 11.0409, 1e-5);
  assert_near(golden_loss("rel_h1", space, true), 2.63355, 2e-6);
  assert_near(golden_loss("rel_l2", space, true), 2.650446, 2e-6);
}

/* -- corners ------------------------------------------------------------------------------------
 */

static void a_truth_of_zero_is_divided_by_eps(void **state) {
  loss_case c = case_of("rel_l2", RITZ_SHAPE(2, 5, 4, 3));
  c.truth_scale = 0;
  check_value(&c);
  check_gradients(c.shape, build_loss, &c);
  c.name = "h1_per_channel";
  check_value(&c);
}

/* Where prediction = truth the norm has no derivative; zero is the subgradient to take. */
static void a_perfect_prediction_has_no_gradient(void **state) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++) {
    if (!ritz_loss_has_gradient(types[t])) continue;
    ritz_context *context;
    ritz_graph *g;
    ritz_plan *plan;
    assert_ok(ritz_context_create(NULL, &context));
    assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
    const ritz_shape shape = RITZ_SHAPE(2, 5, 2);
    ritz_var x = ritz_input(g, "x", shape), y = ritz_input(g, "y", shape);
    ritz_var loss = ritz_loss(g, types[t], x, y, NULL);
    const ritz_plan_options options = {.gradients = true, .input_gradients = true};
    assert_ok(ritz_graph_plan(g, 1, &loss, &options, &plan));
    fill_uniform_as(RITZ_FLOAT32, 4, 20, ritz_plan_value(plan, x));
    fill_uniform_as(RITZ_FLOAT32, 4, 20, ritz_plan_value(plan, y));
    ritz_plan_forward(plan);
    ritz_plan_backward(plan);
    for (int b = 0; b < 2; b++) assert_true(((float *)ritz_plan_value(plan, loss))[b] == 0);
    for (int i = 0; i < 20; i++) {
      assert_true(((const float *)ritz_plan_input_gradient(plan, x))[i] == 0);
      assert_true(((const float *)ritz_plan_input_gradient(plan, y))[i] == 0);
    }
    ritz_plan_destroy(&plan);
    ritz_context_destroy(&context);
  }
}

static void a_nan_reaches_the_loss_of_its_sample_only(void **state) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++)
    for (int place = 0; place < 2 * 134; place += 19) {
      ritz_context *context;
      ritz_graph *g;
      ritz_plan *plan;
      assert_ok(ritz_context_create(NULL, &context));
      assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
      const ritz_shape shape = RITZ_SHAPE(2, 67, 2);
      ritz_var x = ritz_input(g, "x", shape), y = ritz_input(g, "y", shape);
      ritz_var loss = ritz_loss(g, types[t], x, y, NULL);
      assert_ok(ritz_graph_plan(g, 1, &loss, NULL, &plan));
      fill_uniform_as(RITZ_FLOAT32, 4, 268, ritz_plan_value(plan, x));
      fill_uniform_as(RITZ_FLOAT32, 5, 268, ritz_plan_value(plan, y));
      ((float *)ritz_plan_value(plan, x))[place] = NAN;
      ritz_plan_forward(plan);
      const float *value = ritz_plan_value(plan, loss);
      assert_true(isnan(value[place / 134]));
      assert_true(isfinite(value[1 - place / 134]));
      ritz_plan_destroy(&plan);
      ritz_context_destroy(&context);
    }
}

typedef ritz_var loss_constructor(ritz_graph *, const ritz_loss_type *, ritz_var, ritz_var,
                                  const ritz_loss_options *);

static ritz_status status_of_kind(loss_constructor *construct, const loss_case *c, ritz_shape truth,
                                  bool gradients) {
  ritz_context *context;
  ritz_graph *g;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
  ritz_var x = ritz_input(g, "x", c->shape), y = ritz_input(g, "y", truth);
  ritz_var loss = construct(g, type_named(c->name), x, y, &c->options);
  const ritz_plan_options options = {.gradients = gradients, .input_gradients = gradients};
  const ritz_status status = ritz_graph_plan(g, 1, &loss, &options, &plan);
  if (status != RITZ_OK) ritz_graph_destroy(&g);
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
  return status;
}

static ritz_status status_of(const loss_case *c, ritz_shape truth, bool gradients) {
  return status_of_kind(ritz_loss, c, truth, gradients);
}

static void misuse_is_named(void **state) {
  loss_case c = case_of("rel_h1", RITZ_SHAPE(2, 8, 3, 1));
  assert_ok(status_of(&c, c.shape, true));
  assert_int_equal(status_of(&c, RITZ_SHAPE(2, 8, 3, 2), false), RITZ_ERR_SHAPE);
  assert_message_contains("loss rel_h1: prediction is [2, 8, 3, 1], truth is [2, 8, 3, 2]");
  c.options.periodic = false;
  assert_int_equal(status_of(&c, c.shape, false), RITZ_ERR_SHAPE);
  assert_message_contains("grid axis 1 has 3 points");
  c = case_of("l2", RITZ_SHAPE(2, 8, 3, 1));
  c.options.lengths.count = 3;
  assert_int_equal(status_of(&c, c.shape, false), RITZ_ERR_ARGUMENT);
  assert_message_contains("3 lengths for 2 grid axes");
  c.options.lengths = (ritz_reals){.count = 1, .v = {-1}};
  assert_int_equal(status_of(&c, c.shape, false), RITZ_ERR_ARGUMENT);
  c = case_of("l2", RITZ_SHAPE(2, 8));
  assert_int_equal(status_of(&c, c.shape, false), RITZ_ERR_SHAPE);
  c = case_of("rel_max", RITZ_SHAPE(2, 8, 1));
  assert_ok(status_of(&c, c.shape, false));
  assert_int_equal(status_of(&c, c.shape, true), RITZ_ERR_UNSUPPORTED);
  assert_message_contains("rel_max is a metric");
  c = case_of("rel_l2", RITZ_SHAPE(2, 8, 1));
  assert_int_equal(status_of_kind(ritz_loss_by_channel, &c, c.shape, true), RITZ_ERR_UNSUPPORTED);
  assert_message_contains("rel_l2 by channel is a metric");
  const ritz_loss_type *type;
  assert_int_equal(ritz_loss_type_find("rel_l3", &type), RITZ_ERR_NOT_FOUND);
  assert_message_contains("rel_l");
}

static void options_are_read_by_type(void **state) {
  ritz_value *map;
  ritz_loss_options options;
  assert_ok(ritz_yaml_read_text("{lengths: [2, 1], periodic: false}", "loss", &map));
  assert_ok(ritz_loss_options_read(type_named("rel_h1"), map, &options));
  assert_int_equal(options.lengths.count, 2);
  assert_near(options.lengths.v[0], 2, 0);
  assert_near(options.eps, 1e-8, 0);
  assert_false(options.periodic);
  assert_int_equal(ritz_loss_options_read(type_named("rel_l2"), map, &options), RITZ_ERR_CONFIG);
  assert_message_contains("lengths");
  ritz_value_destroy(&map);
  assert_ok(ritz_loss_options_read(type_named("mse"), NULL, &options));
  assert_true(options.periodic);
}

static void every_failed_allocation_is_survived(void **state) {
  loss_case c = case_of("rel_h1", RITZ_SHAPE(2, 8, 3, 1));
  for (int k = 0;; k++) {
    ritz_context *context;
    ritz_graph *g;
    ritz_plan *plan;
    assert_ok(ritz_context_create(NULL, &context));
    assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
    ritz_var x = ritz_input(g, "x", c.shape), y = ritz_input(g, "y", c.shape);
    ritz_test_fail_allocation(k);
    ritz_var loss = ritz_loss(g, type_named(c.name), x, y, NULL);
    const ritz_plan_options options = {.gradients = true, .input_gradients = true};
    const ritz_status status = ritz_graph_plan(g, 1, &loss, &options, &plan);
    ritz_test_fail_allocation(-1);
    if (status != RITZ_OK) ritz_graph_destroy(&g);
    ritz_plan_destroy(&plan);
    ritz_context_destroy(&context);
    if (status == RITZ_OK) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_follow_the_formulas),
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(gradients_of_several_losses_add_up),
      cmocka_unit_test(gradients_are_homogeneous),
      cmocka_unit_test(results_do_not_depend_on_threads_and_float_agrees_with_double),
      cmocka_unit_test(losses_match_the_reference_implementation),
      cmocka_unit_test(a_truth_of_zero_is_divided_by_eps),
      cmocka_unit_test(a_perfect_prediction_has_no_gradient),
      cmocka_unit_test(a_nan_reaches_the_loss_of_its_sample_only),
      cmocka_unit_test(misuse_is_named),
      cmocka_unit_test(options_are_read_by_type),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
