/* SPDX-License-Identifier: BSD-3-Clause
 * Names looked up in lists: what to say when one is not there. */
#ifndef RITZ_CORE_LIST_H
#define RITZ_CORE_LIST_H

#include <ritz/status.h>

/**
 * The entry of @p names that @p name was probably meant to be: fewest insertions, deletions,
 * substitutions and swaps of neighbours, upper and lower case alike, at most a third of the name.
 *
 * @return  NULL if nothing is near; the first of equally near ones.
 */
const char *ritz_nearest_name(const char *name, const char *const *names, int count);

/**
 * Stores "unknown operator 'fnp'; did you mean 'fno'?", or all known names where none is near.
 *
 * @param what  "operator", "key".
 * @param of    Put behind the name: " in operator fno"; "" for nothing.
 * @return      @p status.
 */
ritz_status ritz_fail_unknown(ritz_status status, const char *what, const char *name,
                              const char *of, const char *const *names, int count);

/** Finds @p name (NULL: "") among @p names: @p out is its place. RITZ_ERR_NOT_FOUND  in the words
 * above */
ritz_status ritz_name_find(const char *what, const char *name, const char *const *names, int count,
                           int *out);

#endif
