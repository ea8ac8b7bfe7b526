/* SPDX-License-Identifier: BSD-3-Clause
 * Events of libfyaml to a value tree.
 *
 * Events rather than libfyaml's documents: aliases are then copies of what was read before them
 * (so nothing contains itself), every limit is checked as the tree grows, and duplicate keys are
 * found with both of their lines. */
#include "io/yaml_tree.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/fail.h"
#include "core/memory.h"

enum {
  most_depth = 64,       /* lists and maps inside each other */
  most_values = 1 << 18, /* in one tree, copies made by aliases counted */
  most_keys = 4096,      /* in one map: duplicates are searched for one by one */
  most_anchors = 256,
  most_key_bytes = 128
};

typedef struct anchor {
  char *name;
  const ritz_value *value; /* complete, owned by the tree */
  int depth, values;       /* of that tree */
} anchor;

typedef struct reader {
  const char *origin; /* file name for messages */
  bool has_lines;     /* --set has none worth telling; its caller says which one it is */
  struct fy_diag *diagnostics;
  struct fy_parser *parser;
  struct fy_event *event; /* the next one */
  int line, column;       /* its place, from 1 */
  anchor *anchors;
  int anchor_count;
  long values;
} reader;

static ritz_status fail_at(const reader *r, int line, int column, const char *text) {
  if (!r->has_lines) return RITZ_FAIL(RITZ_ERR_CONFIG, "%.500s", text);
  return RITZ_FAIL(RITZ_ERR_CONFIG, "%.400s:%d:%d: %.500s", r->origin, line, column, text);
}

static ritz_status fail_here(const reader *r, const char *text) {
  return fail_at(r, r->line, r->column, text);
}

/* The first thing libfyaml complained about; later ones follow from it. Some mistakes stop it
 * without a word: then the last event it gave is the nearest place known. */
static ritz_status fail_syntax(const reader *r) {
  void *previous = NULL;
  const struct fy_diag_error *const error = fy_diag_errors_iterate(r->diagnostics, &previous);
  if (!error) return fail_at(r, r->line, r->column, "invalid YAML behind this place");
  char text[256];
  const int length = (int)strcspn(error->msg, "\n");
  snprintf(text, sizeof text, "invalid YAML: %.*s", length < 200 ? length : 200, error->msg);
  return fail_at(r, error->line, error->column, text);
}

/* r->event becomes the next event, NULL at the end of the text. */
static ritz_status advance(reader *r) {
  fy_parser_event_free(r->parser, r->event);
  r->event = fy_parser_parse(r->parser);
  if (!r->event) return fy_parser_get_stream_error(r->parser) ? fail_syntax(r) : RITZ_OK;
  const struct fy_mark *const mark = fy_event_start_mark(r->event);
  if (mark) r->line = mark->line + 1, r->column = mark->column + 1;
  return RITZ_OK;
}

static int line_here(const reader *r) { return r->has_lines ? r->line : 0; }

static bool is_utf8(const char *text) {
  for (int bytes; *text; text += bytes) {
    uint32_t code;
    bytes = ritz_utf8_next(text, &code);
    if (bytes == 0) return false;
  }
  return true;
}

/* A copy of a token's text; a missing token is an empty text. */
static ritz_status copy_text(const reader *r, struct fy_token *token, char **out) {
  *out = NULL;
  size_t length = 0;
  const char *const text = token ? fy_token_get_text(token, &length) : "";
  RITZ_REQUIRE(text, RITZ_ERR_MEMORY, "%.400s: the YAML parser ran out of memory", r->origin);
  if (memchr(text, '\0', length)) return fail_here(r, "a text must not hold a NUL character");
  RITZ_TRY(ritz_calloc((ritz_index)length + 1, 1, (void **)out));
  memcpy(*out, text, length);
  if (is_utf8(*out)) return RITZ_OK;
  ritz_free(*out); /* the escape of half a surrogate pair */
  *out = NULL;
  return fail_here(r, "an escape does not name a character");
}

static bool is_quoted(const struct fy_event *event) {
  return event->scalar.value && fy_token_scalar_style(event->scalar.value) != FYSS_PLAIN;
}

static ritz_status count_values(reader *r, int more) {
  r->values += more;
  return r->values > most_values ? fail_here(r, "more than 262144 values") : RITZ_OK;
}

static ritz_status read_value(reader *r, int depth, ritz_value **out);

static ritz_status read_scalar(reader *r, ritz_value **out) {
  *out = NULL;
  char *text;
  RITZ_TRY(copy_text(r, r->event->scalar.value, &text));
  const ritz_status status =
      ritz_value_create_scalar(text, is_quoted(r->event), r->origin, line_here(r), out);
  ritz_free(text);
  return status;
}

static ritz_status read_list(reader *r, int depth, ritz_value **out) {
  ritz_value *list;
  *out = NULL;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, r->origin, line_here(r), &list));
  ritz_status status;
  RITZ_TRY_DONE(advance(r));
  while (r->event && r->event->type != FYET_SEQUENCE_END) {
    ritz_value *item;
    RITZ_TRY_DONE(read_value(r, depth, &item));
    RITZ_TRY_DONE(ritz_value_add(list, NULL, item));
  }
