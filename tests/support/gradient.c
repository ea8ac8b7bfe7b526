/* SPDX-License-Identifier: BSD-3-Clause */
#include "gradient.h"

#include <math.h>
#include <ritz/operator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "one_graph.h"

ritz_var random_parameter(ritz_graph *graph, ritz_params *params, const char *name,
                          ritz_shape shape, int complex_axis) {
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1.0};
  return ritz_parameter(graph, params, init, shape, complex_axis, "%s", name);
}

typedef struct problem {
  one_graph g;
  ritz_plan *plan; /* of g */
  ritz_var x, y;
} problem;

static problem build_problem(ritz_dtype dtype, int threads, ritz_shape shape,
                             gradient_builder *build, const void *config) {
  problem p = {.g = one_graph_with_threads(dtype, 5, threads)};
  p.x = ritz_input(p.g.graph, "x", shape);
  p.y = build(p.g.graph, p.g.params, p.x, config);
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  one_graph_plan(&p.g, 1, &p.y, &options);
  p.plan = p.g.plan;
  fill_uniform_as(dtype, 1, ritz_shape_count(&shape), ritz_plan_value(p.plan, p.x));
  fill_uniform_as(dtype, 2, ritz_shape_count(&p.y->shape), ritz_plan_cotangent(p.plan));
  return p;
}

static void free_problem(problem *p) { one_graph_end(&p->g); }

/* s = sum(y r) of the last run, or the sum of |y r|. */
static double sum_of(problem *p, bool magnitudes) {
  const double *y = ritz_plan_value(p->plan, p->y), *r = ritz_plan_cotangent(p->plan);
  double s = 0;
  for (ritz_index i = 0; i < ritz_shape_count(&p->y->shape); i++)
    s += magnitudes ? fabs(y[i] * r[i]) : y[i] * r[i];
  return s;
}

/* s for the present values. */
static double objective(problem *p) {
  ritz_plan_forward(p->plan);
  return sum_of(p, false);
}

static double objective_at(problem *p, double *entry, double value) {
  const double kept = *entry;
  *entry = value;
  const double s = objective(p);
  *entry = kept;
  return s;
}

/* ds/d(entry): central differences of fourth order. */
static double difference(problem *p, double *entry) {
  const double h = 1e-4, at = *entry;
  const double near = objective_at(p, entry, at + h) - objective_at(p, entry, at - h);
  const double far = objective_at(p, entry, at + 2 * h) - objective_at(p, entry, at - 2 * h);
  return (8 * near - far) / (12 * h);
}

/* Of a tensor; fewer where every run is slow and its numbers are known to be right (memcheck). */
static ritz_index entries_to_check(void) {
  const char *asked = getenv("RITZ_TEST_ENTRIES");
  const int entries = asked ? atoi(asked) : 0;
  return entries > 0 ? entries : 60;
}

static void check_entries(problem *p, const char *what, ritz_index count, double *value,
                          const double *gradient) {
  double scale = 1e-3;
  for (ritz_index i = 0; i < count; i++) scale = fmax(scale, fabs(gradient[i]));
  const ritz_index stride = count / entries_to_check() + 1;
  for (ritz_index i = 0; i < count; i += stride) {
    const double expected = difference(p, &value[i]);
    if (!(fabs(gradient[i] - expected) <= 1e-7 * scale))
      fail_msg("gradient of %s at %td of %td: %.12g, central difference %.12g", what, i, count,
               gradient[i], expected);
  }
}

/* <J v, r> by a central difference along v against <v, J^T r>. */
static void check_adjoint(problem *p, ritz_index count, double *x, const double *gx) {
  const double step = 1e-6;
  double *v = malloc((size_t)count * sizeof *v), inner = 0, scale = 1e-3;
  fill_uniform(3, count, v);
  for (ritz_index i = 0; i < count; i++) inner += v[i] * gx[i], scale += fabs(v[i] * gx[i]);
  for (ritz_index i = 0; i < count; i++) x[i] += step * v[i];
  const double above = objective(p);
  for (ritz_index i = 0; i < count; i++) x[i] -= 2 * step * v[i];
  const double below = objective(p);
  for (ritz_index i = 0; i < count; i++) x[i] += step * v[i];
  assert_near(inner, (above - below) / (2 * step), 1e-7 * scale);
  free(v);
}

