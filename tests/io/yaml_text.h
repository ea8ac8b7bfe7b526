/* SPDX-License-Identifier: BSD-3-Clause
 * A configuration, and trees of values, for the tests of YAML. */
#ifndef YAML_TEXT_H
#define YAML_TEXT_H

#include "io/yaml.h"
#include "support.h"

static const char config[] =
    "# Darcy flow\n"
    "operator:\n"
    "  type: fno\n"
    "  n_modes: [12, 12]\n"
    "  fno_skip: null\n"
    "  name: \"12\"\n"
    "data:\n"
    "  train: &files\n"
    "    - a.h5\n"
    "    - 'b c.h5'\n"
    "  test: *files\n"
    "  note: |\n"
    "    two\n"
    "    lines\n"
    "train: {epochs: 5, lr: 1e-3, resume: true, empty: , list: [], map: {}}\n";

/* The same kinds, keys and texts; a text may have gained quotes that do not change it. */
static inline void assert_same(const ritz_value *a, const ritz_value *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->count, b->count);
  if (a->kind == RITZ_VALUE_SCALAR) {
    assert_string_equal(a->text, b->text);
    if (a->quoted != b->quoted) assert_false(a->quoted || ritz_value_text_resolves(a->text));
  }
  for (int i = 0; i < a->count; i++) {
    if (a->kind == RITZ_VALUE_MAP) assert_string_equal(a->item[i]->key, b->item[i]->key);
    assert_same(a->item[i], b->item[i]);
  }
}

static inline ritz_value *parse(const char *text) {
  ritz_value *tree;
  assert_ok(ritz_yaml_read_text(text, "config.yaml", &tree));
  return tree;
}

#endif
