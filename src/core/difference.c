/* SPDX-License-Identifier: BSD-3-Clause
 * Where two texts differ, in as few words as a message can show. */
#include "core/difference.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Between two entries of a JSON object; what follows in a list has no quotes. */
static const char between[] = ", \"";
enum { COMMA = 2 };

static bool ends(const char *at) {
  return *at == '\0' || *at == '\n' || *at == '}' || strncmp(at, between, strlen(between)) == 0;
}

static ritz_text_part around(const char *text, size_t i) {
  size_t from = i, to = i + strcspn(text + i, "\n");
  while (from > 0 && text[from - 1] != '\n') from--;
  if (to - from > 100) {
    const size_t line = from;
    for (to = i; !ends(text + to);) to++;
    for (from = i; from > line && text[from - 1] != '{'; from--)
      if (from >= line + COMMA && ends(text + from - COMMA)) break;
  }
  while (text[from] == ' ') from++;
  return (ritz_text_part){.text = text + from, .length = to - from > 160 ? 160 : (int)(to - from)};
}

void ritz_text_difference(const char *a, const char *b, ritz_text_part *in_a,
                          ritz_text_part *in_b) {
  size_t i = 0;
  while (a[i] && a[i] == b[i]) i++;
  *in_a = around(a, i);
  *in_b = around(b, i);
}
