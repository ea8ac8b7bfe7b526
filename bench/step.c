/* SPDX-License-Identifier: BSD-3-Clause
 * Neural operators in single precision: full training steps (forward, all gradients, AdamW;
 * the loss is relative L2) and predictions of one field.
 *
 * Checked first: the loss falls and the gradient of a smaller problem, of the same width, agrees
 * with that in double; a prediction agrees with one in double. The lines say all that another
 * implementation needs to do the same (bench/compare_torch.py reads them): operator, options, grid,
 * batch. "peak_rss_mib" is the largest resident set of the process so far. */
#include <math.h>
#include <ritz/operator.h>
#include <ritz/random.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "core/shape.h"
#include "train/loss.h"
#include "train/optimizer.h"

typedef struct step_case {
  bench_case base;
  const char *op, *modes_key, *width_key;
  int dim;
  ritz_index n, modes, width, batch;
  const char *options; /* JSON; else modes and width */
} step_case;

/* -- One operator, planned -------------------------------------------------------------------- */

typedef struct problem {
  ritz_dtype dtype;
  char options[128];
  ritz_operator *op;
  ritz_params *params;
  ritz_plan *plan;
  ritz_var x, truth, y, loss; /* truth and loss: training only */
} problem;

static void destroy(problem *p) {
  ritz_plan_destroy(&p->plan);
  ritz_params_destroy(&p->params);
  ritz_operator_destroy(&p->op);
}

static void write_options(const step_case *c, ritz_index modes, char out[128]) {
  if (c->options) {
    snprintf(out, 128, "%s", c->options);
    return;
  }
  int used = snprintf(out, 128, "{\"%s\": [", c->modes_key);
  for (int a = 0; a < c->dim; a++)
    used += snprintf(out + used, 128 - (size_t)used, "%s%td", a ? ", " : "", modes);
  snprintf(out + used, 128 - (size_t)used, "], \"%s\": %td}", c->width_key, c->width);
}

static ritz_index count_of(ritz_var var) {
  const ritz_shape shape = ritz_var_shape(var);
  return ritz_shape_count(&shape);
}

/* The same numbers, those of float, in either format. */
static void fill(problem *p, ritz_var var, uint32_t stream) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  void *data = ritz_plan_value(p->plan, var);
  for (ritz_index i = 0, count = count_of(var); i < count; i++) {
    const float value = (float)(ritz_random_uniform(random, (uint64_t)i) - 0.3);
    ritz_number_set(p->dtype, data, i, value);
  }
}

