/* SPDX-License-Identifier: BSD-3-Clause
 * The table of epochs and its files. */
#include "train/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "io/figure.h"

ritz_status ritz_history_init(ritz_history *history, int tests, const char *const *test) {
  *history = (ritz_history){.tests = tests};
  RITZ_TRY(RITZ_NEW(tests, &history->test));
  for (int i = 0; i < tests; i++) RITZ_TRY(ritz_strdup(test[i], &history->test[i]));
  return RITZ_OK;
}

void ritz_history_clear(ritz_history *history) {
  for (int i = 0; history->test && i < history->tests; i++) ritz_free(history->test[i]);
  ritz_free(history->test);
  ritz_free(history->row);
  *history = (ritz_history){0};
}

ritz_status ritz_history_add(ritz_history *history, const double *row) {
  const int columns = ritz_history_columns(history);
  if (history->rows == history->capacity) {
    const ritz_index capacity = history->capacity ? 2 * history->capacity : 64;
    RITZ_TRY(
        ritz_grow(history->rows, capacity, (size_t)columns * sizeof *row, (void **)&history->row));
    history->capacity = capacity;
  }
  memcpy(history->row + history->rows++ * columns, row, (size_t)columns * sizeof *row);
  return RITZ_OK;
}

static void add_number(ritz_builder *b, const char *key, double value) {
  ritz_builder_add_quoted(b, key);
  if (isfinite(value))
    ritz_builder_format(b, ": %.9g", value);
  else
    ritz_builder_add(b, ": null");
}

ritz_status ritz_history_line(const ritz_history *history, ritz_index i, char **out) {
  const double *row = history->row + i * ritz_history_columns(history);
  ritz_builder b = {0};
  ritz_builder_add(&b, "{");
  add_number(&b, "epoch", (double)(i + 1));
  ritz_builder_add(&b, ", ");
  add_number(&b, "loss", row[RITZ_HISTORY_LOSS]);
  ritz_builder_add(&b, ", ");
  add_number(&b, "learning_rate", row[RITZ_HISTORY_RATE]);
  ritz_builder_add(&b, ", ");
  add_number(&b, "seconds", row[RITZ_HISTORY_SECONDS]);
  for (int t = 0; t < history->tests; t++) {
    const double *metric = row + RITZ_HISTORY_FIXED + 2 * t;
    if (isnan(metric[0])) continue;
    ritz_builder_add(&b, ", ");
    ritz_builder_add_quoted(&b, history->test[t]);
    ritz_builder_add(&b, ": {");
    add_number(&b, "rel_l2", metric[0]);
    ritz_builder_add(&b, ", ");
    add_number(&b, "rel_h1", metric[1]);
    ritz_builder_add(&b, "}");
  }
  ritz_builder_add(&b, "}");
  return ritz_builder_take(&b, out);
}

typedef struct lines {
  const ritz_history *history;
  ritz_index first;
} lines;

static ritz_status put_lines(FILE *file, const void *what) {
  const lines *of = what;
  for (ritz_index i = of->first; i < of->history->rows; i++) {
    char *line;
    RITZ_TRY(ritz_history_line(of->history, i, &line));
    fprintf(file, "%s\n", line);
    ritz_free(line);
  }
  return RITZ_OK;
}

ritz_status ritz_history_append(const ritz_history *history, ritz_index first, const char *path) {
  return ritz_file_append(path, put_lines, &(lines){history, first});
}

ritz_status ritz_history_write(const ritz_history *history, const char *path) {
  return ritz_file_write(path, put_lines, &(lines){history, 0});
}

/* One column as a series over the epochs, without those that were not evaluated. */
static ritz_line_series series(const ritz_history *history, int column, const char *name, double *x,
                               double *y) {
  const int columns = ritz_history_columns(history);
  ritz_index count = 0;
  for (ritz_index i = 0; i < history->rows; i++) {
    const double value = history->row[i * columns + column];
    if (!isfinite(value)) continue;
    x[count] = (double)(i + 1);
    y[count++] = value;
  }
  return (ritz_line_series){.name = name, .x = x, .y = y, .count = count};
}

ritz_status ritz_history_plot(const ritz_history *history, const char *path) {
  const ritz_index rows = history->rows;
  const int tests = history->tests < 8 ? history->tests : 8;
  double *numbers;
  ritz_line_series loss, error[8];
  int errors = 0;
  if (rows == 0) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(2 * rows * (1 + tests), &numbers));
  loss = series(history, RITZ_HISTORY_LOSS, "training", numbers, numbers + rows);
  for (int t = 0; t < tests; t++) {
    double *x = numbers + 2 * rows * (t + 1);
    error[errors] = series(history, RITZ_HISTORY_FIXED + 2 * t, history->test[t], x, x + rows);
    if (error[errors].count > 0) errors++;
  }
  const ritz_line_panel panel[2] = {{.title = "training loss",
                                     .subtitle = "mean over the samples of an epoch",
                                     .x_label = "epoch",
                                     .y_label = "loss",
                                     .series = &loss,
                                     .count = 1},
                                    {.title = "test error",
                                     .subtitle = "relative L_{2}, mean over samples",
                                     .x_label = "epoch",
                                     .y_label = "relative L_{2} error",
                                     .series = error,
                                     .count = errors}};
  const ritz_line_figure figure = {
      .title = "training", .panel = panel, .panels = errors > 0 ? 2 : 1};
  const ritz_status status = ritz_figure_lines(&figure, path);
  ritz_free(numbers);
  return status;
}
