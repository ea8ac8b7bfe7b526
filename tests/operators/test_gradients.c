/* SPDX-License-Identifier: BSD-3-Clause
 * Every operator's gradients, and that neither threads nor the number format matter. */
#include "operator_checks.h"
#include "operator_samples.h"

static void gradients_match_differences(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_sample *s = operator_sample_at(k);
    const operator_case c = small_case(s);
    print_message("  %s %s\n", s->type, s->options);
    (s->kinks ? check_directions : check_gradients)(c.x, build_operator, &c);
  }
}

static void results_do_not_depend_on_threads(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_case c = large_case(operator_sample_at(k));
    print_message("  %s %s\n", c.type, c.options);
    check_thread_counts(c.x, build_operator, &c);
  }
}

static void float_agrees_with_double(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_sample *s = operator_sample_at(k);
    const operator_case c = large_case(s);
    print_message("  %s %s\n", c.type, c.options);
    check_formats(c.x, build_operator, &c, s->rounding, s->grad_rounding);
  }
}

/* Nothing is created that the output does not depend on. */
static void gradients_reach_every_parameter(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_case c = small_case(operator_sample_at(k));
    check_parameters_are_used(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_differences),
      cmocka_unit_test(gradients_reach_every_parameter),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(float_agrees_with_double),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
