/* SPDX-License-Identifier: BSD-3-Clause
 * A map of the configuration into a method's struct. Defaults go the same way as what was given. */
#include "core/options.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/option_text.h"

static void *field_of(const ritz_option *option, void *fields) {
  return (char *)fields + option->offset;
}

static bool is_null(const ritz_value *value) { return value->kind == RITZ_VALUE_NULL; }

static bool may_be_nothing(const ritz_option *option) {
  static const char *const nothings[] = {"null", "[]", "{}"};
  for (int i = 0; option->fallback && i < 3; i++)
    if (strcmp(option->fallback, nothings[i]) == 0) return true;
  return false;
}

/* `above`: the number found is too large, so say how large it may be. */
static ritz_status refuse(const ritz_option *option, const ritz_value *value, bool above) {
  char wanted[320], found[80];
  ritz_option_describe(option, above, wanted);
  ritz_value_describe(value, found);
  return ritz_value_blame(
      value, RITZ_FAIL(RITZ_ERR_CONFIG, "%s wants %s, found %s", option->name, wanted, found));
}

static ritz_status read_bool(const ritz_option *option, const ritz_value *value, bool *field) {
  const bool bare = value->kind == RITZ_VALUE_SCALAR && !value->quoted;
  *field = bare && strcmp(value->text, "true") == 0;
  const bool known = *field || (bare && strcmp(value->text, "false") == 0);
  return known ? RITZ_OK : refuse(option, value, false);
}

static ritz_status read_int(const ritz_option *option, const ritz_value *value, ritz_index *field) {
  const bool number =
      value->kind == RITZ_VALUE_SCALAR && !value->quoted && ritz_text_to_index(value->text, field);
  const bool above = number && (double)*field > option->most;
  return number && !above && (double)*field >= option->least ? RITZ_OK
                                                             : refuse(option, value, above);
}

static ritz_status read_real(const ritz_option *option, const ritz_value *value, double *field) {
  const bool number =
      value->kind == RITZ_VALUE_SCALAR && !value->quoted && ritz_text_to_real(value->text, field);
  const bool above = number && *field > option->most;
  return number && !above && *field >= option->least ? RITZ_OK : refuse(option, value, above);
}

static ritz_status read_choice(const ritz_option *option, const ritz_value *value, int *field) {
  const bool scalar = value->kind == RITZ_VALUE_SCALAR;
  if (!scalar && !is_null(value)) return refuse(option, value, false);
  ritz_choice_names names;
  RITZ_TRY(ritz_choice_split(option->choices, &names));
  const char *const text = scalar ? value->text : "null";
  *field = -1;
  for (int i = 0; i < names.count; i++)
    if (strcmp(names.name[i], text) == 0) *field = i;
  if (*field >= 0) return RITZ_OK;
  const char *const nearest = scalar ? ritz_nearest_name(text, names.name, names.count) : NULL;
  if (!nearest) return refuse(option, value, false);
  char wanted[320];
  ritz_option_describe(option, false, wanted);
  return ritz_value_blame(
      value, RITZ_FAIL(RITZ_ERR_CONFIG, "%s wants %s, found '%.60s'; did you mean '%s'?",
                       option->name, wanted, text, nearest));
}

static ritz_status read_text(const ritz_option *option, const ritz_value *value, char **field) {
  if (is_null(value) && may_be_nothing(option)) return RITZ_OK;
  if (value->kind != RITZ_VALUE_SCALAR) return refuse(option, value, false);
  return ritz_strdup(value->text, field);
}

static ritz_status read_value(const ritz_option *option, const ritz_value *value,
                              const ritz_value **field, bool given) {
  if ((is_null(value) || !given) && may_be_nothing(option)) return RITZ_OK;
  RITZ_REQUIRE(given, RITZ_ERR_CONFIG, "the default of %s must be null, [] or {}", option->name);
  if (is_null(value)) return refuse(option, value, false);
  *field = value;
  return RITZ_OK;
}

/* One item of a list into place i; the three list structs start alike but for the items. */
static ritz_status read_item(const ritz_option *option, const ritz_value *item, void *field,
                             int i) {
  switch (option->kind) {
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS: return read_int(option, item, &((ritz_ints *)field)->n[i]);
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS: return read_real(option, item, &((ritz_reals *)field)->v[i]);
    default: break;
  }
  if (item->kind != RITZ_VALUE_SCALAR) return refuse(option, item, false);
  return ritz_strdup(item->text, &((ritz_texts *)field)->text[i]);
}

