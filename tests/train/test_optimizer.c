/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers against published trajectories and PyTorch's, on parameters of awkward sizes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "optimizer_setup.h"

/* -- trajectories ------------------------------------------------------------------------------ */

/* L = p0^2 + 3 p1^2 + |q (1 + i/2)|^2 + Re(q (0.3 - 0.2 i)) from p = (0.5, -0.3), q = 0.4 + 0.2 i.
 */
static void gradient_of_quadratic(const double *p, const double *q, double *gp, double *gq) {
  gp[0] = 2 * p[0];
  gp[1] = 6 * p[1];
  gq[0] = 2.5 * q[0] + 0.3;
  gq[1] = 2.5 * q[1] + 0.2;
}

static void check_trajectory(const char *type, const char *yaml, double rate, int steps,
                             const double expected[][4], double tolerance) {
  ritz_context *context = context_with(1);
  ritz_params *params;
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  add(params, "p", RITZ_SHAPE(2), -1);
  add(params, "q", RITZ_SHAPE(2, 1), 0);
  double *p = (double *)ritz_params_data(params), *q = p + ritz_params_info(params, 1)->offset;
  p[0] = 0.5, p[1] = -0.3, q[0] = 0.4, q[1] = 0.2;
  ritz_optimizer *optimizer = optimizer_from(context, params, type, yaml);
  double gradient[32] = {0};
  for (int k = 0; k < steps; k++) {
    gradient_of_quadratic(p, q, gradient, gradient + ritz_params_info(params, 1)->offset);
    assert_ok(ritz_optimizer_step(optimizer, rate, gradient));
    const double now[4] = {p[0], p[1], q[0], q[1]};
    for (int i = 0; i < 4; i++) assert_near(now[i], expected[k][i], tolerance);
  }
  assert_int_equal(ritz_optimizer_steps(optimizer), steps);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

/* neuraloperator's AdamW in float, seven digits. */
static void adamw_follows_the_reference_implementation(void **state) {
  static const double expected[][4] = {{0.3996032, -0.1998018, 0.3116429, 0.1524384},
                                       {0.3005001, -0.1026765, 0.2241748, 0.1053541},
                                       {0.2040059, -0.0130243, 0.1384106, 0.0591856}};
  check_trajectory("adamw", "{weight_decay: 0.01}", 0.1, 3, expected, 3e-7);
}

/* The Adam of the original FNO scripts, the same. */
static void adam_follows_the_original_scripts(void **state) {
  static const double expected[][4] = {{0.4, -0.2, 0.3119486, 0.1525981},
                                       {0.3011874, -0.1029648, 0.2246954, 0.1056259},
                                       {0.2048713, -0.0132890, 0.1390544, 0.0595216}};
  check_trajectory("adam", "{weight_decay: 0.01}", 0.1, 3, expected, 3e-7);
}

/* PyTorch in double: the same up to the order of a few operations. */
static void optimizers_follow_pytorch(void **state) {
  static const double adamw[][4] = {
      {0.39750000099999999, -0.19850000055555556, 0.29800000076923078, 0.099000001428571432},
      {0.29674997593675417, -0.10055867453723748, 0.19765970806005811, 0.00196237764455158},
      {0.19910651836433718, -0.01067379405959322, 0.10021124948413862, -0.085809622614085368},
      {0.10649422299634106, 0.064228109513295537, 0.0073795096326236542, -0.15627213872767459}};
  static const double adam[][4] = {
      {0.40000000099502486, -0.20000000055463116, 0.30000000076687117, 0.10000000142450143},
      {0.30118742164886092, -0.10296478834669269, 0.2011143642668784, 0.0033979769591687831},
      {0.20487125254448291, -0.013288967905496676, 0.10454848198682386, -0.08454504095886807},
      {0.11291539816887847, 0.062182677352322732, 0.011999525530786745, -0.15574945583644864}};
  static const double sgd[][4] = {
      {0.44974999999999998, -0.20985000000000001, 0.33480000000000004, 0.16490000000000002},
      {0.35932512499999997, -0.065655075000000007, 0.21910260000000004, 0.10261505000000001},
      {0.24183056243749998, 0.083849707537500012, 0.072477563700000039, 0.023680406224999995},
      {0.11178148460628122, 0.19320717470623128, -0.08358090321434998, -0.060332664153737517}};
  static const double nesterov[][4] = {
      {0.40452500000000002, -0.128715, 0.27611999999999998, 0.13331000000000001},
      {0.28657845124999998, 0.017796329249999999, 0.12896718599999998, 0.054091230500000011},
      {0.16229368835881247, 0.1046847396397125, -0.018034818101700014, -0.025046351462724995},
      {0.045368442880190978, 0.12792757413882239, -0.14646937575817964, -0.09418826823791572}};
  static const double clipped[][4] = {
      {0.49013329091953123, -0.28223992365515621, 0.3871732781953906, 0.19309330364367186},
      {0.47116610781321688, -0.24883001343116018, 0.36258193496118063, 0.17985181113294341},
      {0.44355428697066107, -0.20205994113368453, 0.32695377442670409, 0.16066741699899451},
      {0.40742619801820257, -0.14455464137919929, 0.2806835764523935, 0.13575269501282725}};
  check_trajectory("adamw_torch", "{weight_decay: 0.05, complex: parts}", 0.1, 4, adamw, 1e-14);
  check_trajectory("adam", "{weight_decay: 0.01, complex: parts}", 0.1, 4, adam, 1e-14);
  check_trajectory("sgd", "{weight_decay: 0.01}", 0.05, 4, sgd, 1e-15);
  check_trajectory("sgd", "{weight_decay: 0.01, nesterov: true}", 0.05, 4, nesterov, 1e-15);
  check_trajectory("sgd", "{clip_norm: 0.5}", 0.05, 4, clipped, 1e-8); /* PyTorch's norm is float */
}

/* -- sizes, formats, threads ------------------------------------------------------------------- */

/* State after four steps on gradients that do not depend on the format; everything as double. */
typedef struct outcome {
  ritz_index length;
  double *p, *slot[2];
} outcome;

static double *copied(ritz_dtype dtype, const void *array, ritz_index count) {
  double *copy = malloc((size_t)count * sizeof *copy);
  for (ritz_index i = 0; i < count; i++) copy[i] = ritz_number_get(dtype, array, i);
  return copy;
}

/* State of all tensors, laid out as the parameters; padding stays. */
static void collect(ritz_optimizer *optimizer, const ritz_params *params, int slot, void *flat) {
  const size_t size = ritz_dtype_size(ritz_params_dtype(params));
  for (int i = 0; i < ritz_params_count(params); i++)
    assert_ok(ritz_optimizer_collect(
        optimizer, slot, i, (char *)flat + (size_t)ritz_params_info(params, i)->offset * size));
}

static outcome run_steps(const char *type, const char *yaml, ritz_dtype dtype, int threads) {
  ritz_context *context = context_with(threads);
  ritz_params *params = awkward_params(context, dtype);
  ritz_optimizer *optimizer = optimizer_from(context, params, type, yaml);
  outcome result = {.length = ritz_params_length(params)};
  void *gradient = malloc((size_t)result.length * sizeof(double));
  for (uint32_t k = 0; k < 4; k++) {
    fill_uniform_as(dtype, 10 + k, result.length, gradient);
    assert_ok(ritz_optimizer_step(optimizer, 0.01, gradient));
  }
  result.p = copied(dtype, ritz_params_data(params), result.length);
  memset(gradient, 0, (size_t)result.length * sizeof(double)); /* padding is not collected */
  for (int i = 0; i < ritz_optimizer_slots(optimizer); i++) {
    collect(optimizer, params, i, gradient);
    result.slot[i] = copied(dtype, gradient, result.length);
  }
  free(gradient);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
  return result;
}

static void outcome_free(outcome *o) {
  free(o->p);
  for (int i = 0; i < 2; i++) free(o->slot[i]);
}

static const char *const settings[] = {"{}", "{weight_decay: 0.1, clip_norm: 2}"};

static void for_all_settings(void (*check)(const char *type, const char *yaml)) {
  int count;
  const ritz_optimizer_type *const *types = ritz_optimizer_types(&count);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < 2; s++) check(types[t]->name, settings[s]);
}

