/* SPDX-License-Identifier: BSD-3-Clause
 * What a failure says: its code, its sentence, where it comes from. */
#include <string.h>

#include "core/fail.h"
#include "core/threads.h"
#include "support.h"

static void every_code_has_a_text(void **state) {
#define SAYS(code, text) assert_string_equal(ritz_status_text(code), text);
  RITZ_STATUS_LIST(SAYS)
#undef SAYS
  assert_string_equal(ritz_status_text((ritz_status)12345), "unknown status");
}

static ritz_status refuse(int number) {
  RITZ_REQUIRE(number == 0, RITZ_ERR_ARGUMENT, "number is %d, wanted 0", number);
  return RITZ_OK;
}

static void a_failure_keeps_its_sentence_and_origin(void **state) {
  assert_int_equal(refuse(3), RITZ_ERR_ARGUMENT);
  assert_string_equal(ritz_error_message(), "number is 3, wanted 0");
  assert_non_null(strstr(ritz_error_origin(), "test_status.c:"));
  assert_non_null(strstr(ritz_error_origin(), " refuse"));
  assert_int_equal(ritz_fail_prefix(RITZ_ERR_IO, "sample %d", 7), RITZ_ERR_IO);
  assert_string_equal(ritz_error_message(), "sample 7: number is 3, wanted 0");
}

static void long_sentences_are_cut(void **state) {
  char text[3000];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  RITZ_FAIL(RITZ_ERR_IO, "%s", text);
  const size_t most = strlen(ritz_error_message());
  assert_in_range(most, 500, sizeof text - 2);
  ritz_fail_prefix(RITZ_ERR_IO, "here");
  assert_int_equal(strlen(ritz_error_message()), most);
  assert_memory_equal(ritz_error_message(), "here: aaa", 9);
  ritz_fail_prefix(RITZ_ERR_IO, "%s", text);
  assert_int_equal(strlen(ritz_error_message()), most);
}

static void there_is_a_thread(void **state) { assert_true(ritz_threads_available() >= 1); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_has_a_text),
      cmocka_unit_test(a_failure_keeps_its_sentence_and_origin),
      cmocka_unit_test(long_sentences_are_cut),
      cmocka_unit_test(there_is_a_thread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
