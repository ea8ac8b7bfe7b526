/* SPDX-License-Identifier: BSD-3-Clause
 * A tree as one line of JSON (RFC 8259). */
#include <string.h>

#include "core/builder.h"
#include "core/number.h"
#include "core/value.h"

/* +3, .5 and 1. become 3, 0.5 and 1. */
static void write_number(ritz_builder *out, const char *text) {
  if (*text == '-') ritz_builder_add(out, "-");
  text += *text == '-' || *text == '+';
  const size_t whole = strspn(text, "0123456789");
  if (whole == 0) ritz_builder_add(out, "0");
  ritz_builder_add_bytes(out, text, (ritz_index)whole);
  text += whole;
  const bool bare_point = *text == '.' && (text[1] < '0' || text[1] > '9');
  ritz_builder_add(out, text + bare_point);
}

static void write_scalar(ritz_builder *out, const ritz_value *value) {
  const bool bare = !value->quoted && ritz_value_text_resolves(value->text);
  if (bare && ritz_text_is_number(value->text))
    write_number(out, value->text);
  else if (bare)
    ritz_builder_add(out, value->text);
  else
    ritz_builder_add_quoted(out, value->text);
}

static void write(ritz_builder *out, const ritz_value *value) {
  if (value->kind == RITZ_VALUE_NULL) {
    ritz_builder_add(out, "null");
    return;
  }
  if (value->kind == RITZ_VALUE_SCALAR) {
    write_scalar(out, value);
    return;
  }
  const bool map = value->kind == RITZ_VALUE_MAP;
  ritz_builder_add(out, map ? "{" : "[");
  for (int i = 0; i < value->count; i++) {
    if (i > 0) ritz_builder_add(out, ", ");
    if (map) ritz_builder_add_quoted(out, value->item[i]->key);
    if (map) ritz_builder_add(out, ": ");
    write(out, value->item[i]);
  }
  ritz_builder_add(out, map ? "}" : "]");
}

ritz_status ritz_value_to_json(const ritz_value *value, char **out) {
  ritz_builder builder = {0};
  write(&builder, value);
  return ritz_builder_take(&builder, out);
}
