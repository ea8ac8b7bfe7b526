/* SPDX-License-Identifier: BSD-3-Clause */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"

void golden_fill(ritz_index count, uint32_t p, double scale, double *out) {
  for (ritz_index k = 0; k < count; k++) {
    uint32_t h = ((uint32_t)k + 1) * 2654435761u + (p + 1) * 2246822519u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    out[k] = (float)(scale * (2.0 * h / 4294967296.0 - 1.0));
  }
}

static void append(golden_list *list, bool used, const char *name) {
  assert_true(list->count < golden_most);
  golden_parameter *entry = &list->entry[list->count++];
  entry->used = used;
  snprintf(entry->name, sizeof entry->name, "%s", name);
}

enum { reference_heads = 8 }; /* of every reference that has heads */

/* The reference's shape of a real parameter. */
static ritz_shape their_shape(const ritz_shape *ours, ritz_reference_layout layout) {
  ritz_shape shape = *ours;
  const ritz_index *n = ours->n;
  const int last = ours->rank - 1;
  if (layout == RITZ_REFERENCE_HEADS)
    return RITZ_SHAPE(reference_heads, n[0], n[1] / reference_heads);
  if (ours->rank < 2 || layout == RITZ_REFERENCE_SAME) return shape;
  shape.n[0] = n[last];
  shape.n[1] = n[last - 1];
  for (int a = 2; a <= last; a++) shape.n[a] = n[a - 2];
  return shape;
}

static void append_real(const ritz_operator_type *type, const ritz_params *params,
                        const ritz_param_info *info, const ritz_reference_name *rule,
                        const char *name, golden_list *list) {
  const ritz_shape shape = their_shape(&info->shape, rule->layout);
  append(list, true, name);
  assert_ok(ritz_reference_find(type, params, name, shape.rank, shape.n,
                                &list->entry[list->count - 1].match));
}

/* Ours is [K0, ..., 2, Ci, Co]; theirs (Ci, Co, K0, ...), a matrix (K, R) or (Co, Ci), or in the
 * original scripts one tensor (Ci, Co, K0 / 2, ...) for each combination of signs: weights1,
 * weights2, ... */
static void append_complex(const ritz_operator_type *type, const ritz_params *params,
                           const ritz_param_info *info, const ritz_reference_name *rule,
                           const char *name, golden_list *list) {
  const int modes = info->complex_axis, channels = info->shape.rank - modes - 1;
  const bool corners = strstr(name, ".weights1") != NULL;
  ritz_index n[RITZ_MAX_RANK];
  for (int a = 0; a < channels; a++) n[a] = info->shape.n[modes + 1 + a];
  for (int a = 0; a < modes; a++)
    n[channels + a] = info->shape.n[a] / (corners && a < modes - 1 ? 2 : 1);
  if (rule->layout == RITZ_REFERENCE_LINEAR || rule->layout == RITZ_REFERENCE_ROWS) {
    const ritz_index first = n[0];
    n[0] = n[1];
    n[1] = first;
  }
  for (int corner = 0; corner < (corners ? 1 << (modes - 1) : 1); corner++) {
    char full[96];
    const size_t length = (size_t)snprintf(full, sizeof full, "%s", name);
    if (corners) full[length - 1] = (char)('1' + corner);
    append(list, true, full);
    assert_ok(ritz_reference_find(type, params, full, channels + modes, n,
                                  &list->entry[list->count - 1].match));
  }
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const golden_parameter *)a)->name, ((const golden_parameter *)b)->name);
}

void golden_list_of(const ritz_operator_type *type, const ritz_params *params, int unused_norms,
                    golden_list *out) {
  out->count = 0;
  for (int i = 0; i < ritz_params_count(params); i++) {
    const ritz_param_info *info = ritz_params_info(params, i);
    char name[96];
    if (!info->trainable) continue;
    const ritz_reference_name *rule = ritz_reference_name_of(type, info->name, sizeof name, name);
    if (!rule) fail_msg("%s has no name in the reference", info->name);
    if (info->complex_axis < 0)
      append_real(type, params, info, rule, name, out);
    else
      append_complex(type, params, info, rule, name, out);
  }
  for (int i = 0; i < unused_norms; i++) {
    char name[96];
    snprintf(name, sizeof name, "bn%d.bias", i);
    append(out, false, name);
    snprintf(name, sizeof name, "bn%d.weight", i);
    append(out, false, name);
  }
  qsort(out->entry, (size_t)out->count, sizeof *out->entry, by_name);
}

void golden_fill_parameters(const golden_list *list, ritz_params *params, double scale) {
  for (int p = 0; p < list->count; p++) {
    const ritz_reference_match *match = &list->entry[p].match;
    if (!list->entry[p].used) continue;
    const ritz_index count = match->count * (match->complex ? 2 : 1);
    double *v = malloc((size_t)count * sizeof *v);
    golden_fill(count, (uint32_t)p, scale, v);
    ritz_reference_put(params, match, ritz_params_dtype(params), v, ritz_params_data(params));
    free(v);
  }
}

/* Where element k of a field in the reference's layout lies in ours, of shape @p ours. */
static ritz_index our_index(const golden_table *table, const ritz_shape *ours, ritz_index k) {
  if (!table->channels_first) return k;
  const ritz_index channels = ours->n[ours->rank - 1];
  const ritz_index points = ritz_shape_count(ours) / ours->n[0] / channels;
  return (k / points / channels * points + k % points) * channels + k / points % channels;
}

