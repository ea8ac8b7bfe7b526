/* SPDX-License-Identifier: BSD-3-Clause
 * The tree: create, copy, look up, set by path. */
#include "core/value.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"

static bool is_null_text(const char *text) {
  static const char *const names[] = {"", "~", "null", "Null", "NULL"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(text, names[i]) == 0) return true;
  return false;
}

bool ritz_value_text_resolves(const char *text) {
  return is_null_text(text) || strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
         ritz_text_is_number(text);
}

ritz_status ritz_value_create(ritz_value_kind kind, const char *file, int line, ritz_value **out) {
  *out = NULL;
  ritz_value *value;
  RITZ_TRY(RITZ_NEW(1, &value));
  value->kind = kind;
  value->line = line;
  const ritz_status status = ritz_strdup(file ? file : "<text>", &value->file);
  if (status != RITZ_OK)
    ritz_value_destroy(&value);
  else
    *out = value;
  return status;
}

ritz_status ritz_value_create_scalar(const char *text, bool quoted, const char *file, int line,
                                     ritz_value **out) {
  if (!quoted && is_null_text(text)) return ritz_value_create(RITZ_VALUE_NULL, file, line, out);
  RITZ_TRY(ritz_value_create(RITZ_VALUE_SCALAR, file, line, out));
  (*out)->quoted = quoted;
  const ritz_status status = ritz_strdup(text, &(*out)->text);
  if (status != RITZ_OK) ritz_value_destroy(out);
  return status;
}

void ritz_value_destroy(ritz_value **value) {
  if (!value || !*value) return;
  ritz_value *const v = *value;
  for (int i = 0; i < v->count; i++) ritz_value_destroy(&v->item[i]);
  ritz_free(v->item);
  ritz_free(v->key);
  ritz_free(v->text);
  ritz_free(v->file);
  ritz_free(v);
  *value = NULL;
}

static bool is_container(const ritz_value *value) {
  return value->kind == RITZ_VALUE_LIST || value->kind == RITZ_VALUE_MAP;
}

/* Room doubles whenever the count is a power of two, so it need not be stored. */
static ritz_status append(ritz_value *parent, ritz_value *child) {
  const int n = parent->count;
  if ((n & (n - 1)) == 0)
    RITZ_TRY(ritz_grow(n, n ? 2 * (ritz_index)n : 1, sizeof *parent->item, (void **)&parent->item));
  parent->item[parent->count++] = child;
  return RITZ_OK;
}

static ritz_status set_key(ritz_value *value, const char *key) {
  char *copy;
  RITZ_TRY(ritz_strdup(key, &copy));
  ritz_free(value->key);
  value->key = copy;
  return RITZ_OK;
}

ritz_status ritz_value_clone(const ritz_value *value, ritz_value **out) {
  ritz_value *copy;
  *out = NULL;
  RITZ_TRY(ritz_value_create(value->kind, value->file, value->line, &copy));
  copy->quoted = value->quoted;
  ritz_status status = RITZ_OK;
  RITZ_TRY_DONE(ritz_strdup(value->key, &copy->key));
  RITZ_TRY_DONE(ritz_strdup(value->text, &copy->text));
  for (int i = 0; i < value->count; i++) {
    ritz_value *child;
    RITZ_TRY_DONE(ritz_value_clone(value->item[i], &child));
    status = append(copy, child);
    if (status != RITZ_OK) ritz_value_destroy(&child);
    if (status != RITZ_OK) goto done;
  }
done:
  if (status != RITZ_OK)
    ritz_value_destroy(&copy);
  else
    *out = copy;
  return status;
}

static int find(const ritz_value *map, const char *key, size_t length) {
  for (int i = 0; i < map->count; i++) {
    const char *const own = map->item[i]->key;
    if (strncmp(own, key, length) == 0 && own[length] == '\0') return i;
  }
  return -1;
}

const ritz_value *ritz_value_get(const ritz_value *map, const char *key) {
  if (!map || map->kind != RITZ_VALUE_MAP) return NULL;
  const int i = find(map, key, strlen(key));
  return i < 0 ? NULL : map->item[i];
}

ritz_status ritz_value_blame(const ritz_value *value, ritz_status status) {
  if (value->line > 0) return ritz_fail_prefix(status, "%.400s:%d", value->file, value->line);
  return ritz_fail_prefix(status, "%.400s", value->file);
}

