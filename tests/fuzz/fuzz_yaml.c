/* SPDX-License-Identifier: BSD-3-Clause
 * Configurations: what can be read can be written, and reads back as the same. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "fuzz.h"
#include "io/yaml.h"

void fuzz_write_seeds(const char *folder) {
  fuzz_write(folder, "config",
             "operator:\n  name: fno   # a remark\n  n_modes: [12, 12]\n"
             "data:\n  train: 'a b.h5'\n  test: [\"c\\td.h5\", e.h5]\n"
             "train: {epochs: 3, lr: 1e-3, resume: false, note: null}\n",
             -1);
  fuzz_write(folder, "json", "{\"a\": [1, 2.5, -3e-2, true, null, \"\\u00e9\"], \"b\": {}}", -1);
  fuzz_write(folder, "block", "a: |\n  two\n  lines\nb: >-\n  one\n  line\nc: &x [1]\nd: *x\n", -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1), *yaml = NULL, *json = NULL, *json_back = NULL;
  ritz_value *value = NULL, *back = NULL;
  memcpy(text, data, size);
  text[size] = 0;
  if (ritz_yaml_read_text(text, "input", &value) == RITZ_OK) {
    fuzz_require(
        ritz_value_to_yaml(value, &yaml) == RITZ_OK && ritz_value_to_json(value, &json) == RITZ_OK,
        "what was read is not written");
    fuzz_require(ritz_yaml_read_text(yaml, "written", &back) == RITZ_OK &&
                     ritz_value_to_json(back, &json_back) == RITZ_OK,
                 "what was written is not read back");
    fuzz_require(strcmp(json, json_back) == 0, "reads back as something else");
  } else {
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  }
  ritz_value_destroy(&value);
  ritz_value_destroy(&back);
  ritz_free(yaml);
  ritz_free(json);
  ritz_free(json_back);
  free(text);
  return 0;
}