static ritz_shape our_shape(const golden_table *table, ritz_shape x) {
  if (!table->channels_first) return x;
  const ritz_index channels = x.n[1];
  for (int a = 1; a < x.rank - 1; a++) x.n[a] = x.n[a + 1];
  x.n[x.rank - 1] = channels;
  return x;
}

static void fill_input(const golden_table *table, golden_run *run) {
  const ritz_shape shape = ritz_var_shape(run->x);
  const ritz_index count = ritz_shape_count(&shape);
  double *v = malloc((size_t)count * sizeof *v);
  void *x = ritz_plan_value(run->plan, run->x);
  golden_fill(count, golden_input, 1, v);
  for (ritz_index k = 0; k < count; k++)
    ritz_number_set(run->dtype, x, our_index(table, &shape, k), v[k]);
  free(v);
}

static void create(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                   int unused_norms, bool training, bool gradients, golden_outputs *more,
                   golden_run *out) {
  char options[512];
  const ritz_operator_type *type;
  ritz_var output[32];
  int outputs = 0;
  *out = (golden_run){.dtype = dtype};
  snprintf(options, sizeof options, "{%s}", row->options);
  assert_ok(ritz_operator_type_find(table->type, &type));
  assert_ok(ritz_context_create(NULL, &out->context));
  assert_ok(ritz_operator_create(out->context, table->type, options, &out->op));
  assert_ok(ritz_params_create(out->context, dtype, 1, &out->params));
  assert_ok(ritz_graph_create(out->context, dtype, &out->graph));
  ritz_graph_set_training(out->graph, training, 0);
  out->x = ritz_input(out->graph, "x", our_shape(table, row->x));
  out->y = ritz_operator_build(out->op, out->graph, out->params, out->x);
  assert_ok(ritz_graph_status(out->graph));
  if (more) outputs = more(out->graph, outputs, output);
  output[outputs++] = out->y;
  const ritz_plan_options plan_options = {.gradients = gradients};
  assert_ok(ritz_graph_plan(out->graph, outputs, output, &plan_options, &out->plan));
  golden_list_of(type, out->params, unused_norms, &out->list);
  golden_fill_parameters(&out->list, out->params, table->scale);
  fill_input(table, out);
}

void golden_create(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                   int unused_norms, bool gradients, golden_outputs *more, golden_run *out) {
  create(table, row, dtype, unused_norms, false, gradients, more, out);
}

void golden_destroy(golden_run *run) {
  ritz_plan_destroy(&run->plan);
  ritz_params_destroy(&run->params);
  ritz_operator_destroy(&run->op);
  ritz_context_destroy(&run->context);
}

double *golden_values(const golden_table *table, golden_run *run, ritz_var var, ritz_index *count) {
  const ritz_shape shape = ritz_var_shape(var);
  const void *value = ritz_plan_value(run->plan, var);
  *count = ritz_shape_count(&shape);
  double *v = malloc((size_t)*count * sizeof *v);
  for (ritz_index k = 0; k < *count; k++)
    v[k] = ritz_number_get(run->dtype, value, our_index(table, &shape, k));
  return v;
}

void golden_check_sums(const char *name, ritz_index count, const double *v, double sum,
                       double squares, double tolerance) {
  double s = 0, q = 0;
  for (ritz_index k = 0; k < count; k++) s += v[k], q += v[k] * v[k];
  if (!(fabs(s - sum) <= tolerance * sqrt((double)count * squares)))
    fail_msg("%s: sum is %.9g, wanted %.9g", name, s, sum);
  if (!(fabs(q - squares) <= 2 * tolerance * squares))
    fail_msg("%s: sum of squares is %.9g, wanted %.9g", name, q, squares);
}

static void check_entry(const char *name, ritz_index k, double value, double wanted) {
  if (!(fabs(value - wanted) <= 1e-4 * fabs(wanted)))
    fail_msg("%s: entry %td is %.9g, wanted %.9g", name, k, value, wanted);
}

static void check_row(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                      int unused_norms, bool training) {
  golden_run run;
  ritz_index count;
  create(table, row, dtype, unused_norms, training, false, NULL, &run);
  if (row->numbers && ritz_params_numbers(run.params) != row->numbers)
    fail_msg("%s: %td parameters, wanted %td", row->name, ritz_params_numbers(run.params),
             row->numbers);
  ritz_plan_forward(run.plan);
  double *y = golden_values(table, &run, run.y, &count);
  for (ritz_index k = 0; k < 4; k++) check_entry(row->name, k, y[k], row->first[k]);
  check_entry(row->name, count - 1, y[count - 1], row->last);
  golden_check_sums(row->name, count, y, row->sum, row->squares, 1e-4);
  free(y);
  golden_destroy(&run);
}

void golden_check_row(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                      int unused_norms) {
  check_row(table, row, dtype, unused_norms, false);
}

void golden_check_training_row(const golden_table *table, const golden_row *row, ritz_dtype dtype) {
  check_row(table, row, dtype, 0, true);
}

void golden_check_rows(const golden_table *table, size_t count, const golden_row *rows) {
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++)
    for (size_t i = 0; i < count; i++) golden_check_row(table, &rows[i], dtype, 0);
}
