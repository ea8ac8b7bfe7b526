/* SPDX-License-Identifier: BSD-3-Clause
 * Networks other than FNO in single precision: forward and all gradients of a batch in training.
 *
 * Checked first: output and gradients of a narrower network agree with those in double.
 * bench/reference/lsm.py --time runs the first case with PyTorch. */
#include <math.h>
#include <ritz/operator.h>
#include <ritz/random.h>
#include <string.h>

#include "bench/bench.h"
#include "graph/op.h"

typedef struct network_case {
  bench_case base;
  const char *op, *options, *narrow; /* narrow: for the check */
  ritz_index n, batch;               /* points along both axes */
} network_case;

typedef struct problem {
  ritz_dtype dtype;
  ritz_operator *op;
  ritz_params *params;
  ritz_plan *plan;
  ritz_var x, y;
} problem;

static void destroy(problem *p) {
  ritz_plan_destroy(&p->plan);
  ritz_params_destroy(&p->params);
  ritz_operator_destroy(&p->op);
}

/* The same numbers, those of float, in either format. */
static void fill(ritz_dtype dtype, uint32_t stream, ritz_index count, void *data) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  for (ritz_index i = 0; i < count; i++) {
    const float value = (float)(ritz_random_uniform(random, (uint64_t)i) - 0.3);
    ritz_number_set(dtype, data, i, value);
  }
}

static ritz_status create(const network_case *c, const char *options, ritz_context *context,
                          ritz_dtype dtype, problem *p) {
  const ritz_plan_options plan_options = {.gradients = true};
  ritz_graph *graph;
  *p = (problem){.dtype = dtype};
  RITZ_TRY(ritz_operator_create(context, c->op, options, &p->op));
  RITZ_TRY(ritz_params_create(context, dtype, 1, &p->params));
  RITZ_TRY(ritz_graph_create(context, dtype, &graph));
  ritz_graph_set_training(graph, true, 0);
  p->x = ritz_input(graph, "x", RITZ_SHAPE(c->batch, c->n, c->n, 1));
  p->y = ritz_operator_build(p->op, graph, p->params, p->x);
  const ritz_status status = ritz_graph_plan(graph, 1, &p->y, &plan_options, &p->plan);
  if (status != RITZ_OK) {
    ritz_graph_destroy(&graph);
    return status;
  }
  fill(dtype, 1, ritz_shape_count(&p->x->shape), ritz_plan_value(p->plan, p->x));
  fill(dtype, 2, ritz_shape_count(&p->y->shape), ritz_plan_cotangent(p->plan));
  return RITZ_OK;
}

static void step(void *arg) {
  const problem *p = arg;
  ritz_plan_forward(p->plan);
  ritz_plan_backward(p->plan);
}

static double difference(ritz_index count, const float *single, const double *twice) {
  double error = 0, size = 0;
  for (ritz_index i = 0; i < count; i++) {
    error += pow(single[i] - twice[i], 2);
    size += twice[i] * twice[i];
  }
  return sqrt(error / size);
}

/* Float carries 6e-8 through some forty layers; where it moves a unit across a kink, gradients
 * jump. */
static const double tolerance = 2e-3;

static ritz_status check(const network_case *c, ritz_context *context, double *error) {
  problem single = {0}, twice = {0};
  ritz_status status;
  RITZ_TRY_DONE(create(c, c->narrow, context, RITZ_FLOAT32, &single));
  RITZ_TRY_DONE(create(c, c->narrow, context, RITZ_FLOAT64, &twice));
  const float *from = ritz_params_data(single.params);
  double *to = ritz_params_data(twice.params);
  for (ritz_index i = 0; i < ritz_params_length(single.params); i++) to[i] = from[i];
  step(&single);
  step(&twice);
  const double value =
      difference(ritz_shape_count(&single.y->shape), ritz_plan_value(single.plan, single.y),
                 ritz_plan_value(twice.plan, twice.y));
  *error = fmax(value, difference(ritz_params_length(single.params),
                                  ritz_plan_parameter_gradient(single.plan),
                                  ritz_plan_parameter_gradient(twice.plan)));
  if (!(*error <= tolerance))
    status = RITZ_FAIL(RITZ_ERR_NUMERIC, "float is off double by %.2g", *error);
done:
  destroy(&single);
  destroy(&twice);
  return status;
}

static ritz_status train(const bench_case *self, const bench_call *call) {
  const network_case *c = (const network_case *)self;
  problem p = {0};
  ritz_plan_cost *cost = NULL;
  double error;
  ritz_status status;
  RITZ_TRY_DONE(check(c, call->context, &error));
  RITZ_TRY_DONE(create(c, c->options, call->context, RITZ_FLOAT32, &p));
  RITZ_TRY_DONE(ritz_plan_measure(p.plan, 0, &cost));
  bench_line line = {
      .of = self, .dtype = RITZ_FLOAT32, .flops = ritz_plan_flops(p.plan), .bytes = cost->bytes};
  const bench_job job = {step, &p};
  RITZ_TRY_DONE(bench_measure(call, line.dtype, 1, &job, &line.times));
  bench_print(call, &line,
              "\"operator\": \"%s\", \"options\": %s, \"grid\": [%td, %td], \"batch\": %td, "
              "\"parameters\": %td, \"gflop\": %.4g, \"plan_mib\": %.1f, \"error\": %.1e",
              c->op, c->options, c->n, c->n, c->batch, ritz_params_numbers(p.params),
              line.flops * 1e-9, (double)ritz_plan_memory(p.plan) / (1 << 20), error);
done:
  ritz_plan_cost_destroy(&cost);
  destroy(&p);
  return status;
}

static const network_case cases[] = {
    {{"gradients/unet2d-16", "U-net, 16^2, width 8, batch 2", train},
     "unet",
     "{\"width\": 8}",
     "{\"width\": 4}",
     16,
     2},
    {{"gradients/lsm2d-85", "LSM of its Darcy benchmark, 85^2, width 64, batch 4", train},
     "lsm",
     "{\"patch\": [6, 6], \"padding\": [11, 11]}",
     "{\"patch\": [6, 6], \"padding\": [11, 11], \"width\": 8}",
     85,
     4},
    {{"gradients/unet2d-64", "U-net, 64^2, width 32, batch 16", train},
     "unet",
     "{\"width\": 32}",
     "{\"width\": 4}",
     64,
     16},
    {{"gradients/resnet2d-64", "Dil-ResNet, 64^2, width 48, batch 16", train},
     "resnet",
     "{\"width\": 48, \"dilations\": [1, 2, 4, 8, 4, 2, 1]}",
     "{\"width\": 8, \"n_blocks\": 2, \"dilations\": [1, 2, 4, 8, 4, 2, 1]}",
     64,
     16},
    {{"gradients/convnext2d-64", "U-net of ConvNeXt blocks, 64^2, width 48, batch 16", train},
     "convnext",
     "{\"width\": 48}",
     "{\"width\": 8}",
     64,
     16},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-networks", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
