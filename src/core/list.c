/* SPDX-License-Identifier: BSD-3-Clause
 * Nearest name by edit distance with swaps of neighbours ("optimal string alignment":
 * Damerau 1964, doi:10.1145/363958.363994; recurrence of Wagner and Fischer 1974). */
#include "core/list.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"

/* Longer names are not corrected: nobody mistypes one letter of a sentence. */
enum { longest = 63 };

static int smaller(int a, int b) { return a < b ? a : b; }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Three rows of the table d[i][j], the distance of the first i letters of a and j of b. */
static int distance(const char *a, const char *b) {
  const int n = (int)strlen(a), m = (int)strlen(b);
  int rows[3][longest + 1];
  int *before = rows[0], *last = rows[1], *now = rows[2];
  for (int j = 0; j <= m; j++) last[j] = j;
  for (int i = 1; i <= n; i++) {
    now[0] = i;
    for (int j = 1; j <= m; j++) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      now[j] = smaller(last[j - 1] + !same, smaller(last[j], now[j - 1]) + 1);
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) now[j] = smaller(now[j], before[j - 2] + 1);
    }
    int *const spare = before;
    before = last, last = now, now = spare;
  }
  return last[m];
}

const char *ritz_nearest_name(const char *name, const char *const *names, int count) {
  const size_t length = strlen(name);
  if (length == 0 || length > longest) return NULL;
  const int allowed = length < 6 ? 1 : (int)length / 3;
  const char *nearest = NULL;
  int least = allowed + 1;
  for (int i = 0; i < count; i++) {
    if (strlen(names[i]) > longest) continue;
    const int d = distance(name, names[i]);
    if (d < least) least = d, nearest = names[i];
  }
  return nearest;
}

ritz_status ritz_fail_unknown(ritz_status status, const char *what, const char *name,
                              const char *of, const char *const *names, int count) {
  const char *nearest = ritz_nearest_name(name, names, count);
  if (nearest)
    return RITZ_FAIL(status, "unknown %s '%.64s'%s; did you mean '%s'?", what, name, of, nearest);
  char known[640] = "none";
  size_t used = 0;
  for (int i = 0; i < count; i++) {
    if (used + strlen(names[i]) + sizeof ", , ..." > sizeof known) {
      snprintf(known + used, sizeof known - used, ", ...");
      break;
    }
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
  }
  return RITZ_FAIL(status, "unknown %s '%.64s'%s; known: %s", what, name, of, known);
}

ritz_status ritz_name_find(const char *what, const char *name, const char *const *names, int count,
                           int *out) {
  if (!name) name = "";
  for (*out = 0; *out < count; ++*out)
    if (strcmp(name, names[*out]) == 0) return RITZ_OK;
  return ritz_fail_unknown(RITZ_ERR_NOT_FOUND, what, name, "", names, count);
}
