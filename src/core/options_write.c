/* SPDX-License-Identifier: BSD-3-Clause
 * A method's struct back into a map, and a table of options for help texts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/fail.h"
#include "core/number.h"
#include "core/option_text.h"

static const char origin[] = "<options>";

static ritz_status bare(const char *text, ritz_value **out) {
  return ritz_value_create_scalar(text, false, origin, 0, out);
}

static ritz_status write_int(ritz_index n, ritz_value **out) {
  char text[32];
  snprintf(text, sizeof text, "%td", n);
  return bare(text, out);
}

static ritz_status write_real(const ritz_option *option, double value, ritz_value **out) {
  *out = NULL;
  RITZ_REQUIRE(isfinite(value), RITZ_ERR_NUMERIC, "%s is not a finite number", option->name);
  char text[32];
  ritz_real_to_text(value, text);
  return bare(text, out);
}

/* Quotes only where the text would be taken for something else or cut at its commas. */
static ritz_status write_text(const char *text, ritz_value **out) {
  if (!text) return ritz_value_create(RITZ_VALUE_NULL, origin, 0, out);
  const bool quoted = ritz_value_text_resolves(text) || strchr(text, ',');
  return ritz_value_create_scalar(text, quoted, origin, 0, out);
}

static ritz_status write_choice(const ritz_option *option, int choice, ritz_value **out) {
  *out = NULL;
  ritz_choice_names names;
  RITZ_TRY(ritz_choice_split(option->choices, &names));
  RITZ_REQUIRE(choice >= 0 && choice < names.count, RITZ_ERR_ARGUMENT, "%s has no choice number %d",
               option->name, choice);
  return bare(names.name[choice], out);
}

static ritz_status write_item(const ritz_option *option, const void *field, int i,
                              ritz_value **out) {
  switch (option->kind) {
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS: return write_int(((const ritz_ints *)field)->n[i], out);
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS:
      return write_real(option, ((const ritz_reals *)field)->v[i], out);
    default: return write_text(((const ritz_texts *)field)->text[i], out);
  }
}

/* Numbers first ... first + count - 1; columns > 0: as lists of that many. */
static ritz_status write_items(const ritz_option *option, const void *field, int first, int count,
                               int columns, ritz_value *list) {
  for (int i = first; i < first + count; i += columns ? columns : 1) {
    ritz_value *item;
    if (columns) {
      RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, origin, 0, &item));
      const ritz_status status = write_items(option, field, i, columns, 0, item);
      if (status != RITZ_OK) {
        ritz_value_destroy(&item);
        return status;
      }
    } else {
      RITZ_TRY(write_item(option, field, i, &item));
    }
    RITZ_TRY(ritz_value_add(list, NULL, item));
  }
  return RITZ_OK;
}

static ritz_status write_list(const ritz_option *option, const void *field, int count, bool is_list,
                              int columns, ritz_value **out) {
  if (!is_list && count == 1) return write_item(option, field, 0, out);
  const bool null = count == 0 && !is_list;
  ritz_value *list;
  *out = NULL;
  RITZ_TRY(ritz_value_create(null ? RITZ_VALUE_NULL : RITZ_VALUE_LIST, origin, 0, &list));
  const ritz_status status = write_items(option, field, 0, count, columns, list);
  if (status != RITZ_OK)
    ritz_value_destroy(&list);
  else
    *out = list;
  return status;
}

static ritz_status write_value(const ritz_value *value, ritz_value **out) {
  return value ? ritz_value_clone(value, out) : ritz_value_create(RITZ_VALUE_NULL, origin, 0, out);
}

static ritz_status write_field(const ritz_option *option, const void *field, ritz_value **out) {
  switch (option->kind) {
    case RITZ_OPTION_KIND_BOOL: return bare(*(const bool *)field ? "true" : "false", out);
    case RITZ_OPTION_KIND_INT: return write_int(*(const ritz_index *)field, out);
    case RITZ_OPTION_KIND_REAL: return write_real(option, *(const double *)field, out);
    case RITZ_OPTION_KIND_CHOICE: return write_choice(option, *(const int *)field, out);
    case RITZ_OPTION_KIND_TEXT: return write_text(*(char *const *)field, out);
    case RITZ_OPTION_KIND_VALUE: return write_value(*(const ritz_value *const *)field, out);
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS: {
      const ritz_ints *const ints = field;
      return write_list(option, field, ints->count, ints->is_list, ints->columns, out);
    }
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS: {
      const ritz_reals *const reals = field;
      return write_list(option, field, reals->count, reals->is_list, reals->columns, out);
    }
    case RITZ_OPTION_KIND_TEXTS: {
      const ritz_texts *const texts = field;
      return write_list(option, field, texts->count, texts->is_list, 0, out);
    }
    case RITZ_OPTION_KIND_END: break;
  }
  *out = NULL;
  return RITZ_FAIL(RITZ_ERR_ARGUMENT, "option %s has no known kind", option->name);
}

ritz_status ritz_options_write(const ritz_option *options, const void *fields, ritz_value **out) {
  ritz_value *map;
  *out = NULL;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_MAP, origin, 0, &map));
  ritz_status status = RITZ_OK;
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END; o++) {
    ritz_value *value;
    RITZ_TRY_DONE(write_field(o, (const char *)fields + o->offset, &value));
    RITZ_TRY_DONE(ritz_value_add(map, o->name, value));
  }
done:
  if (status != RITZ_OK)
    ritz_value_destroy(&map);
  else
    *out = map;
  return status;
}

static const char *fallback_text(const ritz_option *option) {
  return option->fallback ? option->fallback : "(required)";
}

static void add_padded(ritz_builder *builder, const char *text, int width) {
  ritz_builder_add(builder, text);
  ritz_builder_add_spaces(builder, width - (int)strlen(text) + 2);
}

static int wider(int width, const char *text) {
  return (int)strlen(text) > width ? (int)strlen(text) : width;
}

ritz_status ritz_options_help(const ritz_option *options, char **out) {
  ritz_builder builder = {0};
  int names = 0, fallbacks = 0;
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END; o++) {
    names = wider(names, o->name);
    fallbacks = wider(fallbacks, fallback_text(o));
  }
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END; o++) {
    add_padded(&builder, o->name, names);
    add_padded(&builder, fallback_text(o), fallbacks);
    ritz_builder_add(&builder, o->help);
    if (o->kind == RITZ_OPTION_KIND_CHOICE) ritz_builder_format(&builder, " (%s)", o->choices);
    ritz_builder_add(&builder, "\n");
  }
  return ritz_builder_take(&builder, out);
}