void check_gradients(ritz_shape shape, gradient_builder *build, const void *config) {
  problem p = build_problem(RITZ_FLOAT64, 2, shape, build, config);
  ritz_plan_forward(p.plan);
  ritz_plan_backward(p.plan);
  const ritz_index inputs = ritz_shape_count(&shape), length = ritz_params_length(p.g.params);
  double *gradient = malloc((size_t)(length + 1) * sizeof *gradient);
  double *gx = malloc((size_t)inputs * sizeof *gx);
  if (length)
    memcpy(gradient, ritz_plan_parameter_gradient(p.plan), (size_t)length * sizeof *gradient);
  memcpy(gx, ritz_plan_input_gradient(p.plan, p.x), (size_t)inputs * sizeof *gx);

  check_entries(&p, "x", inputs, ritz_plan_value(p.plan, p.x), gx);
  check_adjoint(&p, inputs, ritz_plan_value(p.plan, p.x), gx);
  for (int i = 0; i < ritz_params_count(p.g.params); i++) {
    const ritz_param_info *info = ritz_params_info(p.g.params, i);
    if (!info->trainable) continue;
    double *data = (double *)ritz_params_data(p.g.params) + info->offset;
    check_entries(&p, info->name, info->count, data, gradient + info->offset);
  }
  free(gradient);
  free(gx);
  free_problem(&p);
}

enum { tensor_groups = 8 };

/* Moves value[i] by t v[i] and gives s there. */
static double objective_along(problem *p, ritz_index count, double *value, const double *v,
                              double t) {
  double *kept = malloc((size_t)count * sizeof *kept);
  memcpy(kept, value, (size_t)count * sizeof *kept);
  for (ritz_index i = 0; i < count; i++) value[i] += t * v[i];
  const double s = objective(p);
  memcpy(value, kept, (size_t)count * sizeof *kept);
  free(kept);
  return s;
}

static void check_direction(problem *p, const char *what, ritz_index count, double *value,
                            const double *gradient, const double *v) {
  const double h = 1e-8;
  double inner = 0, scale = 1e-3;
  for (ritz_index i = 0; i < count; i++)
    inner += v[i] * gradient[i], scale += fabs(v[i] * gradient[i]);
  const double above = objective_along(p, count, value, v, h);
  const double expected = (above - objective_along(p, count, value, v, -h)) / (2 * h);
  const double rounding = 2.2e-16 * sum_of(p, true) / h;
  if (!(fabs(inner - expected) <= 1e-6 * scale + 20 * rounding))
    fail_msg("gradient of %s along a direction: %.12g, central difference %.12g, of terms %.3g",
             what, inner, expected, scale);
}

/* out = v in the trainable tensors first, first + tensor_groups, ...; 0 elsewhere. */
static void take_tensors(const problem *p, int first, const double *v, double *out) {
  memset(out, 0, (size_t)ritz_params_length(p->g.params) * sizeof *out);
  for (int i = first; i < ritz_params_count(p->g.params); i += tensor_groups) {
    const ritz_param_info *info = ritz_params_info(p->g.params, i);
    for (ritz_index k = info->offset; info->trainable && k < info->offset + info->count; k++)
      out[k] = v[k];
  }
}

void check_directions(ritz_shape shape, gradient_builder *build, const void *config) {
  problem p = build_problem(RITZ_FLOAT64, 1, shape, build, config);
  ritz_plan_forward(p.plan);
  ritz_plan_backward(p.plan);
  const ritz_index inputs = ritz_shape_count(&shape), length = ritz_params_length(p.g.params);
  double *v = malloc((size_t)(length + inputs) * sizeof *v);
  double *one = malloc((size_t)length * sizeof *one);
  fill_uniform(3, inputs, v);
  check_direction(&p, "x", inputs, ritz_plan_value(p.plan, p.x),
                  ritz_plan_input_gradient(p.plan, p.x), v);
  fill_uniform(4, length, one);
  for (int first = 0; first < tensor_groups; first++) {
    char what[64];
    snprintf(what, sizeof what, "every %dth tensor from %d on", tensor_groups, first);
    take_tensors(&p, first, one, v);
    check_direction(&p, what, length, ritz_params_data(p.g.params),
                    ritz_plan_parameter_gradient(p.plan), v);
  }
  free(v);
  free(one);
  free_problem(&p);
}

