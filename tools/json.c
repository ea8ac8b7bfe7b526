/* SPDX-License-Identifier: BSD-3-Clause
 * JSON objects. */
#include "tools/json.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"

static void begin(ritz_json *json, const char *key) {
  if (json->follows) ritz_builder_add(&json->text, ", ");
  json->follows = true;
  if (!key) return;
  ritz_builder_add_quoted(&json->text, key);
  ritz_builder_add(&json->text, ": ");
}

static void add_text(ritz_json *json, const char *value) {
  if (value)
    ritz_builder_add_quoted(&json->text, value);
  else
    ritz_builder_add(&json->text, "null");
}

static void add_integer(ritz_json *json, ritz_index value) {
  ritz_builder_format(&json->text, "%td", value);
}

static void add_number(ritz_json *json, double value) {
  char text[32] = "null";
  if (isfinite(value)) ritz_real_to_text(value, text);
  ritz_builder_add(&json->text, text);
}

void ritz_json_open(ritz_json *json, const char *key) {
  begin(json, key);
  ritz_builder_add(&json->text, "{");
  json->follows = false;
}

void ritz_json_close(ritz_json *json) {
  ritz_builder_add(&json->text, "}");
  json->follows = true;
}

void ritz_json_open_list(ritz_json *json, const char *key) {
  begin(json, key);
  ritz_builder_add(&json->text, "[");
  json->follows = false;
}

void ritz_json_close_list(ritz_json *json) {
  ritz_builder_add(&json->text, "]");
  json->follows = true;
}

void ritz_json_text(ritz_json *json, const char *key, const char *value) {
  begin(json, key);
  add_text(json, value);
}

void ritz_json_integer(ritz_json *json, const char *key, ritz_index value) {
  begin(json, key);
  add_integer(json, value);
}

void ritz_json_number(ritz_json *json, const char *key, double value) {
  begin(json, key);
  add_number(json, value);
}

void ritz_json_bool(ritz_json *json, const char *key, bool value) {
  ritz_json_raw(json, key, value ? "true" : "false");
}

void ritz_json_raw(ritz_json *json, const char *key, const char *value) {
  begin(json, key);
  ritz_builder_add(&json->text, value ? value : "null");
}

static void separate(ritz_json *json, int i) {
  if (i > 0) ritz_builder_add(&json->text, ", ");
}

void ritz_json_integers(ritz_json *json, const char *key, int count, const ritz_index *value) {
  begin(json, key);
  ritz_builder_add(&json->text, "[");
  for (int i = 0; i < count; i++) separate(json, i), add_integer(json, value[i]);
  ritz_builder_add(&json->text, "]");
}

void ritz_json_numbers(ritz_json *json, const char *key, int count, const double *value) {
  begin(json, key);
  ritz_builder_add(&json->text, "[");
  for (int i = 0; i < count; i++) separate(json, i), add_number(json, value[i]);
  ritz_builder_add(&json->text, "]");
}

void ritz_json_texts(ritz_json *json, const char *key, int count, const char *const *value) {
  begin(json, key);
  ritz_builder_add(&json->text, "[");
  for (int i = 0; i < count; i++) separate(json, i), add_text(json, value[i]);
  ritz_builder_add(&json->text, "]");
}

ritz_status ritz_json_print(ritz_json *json) {
  char *text;
  json->follows = false;
  RITZ_TRY(ritz_builder_take(&json->text, &text));
  printf("%s\n", text);
  ritz_free(text);
  return RITZ_OK;
}
