/* SPDX-License-Identifier: BSD-3-Clause
 * metrics.jsonl as curves: the lines become the trainer's table of epochs again, so that the
 * picture is the one the trainer draws. */
#define _POSIX_C_SOURCE 200809L /* getline */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"
#include "io/yaml.h"
#include "tools/plot.h"
#include "train/history.h"

enum { tests_most = 64 };

/* A number of a map; NaN where it is not there or null. */
static double number(const ritz_value *map, const char *key) {
  const ritz_value *item = ritz_value_get(map, key);
  double value;
  const bool known =
      item && item->kind == RITZ_VALUE_SCALAR && ritz_text_to_real(item->text, &value);
  return known ? value : NAN;
}

/* Test sets are the entries that are maps. */
static ritz_status begin(const ritz_value *line, ritz_history *history) {
  const char *name[tests_most];
  int tests = 0;
  for (int i = 0; i < line->count; i++)
    if (line->item[i]->kind == RITZ_VALUE_MAP && tests < tests_most)
      name[tests++] = line->item[i]->key;
  return ritz_history_init(history, tests, name);
}

static ritz_status add(const ritz_value *line, ritz_history *history) {
  double *row;
  RITZ_TRY(RITZ_NEW(ritz_history_columns(history), &row));
  row[RITZ_HISTORY_LOSS] = number(line, "loss");
  row[RITZ_HISTORY_RATE] = number(line, "learning_rate");
  row[RITZ_HISTORY_SECONDS] = number(line, "seconds");
  for (int t = 0; t < history->tests; t++) {
    const ritz_value *test = ritz_value_get(line, history->test[t]);
    row[RITZ_HISTORY_FIXED + 2 * t] = number(test, "rel_l2");
    row[RITZ_HISTORY_FIXED + 2 * t + 1] = number(test, "rel_h1");
  }
  const ritz_status status = ritz_history_add(history, row);
  ritz_free(row);
  return status;
}

static ritz_status read_line(const char *path, ritz_index at, const char *text, ritz_value **out) {
  const ritz_status status = ritz_yaml_read_text(text, path, out);
  if (status == RITZ_ERR_MEMORY) return status;
  const bool right = status == RITZ_OK && isfinite(number(*out, "loss"));
  if (!right) ritz_value_destroy(out);
  RITZ_REQUIRE(right, RITZ_ERR_FORMAT, "%s, line %td: no record of an epoch with a loss", path, at);
  return RITZ_OK;
}

/* Test sets are known once an epoch was evaluated: all lines are read before the table is made. */
static ritz_status fill(int count, ritz_value *const *line, ritz_history *history) {
  const ritz_value *fullest = line[0];
  for (int i = 1; i < count; i++)
    if (line[i]->count > fullest->count) fullest = line[i];
  RITZ_TRY(begin(fullest, history));
  for (int i = 0; i < count; i++) RITZ_TRY(add(line[i], history));
  return RITZ_OK;
}

static ritz_status read_lines(const char *path, FILE *file, int *count, ritz_value ***lines) {
  char *text = NULL;
  size_t room = 0;
  int capacity = 0;
  ritz_status status = RITZ_OK;
  while (status == RITZ_OK && getline(&text, &room, file) > 0) {
    if (*count == capacity) {
      const int more = capacity ? 2 * capacity : 256;
      status = ritz_grow(capacity, more, sizeof **lines, (void **)lines);
      if (status == RITZ_OK) capacity = more;
    }
    if (status == RITZ_OK) status = read_line(path, *count + 1, text, &(*lines)[*count]);
    if (status == RITZ_OK) ++*count;
  }
  free(text);
  if (status == RITZ_OK && *count == 0)
    status = RITZ_FAIL(RITZ_ERR_FORMAT, "%s: there is no epoch to draw", path);
  return status;
}

ritz_status ritz_plot_curves(const char *path, const char *out) {
  FILE *file = fopen(path, "r");
  RITZ_REQUIRE(file, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  ritz_value **lines = NULL;
  int count = 0;
  ritz_history history = {0};
  ritz_status status = read_lines(path, file, &count, &lines);
  fclose(file);
  if (status == RITZ_OK) status = fill(count, lines, &history);
  if (status == RITZ_OK) status = ritz_history_plot(&history, out);
  for (int i = 0; i < count; i++) ritz_value_destroy(&lines[i]);
  ritz_free(lines);
  ritz_history_clear(&history);
  return status;
}
