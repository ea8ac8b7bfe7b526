/* SPDX-License-Identifier: BSD-3-Clause
 * Defaults are written in the simplest corner of YAML and read here, so that core needs no parser.
 */
#include "core/option_text.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"

ritz_status ritz_choice_split(const char *choices, ritz_choice_names *out) {
  out->count = 0;
  RITZ_REQUIRE(strlen(choices) < sizeof out->storage, RITZ_ERR_ARGUMENT, "choices too long: %.64s",
               choices);
  strcpy(out->storage, choices);
  for (char *name = out->storage; name;) {
    RITZ_REQUIRE(out->count < RITZ_OPTION_LIST, RITZ_ERR_ARGUMENT, "too many choices: %.64s",
                 choices);
    out->name[out->count++] = name;
    char *const bar = strchr(name, '|');
    if (bar) *bar = '\0';
    name = bar ? bar + 1 : NULL;
  }
  return RITZ_OK;
}

/* Limits that only keep a number representable are not worth a word: 2^20 for counts. */
static void describe_range(const ritz_option *option, bool above, char *out, size_t size) {
  const bool whole = option->kind == RITZ_OPTION_KIND_INT ||
                     option->kind == RITZ_OPTION_KIND_INTS ||
                     option->kind == RITZ_OPTION_KIND_INT_ROWS;
  const bool below = option->least > (whole ? -0x1p40 : -DBL_MAX);
  const bool upper = option->most < (whole ? 0x1p20 : DBL_MAX) || above;
  char least[32], most[32];
  if (below) ritz_real_to_text(option->least, least);
  if (upper) ritz_real_to_text(option->most, most);
  if (below && upper)
    snprintf(out, size, " from %s to %s", least, most);
  else if (below)
    snprintf(out, size, " >= %s", least);
  else if (upper)
    snprintf(out, size, " <= %s", most);
  else
    *out = '\0';
}

static void describe_choices(const char *choices, char *out, size_t size) {
  size_t used = (size_t)snprintf(out, size, "one of ");
  for (const char *c = choices; *c && used + 3 < size; c++) {
    if (*c == '|') out[used++] = ',';
    out[used++] = *c == '|' ? ' ' : *c;
  }
  out[used] = '\0';
}

void ritz_option_describe(const ritz_option *option, bool above, char out[320]) {
  char range[96];
  switch (option->kind) {
    case RITZ_OPTION_KIND_BOOL: strcpy(out, "true or false"); return;
    case RITZ_OPTION_KIND_TEXT: strcpy(out, "a text"); return;
    case RITZ_OPTION_KIND_TEXTS: strcpy(out, "texts"); return;
    case RITZ_OPTION_KIND_CHOICE: describe_choices(option->choices, out, 320); return;
    case RITZ_OPTION_KIND_INT: strcpy(out, "a whole number"); break;
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS: strcpy(out, "whole numbers"); break;
    case RITZ_OPTION_KIND_REAL: strcpy(out, "a finite number"); break;
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS: strcpy(out, "finite numbers"); break;
    default: strcpy(out, "a value"); return;
  }
  describe_range(option, above, range, sizeof range);
  strcat(out, range);
}

size_t ritz_option_size(ritz_option_kind kind) {
  switch (kind) {
    case RITZ_OPTION_KIND_BOOL: return sizeof(bool);
    case RITZ_OPTION_KIND_INT: return sizeof(ritz_index);
    case RITZ_OPTION_KIND_REAL: return sizeof(double);
    case RITZ_OPTION_KIND_CHOICE: return sizeof(int);
    case RITZ_OPTION_KIND_TEXT: return sizeof(char *);
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS: return sizeof(ritz_ints);
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS: return sizeof(ritz_reals);
    case RITZ_OPTION_KIND_TEXTS: return sizeof(ritz_texts);
    case RITZ_OPTION_KIND_VALUE: return sizeof(ritz_value *);
    case RITZ_OPTION_KIND_END: break;
  }
  return 0;
}

/* One scalar without the blanks around it; quotes around all of it are taken off. */
static ritz_status read_scalar(const char *text, size_t length, const char *file, int line,
                               ritz_value **out) {
  *out = NULL;
  while (length > 0 && *text == ' ') text++, length--;
  while (length > 0 && text[length - 1] == ' ') length--;
  const bool quoted = length >= 2 && (*text == '\'' || *text == '"') && text[length - 1] == *text;
  if (quoted) text++, length -= 2;
  char *copy;
  RITZ_TRY(ritz_calloc((ritz_index)length + 1, 1, (void **)&copy));
  memcpy(copy, text, length);
  const ritz_status status = ritz_value_create_scalar(copy, quoted, file, line, out);
  ritz_free(copy);
  return status;
}

ritz_status ritz_option_cut(const char *text, size_t length, const char *file, int line,
                            ritz_value **out) {
  ritz_value *list;
  *out = NULL;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, file, line, &list));
  ritz_status status;
  for (const char *at = text, *const end = text + length;;) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    ritz_value *item;
    RITZ_TRY_DONE(read_scalar(at, (size_t)((comma ? comma : end) - at), file, line, &item));
    RITZ_TRY_DONE(ritz_value_add(list, NULL, item));
    if (!comma) break;
    at = comma + 1;
  }
done:
  if (status != RITZ_OK)
    ritz_value_destroy(&list);
  else
    *out = list;
  return status;
}

ritz_status ritz_option_parse_fallback(const char *text, ritz_value **out) {
  static const char origin[] = "<default>";
  const size_t length = strlen(text);
  if (length < 2 || text[0] != '[' || text[length - 1] != ']')
    return read_scalar(text, length, origin, 0, out);
  if (strspn(text + 1, " ") == length - 2)
    return ritz_value_create(RITZ_VALUE_LIST, origin, 0, out);
  return ritz_option_cut(text + 1, length - 2, origin, 0, out);
}
