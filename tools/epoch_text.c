/* SPDX-License-Identifier: BSD-3-Clause
 * Metrics in words: numbers stand as "key value", test sets as "name key value ...". */
#include "tools/epoch_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void add_number(text *to, const char *separator, const char *key, double number) {
  char word[96], duration[32];
  if (strcmp(key, "seconds") == 0)
    snprintf(word, sizeof word, "%s", ritz_duration_text(number, duration));
  else
    snprintf(word, sizeof word, "%.20s %.3g", key, number);
  add(to, separator, word);
}

/* The key that begins at a quote. @return  What follows it and its colon. */
static const char *read_key(const char *at, char key[64]) {
  size_t length = 0;
  for (at++; *at && *at != '"'; at++) {
    if (*at == '\\' && at[1]) at++;
    if (length < 63) key[length++] = *at;
  }
  key[length] = 0;
  return at + strspn(at, "\": ");
}

/* Without memory of its own: no training ends for want of words. */
void ritz_epoch_text(const char *record, size_t size, char *out) {
  text to = {.size = size, .out = out};
  char key[64];
  bool in_set = false; /* among the metrics of a test set */
  snprintf(out, size, "%s", record);
  for (const char *at = record; *at; at++) {
    if (*at == '}') in_set = false;
    if (*at != '"') continue;
    at = read_key(at, key);
    const bool known = strcmp(key, "epoch") == 0 || strcmp(key, "learning_rate") == 0;
    char *end;
    const double number = strtod(at, &end);
    if (*at == '{')
      add(&to, ", ", key);
    else if (end > at && (in_set || !known)) /* counted by the caller; planned before */
      add_number(&to, in_set ? " " : ", ", key, number);
    in_set = in_set || *at == '{';
    at = end > at ? end - 1 : at;
    if (!*at) break;
  }
}
