/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/one_op.h"

#include <stdio.h>

#include "bench/fields.h"
#include "graph/op.h"

ritz_status one_op_begin(ritz_context *context, one_op *out) {
  *out = (one_op){0};
  RITZ_TRY(ritz_params_create(context, RITZ_FLOAT32, 1, &out->params));
  return ritz_graph_create(context, RITZ_FLOAT32, &out->graph);
}

void one_op_end(one_op *op) {
  ritz_plan_destroy(&op->plan);
  ritz_graph_destroy(&op->graph);
  ritz_params_destroy(&op->params);
}

ritz_status one_op_plan(one_op *op) {
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  RITZ_TRY(ritz_graph_plan(op->graph, 1, &op->out, &options, &op->plan));
  op->graph = NULL; /* the plan's now */
  for (int i = 0; i < op->inputs; i++)
    bench_fill(ritz_shape_count(&op->in[i]->shape), (uint32_t)i,
               ritz_plan_value(op->plan, op->in[i]));
  return RITZ_OK;
}

void one_op_fill_cotangent(one_op *op) {
  bench_fill(ritz_shape_count(&op->out->shape), 3, ritz_plan_cotangent(op->plan));
}

static void run_forward(void *plan) { ritz_plan_forward(plan); }

static void run_both(void *plan) {
  ritz_plan_forward(plan);
  ritz_plan_backward(plan);
}

void one_op_run(one_op *op) { run_both(op->plan); }

static double bytes(const one_op *op) {
  ritz_index count = ritz_shape_count(&op->out->shape) + ritz_params_numbers(op->params);
  for (int i = 0; i < op->inputs; i++) count += ritz_shape_count(&op->in[i]->shape);
  return sizeof(float) * (double)count;
}

/* "inputs": [[2, 64, 64, 3]], "output": [2, 64, 64, 3]; what another implementation is told. */
static void write_shapes(const one_op *op, char out[256]) {
  int used = snprintf(out, 256, "\"inputs\": [");
  for (int i = 0; i <= op->inputs; i++) {
    const ritz_shape *shape = i < op->inputs ? &op->in[i]->shape : &op->out->shape;
    const char *before = i == op->inputs ? "], \"output\": " : i > 0 ? ", " : "";
    used += snprintf(out + used, 256 - (size_t)used, "%s", before);
    for (int a = 0; a < shape->rank; a++)
      used += snprintf(out + used, 256 - (size_t)used, "%s%td", a > 0 ? ", " : "[", shape->n[a]);
    used += snprintf(out + used, 256 - (size_t)used, "]");
  }
}

ritz_status one_op_measure(one_op *op, const bench_case *of, const bench_call *call, double both,
                           double error, double tolerance, const char *more) {
  static const char *const name[] = {"forward", "both"};
  const bench_job jobs[] = {{run_forward, op->plan}, {run_both, op->plan}};
  const double flops = op->out->op->flops ? op->out->op->flops(op->out) : 0;
  bench_times times[2];
  char shapes[256];
  write_shapes(op, shapes);
  RITZ_REQUIRE(error < tolerance, RITZ_ERR_NUMERIC, "off by %.1e", error);
  RITZ_TRY(bench_measure(call, RITZ_FLOAT32, 2, jobs, times));
  for (int i = 0; i < 2; i++) {
    const bench_line line = {.of = of,
                             .dtype = RITZ_FLOAT32,
                             .times = times[i],
                             .flops = flops * (i ? both : 1),
                             .bytes = bytes(op) * (i ? 3 : 1)};
    bench_print(call, &line, "\"direction\": \"%s\", %s%s, \"error\": %.1e", name[i], more, shapes,
                error);
  }
  return RITZ_OK;
}