static ritz_status plan(problem *p, ritz_context *context, const ritz_shape *shape, bool train) {
  const ritz_plan_options options = {.gradients = train};
  const ritz_loss_type *type;
  ritz_graph *graph;
  RITZ_TRY(ritz_loss_type_find("rel_l2", &type));
  RITZ_TRY(ritz_graph_create(context, p->dtype, &graph));
  ritz_var out = p->x = ritz_input(graph, "x", *shape);
  out = p->y = ritz_operator_build(p->op, graph, p->params, p->x);
  if (train) {
    p->truth = ritz_input(graph, "y", ritz_var_shape(p->y));
    out = p->loss = ritz_loss(graph, type, p->y, p->truth, NULL);
  }
  const ritz_status status = ritz_graph_plan(graph, 1, &out, &options, &p->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

static ritz_status create(problem *p, const step_case *c, ritz_context *context, ritz_dtype dtype,
                          bool train) {
  ritz_shape shape = {.rank = c->dim + 2, .n = {c->batch}};
  for (int a = 0; a < c->dim; a++) shape.n[a + 1] = c->n;
  shape.n[c->dim + 1] = 1;
  *p = (problem){.dtype = dtype};
  write_options(c, c->modes, p->options);
  RITZ_TRY(ritz_operator_create(context, c->op, p->options, &p->op));
  RITZ_TRY(ritz_params_create(context, dtype, 1, &p->params));
  RITZ_TRY(plan(p, context, &shape, train));
  fill(p, p->x, 1);
  if (train) fill(p, p->truth, 2);
  return RITZ_OK;
}

/* -- Checks ------------------------------------------------------------------------------------ */

/* A problem in float and in double, with the same parameters. */
typedef struct pair {
  problem single, twice;
} pair;

static ritz_status create_pair(pair *both, const step_case *c, ritz_context *context, bool train) {
  *both = (pair){0};
  RITZ_TRY(create(&both->single, c, context, RITZ_FLOAT32, train));
  RITZ_TRY(create(&both->twice, c, context, RITZ_FLOAT64, train));
  const float *from = ritz_params_data(both->single.params);
  double *to = ritz_params_data(both->twice.params);
  for (ritz_index i = 0; i < ritz_params_length(both->single.params); i++) to[i] = from[i];
  ritz_plan_forward(both->single.plan);
  ritz_plan_forward(both->twice.plan);
  return RITZ_OK;
}

static void destroy_pair(pair *both) {
  destroy(&both->single);
  destroy(&both->twice);
}

static double difference(const float *single, const double *twice, ritz_index count, double *size) {
  double error = 0;
  *size = 0;
  for (ritz_index i = 0; i < count; i++) {
    const double d = single[i] - twice[i];
    error += d * d;
    *size += twice[i] * twice[i];
  }
  *size = sqrt(*size);
  return sqrt(error);
}

/* The largest relative error, in the Euclidean norm, of the gradient of one parameter; of small
 * ones in proportion to a thousandth of the whole. */
static double gradient_error(pair *both) {
  const float *single = ritz_plan_parameter_gradient(both->single.plan);
  const double *twice = ritz_plan_parameter_gradient(both->twice.plan);
  double whole, size, worst = 0;
  difference(single, twice, ritz_params_length(both->single.params), &whole);
  for (int i = 0; i < ritz_params_count(both->single.params); i++) {
    const ritz_param_info *info = ritz_params_info(both->single.params, i);
    const double d = difference(single + info->offset, twice + info->offset, info->count, &size);
    const double error = d / fmax(size, 1e-3 * whole);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/* Float carries 6e-8 through some twenty layers of sums. */
static const double tolerance = 2e-5;

static ritz_status check_gradient(const step_case *c, ritz_context *context, double *error) {
  step_case small = *c;
  small.modes = c->modes < 6 ? c->modes : 6;
  small.n = c->options ? 32 : 2 * small.modes + 1;
  small.batch = 2;
  pair both;
  ritz_status status;
  RITZ_TRY_DONE(create_pair(&both, &small, context, true));
  ritz_plan_backward(both.single.plan);
  ritz_plan_backward(both.twice.plan);
  *error = gradient_error(&both);
  if (!(*error <= tolerance))
    status = RITZ_FAIL(RITZ_ERR_NUMERIC, "the gradient is off that in double by %.2g", *error);
done:
  destroy_pair(&both);
  return status;
}

static ritz_status check_prediction(const step_case *c, ritz_context *context, double *error) {
  pair both;
  double size;
  ritz_status status;
  RITZ_TRY_DONE(create_pair(&both, c, context, false));
  *error =
      difference(ritz_plan_value(both.single.plan, both.single.y),
                 ritz_plan_value(both.twice.plan, both.twice.y), count_of(both.twice.y), &size);
  *error /= size;
  if (!(*error <= tolerance))
    status = RITZ_FAIL(RITZ_ERR_NUMERIC, "the prediction is off that in double by %.2g", *error);
done:
  destroy_pair(&both);
  return status;
}

/* -- Timing ------------------------------------------------------------------------------------ */

/* MiB; 0 where the system does not say. */
static double peak_resident_set(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  double kib = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %lf", &kib) == 1) break;
  if (file) fclose(file);
  return kib / 1024;
}

static ritz_status measure(const step_case *c, const bench_call *call, problem *p,
                           const bench_job *job, double more_bytes, double error) {
  bench_line line = {.of = &c->base, .dtype = RITZ_FLOAT32, .flops = ritz_plan_flops(p->plan)};
  ritz_plan_cost *cost;
  char grid[64] = "";
  RITZ_TRY(ritz_plan_measure(p->plan, 0, &cost));
  line.bytes = cost->bytes + more_bytes;
  ritz_plan_cost_destroy(&cost);
  RITZ_TRY(bench_measure(call, line.dtype, 1, job, &line.times));
  for (int a = 0; a < c->dim; a++)
    snprintf(grid + strlen(grid), sizeof grid - strlen(grid), "%s%td", a ? ", " : "", c->n);
  bench_print(call, &line,
              "\"operator\": \"%s\", \"options\": %s, \"grid\": [%s], \"batch\": %td, "
              "\"parameters\": %td, \"gflop\": %.4g, \"plan_mib\": %.1f, \"peak_rss_mib\": %.1f, "
              "\"error\": %.1e",
              c->op, p->options, grid, c->batch, ritz_params_numbers(p->params), line.flops * 1e-9,
              (double)ritz_plan_memory(p->plan) / (1 << 20), peak_resident_set(), error);
  return RITZ_OK;
}

typedef struct training {
  problem problem;
  ritz_optimizer *optimizer;
  ritz_status status;
} training;

static void step(void *arg) {
  training *t = arg;
  ritz_plan_forward(t->problem.plan);
  ritz_status status = ritz_optimizer_backward(t->optimizer, t->problem.plan, 1e-3);
  const void *gradient = ritz_plan_parameter_gradient(t->problem.plan);
  if (status == RITZ_OK) status = ritz_optimizer_step(t->optimizer, 1e-3, gradient);
  if (status != RITZ_OK) t->status = status;
}

static double loss(const problem *p) {
  double sum = 0;
  for (ritz_index i = 0; i < count_of(p->loss); i++)
    sum += ritz_number_get(p->dtype, ritz_plan_value(p->plan, p->loss), i);
  return sum;
}

static ritz_status check_descent(training *t) {
  step(t);
  const double first = loss(&t->problem);
  for (int i = 0; i < 4; i++) step(t);
  const double last = loss(&t->problem);
  RITZ_REQUIRE(last < first, RITZ_ERR_NUMERIC, "the loss does not fall: %g, %g", first, last);
  return t->status;
}

static ritz_status train(const bench_case *self, const bench_call *call) {
  const step_case *c = (const step_case *)self;
  training t = {0};
  problem *p = &t.problem;
  double error;
  ritz_status status;
  RITZ_TRY_DONE(check_gradient(c, call->context, &error));
  RITZ_TRY_DONE(create(p, c, call->context, RITZ_FLOAT32, true));
  RITZ_TRY_DONE(ritz_optimizer_create(call->context, p->params, "adamw", NULL, NULL, &t.optimizer));
  RITZ_TRY_DONE(check_descent(&t));
  const bench_job job = {step, &t};
  /* AdamW reads parameter, gradient and two moments and writes all but the gradient. */
  const double optimizer_bytes = 7.0 * sizeof(float) * (double)ritz_params_length(p->params);
  RITZ_TRY_DONE(measure(c, call, p, &job, optimizer_bytes, error));
  status = t.status;
done:
  ritz_optimizer_destroy(&t.optimizer);
  destroy(p);
  return status;
}

static void forward(void *plan) { ritz_plan_forward(plan); }

static ritz_status infer(const bench_case *self, const bench_call *call) {
  const step_case *c = (const step_case *)self;
  problem p = {0};
  double error;
  ritz_status status;
  RITZ_TRY_DONE(check_prediction(c, call->context, &error));
  RITZ_TRY_DONE(create(&p, c, call->context, RITZ_FLOAT32, false));
  const bench_job job = {forward, p.plan};
  RITZ_TRY_DONE(measure(c, call, &p, &job, 0, error));
done:
  destroy(&p);
  return status;
}

/* -- Cases ------------------------------------------------------------------------------------- */

#define FNO(job, name, about, dim, n, modes, width, batch)                                         \
  {                                                                                                \
    {#job "/" name, about, job}, "fno", "n_modes", "hidden_channels", dim, n, modes, width, batch, \
        NULL                                                                                       \
  }

static const step_case cases[] = {
    FNO(train, "fno2d-16", "step, 16^2, 8 x 8 modes, width 24, batch 64", 2, 16, 8, 24, 64),
    FNO(train, "fno2d-64", "step, 64^2, 24 x 24 modes, width 32, batch 16", 2, 64, 24, 32, 16),
    FNO(train, "fno2d-128", "step, 128^2, 32 x 32 modes, width 64, batch 4", 2, 128, 32, 64, 4),
    FNO(train, "fno3d-32", "step, 32^3, 12^3 modes, width 32, batch 2", 3, 32, 12, 32, 2),
    FNO(infer, "fno2d-16", "one field, 16^2, 8 x 8 modes, width 24", 2, 16, 8, 24, 1),
    {{"train/mgno2d-256", "step, 256^2, MgNO of 6 levels, width 24, batch 2", train},
     "mgno",
     NULL,
     NULL,
     2,
     256,
     0,
     24,
     2,
     "{\"pre_smoothing\": [1, 1, 1, 1, 1, 2], \"hidden_channels\": 24}"},
    FNO(infer, "fno2d-64", "one field, 64^2, 24 x 24 modes, width 32", 2, 64, 24, 32, 1),
    FNO(infer, "fno2d-128", "one field, 128^2, 32 x 32 modes, width 64", 2, 128, 32, 64, 1),
    {{"infer/fno2d-421", "one field, 421^2, the original FNO, 12 modes per corner, width 32",
      infer},
     "fno_2020",
     "modes",
     "width",
     2,
     421,
     12,
     32,
     1,
     NULL},
    FNO(infer, "fno3d-32", "one field, 32^3, 12^3 modes, width 32", 3, 32, 12, 32, 1),
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-step", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
