/* SPDX-License-Identifier: BSD-3-Clause
 * Attention against its definition in double, on every instruction set; windows against geometry.
 */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"
#include "kernels/attention.h"
#include "kernels/windows.h"

enum { Q, K, V, BIAS, LOG_SCALE, OUT, GOUT, GQ, GK, GV, GBIAS, GLOG_SCALE, arrays };

/* The operands of a shape, in double; results of the definition. */
typedef struct problem {
  ritz_attention_shape shape;
  ritz_index count[arrays];
  double *array[arrays];
} problem;

static problem make_problem(ritz_attention_shape s, double size) {
  const ritz_index queries = s.samples * s.windows * s.queries;
  const ritz_index keys = s.samples * s.windows * s.keys;
  const ritz_index q = (s.query.rows ? queries : s.queries) * s.heads * s.width;
  const ritz_index k = keys * s.heads * s.width, v = keys * s.heads * s.value_width;
  const ritz_index out = queries * s.heads * s.value_width, b = s.biases * s.heads;
  problem p = {.shape = s, .count = {q, k, v, b, s.heads, out, out, q, k, v, b, s.heads}};
  for (int i = 0; i < arrays; i++) {
    p.array[i] = calloc((size_t)p.count[i] + 1, sizeof(double));
    if (i <= LOG_SCALE || i == GOUT) fill_uniform((uint32_t)i, p.count[i], p.array[i]);
  }
  for (ritz_index i = 0; i < q; i++) p.array[Q][i] *= size;
  return p;
}

static void free_problem(problem *p) {
  for (int i = 0; i < arrays; i++) free(p->array[i]);
}

/* First channel of a token's head in an array like `which`. */
static ritz_index place(const ritz_attention_shape *s, bool query, ritz_index sample,
                        ritz_index window, ritz_index token, ritz_index head, ritz_index width) {
  const ritz_token_map *map = query ? &s->query : &s->key;
  const ritz_index tokens = query ? s->queries : s->keys, flat = window * tokens + token;
  const ritz_index row = !map->rows ? token : map->row ? map->row[flat] : flat;
  return ((sample * map->rows + row) * s->heads + head) * width;
}

static double length(const double *x, ritz_index n) {
  double square = 0;
  for (ritz_index c = 0; c < n; c++) square += x[c] * x[c];
  return sqrt(square);
}

/* gx += the part of g across x, divided by |x|: the gradient of x / |x|. */
static void through_length(ritz_index n, const double *x, const double *g, double *gx) {
  double along = 0;
  const double l = length(x, n);
  for (ritz_index c = 0; c < n; c++) along += g[c] * x[c] / l;
  for (ritz_index c = 0; c < n; c++) gx[c] += (g[c] - along * x[c] / l) / l;
}