static double *as_double(ritz_dtype dtype, ritz_index count, const void *array) {
  double *out = malloc((size_t)(count + 1) * sizeof *out);
  for (ritz_index i = 0; i < count; i++) out[i] = ritz_number_get(dtype, array, i);
  return out;
}

graph_result run_graph(ritz_dtype dtype, int threads, ritz_shape shape, gradient_builder *build,
                       const void *config) {
  problem p = build_problem(dtype, threads, shape, build, config);
  ritz_plan_forward(p.plan);
  ritz_plan_backward(p.plan);
  graph_result result = {.y_count = ritz_shape_count(&p.y->shape),
                         .gradient_count = ritz_params_length(p.g.params),
                         .x_count = ritz_shape_count(&shape)};
  result.y = as_double(dtype, result.y_count, ritz_plan_value(p.plan, p.y));
  result.gradient = as_double(dtype, result.gradient_count, ritz_plan_parameter_gradient(p.plan));
  result.gx = as_double(dtype, result.x_count, ritz_plan_input_gradient(p.plan, p.x));
  free_problem(&p);
  return result;
}

void graph_result_free(graph_result *result) {
  free(result->y);
  free(result->gradient);
  free(result->gx);
}

void check_thread_counts(ritz_shape x, gradient_builder *build, const void *config) {
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    graph_result one = run_graph(dtype, 1, x, build, config);
    graph_result two = run_graph(dtype, 2, x, build, config);
    assert_memory_equal(one.y, two.y, (size_t)one.y_count * sizeof *one.y);
    assert_memory_equal(one.gx, two.gx, (size_t)one.x_count * sizeof *one.gx);
    assert_memory_equal(one.gradient, two.gradient,
                        (size_t)one.gradient_count * sizeof *one.gradient);
    graph_result_free(&one);
    graph_result_free(&two);
  }
}

void check_formats(ritz_shape x, gradient_builder *build, const void *config, double rounding,
                   double gradient_rounding) {
  graph_result f = run_graph(RITZ_FLOAT32, 1, x, build, config);
  graph_result d = run_graph(RITZ_FLOAT64, 3, x, build, config);
  assert_true(relative_error(f.y_count, f.y, d.y) < rounding);
  assert_true(relative_error(f.x_count, f.gx, d.gx) < gradient_rounding);
  assert_true(relative_error(f.gradient_count, f.gradient, d.gradient) < gradient_rounding);
  graph_result_free(&f);
  graph_result_free(&d);
}

double *evaluate_graph(ritz_shape shape, gradient_builder *build, const void *config,
                       const double *x, const char *name, const double *w) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 5);
  ritz_var in = ritz_input(t.graph, "x", shape), out = build(t.graph, t.params, in, config);
  one_graph_plan(&t, 1, &out, NULL);
  if (name) {
    const ritz_param_info *info = ritz_params_info(t.params, ritz_params_find(t.params, name));
    memcpy(one_graph_parameter(&t, name), w, (size_t)info->count * sizeof *w);
  }
  memcpy(ritz_plan_value(t.plan, in), x, (size_t)ritz_shape_count(&shape) * sizeof *x);
  ritz_plan_forward(t.plan);
  double *y = as_double(RITZ_FLOAT64, ritz_shape_count(&out->shape), ritz_plan_value(t.plan, out));
  one_graph_end(&t);
  return y;
}

ritz_var build_operator(ritz_graph *graph, ritz_params *params, ritz_var x, const void *config) {
  const operator_case *c = config;
  ritz_operator *op;
  assert_ok(ritz_operator_create(graph->context, c->type, c->options, &op));
  ritz_graph_set_training(graph, c->training, 3);
  ritz_var y = ritz_operator_build(op, graph, params, x);
  ritz_operator_destroy(&op); /* the graph holds what it needs */
  return y;
}
