/* SPDX-License-Identifier: BSD-3-Clause
 * One-line JSON objects, written field by field. Keys are escaped; the first failure comes out at
 * the end. */
#ifndef RITZ_TOOLS_JSON_H
#define RITZ_TOOLS_JSON_H

#include "core/builder.h"

typedef struct ritz_json {
  ritz_builder text;
  bool follows; /* something stands before the next field in this object */
} ritz_json;    /* a zeroed one is empty and ready */

/** Begins an object; NULL: the outermost one, or one in a list. */
void ritz_json_open(ritz_json *json, const char *key);
void ritz_json_close(ritz_json *json);
/** Begins a list of objects. */
void ritz_json_open_list(ritz_json *json, const char *key);
void ritz_json_close_list(ritz_json *json);

/** NULL gives null. */
void ritz_json_text(ritz_json *json, const char *key, const char *value);
void ritz_json_integer(ritz_json *json, const char *key, ritz_index value);
void ritz_json_integers(ritz_json *json, const char *key, int count, const ritz_index *value);
/** What is not finite gives null. */
void ritz_json_number(ritz_json *json, const char *key, double value);
void ritz_json_numbers(ritz_json *json, const char *key, int count, const double *value);
void ritz_json_texts(ritz_json *json, const char *key, int count, const char *const *value);
void ritz_json_bool(ritz_json *json, const char *key, bool value);
/** @p value is JSON already; NULL gives null. */
void ritz_json_raw(ritz_json *json, const char *key, const char *value);

/** Prints it with a newline to stdout and empties it. */
ritz_status ritz_json_print(ritz_json *json);

#endif
