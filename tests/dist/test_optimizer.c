/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers whose state is shared out among ranks: the same bits as on one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "graph/params.h"
#include "io/yaml.h"
#include "ranks_train.h"
#include "train/optimizer.h"

static void add(ritz_params *params, const char *name, ritz_shape shape, int complex_axis) {
  int position;
  assert_ok(ritz_params_require(params, name, shape, complex_axis,
                                (ritz_init){RITZ_INIT_SYMMETRIC, 1}, &position));
}

/* Small ones, a frozen one, and some of many chunks, or of fewer chunks than ranks. */
static ritz_params *some_params(ritz_context *context, ritz_dtype dtype, bool large) {
  ritz_params *params;
  assert_ok(ritz_params_create(context, dtype, 3, &params));
  add(params, "one", RITZ_SHAPE(1), -1);
  if (!large) return params;
  add(params, "spectrum", RITZ_SHAPE(3, 5, 2, 7, 3), 2);
  add(params, "running_mean", RITZ_SHAPE(19), -1);
  ritz_params_freeze(params, ritz_params_count(params) - 1);
  add(params, "large", RITZ_SHAPE(211, 190), -1);
  add(params, "large_spectrum", RITZ_SHAPE(37, 2, 23, 31), 1);
  add(params, "last", RITZ_SHAPE(7), -1);
  return params;
}

/* One optimizer, with all it works on. */
typedef struct side {
  ritz_params *params;
  ritz_optimizer *optimizer;
  void *gradient;
  size_t bytes;
} side;

static side side_of(ritz_context *context, ritz_dtype dtype, bool large, const char *type,
                    const char *yaml) {
  side s = {.params = some_params(context, dtype, large)};
  ritz_value *options;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  assert_ok(ritz_optimizer_create(context, s.params, type, options, &s.optimizer));
  ritz_value_destroy(&options);
  s.bytes = (size_t)ritz_params_length(s.params) * ritz_dtype_size(dtype);
  s.gradient = malloc(s.bytes);
  return s;
}

static void release(side *s) {
  ritz_optimizer_destroy(&s->optimizer);
  ritz_params_destroy(&s->params);
  free(s->gradient);
}

/* Every rank has an addend of the gradient; the one alone gets their sum. */
static void fill(side *ours, side *alone, ritz_dtype dtype, uint32_t step) {
  const ritz_index length = ritz_params_length(ours->params);
  fill_uniform_as(dtype, 100 * step + (uint32_t)rank, length, ours->gradient);
  memcpy(alone->gradient, ours->gradient, ours->bytes);
  assert_ok(ritz_comm_sum(together->comm, dtype, length, alone->gradient));
  assert_ok(ritz_optimizer_sum(ours->optimizer, ours->gradient));
}

static void assert_same_state(side *ours, side *alone) {
  assert_memory_equal(ritz_params_data(ours->params), ritz_params_data(alone->params), ours->bytes);
  for (int i = 0; i < ritz_optimizer_slots(ours->optimizer); i++) {
    void *whole = NULL;
    if (rank == 0) assert_ok(ritz_calloc((ritz_index)ours->bytes, 1, &whole));
    assert_ok(ritz_optimizer_collect(ours->optimizer, i, whole));
    if (rank == 0)
      assert_memory_equal(whole, ritz_optimizer_slot(alone->optimizer, i), ours->bytes);
    ritz_free(whole);
  }
}

static void check(ritz_dtype dtype, bool large, const char *type, const char *yaml) {
  side ours = side_of(together, dtype, large, type, yaml);
  side alone = side_of(single, dtype, large, type, yaml);
  for (uint32_t step = 0; step < 5; step++) {
    double norm[2];
    fill(&ours, &alone, dtype, step);
    assert_ok(ritz_optimizer_check(ours.optimizer, ours.gradient));
    assert_ok(ritz_optimizer_norm(ours.optimizer, ours.gradient, &norm[0]));
    assert_ok(ritz_optimizer_norm(alone.optimizer, alone.gradient, &norm[1]));
    assert_true(norm[0] == norm[1]);
    assert_ok(ritz_optimizer_step(ours.optimizer, 0.01, ours.gradient));
    assert_ok(ritz_optimizer_step(alone.optimizer, 0.01, alone.gradient));
    assert_same_state(&ours, &alone);
    if (step != 2) continue; /* the state goes from one to many */
    for (int i = 0; i < ritz_optimizer_slots(alone.optimizer); i++)
      ritz_optimizer_set_slot(ours.optimizer, i, ritz_optimizer_slot(alone.optimizer, i));
  }
  release(&ours);
  release(&alone);
}

static void steps_are_the_same_bits_as_on_one_rank(void **state) {
  static const char *const yaml[] = {"{}", "{clip_norm: 0.7}"};
  for (int large = 0; large < 2; large++)
    for (int o = 0; o < 2; o++) {
      check(RITZ_FLOAT32, large, "adamw", yaml[o]);
      check(RITZ_FLOAT64, large, "adamw", yaml[o]);
      check(RITZ_FLOAT64, large, "sgd", yaml[o]);
    }
  check(RITZ_FLOAT32, true, "adam", "{complex: parts, weight_decay: 0.1}");
}

/* Wherever it is, and whoever has it, all say the same. */
static void a_number_that_is_not_finite_is_named_by_all(void **state) {
  side ours = side_of(together, RITZ_FLOAT64, true, "adamw", "{}");
  double *g = ours.gradient;
  for (int i = 0; i < ritz_params_count(ours.params); i++) {
    const ritz_param_info *info = ritz_params_info(ours.params, i);
    char words[128];
    fill_uniform(7, ritz_params_length(ours.params), g);
    g[info->offset + info->count / 2] = NAN;
    g[ritz_params_length(ours.params) - 1] = INFINITY; /* behind the last parameter, or its last */
    assert_ok(ritz_optimizer_sum(ours.optimizer, g));
    const ritz_status status = ritz_optimizer_check(ours.optimizer, g);
    if (!info->trainable) continue;
    assert_int_equal(status, RITZ_ERR_NUMERIC);
    snprintf(words, sizeof words, "the gradient of %s is", info->name);
    assert_message_contains(words);
    snprintf(words, sizeof words, "at number %td of %td", info->count / 2, info->count);
    assert_message_contains(words);
  }
  release(&ours);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_the_same_bits_as_on_one_rank),
      cmocka_unit_test(a_number_that_is_not_finite_is_named_by_all),
  };
  ranks_train_begin();
  return ranks_train_end(cmocka_run_group_tests(tests, NULL, NULL));
}
