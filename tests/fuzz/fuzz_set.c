/* SPDX-License-Identifier: BSD-3-Clause
 * Values of --set: a configuration that can still be written, or one as it was and a sentence. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "fuzz.h"
#include "io/yaml.h"

void fuzz_write_seeds(const char *folder) {
  fuzz_write(folder, "number", "optimizer.lr=1e-3", -1);
  fuzz_write(folder, "list", "operator.n_modes=[12, 12]", -1);
  fuzz_write(folder, "map", "data.train={path: \"a b.h5\", window: [1, 2]}", -1);
  fuzz_write(folder, "text", "data.test='it''s'", -1);
  fuzz_write(folder, "new", "train.deep.er=null", -1);
}

static char *json_of(const ritz_value *value) {
  char *json = NULL;
  fuzz_require(ritz_value_to_json(value, &json) == RITZ_OK, "a configuration is not written");
  return json;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char base[] =
      "operator: {name: fno, n_modes: [4, 4]}\ndata: {train: a.h5, test: [b.h5]}\n"
      "train: {epochs: 3}\noptimizer: {name: adamw}\n";
  char *text = malloc(size + 1), *after;
  ritz_value *root;
  memcpy(text, data, size);
  text[size] = 0;
  fuzz_require(ritz_yaml_read_text(base, "base", &root) == RITZ_OK, "the base is not read");
  char *before = json_of(root);
  const ritz_status status = ritz_yaml_set(root, text);
  if (status != RITZ_OK) fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  after = json_of(root);
  fuzz_require(status == RITZ_OK || strcmp(before, after) == 0, "changed by a failure");
  ritz_value_destroy(&root);
  ritz_free(before);
  ritz_free(after);
  free(text);
  return 0;
}
