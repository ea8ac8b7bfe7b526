/* SPDX-License-Identifier: BSD-3-Clause
 * Modes that join during training (incremental.h). */
#include "train/incremental.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/params.h"

enum { loss_gap, gradient_share };

const ritz_option ritz_incremental_table[] = {
    RITZ_OPTION_CHOICE(ritz_incremental_options, criterion, "loss_gap|gradient", "loss_gap",
                       "when modes join"),
    RITZ_OPTION_INT(ritz_incremental_options, start, 1, 1 << 20, "4", "modes at the start"),
    RITZ_OPTION_INT(ritz_incremental_options, step, 1, 1 << 20, "2", "modes that join at a time"),
    RITZ_OPTION_REAL(ritz_incremental_options, eps, 0, 1e300, "1e-3",
                     "loss_gap: modes join where the loss of an epoch changes by no more"),
    RITZ_OPTION_INT(ritz_incremental_options, epochs, 1, 1 << 30, "10",
                    "gradient: epochs between two looks"),
    RITZ_OPTION_INT(ritz_incremental_options, buffer, 0, 1 << 20, "4",
                    "gradient: last modes that are there to be watched"),
    RITZ_OPTION_REAL(ritz_incremental_options, explained, 0, 1, "0.99",
                     "gradient: share of the strength that the other modes should have"),
    RITZ_OPTION_END,
};

/* Axis `axis` of a parameter as [outer, rows, inner]. */
typedef struct modes_axis {
  int grid_axis; /* -1: no modes */
  ritz_index outer, rows, inner;
} modes_axis;

static modes_axis axis_of(const ritz_incremental *s, const ritz_param_info *info, int axis) {
  modes_axis m = {s->op->type->mode_axis(s->op->config, info, axis), 1, info->shape.n[axis], 1};
  for (int a = 0; a < axis; a++) m.outer *= info->shape.n[a];
  for (int a = axis + 1; a < info->shape.rank; a++) m.inner *= info->shape.n[a];
  return m;
}

static int last_axis(const ritz_incremental *s) { return s->rows[2] ? 2 : s->rows[1] ? 1 : 0; }

/* Rows first ... end - 1 of an axis belong to the first m modes. */
static void window(const ritz_incremental *s, int axis, ritz_index m, ritz_index *first,
                   ritz_index *end) {
  const ritz_index rows = s->rows[axis], wanted = axis == last_axis(s) ? m / 2 + 1 : m;
  const ritz_index kept = m <= 0 ? 0 : wanted < rows ? wanted : rows;
  *first = axis == last_axis(s) ? 0 : (rows - kept) / 2;
  *end = *first + kept;
}

static bool complete(const ritz_incremental *s) {
  ritz_index first, end;
  bool all = true;
  for (int a = 0; a <= last_axis(s); a++) {
    window(s, a, s->modes, &first, &end);
    all = all && end - first == s->rows[a];
  }
  return all;
}

typedef void row_visit(ritz_incremental *s, const modes_axis *axis, ritz_index row,
                       ritz_index numbers, void *values, ritz_index at);

/* Every run of `numbers` numbers in a row of modes of any parameter, by its place in the array. */
static void visit_rows(ritz_incremental *s, row_visit *visit, void *values) {
  for (int i = 0; i < ritz_params_count(s->params); i++) {
    const ritz_param_info *info = ritz_params_info(s->params, i);
    for (int a = 0; a < info->shape.rank; a++) {
      const modes_axis m = axis_of(s, info, a);
      if (m.grid_axis < 0) continue;
      for (ritz_index o = 0; o < m.outer; o++)
        for (ritz_index r = 0; r < m.rows; r++)
          visit(s, &m, r, m.inner, values, info->offset + (o * m.rows + r) * m.inner);
    }
  }
}

static void *at_number(const ritz_incremental *s, void *values, ritz_index at) {
  return (char *)values + (size_t)at * ritz_dtype_size(ritz_params_dtype(s->params));
}

static bool waits(const ritz_incremental *s, const modes_axis *axis, ritz_index row) {
  ritz_index first, end;
  window(s, axis->grid_axis, s->modes, &first, &end);
  return row < first || row >= end;
}

static void clear_row(ritz_incremental *s, const modes_axis *axis, ritz_index row,
                      ritz_index numbers, void *values, ritz_index at) {
  if (waits(s, axis, row))
    memset(at_number(s, values, at), 0,
           (size_t)numbers * ritz_dtype_size(ritz_params_dtype(s->params)));
}

static void add_strength(ritz_incremental *s, const modes_axis *axis, ritz_index row,
                         ritz_index numbers, void *values, ritz_index at) {
  const ritz_dtype dtype = ritz_params_dtype(s->params);
  double *strength = s->strength;
  for (int a = 0; a < axis->grid_axis; a++) strength += s->rows[a];
  for (ritz_index k = 0; k < numbers; k++) {
    const double g = ritz_number_get(dtype, values, at + k);
    strength[row] += g * g;
  }
}

static void count_row(ritz_incremental *s, const modes_axis *axis, ritz_index row,
                      ritz_index numbers, void *values, ritz_index at) {
  if (s->rows[axis->grid_axis] < axis->rows) s->rows[axis->grid_axis] = axis->rows;
}

/* What waited and does no longer starts now: rows that wait along another axis are cleared again.
 */
