/* SPDX-License-Identifier: BSD-3-Clause
 * Rates of this machine: that they are measured, not how large they are. */
#include "kernels/machine.h"

#include "allocations.h"
#include "support.h"

static void rates_are_positive(void **state) {
  assert_true(ritz_machine_peak(RITZ_FLOAT32, 0.001) > 1e6);
  assert_true(ritz_machine_peak(RITZ_FLOAT64, 0.001) > 1e6);
  for (int threads = 1; threads <= 3; threads++) {
    double rate;
    assert_true(ritz_machine_peak_now(RITZ_FLOAT32, threads) > 1e6);
    assert_true(ritz_machine_peak_now(RITZ_FLOAT64, threads) > 1e6);
    assert_ok(ritz_machine_bandwidth(threads, 1, 0.001, &rate));
    assert_true(rate > 1e6);
    assert_ok(ritz_machine_bandwidth(threads, 1 << 20, 0.001, &rate));
    assert_true(rate > 1e6);
  }
}

static void without_memory_there_is_no_rate(void **state) {
  for (long k = 0; k < 2; k++) {
    double rate = 1;
    assert_true(memory_fails(k, ritz_machine_bandwidth(1, 1, 0.001, &rate)));
    assert_true(rate == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_are_positive),
      cmocka_unit_test(without_memory_there_is_no_rate),
  };
  return cmocka_run_group_tests_name("kernels.machine", tests, NULL, NULL);
}