done:
  if (status != RITZ_OK)
    ritz_value_destroy(&list);
  else
    *out = list;
  return status;
}

/* Keys are text: 1, true and null as keys are refused rather than silently made text. */
static ritz_status read_key(reader *r, char **out) {
  *out = NULL;
  if (!r->event || r->event->type != FYET_SCALAR)
    return fail_here(r, "a key must be plain text, not a list, a map or an alias");
  if (r->event->scalar.anchor || r->event->scalar.tag)
    return fail_here(r, "a key must not have an anchor or a tag");
  RITZ_TRY(copy_text(r, r->event->scalar.value, out));
  const bool quoted = is_quoted(r->event);
  ritz_status status = RITZ_OK;
  char problem[200] = "";
  if (strlen(*out) > most_key_bytes)
    snprintf(problem, sizeof problem, "a key is longer than %d bytes", most_key_bytes);
  else if (!quoted && strcmp(*out, "<<") == 0)
    snprintf(problem, sizeof problem, "merge keys (<<) are not part of YAML 1.2");
  else if (!quoted && **out == '\0')
    snprintf(problem, sizeof problem, "a key is missing before ':'");
  else if (!quoted && ritz_value_text_resolves(*out))
    snprintf(problem, sizeof problem, "key %s is not text; write it in quotes", *out);
  if (*problem) status = fail_here(r, problem);
  if (status != RITZ_OK) {
    ritz_free(*out);
    *out = NULL;
  }
  return status;
}

/* A child's line is the line of its key. */
static ritz_status read_entry(reader *r, int depth, ritz_value *map) {
  if (map->count >= most_keys) return fail_here(r, "more than 4096 keys in one map");
  const int line = line_here(r);
  char *key;
  ritz_value *child;
  RITZ_TRY(read_key(r, &key));
  ritz_status status;
  RITZ_TRY_DONE(advance(r));
  RITZ_TRY_DONE(read_value(r, depth, &child));
  child->line = line;
  status = ritz_value_add(map, key, child);
done:
  ritz_free(key);
  return status;
}

static ritz_status read_map(reader *r, int depth, ritz_value **out) {
  ritz_value *map;
  *out = NULL;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_MAP, r->origin, line_here(r), &map));
  ritz_status status;
  RITZ_TRY_DONE(advance(r));
  while (r->event && r->event->type != FYET_MAPPING_END) RITZ_TRY_DONE(read_entry(r, depth, map));
done:
  if (status != RITZ_OK)
    ritz_value_destroy(&map);
  else
    *out = map;
  return status;
}

static void measure(const ritz_value *value, int depth, anchor *of) {
  of->values++;
  if (depth > of->depth) of->depth = depth;
  for (int i = 0; i < value->count; i++) measure(value->item[i], depth + 1, of);
}

/* Takes *name on success. A name used again means the newer value from there on. */
static ritz_status remember(reader *r, char **name, const ritz_value *value) {
  if (r->anchor_count >= most_anchors) return fail_here(r, "more than 256 anchors");
  if (!r->anchors) RITZ_TRY(RITZ_NEW(most_anchors, &r->anchors));
  anchor *const own = &r->anchors[r->anchor_count++];
  own->name = *name, own->value = value;
  *name = NULL;
  measure(value, 0, own);
  return RITZ_OK;
}

static ritz_status read_alias(reader *r, int depth, ritz_value **out) {
  *out = NULL;
  char *name;
  RITZ_TRY(copy_text(r, r->event->alias.anchor, &name));
  const anchor *target = NULL;
  for (int i = 0; i < r->anchor_count; i++)
    if (strcmp(r->anchors[i].name, name) == 0) target = &r->anchors[i];
  char problem[200];
  snprintf(problem, sizeof problem, "nothing complete before *%.64s is marked with &%.64s", name,
           name);
  ritz_free(name);
  if (!target) return fail_here(r, problem);
  if (depth + target->depth > most_depth) return fail_here(r, "more than 64 levels of nesting");
  RITZ_TRY(count_values(r, target->values));
  return ritz_value_clone(target->value, out);
}

/* &name and !tag of the event, NULL where it has none. */
static void properties(const struct fy_event *event, struct fy_token **name,
                       struct fy_token **tag) {
  *name = *tag = NULL;
  switch (event->type) {
    case FYET_SCALAR: *name = event->scalar.anchor, *tag = event->scalar.tag; break;
    case FYET_SEQUENCE_START:
      *name = event->sequence_start.anchor, *tag = event->sequence_start.tag;
      break;
    case FYET_MAPPING_START:
      *name = event->mapping_start.anchor, *tag = event->mapping_start.tag;
      break;
    default: break;
  }
}