const char *ritz_value_describe(const ritz_value *value, char out[80]) {
  switch (value->kind) {
    case RITZ_VALUE_NULL: snprintf(out, 80, "null"); break;
    case RITZ_VALUE_LIST: snprintf(out, 80, value->count ? "a list" : "an empty list"); break;
    case RITZ_VALUE_MAP: snprintf(out, 80, "a map"); break;
    case RITZ_VALUE_SCALAR: {
      const char *const mark = value->quoted ? "\"" : "'";
      snprintf(out, 80, "%s%.60s%s%s", mark, value->text, strlen(value->text) > 60 ? "..." : "",
               mark);
      break;
    }
  }
  return out;
}

static ritz_status check_child(const ritz_value *parent, const char *key, const ritz_value *child) {
  RITZ_REQUIRE(is_container(parent), RITZ_ERR_ARGUMENT, "only lists and maps have children");
  const bool keyed = parent->kind == RITZ_VALUE_MAP;
  RITZ_REQUIRE(keyed == (key != NULL), RITZ_ERR_ARGUMENT,
               "children of maps have a key, those of lists have none");
  const ritz_value *const other = ritz_value_get(parent, keyed ? key : "");
  if (!other) return RITZ_OK;
  return ritz_value_blame(
      child, other->line > 0
                 ? RITZ_FAIL(RITZ_ERR_CONFIG, "key '%.64s' is there twice; first at %.400s:%d", key,
                             other->file, other->line)
                 : RITZ_FAIL(RITZ_ERR_CONFIG, "key '%.64s' is there twice", key));
}

ritz_status ritz_value_add(ritz_value *parent, const char *key, ritz_value *child) {
  ritz_status status = check_child(parent, key, child);
  if (status == RITZ_OK && key) status = set_key(child, key);
  if (status == RITZ_OK) status = append(parent, child);
  if (status != RITZ_OK) ritz_value_destroy(&child);
  return status;
}

/* Every part between the dots has at least one letter. */
static ritz_status check_path(const char *path) {
  const size_t length = strlen(path);
  const bool whole = length > 0 && path[0] != '.' && path[length - 1] != '.' && !strstr(path, "..");
  RITZ_REQUIRE(whole, RITZ_ERR_CONFIG, "'%.64s' is not a path like train.epochs", path);
  return RITZ_OK;
}

/* Wraps *child in maps until only the first part of the path is left; it becomes the key. */
static ritz_status wrap(const char *path, ritz_value **child) {
  char *key;
  RITZ_TRY(ritz_strdup(path, &key));
  ritz_status status = RITZ_OK;
  for (char *dot; (dot = strrchr(key, '.')); *dot = '\0') {
    ritz_value *map;
    RITZ_TRY_DONE(ritz_value_create(RITZ_VALUE_MAP, (*child)->file, (*child)->line, &map));
    status = ritz_value_add(map, dot + 1, *child);
    *child = map; /* the old one is inside or gone */
    if (status != RITZ_OK) goto done;
  }
  status = set_key(*child, key);
done:
  ritz_free(key);
  return status;
}

/* Walks down the maps that exist; *rest is what remains of the path, *slot the child of that name
 * or -1. */
static ritz_status descend(ritz_value *root, const char *path, ritz_value **map, const char **rest,
                           int *slot) {
  ritz_value *at = root;
  for (const char *part = path;;) {
    char found[80];
    const int above = part > path ? (int)(part - path) - 1 : 0;
    RITZ_REQUIRE(at->kind == RITZ_VALUE_MAP, RITZ_ERR_CONFIG,
                 "%.64s cannot be set: %.*s is %s, which can only be set as a whole", path,
                 above ? above : 17, above ? path : "the configuration",
                 ritz_value_describe(at, found));
    const size_t length = strcspn(part, ".");
    *map = at, *rest = part, *slot = find(at, part, length);
    const bool last = part[length] == '\0';
    if (last || *slot < 0 || at->item[*slot]->kind == RITZ_VALUE_NULL) return RITZ_OK;
    at = at->item[*slot];
    part += length + 1;
  }
}

ritz_status ritz_value_set(ritz_value *root, const char *path, ritz_value *child) {
  ritz_value *map = NULL;
  const char *rest = NULL;
  int slot = -1;
  ritz_status status;
  RITZ_TRY_DONE(check_path(path));
  RITZ_TRY_DONE(descend(root, path, &map, &rest, &slot));
  RITZ_TRY_DONE(wrap(rest, &child));
  if (slot >= 0) {
    ritz_value_destroy(&map->item[slot]);
    map->item[slot] = child;
  } else {
    status = append(map, child);
  }
done:
  if (status != RITZ_OK) ritz_value_destroy(&child);
  return status;
}