/* One query of one head by the definition. */
static void attend(problem *p, ritz_index sample, ritz_index window, ritz_index i, ritz_index h) {
  const ritz_attention_shape *s = &p->shape;
  const ritz_index d = s->width, dv = s->value_width;
  double *cosine = calloc((size_t)s->keys * 2, sizeof *cosine), *weight = cosine + s->keys;
  const ritz_index qi = place(s, true, sample, window, i, h, d);
  ritz_attention_shape like_q = *s; /* out is never shared */
  like_q.query.rows = s->queries * s->windows;
  const ritz_index oi = place(&like_q, true, sample, window, i, h, dv);
  const double *q = p->array[Q] + qi, *g = p->array[GOUT] + oi;
  const double factor = s->cosine ? fmin(exp(p->array[LOG_SCALE][h]), 100) : s->scale;
  double *out = p->array[OUT] + oi, sum = 0, peak = -INFINITY, mean = 0;
  for (ritz_index j = 0; j < s->keys; j++) {
    const double *k = p->array[K] + place(s, false, sample, window, j, h, d);
    const double lengths = s->cosine ? length(q, d) * length(k, d) : 1;
    for (ritz_index c = 0; c < d; c++) cosine[j] += q[c] * k[c] / lengths;
    weight[j] = factor * cosine[j];
    if (s->biases) weight[j] += p->array[BIAS][s->bias_row[j * s->queries + i] * s->heads + h];
    if (s->label && s->label[window * s->keys + i] != s->label[window * s->keys + j])
      weight[j] = -INFINITY;
    peak = fmax(peak, weight[j]);
  }
  for (ritz_index j = 0; j < s->keys; j++) sum += weight[j] = exp(weight[j] - peak);
  for (ritz_index j = 0; j < s->keys; j++) {
    weight[j] /= sum;
    const double *v = p->array[V] + place(s, false, sample, window, j, h, dv);
    for (ritz_index c = 0; c < dv; c++) {
      out[c] += weight[j] * v[c];
      mean += weight[j] * v[c] * g[c];
    }
  }
  double *unit = calloc((size_t)(2 * d), sizeof *unit), *back = unit + d;
  for (ritz_index j = 0; j < s->keys; j++) {
    const ritz_index kj = place(s, false, sample, window, j, h, d);
    const ritz_index vj = place(s, false, sample, window, j, h, dv);
    double gs = -mean;
    for (ritz_index c = 0; c < dv; c++) {
      gs += g[c] * p->array[V][vj + c];
      p->array[GV][vj + c] += weight[j] * g[c];
    }
    gs *= weight[j];
    if (s->biases) p->array[GBIAS][s->bias_row[j * s->queries + i] * s->heads + h] += gs;
    if (factor < 100) p->array[GLOG_SCALE][h] += gs * factor * cosine[j];
    const double *k = p->array[K] + kj;
    for (ritz_index c = 0; c < d; c++) {
      unit[c] = factor * gs * k[c] / (s->cosine ? length(k, d) : 1);
      back[c] = factor * gs * q[c] / (s->cosine ? length(q, d) : 1);
    }
    if (s->cosine) {
      through_length(d, q, unit, p->array[GQ] + qi);
      through_length(d, k, back, p->array[GK] + kj);
    }
    for (ritz_index c = 0; !s->cosine && c < d; c++) {
      p->array[GQ][qi + c] += unit[c];
      p->array[GK][kj + c] += back[c];
    }
  }
  free(unit);
  free(cosine);
}

static void by_definition(problem *p) {
  const ritz_attention_shape *s = &p->shape;
  for (ritz_index b = 0; b < s->samples; b++)
    for (ritz_index w = 0; w < s->windows; w++)
      for (ritz_index i = 0; i < s->queries; i++)
        for (ritz_index h = 0; h < s->heads; h++) attend(p, b, w, i, h);
}

static void *converted(ritz_dtype dtype, ritz_index count, const double *from) {
  void *out = malloc((size_t)(count + 1) * sizeof(double));
  for (ritz_index i = 0; i < count; i++) ritz_number_set(dtype, out, i, from[i]);
  return out;
}

static void compare(const problem *p, void *const *array, int which, ritz_index first,
                    double tolerance) {
  double worst = 0, size = 1; /* sums of numbers near 1, some of them zero */
  for (ritz_index i = 0; i < p->count[which]; i++) {
    const double got = ritz_number_get(p->shape.dtype, array[which], i);
    const double expected = p->array[which][i] + (double)first;
    if (!(fabs(got - expected) <= worst)) worst = fabs(got - expected);
    size = fmax(size, fabs(expected));
  }
  if (!(worst <= tolerance * size))
    fail_msg("array %d of %td x %td pairs, widths %td and %td, off by %g of %g", which,
             p->shape.queries, p->shape.keys, p->shape.width, p->shape.value_width, worst, size);
}

/* Both directions, gradients written and then added to ones. */
static void check(problem *p, ritz_dtype dtype, double tolerance) {
  p->shape.dtype = dtype;
  const ritz_attention_plan plan = ritz_attention_make(&p->shape);
  void *a[arrays], *saved = malloc(ritz_attention_saved_bytes(&plan));
  void *scratch = malloc(ritz_attention_scratch_bytes(&plan, true, 2));
  for (int i = 0; i < arrays; i++) a[i] = converted(dtype, p->count[i], p->array[i]);
  for (int add = 0; add < 2; add++) {
    for (int i = GQ; i < arrays; i++)
      for (ritz_index n = 0; n < p->count[i]; n++) ritz_number_set(dtype, a[i], n, 1);
    memset(a[OUT], -1, (size_t)p->count[OUT] * ritz_dtype_size(dtype));
    const ritz_attention_fields f = {.q = a[Q],
                                     .k = a[K],
                                     .v = a[V],
                                     .bias = a[BIAS],
                                     .log_scale = a[LOG_SCALE],
                                     .out = a[OUT],
                                     .saved = saved,
                                     .gout = a[GOUT],
                                     .gq = a[GQ],
                                     .gk = a[GK],
                                     .gv = a[GV],
                                     .gbias = p->shape.biases ? a[GBIAS] : NULL,
                                     .glog_scale = p->shape.cosine ? a[GLOG_SCALE] : NULL,
                                     .add_q = add,
                                     .add_k = add,
                                     .add_v = add,
                                     .add_bias = add,
                                     .add_log_scale = add};
    memset(scratch, -1, ritz_attention_scratch_bytes(&plan, true, 2)); /* NaN */
    ritz_attention_forward(&plan, &f, scratch, 2);
    memset(scratch, -1, ritz_attention_scratch_bytes(&plan, true, 2));
    ritz_attention_vjp(&plan, &f, scratch, 2);
    compare(p, a, OUT, 0, tolerance);
    for (int i = GQ; i <= GV; i++) compare(p, a, i, add, tolerance);
    if (p->shape.biases) compare(p, a, GBIAS, add, tolerance);
    if (p->shape.cosine) compare(p, a, GLOG_SCALE, add, tolerance);
  }
  for (int i = 0; i < arrays; i++) free(a[i]);
  free(scratch);
  free(saved);
}

