/* SPDX-License-Identifier: BSD-3-Clause
 * Metrics in words: numbers stand as "key value", test sets as "name key value ...". */
#include "tools/epoch_text.h"

#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "io/yaml.h"
#include "tools/progress.h"

typedef struct text {
  size_t size, used;
  char *out;
} text;

static void add(text *to, const char *separator, const char *word) {
  if (to->used < to->size)
    to->used += (size_t)snprintf(to->out + to->used, to->size - to->used, "%s%s",
                                 to->used ? separator : "", word);
}

static void add_number(text *to, const char *separator, const ritz_value *item) {
  double number;
  char word[64], duration[32];
  if (item->kind != RITZ_VALUE_SCALAR || !ritz_text_to_real(item->text, &number)) return;
  if (strcmp(item->key, "seconds") == 0)
    snprintf(word, sizeof word, "%s", ritz_duration_text(number, duration));
  else
    snprintf(word, sizeof word, "%.20s %.3g", item->key, number);
  add(to, separator, word);
}

void ritz_epoch_text(const char *record, size_t size, char *out) {
  ritz_value *tree;
  text to = {.size = size, .out = out};
  snprintf(out, size, "%s", record);
  if (ritz_yaml_read_text(record, "<epoch>", &tree) != RITZ_OK) return;
  for (int i = 0; i < tree->count; i++) {
    const ritz_value *item = tree->item[i];
    const bool known = strcmp(item->key, "epoch") == 0 || strcmp(item->key, "learning_rate") == 0;
    if (known) continue; /* counted by the caller; planned by the configuration */
    if (item->kind == RITZ_VALUE_MAP) add(&to, ", ", item->key);
    for (int k = 0; item->kind == RITZ_VALUE_MAP && k < item->count; k++)
      add_number(&to, " ", item->item[k]);
    add_number(&to, ", ", item);
  }
  ritz_value_destroy(&tree);
}
