/* SPDX-License-Identifier: BSD-3-Clause
 * The small texts inside option tables: choices, defaults, what is wanted. */
#ifndef RITZ_CORE_OPTION_TEXT_H
#define RITZ_CORE_OPTION_TEXT_H

#include "core/options.h"

/* The names of "linear|identity|null". */
typedef struct ritz_choice_names {
  int count;
  const char *name[RITZ_OPTION_LIST];
  char storage[512];
} ritz_choice_names;

/** RITZ_ERR_ARGUMENT  more names than fit */
ritz_status ritz_choice_split(const char *choices, ritz_choice_names *out);

/** "whole numbers >= 1", "one of linear, identity": what an option takes. @p above: name the upper
 * limit also where it is too large to matter. */
void ritz_option_describe(const ritz_option *option, bool above, char out[320]);

/** @return  Bytes of the field of an option. */
size_t ritz_option_size(ritz_option_kind kind);

/** "a, b,c" as a list of three scalars, blanks around them dropped; an empty item is null. */
ritz_status ritz_option_cut(const char *text, size_t length, const char *file, int line,
                            ritz_value **out);

/** A default: null, a scalar, 'quoted', "quoted" or [flat, list]. */
ritz_status ritz_option_parse_fallback(const char *text, ritz_value **out);

#endif