static void set_extent(const ritz_option *option, void *field, int count, bool is_list) {
  switch (option->kind) {
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_INT_ROWS:
      ((ritz_ints *)field)->count = count, ((ritz_ints *)field)->is_list = is_list;
      break;
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_REAL_ROWS:
      ((ritz_reals *)field)->count = count, ((ritz_reals *)field)->is_list = is_list;
      break;
    default: ((ritz_texts *)field)->count = count, ((ritz_texts *)field)->is_list = is_list; break;
  }
}

static ritz_status read_list(const ritz_option *option, const ritz_value *value, void *field) {
  const bool scalar = value->kind == RITZ_VALUE_SCALAR;
  const bool nothing = !scalar && value->count == 0 && value->kind != RITZ_VALUE_MAP;
  if (nothing && may_be_nothing(option)) {
    set_extent(option, field, 0, !is_null(value));
    return RITZ_OK;
  }
  if (nothing || value->kind == RITZ_VALUE_MAP) return refuse(option, value, false);
  ritz_value *cut = NULL;
  if (scalar && !value->quoted && strchr(value->text, ','))
    RITZ_TRY(ritz_option_cut(value->text, strlen(value->text), value->file, value->line, &cut));
  const ritz_value *const list = cut ? cut : value;
  const int count = list->kind == RITZ_VALUE_LIST ? list->count : 1;
  ritz_status status = RITZ_OK;
  if (count > RITZ_OPTION_LIST)
    status =
        ritz_value_blame(value, RITZ_FAIL(RITZ_ERR_CONFIG, "%s takes at most %d items, found %d",
                                          option->name, RITZ_OPTION_LIST, count));
  for (int i = 0; i < count && status == RITZ_OK; i++) {
    status = read_item(option, list->kind == RITZ_VALUE_LIST ? list->item[i] : list, field, i);
    set_extent(option, field, i + 1, list->kind == RITZ_VALUE_LIST);
  }
  ritz_value_destroy(&cut);
  return status;
}

static ritz_status add_copy(ritz_value *list, const ritz_value *item) {
  ritz_value *copy;
  RITZ_TRY(ritz_value_clone(item, &copy));
  return ritz_value_add(list, NULL, copy);
}

/* Row i of a list of lists, or of a map: {key: value}. */
static ritz_status add_row(const ritz_option *option, const ritz_value *rows, int i,
                           ritz_value *flat) {
  const ritz_value *const row = rows->item[i];
  if (rows->kind == RITZ_VALUE_MAP) {
    ritz_value *key;
    RITZ_TRY(ritz_value_create_scalar(row->key, false, row->file, row->line, &key));
    RITZ_TRY(ritz_value_add(flat, NULL, key));
    return add_copy(flat, row);
  }
  const int columns = rows->item[0]->count;
  if (row->kind != RITZ_VALUE_LIST || row->count != columns || columns == 0)
    return ritz_value_blame(
        row, RITZ_FAIL(RITZ_ERR_CONFIG, "%s wants lists of one length", option->name));
  for (int k = 0; k < columns; k++) RITZ_TRY(add_copy(flat, row->item[k]));
  return RITZ_OK;
}

static ritz_status read_rows(const ritz_option *option, const ritz_value *value, void *field) {
  const bool pairs = value->kind == RITZ_VALUE_MAP && value->count > 0;
  const bool lists =
      value->kind == RITZ_VALUE_LIST && value->count > 0 && value->item[0]->kind == RITZ_VALUE_LIST;
  if (!pairs && !lists) return read_list(option, value, field);
  ritz_value *flat;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, value->file, value->line, &flat));
  ritz_status status = RITZ_OK;
  for (int i = 0; i < value->count && status == RITZ_OK; i++)
    status = add_row(option, value, i, flat);
  if (status == RITZ_OK) status = read_list(option, flat, field);
  ritz_value_destroy(&flat);
  const int columns = pairs ? 2 : value->item[0]->count;
  if (option->kind == RITZ_OPTION_KIND_INT_ROWS)
    ((ritz_ints *)field)->columns = columns;
  else
    ((ritz_reals *)field)->columns = columns;
  return status;
}

