/* SPDX-License-Identifier: BSD-3-Clause
 * A text that grows. The first failure latches and comes out of ritz_builder_take(). */
#ifndef RITZ_CORE_BUILDER_H
#define RITZ_CORE_BUILDER_H

#include <ritz/status.h>

typedef struct ritz_builder {
  char *text; /* ends with NUL; NULL while empty */
  ritz_index length, room;
  ritz_status status;
} ritz_builder; /* a zeroed one is empty and ready */

void ritz_builder_add(ritz_builder *builder, const char *text);
void ritz_builder_add_bytes(ritz_builder *builder, const char *bytes, ritz_index count);
/** As printf writes it. */
void ritz_builder_format(ritz_builder *builder, const char *format, ...) RITZ_PRINTF(2, 3);
void ritz_builder_add_spaces(ritz_builder *builder, int count);

/** The text in double quotes, escaped so that both JSON and YAML read it. Bytes that are not UTF-8
 * become U+FFFD. */
void ritz_builder_add_quoted(ritz_builder *builder, const char *text);

/** Hands over the text (release with ritz_free()) or the latched failure, with *out NULL; the
 * builder is empty after both. */
ritz_status ritz_builder_take(ritz_builder *builder, char **out);

/**
 * First code point of @p text: bytes it takes, shortest forms only, no surrogates.
 *
 * @return  0 if it is not UTF-8; NUL is one byte like any other.
 */
int ritz_utf8_next(const char *text, uint32_t *code);

/** Whether a person can see it, and YAML need not escape it (YAML 1.2.2, production 1, c-printable,
 * without line ends and the byte order mark). */
bool ritz_utf8_is_printable(uint32_t code);

#endif
