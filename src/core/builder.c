/* SPDX-License-Identifier: BSD-3-Clause
 * A growing text, and as much of UTF-8 (RFC 3629) as quoting needs. */
#include "core/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"

/* For `count` more bytes and the NUL behind them. */
static bool make_room(ritz_builder *builder, ritz_index count) {
  if (builder->status == RITZ_OK && builder->room - builder->length <= count) {
    const ritz_index room = 2 * (builder->length + count) + 64;
    builder->status = ritz_grow(builder->length, room, 1, (void **)&builder->text);
    if (builder->status == RITZ_OK) builder->room = room;
  }
  return builder->status == RITZ_OK;
}

void ritz_builder_add_bytes(ritz_builder *builder, const char *bytes, ritz_index count) {
  if (!make_room(builder, count)) return;
  memcpy(builder->text + builder->length, bytes, (size_t)count);
  builder->length += count;
  builder->text[builder->length] = '\0';
}

void ritz_builder_format(ritz_builder *builder, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int count = vsnprintf(NULL, 0, format, arguments);
  if (make_room(builder, count))
    builder->length += vsnprintf(builder->text + builder->length, (size_t)count + 1, format, again);
  va_end(again);
  va_end(arguments);
}

void ritz_builder_add(ritz_builder *builder, const char *text) {
  ritz_builder_add_bytes(builder, text, (ritz_index)strlen(text));
}

void ritz_builder_add_spaces(ritz_builder *builder, int count) {
  for (int i = 0; i < count; i++) ritz_builder_add_bytes(builder, " ", 1);
}

int ritz_utf8_next(const char *text, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by number of bytes */
  const unsigned char *const byte = (const unsigned char *)text;
  *code = byte[0];
  if (byte[0] < 0x80) return 1;
  const int count = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
  if (byte[0] < 0xc2 || byte[0] > 0xf4) return 0;
  *code = byte[0] & (0xffu >> (count + 1));
  for (int i = 1; i < count; i++) { /* stops at NUL, which is no continuation */
    if ((byte[i] & 0xc0) != 0x80) return 0;
    *code = *code << 6 | (byte[i] & 0x3fu);
  }
  const bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
  return *code >= least[count] && *code <= 0x10ffff && !surrogate ? count : 0;
}

bool ritz_utf8_is_printable(uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  return code != 0x2028 && code != 0x2029 && code != 0xfeff && code != 0xfffe && code != 0xffff;
}

void ritz_builder_add_quoted(ritz_builder *builder, const char *text) {
  ritz_builder_add(builder, "\"");
  while (*text) {
    uint32_t code;
    const int bytes = ritz_utf8_next(text, &code);
    if (bytes == 0) {
      ritz_builder_add(builder, "\xef\xbf\xbd");
    } else if (code == '"' || code == '\\') {
      ritz_builder_add_bytes(builder, "\\", 1);
      ritz_builder_add_bytes(builder, text, 1);
    } else if (code == '\n' || code == '\t') {
      ritz_builder_add(builder, code == '\n' ? "\\n" : "\\t");
    } else if (!ritz_utf8_is_printable(code)) { /* all of them below U+10000 */
      ritz_builder_format(builder, "\\u%04x", (unsigned)code);
    } else {
      ritz_builder_add_bytes(builder, text, bytes);
    }
    text += bytes ? bytes : 1;
  }
  ritz_builder_add(builder, "\"");
}

ritz_status ritz_builder_take(ritz_builder *builder, char **out) {
  ritz_builder_add_bytes(builder, "", 0); /* an empty text is a text */
  const ritz_status status = builder->status;
  *out = NULL;
  if (status == RITZ_OK)
    *out = builder->text;
  else
    ritz_free(builder->text);
  *builder = (ritz_builder){0};
  return status;
}
