/* SPDX-License-Identifier: BSD-3-Clause
 * A tree as block-style YAML 1.2. Lists of short scalars stay on one line: [12, 12].
 *
 * Scalars are quoted by a rule stricter than YAML's (plain scalars, sections 7.3.3 and 6.9), so
 * that what is written plain is plain for every reader. */
#include <string.h>

#include "core/builder.h"
#include "core/value.h"

/* Characters that a plain scalar must not start with, those that may start one if no blank follows,
 * and those that end one inside [ ]. */
static const char indicators[] = ",[]{}#&*!|>'\"%@`";
static const char half_indicators[] = "-?:";
static const char flow_indicators[] = ",[]{}:?";

static bool is_plain(const char *text, bool in_flow) {
  const size_t length = strlen(text);
  if (length == 0 || strchr(indicators, text[0])) return false;
  if (strchr(half_indicators, text[0]) && (text[1] == '\0' || text[1] == ' ')) return false;
  if (text[0] == ' ' || text[length - 1] == ' ' || text[length - 1] == ':') return false;
  if (strstr(text, ": ") || strstr(text, " #")) return false;
  if (in_flow && strpbrk(text, flow_indicators)) return false;
  for (const char *c = text; *c;) {
    uint32_t code;
    const int bytes = ritz_utf8_next(c, &code);
    if (bytes == 0 || !ritz_utf8_is_printable(code)) return false;
    c += bytes;
  }
  return true;
}

static void write_scalar(ritz_builder *out, const ritz_value *value, bool in_flow) {
  if (value->kind == RITZ_VALUE_NULL)
    ritz_builder_add(out, "null");
  else if (!value->quoted && is_plain(value->text, in_flow))
    ritz_builder_add(out, value->text);
  else
    ritz_builder_add_quoted(out, value->text);
}

/* At the start of a line "---" and "..." begin and end documents. */
static bool marks_document(const char *text) {
  return strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0;
}

static void write_key(ritz_builder *out, const char *key) {
  const bool merge = strcmp(key, "<<") == 0;
  if (is_plain(key, false) && !ritz_value_text_resolves(key) && !merge && !marks_document(key))
    ritz_builder_add(out, key);
  else
    ritz_builder_add_quoted(out, key);
}

/* Scalars, at most 80 letters together, none of them plain in a block and quoted in a flow. */
static bool fits_on_line(const ritz_value *list) {
  size_t length = 0;
  for (int i = 0; i < list->count; i++) {
    const ritz_value *const item = list->item[i];
    if (item->count > 0 || item->kind == RITZ_VALUE_LIST || item->kind == RITZ_VALUE_MAP)
      return false;
    if (item->kind == RITZ_VALUE_NULL) continue;
    if (!item->quoted && !is_plain(item->text, true)) return false;
    length += strlen(item->text) + 2;
  }
  return length <= 80;
}

/* What goes behind "key: " or "- ". @return false, nothing written, if it needs lines of its own.
 */
static bool write_inline(ritz_builder *out, const ritz_value *value) {
  const bool map = value->kind == RITZ_VALUE_MAP;
  if (!map && value->kind != RITZ_VALUE_LIST) {
    write_scalar(out, value, false);
    return true;
  }
  if (map && value->count > 0) return false;
  if (!fits_on_line(value)) return false;
  ritz_builder_add(out, map ? "{" : "[");
  for (int i = 0; i < value->count; i++) {
    if (i > 0) ritz_builder_add(out, ", ");
    write_scalar(out, value->item[i], true);
  }
  ritz_builder_add(out, map ? "}" : "]");
  return true;
}

/* Every line starts with `indent` spaces, but for the first one if the cursor is there already. */
static void write_block(ritz_builder *out, const ritz_value *value, int indent, bool is_there) {
  const bool map = value->kind == RITZ_VALUE_MAP;
  for (int i = 0; i < value->count; i++) {
    const ritz_value *const item = value->item[i];
    if (i > 0 || !is_there) ritz_builder_add_spaces(out, indent);
    if (map) write_key(out, item->key);
    ritz_builder_add(out, map ? ":" : "- ");
    const ritz_index before = out->length;
    if (map) ritz_builder_add(out, " ");
    if (write_inline(out, item)) {
      ritz_builder_add(out, "\n");
    } else if (map) {
      if (out->status == RITZ_OK) out->length = before; /* no blank behind the colon */
      ritz_builder_add(out, "\n");
      write_block(out, item, indent + 2, false);
    } else {
      write_block(out, item, indent + 2, true);
    }
  }
}

ritz_status ritz_value_to_yaml(const ritz_value *value, char **out) {
  ritz_builder builder = {0};
  if (value->kind == RITZ_VALUE_SCALAR && marks_document(value->text)) {
    ritz_builder_add_quoted(&builder, value->text);
    ritz_builder_add(&builder, "\n");
  } else if (write_inline(&builder, value))
    ritz_builder_add(&builder, "\n");
  else
    write_block(&builder, value, 0, false);
  return ritz_builder_take(&builder, out);
}
