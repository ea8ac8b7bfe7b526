/* SPDX-License-Identifier: BSD-3-Clause
 * What every operator in the list keeps: a run takes nothing from the heap, every allocation before
 * it may fail, and the gradient of the input alone is the one that comes with all others. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "gradient.h"
#include "graph/op.h"
#include "heap.h"
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

/* The fourth and fifth go through FFTW, which owns its buffers: it takes those beyond 64 KiB, and
 * those for prime factors beyond 173, from the heap in every run. */
static const operator_case cases[] = {
    {"fno", "{n_modes: [12, 12], hidden_channels: 16, n_layers: 2}", {4, {2, 32, 33, 1}}, false},
    {"fno", /* all modes */
     "{n_modes: [31, 31], hidden_channels: 5, n_layers: 2, norm: batch_norm}",
     {4, {3, 31, 31, 1}},
     true},
    {"fno", "{n_modes: 64, hidden_channels: 3, n_layers: 2}", {3, {2, 1999, 1}}, false},
    {"fno", "{n_modes: 1024, hidden_channels: 4, n_layers: 2}", {3, {2, 1024, 1}}, false},
    {"fno", "{n_modes: 2310, hidden_channels: 3, n_layers: 2}", {3, {2, 2310, 1}}, false},
    {"fno",
     "{n_modes: [4, 4, 4], hidden_channels: 6, n_layers: 2, norm: group_norm, "
     "channel_mlp_dropout: 0.1, resolution_scaling_factor: [2, 0.5], domain_padding: 0.2}",
     {5, {1, 6, 7, 8, 1}},
     true},
    {"fno",
     "{n_modes: [6, 6], hidden_channels: 6, n_layers: 2, output_shape: [20, 12]}",
     {4, {2, 16, 16, 1}},
     false},
    {"uno",
     "{hidden_channels: 6, n_layers: 3, uno_out_channels: [4, 6, 4], channel_mlp_skip: linear, "
     "uno_n_modes: [[4, 4], [3, 3], [4, 4]], uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]]}",
     {4, {2, 17, 16, 1}},
     false},
    {"t1",
     "{modes: [4, 3], signal_resolution: [6, 7], width: 4, n_layers: 2, padding: 1}",
     {4, {2, 17, 16, 1}},
     false},
    {"local_no",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [6, 7]}",
     {4, {2, 17, 16, 1}},
     false},
    {"fno_2020", "{modes: [5, 5], width: 7, padding: 3, form: 2020}", {4, {2, 17, 16, 1}}, true},
    {"tfno",
     "{n_modes: [6, 6], hidden_channels: 6, n_layers: 2, rank: 0.4}",
     {4, {2, 17, 16, 1}},
     false},
    {"tfno",
     "{n_modes: [6, 6], hidden_channels: 6, n_layers: 2, factorization: cp, implementation: "
     "factorized}",
     {4, {2, 17, 16, 1}},
     false},
    {"mg_tfno",
     "{n_modes: [6, 6], hidden_channels: 6, n_layers: 2, rank: 0.4, levels: 2}",
     {4, {2, 16, 32, 1}},
     false},
    {"lsm", "{patch: [1, 1], width: 4, heads: 2, basis: 2}", {4, {2, 17, 22, 1}}, true},
    {"mgno",
     "{pre_smoothing: [1, 1, 2], hidden_channels: 5, n_layers: 2}",
     {4, {2, 17, 33, 1}},
     false},
    {"unet", "{width: 3, depth: 2}", {4, {3, 9, 14, 1}}, true},
    {"unet_modern", "{width: 8, multipliers: [1, 2, 2]}", {4, {1, 8, 12, 1}}, false},
    {"resnet", "{width: 5, n_blocks: 2, padding: [2, 0]}", {4, {2, 7, 10, 1}}, true},
    {"afno",
     "{img_size: [18, 15], patch_size: [2, 3], embed_dim: 6, depth: 2, num_blocks: 2}",
     {4, {2, 18, 15, 1}},
     false},
    {"afno",
     "{img_size: [18, 15], patch_size: [2, 3], embed_dim: 6, depth: 1, mixer: gfn}",
     {4, {2, 18, 15, 1}},
     false},
    {"deeponet",
     "{branch: 7, trunk: [9, 5], latent: 6, out_channels: 2, branch_conv: [3, 2]}",
     {4, {19, 17, 16, 1}},
     false},
    {"deeponet",
     "{branch: 7, trunk: 9, latent: 6, in_channels: 3, coordinates: 2, frequencies: 1}",
     {3, {5, 70, 3}},
     false},
    {"pod_deeponet", "{branch: 7, trunk: 5, modes: 6, learned: 3}", {4, {19, 17, 16, 1}}, false},
    {"multionet", "{width: 8, layers: 3, out_channels: 2}", {4, {19, 17, 16, 1}}, false},
    {"lsm_irregular",
     "{patch: [1, 1], width: 4, heads: 2, basis: 2, latent_grid: [16, 17], modes: [2, 3], "
     "in_channels: 4, code_channels: 1}",
     {3, {3, 70, 4}},
     true},
    {"convnext", "{width: 3, blocks: [1, 2, 1]}", {4, {2, 13, 18, 1}}, false},
    {"sfno",
     "{modes: [2, 3, 2], width: 5, n_layers: 2, in_channels: 4, latent_steps: 3}",
     {4, {2, 7, 8, 4}},
     false},
};
enum { case_count = sizeof cases / sizeof *cases };

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
  for (int k = 0; k < case_count; k++)
    for (int threads = 1; threads <= 2; threads++) {
      check_no_requests(&cases[k], RITZ_FLOAT32, threads);
      check_no_requests(&cases[k], RITZ_FLOAT64, threads);
    }
}

