/* SPDX-License-Identifier: BSD-3-Clause
 * What is written as YAML or JSON reads as it was, awkward texts and whatever noise the reader
 * takes. */
#include <string.h>

#include "core/memory.h"
#include "yaml_text.h"

/* Writes the tree and reads it again, as YAML and as JSON. */
static void assert_round_trip(const ritz_value *tree) {
  char *text;
  ritz_value *again;
  if (tree->kind == RITZ_VALUE_NULL) return;
  assert_ok(ritz_value_to_yaml(tree, &text));
  if (ritz_yaml_read_text(text, "<yaml>", &again) != RITZ_OK)
    fail_msg("%s in\n%s", ritz_error_message(), text);
  assert_same(tree, again);
  ritz_value_destroy(&again);
  ritz_free(text);
  assert_ok(ritz_value_to_json(tree, &text));
  if (ritz_yaml_read_text(text, "<json>", &again) != RITZ_OK)
    fail_msg("%s in\n%s", ritz_error_message(), text);
  assert_int_equal(tree->count, again->count);
  ritz_value_destroy(&again);
  ritz_free(text);
}

static const char *const awkward[] = {"",
                                      " ",
                                      "a ",
                                      " a",
                                      "null",
                                      "~",
                                      "true",
                                      "12",
                                      "1e3",
                                      "-",
                                      "- a",
                                      "-a",
                                      "--- a",
                                      "...",
                                      "?",
                                      "? a",
                                      "?a",
                                      ":",
                                      ":a",
                                      "a:",
                                      "a: b",
                                      "a:b",
                                      "a #b",
                                      "a#b",
                                      "#a",
                                      "[a",
                                      "a]",
                                      "{",
                                      "a, b",
                                      "a,b",
                                      "&a",
                                      "*a",
                                      "!a",
                                      "|",
                                      ">",
                                      "'",
                                      "\"",
                                      "a'b",
                                      "a\"b",
                                      "a\\b",
                                      "%a",
                                      "@a",
                                      "`a",
                                      "a\nb",
                                      "\n",
                                      "a\tb",
                                      "\t",
                                      "a\rb",
                                      "\x01",
                                      "\x7f",
                                      "\xc2\x85",
                                      "\xe2\x80\xa8",
                                      "\xef\xbb\xbf",
                                      "\xc3\xa9",
                                      "\xf0\x9f\x98\x80",
                                      "<<",
                                      "=",
                                      "---",
                                      "/a/b.h5",
                                      "a\n\n b\n",
                                      "x: [1"};

static void awkward_texts_survive_writing(void **state) {
  enum { count = sizeof awkward / sizeof *awkward };
  for (int quoted = 0; quoted < 2; quoted++) {
    ritz_value *map, *list, *nested, *scalar;
    assert_ok(ritz_value_create(RITZ_VALUE_MAP, NULL, 0, &map));
    assert_ok(ritz_value_create(RITZ_VALUE_LIST, NULL, 0, &list));
    for (int i = 0; i < count; i++) {
      assert_ok(ritz_value_create_scalar(awkward[i], quoted, NULL, 0, &scalar));
      assert_ok(ritz_value_add(map, awkward[i], scalar));
      assert_ok(ritz_value_create(RITZ_VALUE_LIST, NULL, 0, &nested));
      assert_ok(ritz_value_create_scalar(awkward[i], quoted, NULL, 0, &scalar));
      assert_ok(ritz_value_add(nested, NULL, scalar));
      assert_ok(ritz_value_add(list, NULL, nested));
    }
    assert_ok(ritz_value_create_scalar("---", quoted, NULL, 0, &scalar));
    assert_round_trip(scalar);
    ritz_value_destroy(&scalar);
    assert_round_trip(list);
    assert_ok(ritz_value_add(map, "list", list));
    assert_round_trip(map);
    ritz_value_destroy(&map);
  }
}

static void configuration_survives_writing(void **state) {
  ritz_value *tree = parse(config);
  assert_round_trip(tree);
  ritz_value_destroy(&tree);
  tree = parse("- a: 1\n  b: [[1, 2], [3, {c: d}]]\n- - x\n  - - y\n- {}\n- []\n- ~\n");
  assert_round_trip(tree);
  ritz_value_destroy(&tree);
}

/* Whatever comes in, the reader answers; what it accepts can be written and read again. */
static void try_text(const char *text) {
  ritz_value *tree;
  const ritz_status status = ritz_yaml_read_text(text, "fuzz", &tree);
  if (status == RITZ_OK) {
    assert_round_trip(tree);
    ritz_value_destroy(&tree);
    return;
  }
  assert_int_equal(status, RITZ_ERR_CONFIG);
  assert_null(tree);
  assert_message_contains("fuzz");
  assert_null(strchr(ritz_error_message(), '\n'));
}

static uint32_t draw(uint32_t sample, uint32_t index, uint32_t below) {
  const ritz_random random = {.seed = 5, .purpose = RITZ_RANDOM_TEST, .sample = sample};
  uint32_t words[4];
  ritz_random_words(random, index, words);
  return words[0] % below;
}

static void random_bytes_never_crash(void **state) {
  static const char alphabet[] = "ab1:,-[]{}&*!|>'\"%@`?#~\\ \n\n  \t.<=0e\xc3\xa9";
  for (uint32_t sample = 0; sample < 3000; sample++) {
    char text[64] = "";
    const uint32_t length = draw(sample, 0, sizeof text);
    for (uint32_t i = 0; i < length; i++) {
      const uint32_t letter = draw(sample, i + 1, sizeof alphabet - 1);
      text[i] = sample % 4 ? alphabet[letter] : (char)(1 + draw(sample, i + 1, 255));
    }
    try_text(text);
  }
}

static void mutated_configurations_never_crash(void **state) {
  static const char alphabet[] = ":,-[]{}&*!|>'\"%?#~\\ \n\t.<1";
  for (uint32_t sample = 0; sample < 1500; sample++) {
    char text[sizeof config + 8];
    memcpy(text, config, sizeof config);
    const uint32_t edits = 1 + draw(sample, 100, 6);
    for (uint32_t i = 0; i < edits; i++) {
      const size_t length = strlen(text), at = draw(sample, 3 * i, (uint32_t)length);
      const char letter = alphabet[draw(sample, 3 * i + 1, sizeof alphabet - 1)];
      switch (draw(sample, 3 * i + 2, 4)) {
        case 0: text[at] = letter; break;
        case 1: memmove(text + at, text + at + 1, length - at); break;
        case 2: memmove(text + at + 1, text + at, length - at + 1), text[at] = letter; break;
        default: text[length - at / 8] = '\0'; break;
      }
    }
    try_text(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(awkward_texts_survive_writing),
      cmocka_unit_test(configuration_survives_writing),
      cmocka_unit_test(random_bytes_never_crash),
      cmocka_unit_test(mutated_configurations_never_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
