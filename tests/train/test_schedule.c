/* SPDX-License-Identifier: BSD-3-Clause
 * Schedules against PyTorch's learning rates and closed forms. */
#include <math.h>

#include "allocations.h"
#include "io/yaml.h"
#include "support.h"
#include "train/schedule.h"

static ritz_schedule *schedule_from(const char *type, const char *yaml) {
  ritz_value *options;
  ritz_schedule *schedule;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  assert_ok(ritz_schedule_create(type, options, &schedule));
  ritz_value_destroy(&options);
  return schedule;
}

/* The rates at the beginning of epochs 0, 1, ...; seven steps an epoch, and all of them alike. */
static void check_epochs(const char *type, const char *yaml, double base, int count,
                         const double *expected) {
  ritz_schedule *schedule = schedule_from(type, yaml);
  for (int epoch = 0; epoch < count; epoch++)
    for (int k = 0; k < 7; k++) {
      const ritz_schedule_place place = {
          .step = epoch * 7 + k, .steps_per_epoch = 7, .epochs = count};
      /* PyTorch's cosine is a recurrence, its errors add up */
      assert_near(ritz_schedule_rate(schedule, base, &place), expected[epoch],
                  1e-15 * base * count);
    }
  ritz_schedule_destroy(&schedule);
}

static void check_steps(const char *type, const char *yaml, double base, ritz_index steps_per_epoch,
                        int count, const double *expected) {
  ritz_schedule *schedule = schedule_from(type, yaml);
  for (int step = 0; step < count; step++) {
    const ritz_schedule_place place = {
        .step = step, .steps_per_epoch = steps_per_epoch, .epochs = count / steps_per_epoch};
    assert_near(ritz_schedule_rate(schedule, base, &place), expected[step], 1e-15 * base * count);
  }
  ritz_schedule_destroy(&schedule);
}

/* StepLR(step_size=3, gamma=0.5), CosineAnnealingLR(T_max=7, eta_min=1e-5), nine epochs of it. */
static void decays_follow_pytorch_epoch_by_epoch(void **state) {
  static const double step[] = {0.005, 0.005, 0.005, 0.0025, 0.0025, 0.0025, 0.00125, 0.00125};
  static const double cosine[] = {0.005,
                                  0.0047529173254165355,
                                  0.00406060705563754,
                                  0.0030601897302210044,
                                  0.0019498102697789958,
                                  0.0009493929443624599,
                                  0.0002570826745834645,
                                  1e-05,
                                  0.0002570826745834643};
  check_epochs("step", "{step_size: 3, gamma: 0.5}", 5e-3, 8, step);
  check_epochs("cosine", "{t_max: 7, minimum: 1e-5}", 5e-3, 9, cosine);
}

/* OneCycleLR(max_lr=5e-3, total_steps=10), and MgNO's cycle: eight epochs, pct_start=0.2,
 * div_factor=2, final_div_factor=100. */
static void one_cycle_follows_pytorch(void **state) {
  static const double steps[] = {0.0002,
                                 0.0026,
                                 0.005,
                                 0.004752423160067369,
                                 0.0040587282697488155,
                                 0.0030563101096814462,
                                 0.001943709890318554,
                                 0.000941291730251185,
                                 0.0002475968399326314,
                                 2e-08};
  static const double epochs[] = {0.0005,
                                  0.0009904406770006073,
                                  0.0008870727005479616,
                                  0.0006928850076016323,
                                  0.00045373647268604357,
                                  0.00022610380907274805,
                                  6.374417098669342e-05,
                                  5e-06};
  check_steps("one_cycle", "{}", 5e-3, 5, 10, steps);
  check_steps("one_cycle", "{}", 5e-3, 1, 10, steps);
  check_epochs("one_cycle",
               "{pct_start: 0.2, div_factor: 2, final_div_factor: 100, interval: epoch}", 1e-3, 8,
               epochs);
}

static double rate_at(const char *type, const char *yaml, ritz_index step, ritz_index per_epoch,
                      ritz_index epochs) {
  ritz_schedule *schedule = schedule_from(type, yaml);
  const ritz_schedule_place place = {step, per_epoch, epochs};
  const double rate = ritz_schedule_rate(schedule, 2, &place);
  ritz_schedule_destroy(&schedule);
  return rate;
}

