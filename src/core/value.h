/* SPDX-License-Identifier: BSD-3-Clause
 * A configuration as a tree of maps, lists and scalars that remembers file and line.
 *
 * Written once by io/yaml.c (YAML 1.2, and JSON, which is a subset) and read by ritz_options_read.
 * Scalars stay text until an option says what they should be: "12" may be a number or a name. */
#ifndef RITZ_CORE_VALUE_H
#define RITZ_CORE_VALUE_H

#include <ritz/status.h>

typedef enum ritz_value_kind {
  RITZ_VALUE_NULL, /* null, Null, NULL, ~ or an empty scalar, unquoted */
  RITZ_VALUE_SCALAR,
  RITZ_VALUE_LIST,
  RITZ_VALUE_MAP
} ritz_value_kind;

typedef struct ritz_value ritz_value;
struct ritz_value {
  ritz_value_kind kind;
  bool quoted;       /* scalar written in quotes: never null, true, or a number */
  char *key;         /* inside a map, else NULL */
  char *text;        /* scalar */
  char *file;        /* where it was read from; "--set" or "<text>" otherwise; never NULL */
  int line;          /* 1-based; 0 unknown */
  int count;         /* children of a list or map */
  ritz_value **item; /* owned children, in file order */
};

/** @p file is copied; NULL stands for "<text>". */
ritz_status ritz_value_create(ritz_value_kind kind, const char *file, int line, ritz_value **out);
/** A scalar; unquoted text that says null becomes RITZ_VALUE_NULL. */
ritz_status ritz_value_create_scalar(const char *text, bool quoted, const char *file, int line,
                                     ritz_value **out);
void ritz_value_destroy(ritz_value **value); /* and everything below */
ritz_status ritz_value_clone(const ritz_value *value, ritz_value **out);

/** Appends @p child to a list or map; takes it, also on failure. @p key is NULL in a list. A key
 * that is already there is an error that names both lines. */
ritz_status ritz_value_add(ritz_value *parent, const char *key, ritz_value *child);

/** Sets the value at a dotted path ("train.epochs"), creating maps on the way, replacing what is
 * there. Takes @p child, also on failure, which leaves @p root as it was. A path that leads through
 * a list or a scalar is an error: those are set as a whole. */
ritz_status ritz_value_set(ritz_value *root, const char *path, ritz_value *child);

/** @return  The child of a map, or NULL; NULL-safe in @p map. */
const ritz_value *ritz_value_get(const ritz_value *map, const char *key);

/** Whether unquoted @p text would be read as null, true, false or a number (core/number.h). */
bool ritz_value_text_resolves(const char *text);

/** "a list", "'12'": what was found, for messages; cut to the size of @p out. @return @p out. */
const char *ritz_value_describe(const ritz_value *value, char out[80]);

/** Puts "file:line: " before the stored sentence, "file: " where the line is unknown:
 * `return ritz_value_blame(value, RITZ_FAIL(...))`. @return @p status. */
ritz_status ritz_value_blame(const ritz_value *value, ritz_status status);

/** One-line JSON of the tree: unquoted numbers, booleans and nulls stay bare, the numbers in JSON's
 * spelling (.5 as 0.5); all other scalars become strings. Release with ritz_free(). */
ritz_status ritz_value_to_json(const ritz_value *value, char **out);

/** Block-style YAML of the tree, readable, ends with a newline. Reads back to the same
 * texts; an unquoted one that is not safe without quotes comes back quoted. Release with
 * ritz_free(). */
ritz_status ritz_value_to_yaml(const ritz_value *value, char **out);

#endif