static problem *current;
static double current_size;
static void check_current(ritz_dtype dtype, const ritz_kernels *kernels) {
  check(current, dtype, (dtype == RITZ_FLOAT64 ? 2e-14 : 1e-5) * current_size);
}

/* Sums of up to 200 products: a few dozen roundings, times the size of scores in exponents. */
static void check_everywhere(problem *p, double size) {
  by_definition(p);
  current = p;
  current_size = size;
  for_each_table(check_current);
  free_problem(p);
}

static const ritz_attention_shape plain[] = {
    {.samples = 1, .heads = 1, .queries = 1, .keys = 1, .width = 1, .value_width = 1},
    {.samples = 2, .heads = 3, .queries = 1, .keys = 67, .width = 5, .value_width = 1},
    {.samples = 3, .heads = 2, .queries = 131, .keys = 1, .width = 5, .value_width = 7},
    {.samples = 1, .heads = 2, .queries = 67, .keys = 131, .width = 1, .value_width = 32},
    {.samples = 2, .heads = 1, .queries = 131, .keys = 67, .width = 32, .value_width = 32},
    {.samples = 7, .heads = 8, .queries = 4, .keys = 16, .width = 4, .value_width = 4},
    {.samples = 2, .heads = 2, .queries = 64, .keys = 128, .width = 16, .value_width = 16},
};

static void results_are_those_of_the_definition(void **state) {
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    for (int form = 0; form < 8; form++) {
      ritz_attention_shape s = plain[i];
      s.windows = form & 4 ? 2 : 1;
      s.query.rows = form & 1 ? 0 : s.windows * s.queries; /* odd: shared queries */
      s.key.rows = s.windows * s.keys;
      s.scale = 0.7;
      s.cosine = form & 2;
      problem p = make_problem(s, 1);
      p.array[LOG_SCALE][0] = form & 4 ? 9 : 1.5; /* beyond log 100, and not */
      check_everywhere(&p, s.cosine ? 100 : 1);
    }
}

static void large_scores_do_not_overflow(void **state) {
  ritz_attention_shape s = plain[4];
  s.windows = 1, s.query.rows = s.queries, s.key.rows = s.keys;
  const double sizes[] = {30, 3000}; /* scores of the order of 80, and far beyond exp's range */
  for (int i = 0; i < 2; i++) {
    s.scale = 1;
    problem p = make_problem(s, sizes[i]);
    for (int which = Q; which <= K; which++) /* both formats see the same scores */
      for (ritz_index n = 0; n < p.count[which]; n++)
        p.array[which][n] = round(p.array[which][n] * 16) / 16;
    check_everywhere(&p, sizes[i]);
  }
}