static void check_threads(const char *type, const char *yaml) {
  outcome one = run_steps(type, yaml, RITZ_FLOAT32, 1),
          two = run_steps(type, yaml, RITZ_FLOAT32, 2);
  assert_memory_equal(one.p, two.p, (size_t)one.length * sizeof *one.p);
  for (int i = 0; i < 2; i++)
    if (one.slot[i])
      assert_memory_equal(one.slot[i], two.slot[i], (size_t)one.length * sizeof *one.p);
  outcome_free(&one);
  outcome_free(&two);
}

static void results_do_not_depend_on_threads(void **state) { for_all_settings(check_threads); }

/* Four steps, each with a few roundings of numbers below 1. */
static void check_formats(const char *type, const char *yaml) {
  outcome f = run_steps(type, yaml, RITZ_FLOAT32, 1), d = run_steps(type, yaml, RITZ_FLOAT64, 1);
  assert_true(relative_error(f.length, f.p, d.p) < 2e-6);
  outcome_free(&f);
  outcome_free(&d);
}

static void float_agrees_with_double(void **state) { for_all_settings(check_formats); }

/* Adam with |g|^2 written out for every number. */
static void complex_numbers_share_the_second_moment(void **state) {
  ritz_context *context = context_with(2);
  ritz_params *params = awkward_params(context, RITZ_FLOAT64);
  ritz_optimizer *optimizer = optimizer_from(context, params, "adam", "{}");
  const ritz_index length = ritz_params_length(params);
  double *p = ritz_params_data(params), *start = copied(RITZ_FLOAT64, p, length);
  double *g = malloc((size_t)length * sizeof *g);
  fill_uniform(9, length, g);
  assert_ok(ritz_optimizer_step(optimizer, 0.01, g));
  assert_true(ritz_params_info(params, 2)->trainable && !ritz_params_info(params, 3)->trainable);
  for (int i = 0; i < ritz_params_count(params); i++) {
    const ritz_param_info *info = ritz_params_info(params, i);
    ritz_index inner = 1;
    for (int a = info->complex_axis + 1; a < info->shape.rank; a++) inner *= info->shape.n[a];
    for (ritz_index k = 0; k < info->count; k++) {
      const ritz_index at = info->offset + k;
      double size = fabs(g[at]);
      if (info->complex_axis >= 0) size = hypot(g[at], g[k / inner % 2 ? at - inner : at + inner]);
      const double moved = info->trainable ? 0.01 * g[at] / (size + 1e-8) : 0;
      assert_near(p[at], start[at] - moved, 1e-15);
    }
  }
  free(start);
  free(g);
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static void check_untouched(const char *type, const char *yaml) {
  ritz_context *context = context_with(1);
  ritz_params *params = awkward_params(context, RITZ_FLOAT32);
  outcome after = run_steps(type, yaml, RITZ_FLOAT32, 1);
  const ritz_param_info *frozen =
      ritz_params_info(params, ritz_params_find(params, "running_mean"));
  for (ritz_index i = frozen->offset; i < frozen->offset + frozen->count; i++)
    assert_true(after.p[i] == ritz_number_get(RITZ_FLOAT32, ritz_params_data(params), i));
  ritz_index end = 0; /* padding lies between the tensors */
  for (int k = 0; k <= ritz_params_count(params); k++) {
    const bool past = k == ritz_params_count(params);
    const ritz_index next = past ? after.length : ritz_params_info(params, k)->offset;
    for (ritz_index i = end; i < next; i++) assert_true(after.p[i] == 0 && after.slot[0][i] == 0);
    if (!past) end = next + ritz_params_info(params, k)->count;
  }
  outcome_free(&after);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static void frozen_parameters_and_padding_stay(void **state) { for_all_settings(check_untouched); }

/* -- state, norms, errors ---------------------------------------------------------------------- */

static void a_restored_state_continues_bit_by_bit(void **state) {
  ritz_context *context = context_with(1);
  ritz_params *params = awkward_params(context, RITZ_FLOAT32);
  ritz_params *copy = awkward_params(context, RITZ_FLOAT32);
  ritz_optimizer *a = optimizer_from(context, params, "adamw", "{weight_decay: 0.1}");
  ritz_optimizer *b = optimizer_from(context, copy, "adamw", "{weight_decay: 0.1}");
  const size_t bytes = (size_t)ritz_params_length(params) * sizeof(float);
  float *gradient = malloc(bytes);
  fill_uniform_as(RITZ_FLOAT32, 5, ritz_params_length(params), gradient);
  for (int k = 0; k < 3; k++) assert_ok(ritz_optimizer_step(a, 0.01, gradient));
  memcpy(ritz_params_data(copy), ritz_params_data(params), bytes);
  float *moments = malloc(bytes);
  for (int i = 0; i < ritz_optimizer_slots(a); i++) {
    collect(a, params, i, moments);
    for (int j = 0; j < ritz_params_count(copy); j++) {
      ritz_index first, count;
      void *own = ritz_optimizer_piece(b, i, j, 0, &first, &count);
      assert_true(first == 0 && count == ritz_params_info(copy, j)->count);
      memcpy(own, moments + ritz_params_info(copy, j)->offset, (size_t)count * sizeof *moments);
    }
  }
  free(moments);
  ritz_optimizer_set_steps(b, ritz_optimizer_steps(a));
  assert_string_equal(ritz_optimizer_slot_name(b, 1), "v");
  assert_ok(ritz_optimizer_step(a, 0.01, gradient));
  assert_ok(ritz_optimizer_step(b, 0.01, gradient));
  assert_memory_equal(ritz_params_data(copy), ritz_params_data(params), bytes);
  free(gradient);
  ritz_optimizer_destroy(&a);
  ritz_optimizer_destroy(&b);
  ritz_params_destroy(&params);
  ritz_params_destroy(&copy);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adamw_follows_the_reference_implementation),
      cmocka_unit_test(adam_follows_the_original_scripts),
      cmocka_unit_test(optimizers_follow_pytorch),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(float_agrees_with_double),
      cmocka_unit_test(complex_numbers_share_the_second_moment),
      cmocka_unit_test(frozen_parameters_and_padding_stay),
      cmocka_unit_test(a_restored_state_continues_bit_by_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
