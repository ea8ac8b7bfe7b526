/* SPDX-License-Identifier: BSD-3-Clause
 * Long options by table. */
#include "tools/arguments.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/list.h"
#include "core/number.h"

enum { options_most = 32, name_most = 40 };

/* "--dry-run" of the field dry_run. */
static void spell(const ritz_argument *argument, char out[name_most]) {
  snprintf(out, name_most, "--%s", argument->name);
  for (char *c = out; *c; c++)
    if (*c == '_') *c = '-';
}

/* The option whose name is the first @p length characters of @p text. */
static const ritz_argument *find(const ritz_argument *table, const char *text, size_t length) {
  for (const ritz_argument *a = table; a->kind; a++) {
    char spelled[name_most];
    spell(a, spelled);
    if (strlen(spelled) == length && strncmp(spelled, text, length) == 0) return a;
  }
  return NULL;
}

static ritz_status fail_unknown(const ritz_argument *table, const char *text, size_t length) {
  char spelled[options_most][name_most], given[name_most];
  const char *names[options_most];
  int count = 0;
  for (const ritz_argument *a = table; a->kind && count < options_most; a++, count++) {
    spell(a, spelled[count]);
    names[count] = spelled[count];
  }
  snprintf(given, sizeof given, "%.*s", (int)length, text);
  return ritz_fail_unknown(RITZ_ERR_ARGUMENT, "option", given, "", names, count);
}

static ritz_status store_index(const ritz_argument *argument, const char *value, ritz_index *out) {
  ritz_index number;
  const bool whole = ritz_text_to_index(value, &number);
  if (whole && number >= argument->least && number <= argument->most) {
    *out = number;
    return RITZ_OK;
  }
  char name[name_most];
  spell(argument, name);
  if (argument->most == PTRDIFF_MAX)
    return RITZ_FAIL(RITZ_ERR_ARGUMENT, "%s takes whole numbers >= %td, not '%.64s'", name,
                     argument->least, value);
  return RITZ_FAIL(RITZ_ERR_ARGUMENT, "%s takes whole numbers from %td to %td, not '%.64s'", name,
                   argument->least, argument->most, value);
}

static ritz_status store(const ritz_argument *argument, const char *value, void *options) {
  void *field = (char *)options + argument->offset;
  switch (argument->kind) {
    case RITZ_ARGUMENT_KIND_FLAG: *(bool *)field = true; break;
    case RITZ_ARGUMENT_KIND_INDEX: return store_index(argument, value, field);
    case RITZ_ARGUMENT_KIND_TEXT: *(const char **)field = value; break;
    case RITZ_ARGUMENT_KIND_TEXTS: {
      ritz_argument_texts *texts = field;
      RITZ_REQUIRE(texts->count < RITZ_ARGUMENT_TEXTS_MOST, RITZ_ERR_ARGUMENT,
                   "--%s is given more than %d times", argument->name, RITZ_ARGUMENT_TEXTS_MOST);
      texts->text[texts->count++] = value;
      break;
    }
    case RITZ_ARGUMENT_KIND_END: break;
  }
  return RITZ_OK;
}

/* Takes the option argv[0] with its value; *used is 1 or 2. */
static ritz_status take(const ritz_argument *table, int argc, char *const *argv, void *options,
                        int *used) {
  const char *text = argv[0], *equals = strchr(text, '=');
  const size_t length = equals ? (size_t)(equals - text) : strlen(text);
  const ritz_argument *argument = find(table, text, length);
  char name[name_most];
  *used = 1;
  if (!argument) return fail_unknown(table, text, length);
  spell(argument, name);
  if (argument->kind == RITZ_ARGUMENT_KIND_FLAG) {
    RITZ_REQUIRE(!equals, RITZ_ERR_ARGUMENT, "%s takes no value", name);
    return store(argument, NULL, options);
  }
  if (equals) return store(argument, equals + 1, options);
  RITZ_REQUIRE(argc > 1 && strncmp(argv[1], "--", 2) != 0, RITZ_ERR_ARGUMENT,
               "%s wants a value: %s %s", name, name, argument->value);
  *used = 2;
  return store(argument, argv[1], options);
}

/* Compares the operands with their names. */
static ritz_status count_operands(const char *names, int operands, const char *const *operand) {
  int i = 0;
  for (const char *word = names; *word; i++) {
    const size_t length = strcspn(word, " ");
    const bool many = length > 3 && strncmp(word + length - 3, "...", 3) == 0;
    if (i == operands) {
      RITZ_REQUIRE(*word == '[', RITZ_ERR_ARGUMENT, "%.*s is missing",
                   (int)(many ? length - 3 : length), word);
      return RITZ_OK;
    }
    if (many) return RITZ_OK;
    word += length + strspn(word + length, " ");
  }
  RITZ_REQUIRE(operands <= i, RITZ_ERR_ARGUMENT, "'%.64s' is one operand too many%s%s", operand[i],
               *names ? ": wanted is " : "", names);
  return RITZ_OK;
}

bool ritz_arguments_want_help(int argc, char *const *argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
  return false;
}

ritz_status ritz_arguments_parse(const ritz_argument *table, const char *names, int argc,
                                 char *const *argv, void *options, const char **operand,
                                 int *operands) {
  *operands = 0;
  bool only_operands = false;
  ritz_status first = RITZ_OK;
  for (int i = 0, used; i < argc; i += used) {
    used = 1;
    if (!only_operands && strcmp(argv[i], "--") == 0) {
      only_operands = true;
    } else if (!only_operands && argv[i][0] == '-' && argv[i][1]) {
      /* Goes on to the operands, which help wants to know. */
      if (first == RITZ_OK) first = take(table, argc - i, argv + i, options, &used);
    } else {
      operand[(*operands)++] = argv[i];
    }
  }
  return first == RITZ_OK ? count_operands(names, *operands, operand) : first;
}

void ritz_arguments_help(const ritz_argument *table, const void *options) {
  for (const ritz_argument *a = table; a->kind; a++) {
    char name[name_most], left[2 * name_most], fallback[64] = "";
    const void *field = (const char *)options + a->offset;
    spell(a, name);
    snprintf(left, sizeof left, "%s%s%s", name, a->value ? " " : "", a->value ? a->value : "");
    if (a->kind == RITZ_ARGUMENT_KIND_INDEX && *(const ritz_index *)field >= a->least)
      snprintf(fallback, sizeof fallback, " (default %td)", *(const ritz_index *)field);
    if (a->kind == RITZ_ARGUMENT_KIND_TEXT && *(const char *const *)field)
      snprintf(fallback, sizeof fallback, " (default %s)", *(const char *const *)field);
    printf("  %-24s %s%s\n", left, a->help, fallback);
  }
  printf("  %-24s %s\n", "--help", "this page");
}