static void join(ritz_incremental *s, ritz_index before) {
  const ritz_dtype dtype = ritz_params_dtype(s->params);
  char *values = ritz_params_data(s->params);
  const size_t bytes = (size_t)ritz_params_length(s->params) * ritz_dtype_size(dtype);
  char *waiting = (char *)s->initial + bytes; /* 1 in every number that waited */
  const ritz_index now = s->modes;
  memset(waiting, 0xff, bytes);
  s->modes = before;
  visit_rows(s, clear_row, waiting);
  s->modes = now;
  for (size_t i = 0; i < bytes; i++)
    if (!waiting[i]) values[i] = ((char *)s->initial)[i];
  visit_rows(s, clear_row, values);
}

ritz_status ritz_incremental_begin(ritz_incremental *s, const ritz_value *section,
                                   const ritz_operator *op, ritz_params *params) {
  if (!section || section->kind == RITZ_VALUE_NULL) return RITZ_OK;
  RITZ_TRY(ritz_options_read(ritz_incremental_table, "train.incremental", section, &s->options));
  RITZ_REQUIRE(op->type->mode_axis, RITZ_ERR_CONFIG,
               "train.incremental: operator %s has no modes that could join", op->type->name);
  s->op = op;
  s->params = ritz_params_retain(params);
  s->modes = s->options.start;
  visit_rows(s, count_row, NULL);
  RITZ_REQUIRE(s->rows[0] > 0, RITZ_ERR_CONFIG,
               "train.incremental: the weights of this %s have no modes of their own",
               op->type->name);
  const size_t bytes =
      (size_t)ritz_params_length(params) * ritz_dtype_size(ritz_params_dtype(params));
  RITZ_TRY(ritz_calloc(2, bytes, &s->initial));
  RITZ_TRY(RITZ_NEW(s->rows[0] + s->rows[1] + s->rows[2], &s->strength));
  memcpy(s->initial, ritz_params_data(params), bytes);
  visit_rows(s, clear_row, ritz_params_data(params));
  return RITZ_OK;
}

void ritz_incremental_clear(ritz_incremental *s) {
  ritz_free(s->initial);
  ritz_free(s->strength);
  ritz_params_destroy(&s->params);
  *s = (ritz_incremental){.op = NULL};
}

void ritz_incremental_gradient(ritz_incremental *s, void *gradient) {
  if (!s->op) return;
  visit_rows(s, clear_row, gradient);
  if (s->options.criterion == gradient_share) visit_rows(s, add_strength, gradient);
}

/* Smallest share, over the axes, of the strength in the modes without the buffer. */
static double explained(const ritz_incremental *s) {
  const double *strength = s->strength;
  double least = 1;
  for (int a = 0; a <= last_axis(s); a++) {
    double inner = 0, all = 0;
    ritz_index first, end;
    window(s, a, s->modes - s->options.buffer, &first, &end);
    for (ritz_index r = 0; r < s->rows[a]; r++) {
      all += strength[r];
      if (r >= first && r < end) inner += strength[r];
    }
    if (all > 0 && inner / all < least) least = inner / all;
    strength += s->rows[a];
  }
  return least;
}

bool ritz_incremental_epoch(ritz_incremental *s, double before, double loss) {
  bool due;
  if (!s->op) return false;
  if (s->options.criterion == loss_gap) {
    due = fabs(loss - before) <= s->options.eps; /* false without an epoch before */
  } else {
    if (++s->gathered < s->options.epochs) return false;
    due = explained(s) < s->options.explained;
    s->gathered = 0;
    memset(s->strength, 0, (size_t)(s->rows[0] + s->rows[1] + s->rows[2]) * sizeof *s->strength);
  }
  if (!due || complete(s)) return false;
  const ritz_index held = s->modes;
  s->modes += s->options.step;
  join(s, held);
  return true;
}

ritz_status ritz_incremental_write(const ritz_incremental *s, hid_t group) {
  if (!s->op) return RITZ_OK;
  const ritz_index n = s->rows[0] + s->rows[1] + s->rows[2];
  RITZ_TRY(ritz_h5_write_integer(group, "incremental_modes", s->modes));
  RITZ_TRY(ritz_h5_write_integer(group, "incremental_epochs", s->gathered));
  return ritz_h5_write_array(group, "incremental_strength", RITZ_H5_FLOAT64, 1, &n, s->strength);
}

ritz_status ritz_incremental_read(ritz_incremental *s, hid_t group) {
  int64_t modes = 0, gathered = 0;
  const bool there = ritz_h5_has_attribute(group, "incremental_modes");
  RITZ_REQUIRE(there == (s->op != NULL), RITZ_ERR_CONFIG,
               "the checkpoint was trained %s train.incremental", there ? "with" : "without");
  if (!s->op) return RITZ_OK;
  const ritz_index n = s->rows[0] + s->rows[1] + s->rows[2];
  RITZ_TRY(ritz_h5_read_integer(group, "incremental_modes", &modes));
  RITZ_TRY(ritz_h5_read_integer(group, "incremental_epochs", &gathered));
  RITZ_REQUIRE(modes >= 1 && modes <= 1 << 21 && gathered >= 0, RITZ_ERR_FORMAT,
               "train/incremental_modes is %lld", (long long)modes);
  s->modes = (ritz_index)modes;
  s->gathered = (ritz_index)gathered;
  return ritz_h5_read_array(group, "incremental_strength", RITZ_H5_FLOAT64, 1, &n, s->strength);
}