static void rates_can_change_with_every_step(void **state) {
  assert_near(rate_at("cosine", "{interval: step}", 0, 4, 6), 2, 1e-15);
  assert_near(rate_at("cosine", "{interval: step}", 12, 4, 6), 1, 1e-15); /* half way */
  assert_near(rate_at("cosine", "{interval: step}", 8, 4, 6), 1.5, 1e-15);
  assert_near(rate_at("cosine", "{interval: epoch}", 11, 4, 6), 1.5, 1e-15); /* epoch 2 */
  assert_near(rate_at("step", "{step_size: 0.5, interval: step}", 2, 4, 6), 1, 1e-15);
  assert_near(rate_at("step", "{step_size: 2, gamma: 0.1}", 8, 4, 6), 0.2, 1e-15);
  assert_near(rate_at("step", "{step_size: 2, gamma: 0.1}", 7, 4, 6), 2, 1e-15);
}

static void warm_up_rises_linearly_under_every_schedule(void **state) {
  assert_near(rate_at("constant", "{}", 0, 4, 6), 2, 0);
  assert_near(rate_at("constant", "{warmup_steps: 5}", 0, 4, 6), 0.4, 1e-15);
  assert_near(rate_at("constant", "{warmup_steps: 5}", 4, 4, 6), 2, 1e-15);
  assert_near(rate_at("constant", "{warmup_steps: 5}", 1000, 4, 6), 2, 0);
  int count;
  const ritz_schedule_type *const *types = ritz_schedule_types(&count);
  for (int t = 0; t < count; t++)
    for (ritz_index step = 0; step < 8; step++) {
      const double plain = rate_at(types[t]->name, "{}", step, 4, 6);
      const double warm = rate_at(types[t]->name, "{warmup_steps: 7}", step, 4, 6);
      assert_near(warm, plain * fmin(1, (double)(step + 1) / 7), 1e-15);
    }
}

/* The smallest trainings, and steps beyond the end. */
static void rates_are_finite_and_in_range(void **state) {
  int count;
  const ritz_schedule_type *const *types = ritz_schedule_types(&count);
  for (int t = 0; t < count; t++)
    for (ritz_index per_epoch = 1; per_epoch < 4; per_epoch++)
      for (ritz_index epochs = 1; epochs < 4; epochs++)
        for (ritz_index step = 0; step < 20; step++) {
          const double rate = rate_at(types[t]->name, "{}", step, per_epoch, epochs);
          assert_true(rate >= 0 && rate <= 2);
        }
  assert_near(rate_at("one_cycle", "{pct_start: 0.1}", 0, 10, 1), 2, 1e-15); /* no way up */
  assert_near(rate_at("one_cycle", "{pct_start: 1}", 9, 10, 1), 2, 1e-15);   /* no way down */
  assert_near(rate_at("one_cycle", "{pct_start: 1}", 50, 10, 1), 2, 1e-15);
}

static ritz_status create_status(const char *type, const char *yaml) {
  ritz_value *options;
  ritz_schedule *schedule;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  const ritz_status status = ritz_schedule_create(type, options, &schedule);
  assert_true((status == RITZ_OK) == (schedule != NULL));
  ritz_schedule_destroy(&schedule);
  ritz_value_destroy(&options);
  return status;
}

static void misuse_is_named(void **state) {
  assert_int_equal(create_status("cosin", "{}"), RITZ_ERR_NOT_FOUND);
  assert_message_contains("cosine");
  assert_int_equal(create_status("constant", "{gamma: 1}"), RITZ_ERR_CONFIG);
  assert_message_contains("schedule constant");
  assert_int_equal(create_status("step", "{gamma: -1}"), RITZ_ERR_CONFIG);
  assert_int_equal(create_status("cosine", "{interval: hour}"), RITZ_ERR_CONFIG);
  assert_message_contains("epoch");
  assert_int_equal(create_status("one_cycle", "{pct_start: 1.5}"), RITZ_ERR_CONFIG);
}

static void every_failed_allocation_is_survived(void **state) {
  ritz_schedule *schedule;
  long k = 0;
  while (creation_fails(k, schedule, ritz_schedule_create("cosine", NULL, &schedule))) k++;
  ritz_schedule_destroy(&schedule);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decays_follow_pytorch_epoch_by_epoch),
      cmocka_unit_test(one_cycle_follows_pytorch),
      cmocka_unit_test(rates_can_change_with_every_step),
      cmocka_unit_test(warm_up_rises_linearly_under_every_schedule),
      cmocka_unit_test(rates_are_finite_and_in_range),
      cmocka_unit_test(misuse_is_named),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