static const operator_case small[] = {
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, norm: group_norm}",
     {4, {1, 6, 7, 1}},
     false},
    {"fno",
     "{n_modes: 4, hidden_channels: 4, n_layers: 2, norm: batch_norm, channel_mlp_dropout: 0.1, "
     "resolution_scaling_factor: [2, 1], domain_padding: 0.2}",
     {3, {2, 9, 1}},
     true},
    {"fno", "{n_modes: 300, hidden_channels: 2, n_layers: 1}", {3, {1, 300, 1}}, false}, /* FFTW */
    {"uno",
     "{hidden_channels: 4, n_layers: 3, uno_out_channels: [4, 6, 4], channel_mlp_skip: linear, "
     "uno_n_modes: [[4, 4], [3, 3], [4, 4]], uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]]}",
     {4, {1, 6, 7, 1}},
     false},
    {"t1",
     "{modes: [4, 3], signal_resolution: [6, 7], width: 4, n_layers: 2, padding: 1}",
     {4, {1, 6, 7, 1}},
     false},
    {"local_no",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [6, 7]}",
     {4, {1, 6, 7, 1}},
     false},
    {"fno_2020", "{modes: [2, 2], width: 3, n_layers: 2, padding: 2}", {4, {1, 5, 5, 1}}, false},
    {"tfno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 1, rank: 0.4}",
     {4, {1, 6, 7, 1}},
     false},
    {"mg_tfno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 1, rank: 0.4}",
     {4, {1, 4, 6, 1}},
     false},
    {"lsm", "{patch: 1, width: 2, heads: 1, tokens: 2, basis: 2}", {3, {1, 17, 1}}, true},
    {"mgno", "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1}", {4, {1, 5, 5, 1}}, false},
    {"unet", "{width: 2, depth: 1}", {4, {1, 5, 6, 1}}, true},
    {"unet_modern", "{width: 8, multipliers: [1, 2]}", {4, {1, 4, 6, 1}}, false},
    {"resnet", "{width: 2, n_blocks: 1}", {4, {1, 5, 6, 1}}, true},
    {"afno",
     "{img_size: [6, 9], patch_size: [2, 3], embed_dim: 6, depth: 2, num_blocks: 2}",
     {4, {1, 6, 9, 1}},
     false},
    {"afno",
     "{img_size: [6, 9], patch_size: [2, 3], embed_dim: 6, depth: 1, mixer: gfn}",
     {4, {1, 6, 9, 1}},
     false},
    {"deeponet",
     "{branch: 2, trunk: 2, latent: 2, out_channels: 2, branch_conv: 2, frequencies: 1}",
     {4, {2, 5, 6, 1}},
     false},
    {"deeponet",
     "{branch: 2, trunk: 2, latent: 2, in_channels: 3, coordinates: 2}",
     {3, {2, 5, 3}},
     false},
    {"pod_deeponet", "{branch: 2, trunk: 2, modes: 2, learned: 1}", {3, {2, 5, 1}}, false},
    {"multionet", "{width: 2, layers: 2}", {3, {2, 5, 1}}, false},
    {"lsm_irregular",
     "{patch: [1, 1], width: 2, heads: 1, tokens: 2, basis: 2, latent_grid: [16, 16], modes: [2, "
     "3], "
     "in_channels: 4, code_channels: 1}",
     {3, {1, 5, 4}},
     true},
    {"convnext", "{width: 2, blocks: [1, 1]}", {4, {1, 6, 8, 1}}, false},
    {"sfno",
     "{modes: [1, 1, 1], width: 4, n_layers: 2, in_channels: 2, latent_steps: 2, out_channels: 2}",
     {4, {1, 4, 5, 2}},
     false},
};

static bool is_in(const char *type, const operator_case *list, size_t count) {
  for (size_t c = 0; c < count; c++)
    if (strcmp(list[c].type, type) == 0) return true;
  return false;
}

static void every_operator_is_tried(void **state) {
  int count;
  const ritz_operator_type *const *all = ritz_operator_types(&count);
  for (int i = 0; i < count; i++)
    if (!is_in(all[i]->name, cases, case_count) ||
        !is_in(all[i]->name, small, sizeof small / sizeof *small))
      fail_msg("%s is not in both lists of this file", all[i]->name);
}

static void every_allocation_may_fail(void **state) {
  for (size_t c = 0; c < sizeof small / sizeof *small; c++) {
    long k = 0;
    for (ritz_status status = RITZ_ERR_MEMORY; status != RITZ_OK; k++) {
      planned p;
      ritz_test_fail_allocation(k);
      status = plan_operator(&small[c], RITZ_FLOAT32, 2, false, &p);
      ritz_test_fail_allocation(-1);
      if (status != RITZ_OK) {
        assert_int_equal(status, RITZ_ERR_MEMORY);
        assert_message_contains("not available");
        assert_null(p.plan);
      } else {
        ritz_plan_forward(p.plan);
        ritz_plan_backward(p.plan);
      }
      release(&p);
    }
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
  for (int k = 0; k < case_count; k++) {
    ritz_index count;
    double *all = input_gradient(&cases[k], false, &count);
    double *alone = input_gradient(&cases[k], true, &count);
    const double error = relative_error(count, alone, all);
    if (!(error <= 1e-12)) fail_msg("%s %s: error %g", cases[k].type, cases[k].options, error);
    free(all);
    free(alone);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_is_tried),
      cmocka_unit_test(requests_are_counted),
      cmocka_unit_test(a_run_allocates_nothing),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(inputs_alone_have_the_same_gradient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