static ritz_status read_untagged(reader *r, int depth, ritz_value **out) {
  *out = NULL;
  switch (r->event->type) {
    case FYET_SCALAR: return read_scalar(r, out);
    case FYET_ALIAS: return read_alias(r, depth, out);
    case FYET_SEQUENCE_START:
    case FYET_MAPPING_START:
      if (depth >= most_depth) return fail_here(r, "more than 64 levels of nesting");
      return r->event->type == FYET_SEQUENCE_START ? read_list(r, depth + 1, out)
                                                   : read_map(r, depth + 1, out);
    default: return fail_here(r, "a value is missing");
  }
}

/* The value that starts with r->event; leaves r->event behind it. */
static ritz_status read_value(reader *r, int depth, ritz_value **out) {
  struct fy_token *anchored, *tag;
  char *name = NULL;
  ritz_status status;
  *out = NULL;
  if (!r->event) return fail_here(r, "the text ends inside a value");
  properties(r->event, &anchored, &tag);
  if (tag) return fail_here(r, "tags (!name) are not supported");
  RITZ_TRY(count_values(r, 1));
  if (anchored) RITZ_TRY(copy_text(r, anchored, &name));
  RITZ_TRY_DONE(read_untagged(r, depth, out));
  if (name) RITZ_TRY_DONE(remember(r, &name, *out));
  RITZ_TRY_DONE(advance(r));
done:
  ritz_free(name);
  if (status != RITZ_OK) ritz_value_destroy(out);
  return status;
}

/* NULL in *out for a text without any document. */
static ritz_status read_stream(reader *r, ritz_value **out) {
  *out = NULL;
  ritz_status status;
  RITZ_TRY(advance(r));
  while (r->event) {
    const enum fy_event_type type = r->event->type;
    if (type == FYET_DOCUMENT_START && *out) {
      status = fail_here(r, "a second document starts here; one file holds one configuration");
      goto done;
    }
    if (type == FYET_STREAM_START || type == FYET_STREAM_END || type == FYET_DOCUMENT_START ||
        type == FYET_DOCUMENT_END)
      RITZ_TRY_DONE(advance(r));
    else
      RITZ_TRY_DONE(read_value(r, 0, out));
  }
  return RITZ_OK;
done:
  ritz_value_destroy(out);
  return status;
}

/* libfyaml takes more than UTF-8; a text that is not UTF-8 could not be written back. */
static ritz_status check_text(const reader *r, const char *text, ritz_index length) {
  int line = 1, column = 1;
  for (const char *c = text; c < text + length; column++) {
    uint32_t code;
    const int bytes = ritz_utf8_next(c, &code);
    if (bytes == 0) return fail_at(r, line, column, "the text is not UTF-8");
    if (code == 0) return fail_at(r, line, column, "the text holds a NUL byte");
    if (code == '\n') line++, column = 0;
    c += bytes;
  }
  return RITZ_OK;
}

/* Where diagnostics would be printed if they were not collected. */
static void discard(struct fy_diag *diag, void *user, const char *text, size_t length) {}

static ritz_status open_parser(reader *r, const char *text, ritz_index length) {
  struct fy_diag_cfg quiet;
  fy_diag_cfg_default(&quiet);
  quiet.fp = NULL;
  quiet.output_fn = discard;
  quiet.colorize = false;
  r->diagnostics = fy_diag_create(&quiet);
  if (r->diagnostics) {
    fy_diag_set_collect_errors(r->diagnostics, true);
    const struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE | FYPCF_ALLOW_DUPLICATE_KEYS |
                 FYPCF_SLOPPY_FLOW_INDENTATION | FYPCF_DEFAULT_VERSION_1_2,
        .diag = r->diagnostics};
    r->parser = fy_parser_create(&config);
  }
  const bool ready = r->parser && fy_parser_set_string(r->parser, text, (size_t)length) == 0;
  RITZ_REQUIRE(ready, RITZ_ERR_MEMORY, "%.400s: the YAML parser ran out of memory", r->origin);
  return RITZ_OK;
}

static void close_parser(reader *r) {
  for (int i = 0; i < r->anchor_count; i++) ritz_free(r->anchors[i].name);
  ritz_free(r->anchors);
  if (r->parser) fy_parser_event_free(r->parser, r->event);
  if (r->parser) fy_parser_destroy(r->parser);
  if (r->diagnostics) fy_diag_destroy(r->diagnostics);
}

ritz_status ritz_yaml_parse(const char *text, ritz_index length, const char *origin, bool has_lines,
                            ritz_value **out) {
  reader r = {.origin = origin, .has_lines = has_lines, .line = 1, .column = 1};
  *out = NULL;
  RITZ_REQUIRE(length <= RITZ_YAML_MOST_BYTES, RITZ_ERR_CONFIG,
               "%.400s: larger than 16 MiB, not a configuration", origin);
  static const char byte_order_mark[] = "\xef\xbb\xbf";
  if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) text += 3, length -= 3;
  RITZ_TRY(check_text(&r, text, length));
  ritz_status status;
  RITZ_TRY_DONE(open_parser(&r, text, length));
  RITZ_TRY_DONE(read_stream(&r, out));
  if (!*out) status = ritz_value_create(RITZ_VALUE_NULL, origin, has_lines ? 1 : 0, out);
done:
  close_parser(&r);
  return status;
}
