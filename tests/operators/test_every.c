/* SPDX-License-Identifier: BSD-3-Clause
 * What every operator in the list keeps: a run takes nothing from the heap, every allocation before
 * it may fail, and the gradient of the input alone is the one that comes with all others. */
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "gradient.h"
#include "graph/params.h"
#include "graph/plan.h"
#include "heap.h"
#include "operator_samples.h"
#include "operators/operator.h"

/* An operator planned with gradients, or what was there when something failed. */
typedef struct planned {
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_graph *graph;
  ritz_plan *plan;
  ritz_var x;
} planned;

static ritz_status plan_operator(const operator_case *c, ritz_dtype dtype, int threads,
                                 bool only_inputs, planned *out) {
  const ritz_context_options options = {.threads = threads};
  const ritz_plan_options plan_options = {
      .gradients = true, .input_gradients = true, .only_inputs = only_inputs};
  ritz_status status;
  *out = (planned){0};
  if ((status = ritz_context_create(&options, &out->context)) != RITZ_OK) return status;
  status = ritz_operator_create(out->context, c->type, c->options, &out->op);
  if (status != RITZ_OK) return status;
  if ((status = ritz_params_create(out->context, dtype, 1, &out->params)) != RITZ_OK) return status;
  if ((status = ritz_graph_create(out->context, dtype, &out->graph)) != RITZ_OK) return status;
  ritz_graph_set_training(out->graph, c->training, 1);
  out->x = ritz_input(out->graph, "x", c->x);
  ritz_var y = ritz_operator_build(out->op, out->graph, out->params, out->x);
  status = ritz_graph_plan(out->graph, 1, &y, &plan_options, &out->plan);
  if (status == RITZ_OK) out->graph = NULL; /* the plan's */
  return status;
}

static void release(planned *p) {
  ritz_plan_destroy(&p->plan);
  ritz_graph_destroy(&p->graph);
  ritz_params_destroy(&p->params);
  ritz_operator_destroy(&p->op);
  ritz_context_destroy(&p->context);
}

/* Nearly all modes: FFTW takes those of the first two. It owns its buffers: those beyond 64 KiB,
 * and those for prime factors beyond 173, come from the heap in every run. */
static const operator_case full_spectra[] = {
    {"fno", "{n_modes: 1024, hidden_channels: 4, n_layers: 2}", {3, {2, 1024, 1}}, false},
    {"fno", "{n_modes: 2310, hidden_channels: 3, n_layers: 2}", {3, {2, 2310, 1}}, false},
    {"fno",
     "{n_modes: [31, 31], hidden_channels: 5, n_layers: 2, norm: batch_norm}",
     {4, {3, 31, 31, 1}},
     true},
};

/* The first run may start threads. */
static void check_no_requests(const operator_case *c, ritz_dtype dtype, int threads) {
  planned p;
  assert_ok(plan_operator(c, dtype, threads, false, &p));
  ritz_plan_forward(p.plan);
  ritz_plan_backward(p.plan);
  heap_count_begin();
  for (int run = 0; run < 2; run++) {
    ritz_plan_forward(p.plan);
    ritz_plan_backward(p.plan);
  }
  const long requests = heap_count_end();
  release(&p);
  if (requests != 0)
    fail_msg("%s on %d threads: two runs asked %ld times for memory", c->options, threads,
             requests);
}

static void requests_are_counted(void **state) {
  if (!heap_is_counted()) skip();
  heap_count_begin();
  void *volatile block = malloc(100);
  free(block);
  block = calloc(10, 10);
  free(block);
  block = aligned_alloc(64, 128);
  free(block);
  assert_int_equal(heap_count_end(), 3);
}

static void a_run_allocates_nothing(void **state) {
  const int count = operator_sample_count(), more = sizeof full_spectra / sizeof *full_spectra;
  for (int k = 0; k < count + more; k++) {
    const operator_case c = k < count ? large_case(operator_sample_at(k)) : full_spectra[k - count];
    for (int threads = 1; threads <= 2; threads++) {
      check_no_requests(&c, RITZ_FLOAT32, threads);
      check_no_requests(&c, RITZ_FLOAT64, threads);
    }
  }
}

