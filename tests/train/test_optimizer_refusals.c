/* SPDX-License-Identifier: BSD-3-Clause
 * What an optimizer says of gradients, options and memory that it cannot work with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "optimizer_setup.h"

static void a_gradient_that_is_not_finite_is_named(void **state) {
  ritz_context *context = context_with(2);
  ritz_params *params = awkward_params(context, RITZ_FLOAT64);
  ritz_optimizer *optimizer = optimizer_from(context, params, "adamw", "{}");
  const ritz_index length = ritz_params_length(params);
  double *g = malloc((size_t)length * sizeof *g), sum = 0;
  fill_uniform(5, length, g);
  for (int i = 0; i < ritz_params_count(params); i++) {
    const ritz_param_info *info = ritz_params_info(params, i);
    for (ritz_index k = 0; info->trainable && k < info->count; k++)
      sum += g[info->offset + k] * g[info->offset + k];
  }
  double norm;
  assert_ok(ritz_optimizer_norm(optimizer, g, &norm));
  assert_near(norm, sqrt(sum), 1e-12 * sqrt(sum));
  assert_ok(ritz_optimizer_check(optimizer, g));

  g[ritz_params_info(params, 3)->offset] = NAN; /* not trained */
  assert_ok(ritz_optimizer_check(optimizer, g));
  g[ritz_params_info(params, 1)->offset + 2] = 1e200; /* its square overflows, it does not */
  assert_ok(ritz_optimizer_check(optimizer, g));
  g[ritz_params_info(params, 6)->offset + 40000] = -INFINITY;
  assert_int_equal(ritz_optimizer_check(optimizer, g), RITZ_ERR_NUMERIC);
  assert_message_contains("large_spectrum is -inf at number 40000 of 52762");
  free(g);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static ritz_status create_status(ritz_context *context, ritz_params *params, const char *type,
                                 const char *yaml) {
  ritz_value *options;
  ritz_optimizer *optimizer;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  const ritz_status status =
      ritz_optimizer_create(context, params, type, options, NULL, &optimizer);
  if (status != RITZ_OK) assert_null(optimizer);
  ritz_optimizer_destroy(&optimizer);
  ritz_value_destroy(&options);
  return status;
}

static void misuse_is_named(void **state) {
  ritz_context *context = context_with(1);
  ritz_params *params = awkward_params(context, RITZ_FLOAT32);
  assert_int_equal(create_status(context, params, "adamv", "{}"), RITZ_ERR_NOT_FOUND);
  assert_message_contains("adamw");
  assert_int_equal(create_status(context, params, "adamw", "{decay: 1}"), RITZ_ERR_CONFIG);
  assert_message_contains("optimizer adamw");
  assert_int_equal(create_status(context, params, "adam", "{betas: 0.9}"), RITZ_ERR_CONFIG);
  assert_message_contains("betas");
  assert_int_equal(create_status(context, params, "adam", "{betas: [0.9, 1]}"), RITZ_ERR_CONFIG);
  assert_int_equal(create_status(context, params, "sgd", "{clip_norm: [1, 2]}"), RITZ_ERR_CONFIG);
  assert_message_contains("clip_norm");
  assert_int_equal(create_status(context, params, "sgd", "{momentum: 0, nesterov: true}"),
                   RITZ_ERR_CONFIG);

  ritz_optimizer *optimizer = optimizer_from(context, params, "adamw", "{}");
  void *gradient = calloc((size_t)ritz_params_length(params), sizeof(float));
  assert_int_equal(ritz_optimizer_step(optimizer, NAN, gradient), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_optimizer_step(optimizer, -1, gradient), RITZ_ERR_ARGUMENT);
  add(params, "late", RITZ_SHAPE(3), -1);
  assert_int_equal(ritz_optimizer_step(optimizer, 0.1, gradient), RITZ_ERR_ARGUMENT);
  assert_message_contains("grew");
  assert_int_equal(ritz_optimizer_steps(optimizer), 0);
  free(gradient);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static void every_failed_allocation_is_survived(void **state) {
  ritz_context *context = context_with(1);
  ritz_params *params = awkward_params(context, RITZ_FLOAT32);
  ritz_optimizer *optimizer;
  long k = 0;
  while (creation_fails(k, optimizer,
                        ritz_optimizer_create(context, params, "adamw", NULL, NULL, &optimizer)))
    k++;
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static void options_are_written_out(void **state) {
  ritz_context *context = context_with(1);
  ritz_params *params = awkward_params(context, RITZ_FLOAT32);
  ritz_optimizer *optimizer = optimizer_from(context, params, "adamw", "{clip_norm: 3}");
  ritz_value *tree;
  char *json;
  assert_ok(ritz_optimizer_options(optimizer, &tree));
  assert_ok(ritz_value_to_json(tree, &json));
  assert_non_null(strstr(json, "\"betas\": [0.9, 0.999]"));
  assert_non_null(strstr(json, "\"clip_norm\": 3"));
  ritz_free(json);
  ritz_value_destroy(&tree);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gradient_that_is_not_finite_is_named),
      cmocka_unit_test(misuse_is_named),
      cmocka_unit_test(every_failed_allocation_is_survived),
      cmocka_unit_test(options_are_written_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