static ritz_status read_field(const ritz_option *option, const ritz_value *value, void *field,
                              bool given) {
  switch (option->kind) {
    case RITZ_OPTION_KIND_BOOL: return read_bool(option, value, field);
    case RITZ_OPTION_KIND_INT: return read_int(option, value, field);
    case RITZ_OPTION_KIND_REAL: return read_real(option, value, field);
    case RITZ_OPTION_KIND_CHOICE: return read_choice(option, value, field);
    case RITZ_OPTION_KIND_TEXT: return read_text(option, value, field);
    case RITZ_OPTION_KIND_INTS:
    case RITZ_OPTION_KIND_REALS:
    case RITZ_OPTION_KIND_TEXTS: return read_list(option, value, field);
    case RITZ_OPTION_KIND_INT_ROWS:
    case RITZ_OPTION_KIND_REAL_ROWS: return read_rows(option, value, field);
    case RITZ_OPTION_KIND_VALUE: return read_value(option, value, field, given);
    case RITZ_OPTION_KIND_END: break;
  }
  return RITZ_FAIL(RITZ_ERR_ARGUMENT, "option %s has no known kind", option->name);
}

static ritz_status read_fallback(const ritz_option *option, void *field) {
  ritz_value *value;
  RITZ_TRY(ritz_option_parse_fallback(option->fallback, &value));
  const ritz_status status = read_field(option, value, field, false);
  ritz_value_destroy(&value);
  return status;
}

static ritz_status fail_missing(const ritz_option *option, const char *owner,
                                const ritz_value *map) {
  const ritz_status status = RITZ_FAIL(RITZ_ERR_CONFIG, "an option of %s is missing: %s (%s)",
                                       owner, option->name, option->help);
  return map ? ritz_value_blame(map, status) : status;
}

/* Refuses keys that no option has. */
static ritz_status check_keys(const ritz_option *options, const char *owner,
                              const ritz_value *map) {
  int count = 0;
  while (options[count].kind != RITZ_OPTION_KIND_END) count++;
  for (int k = 0; k < map->count; k++) {
    const ritz_value *const child = map->item[k];
    bool known = false;
    for (int i = 0; i < count; i++) known = known || strcmp(options[i].name, child->key) == 0;
    if (known) continue;
    const char **names;
    RITZ_TRY(RITZ_NEW(count, &names));
    for (int i = 0; i < count; i++) names[i] = options[i].name;
    char of[128];
    snprintf(of, sizeof of, " in %s", owner);
    ritz_fail_unknown(RITZ_ERR_CONFIG, "key", child->key, of, names, count);
    ritz_free(names);
    return ritz_value_blame(child, RITZ_ERR_CONFIG);
  }
  return RITZ_OK;
}

ritz_status ritz_options_read(const ritz_option *options, const char *owner, const ritz_value *map,
                              void *fields) {
  ritz_status status = RITZ_OK;
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END; o++)
    memset(field_of(o, fields), 0, ritz_option_size(o->kind));
  if (map && is_null(map)) map = NULL;
  if (map && map->kind != RITZ_VALUE_MAP) {
    char found[80];
    return ritz_value_blame(map, RITZ_FAIL(RITZ_ERR_CONFIG, "%s wants a map of options, found %s",
                                           owner, ritz_value_describe(map, found)));
  }
  if (map) RITZ_TRY(check_keys(options, owner, map));
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END && status == RITZ_OK; o++) {
    const ritz_value *const value = ritz_value_get(map, o->name);
    if (value)
      status = read_field(o, value, field_of(o, fields), true);
    else if (o->fallback)
      status = read_fallback(o, field_of(o, fields));
    else
      status = fail_missing(o, owner, map);
  }
  if (status != RITZ_OK) ritz_options_clear(options, fields);
  return status;
}

void ritz_options_clear(const ritz_option *options, void *fields) {
  if (!fields) return;
  for (const ritz_option *o = options; o->kind != RITZ_OPTION_KIND_END; o++) {
    void *const field = field_of(o, fields);
    if (o->kind == RITZ_OPTION_KIND_TEXT) {
      ritz_free(*(char **)field);
      *(char **)field = NULL;
    } else if (o->kind == RITZ_OPTION_KIND_TEXTS) {
      ritz_texts *const texts = field;
      for (int i = 0; i < texts->count; i++) ritz_free(texts->text[i]);
      *texts = (ritz_texts){0};
    }
  }
}