static void every_operator_has_a_sample(void **state) { check_every_operator_has_a_sample(); }

/* The first, and ever fewer of those after: other samples meet those between. */
static void every_allocation_may_fail(void **state) {
  for (int i = 0; i < operator_sample_count(); i++) {
    const operator_case c = small_case(operator_sample_at(i));
    planned p;
    long k = 0;
    while (memory_fails(k, plan_operator(&c, RITZ_FLOAT32, 2, false, &p))) {
      assert_message_contains("not available");
      assert_null(p.plan);
      release(&p);
      k += 1 + k / 16;
    }
    ritz_plan_forward(p.plan);
    ritz_plan_backward(p.plan);
    release(&p);
    assert_true(k > 20); /* as many as there are, and not cut short by a success */
  }
}

/* The input's gradient of a run on random values; malloc'ed. */
static double *input_gradient(const operator_case *c, bool only_inputs, ritz_index *count) {
  planned p;
  assert_ok(plan_operator(c, RITZ_FLOAT64, 1, only_inputs, &p));
  *count = ritz_shape_count(&c->x);
  fill_uniform(9, *count, ritz_plan_value(p.plan, p.x));
  ritz_plan_forward(p.plan);
  ritz_plan_backward(p.plan);
  double *g = malloc((size_t)*count * sizeof *g);
  memcpy(g, ritz_plan_input_gradient(p.plan, p.x), (size_t)*count * sizeof *g);
  release(&p);
  return g;
}

static void inputs_alone_have_the_same_gradient(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_case c = large_case(operator_sample_at(k));
    ritz_index count;
    double *all = input_gradient(&c, false, &count);
    double *alone = input_gradient(&c, true, &count);
    const double error = relative_error(count, alone, all);
    if (!(error <= 1e-12)) fail_msg("%s %s: error %g", c.type, c.options, error);
    free(all);
    free(alone);
  }
}

/* Gradients as they were when the plan said that they were final. */
typedef struct moments {
  planned *p;
  double *kept;
} moments;

static void keep_final(void *user, int steps) {
  const moments *m = user;
  const int *final = ritz_plan_final_steps(m->p->plan);
  const double *g = ritz_plan_parameter_gradient(m->p->plan);
  for (int i = 0; i < ritz_params_count(m->p->params); i++) {
    const ritz_param_info *info = ritz_params_info(m->p->params, i);
    if (final[i] == steps)
      memcpy(m->kept + info->offset, g + info->offset, (size_t)info->count * sizeof *g);
  }
}

/* The second run writes over a gradient of other values. */
static void check_final_gradients(const operator_case *c, int threads) {
  planned p;
  assert_ok(plan_operator(c, RITZ_FLOAT64, threads, false, &p));
  const ritz_index length = ritz_params_length(p.params);
  moments m = {&p, calloc((size_t)length, sizeof(double))};
  for (uint32_t run = 0; run < 2; run++) {
    fill_uniform(9 + run, ritz_shape_count(&c->x), ritz_plan_value(p.plan, p.x));
    ritz_plan_forward(p.plan);
    ritz_plan_backward_with(p.plan, NULL, keep_final, &m);
  }
  if (memcmp(m.kept, ritz_plan_parameter_gradient(p.plan), (size_t)length * sizeof(double)) != 0)
    fail_msg("%s %s: a gradient changes after it is final", c->type, c->options);
  free(m.kept);
  release(&p);
}

static void gradients_are_final_when_the_plan_says_so(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_case c = large_case(operator_sample_at(k));
    for (int threads = 1; threads <= 2; threads++) check_final_gradients(&c, threads);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_sample),
      cmocka_unit_test(requests_are_counted),
      cmocka_unit_test(a_run_allocates_nothing),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(inputs_alone_have_the_same_gradient),
      cmocka_unit_test(gradients_are_final_when_the_plan_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