/* Points see each other if they lie in one shifted window and, without its wrap, in its reach. */
static void check_geometry(const ritz_windows_shape *s, const ritz_windows *w) {
  ritz_index points = 1;
  for (int a = 0; a < s->dim; a++) points *= s->grid[a];
  assert_int_equal(w->count * w->tokens, points);
  int *seen = calloc((size_t)points, sizeof *seen);
  for (ritz_index n = 0; n < w->count; n++)
    for (ritz_index i = 0; i < w->tokens; i++) {
      seen[w->row[n * w->tokens + i]]++;
      for (ritz_index j = 0; j < w->tokens; j++) {
        ritz_index x = w->row[n * w->tokens + i], y = w->row[n * w->tokens + j];
        ritz_index offset = w->offset[j * w->tokens + i];
        bool near = true, one_window = true;
        for (int a = s->dim - 1; a >= 0; a--) {
          const ritz_index N = s->grid[a], W = s->window[a], S = s->shift[a];
          const ritz_index xa = x % N, ya = y % N, oa = offset % (2 * W - 1) - (W - 1);
          near = near && labs(xa - ya) < W;
          one_window = one_window && (xa - S + N) % N / W == (ya - S + N) % N / W;
          assert_int_equal((xa - ya - oa) % N, 0);
          x /= N, y /= N, offset /= 2 * W - 1;
        }
        assert_true(one_window);
        assert_int_equal(near, w->label[n * w->tokens + i] == w->label[n * w->tokens + j]);
        if (!near) assert_true(w->mixed[n]);
      }
    }
  for (ritz_index i = 0; i < points; i++) assert_int_equal(seen[i], 1);
  free(seen);
}

static const ritz_windows_shape cuts[] = {{1, {12}, {4}, {1}},
                                          {2, {8, 12}, {4, 4}, {2, 3}},
                                          {2, {6, 5}, {3, 5}, {0, 2}},
                                          {2, {24, 8}, {12, 8}, {6, 0}},
                                          {3, {4, 6, 4}, {2, 3, 2}, {1, 1, 1}},
                                          {1, {3}, {1}, {0}}};

static void windows_are_neighbourhoods(void **state) {
  for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
    ritz_windows w;
    assert_ok(ritz_windows_init(&cuts[i], &w));
    check_geometry(&cuts[i], &w);
    ritz_windows_release(&w);
  }
}

static void windows_follow_the_definition(void **state) {
  for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
    for (int form = 0; form < 4; form++) {
      ritz_windows w;
      assert_ok(ritz_windows_init(&cuts[i], &w));
      ritz_attention_shape s = {.samples = 3,
                                .windows = w.count,
                                .heads = 2,
                                .queries = w.tokens,
                                .keys = w.tokens,
                                .width = 5,
                                .value_width = 3,
                                .query = {w.count * w.tokens, w.row},
                                .key = {w.count * w.tokens, w.row},
                                .cosine = form & 1,
                                .scale = 1};
      if (form & 1) s.label = w.label, s.mixed = w.mixed;
      if (form & 2) s.biases = w.offsets, s.bias_row = w.offset;
      problem p = make_problem(s, 2);
      check_everywhere(&p, 4);
      ritz_windows_release(&w);
    }
}

/* The same numbers for one thread and for many; a NaN reaches the output. */
static void threads_change_nothing_and_nan_stays(void **state) {
  ritz_attention_shape s = plain[3];
  s.windows = 1, s.query.rows = s.queries, s.key.rows = s.keys, s.scale = 1;
  problem p = make_problem(s, 1);
  const ritz_attention_plan plan = ritz_attention_make(&p.shape);
  void *scratch = malloc(ritz_attention_scratch_bytes(&plan, true, 3));
  float *saved = malloc(ritz_attention_saved_bytes(&plan));
  void *q = converted(s.dtype, p.count[Q], p.array[Q]),
       *k = converted(s.dtype, p.count[K], p.array[K]);
  void *v = converted(s.dtype, p.count[V], p.array[V]);
  float *out[2] = {converted(s.dtype, p.count[OUT], p.array[OUT]),
                   converted(s.dtype, p.count[OUT], p.array[OUT])};
  for (int i = 0; i < 2; i++) {
    const ritz_attention_fields f = {.q = q, .k = k, .v = v, .out = out[i], .saved = saved};
    ritz_attention_forward(&plan, &f, scratch, 1 + 2 * i);
  }
  assert_memory_equal(out[0], out[1], (size_t)p.count[OUT] * sizeof(float));
  ritz_number_set(s.dtype, k, 77 * s.heads * s.width, NAN);
  const ritz_attention_fields f = {.q = q, .k = k, .v = v, .out = out[0], .saved = saved};
  ritz_attention_forward(&plan, &f, scratch, 1);
  assert_true(isnan(out[0][0]));
  free(scratch), free(saved), free(q), free(k), free(v), free(out[0]), free(out[1]);
  free_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_are_those_of_the_definition),
      cmocka_unit_test(large_scores_do_not_overflow),
      cmocka_unit_test(windows_are_neighbourhoods),
      cmocka_unit_test(windows_follow_the_definition),
      cmocka_unit_test(threads_change_nothing_and_nan_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
