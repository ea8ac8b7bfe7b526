/* SPDX-License-Identifier: BSD-3-Clause
 * Predictors: number formats and layouts of a caller, other grids, input that is not finite, the
 * heap, threads, lifetimes. */
#include <math.h>
#include <pthread.h>
#include <ritz/predictor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "graph/op.h"
#include "heap.h"
#include "one_context.h"
#include "small_model.h"

enum { most = 20000 };

static ritz_index points_of(int dim, const ritz_index *grid, ritz_index batch) {
  for (int a = 0; a < dim; a++) batch *= grid[a];
  return batch;
}

/* Both formats, through both kinds of entries. */
static void run_as(ritz_dtype dtype, ritz_predictor *p, const void *x, const ritz_index *xs,
                   void *y, const ritz_index *ys) {
  if (dtype == RITZ_FLOAT64)
    assert_ok(xs ? ritz_predictor_run_strided_f64(p, x, xs, y, ys)
                 : ritz_predictor_run_f64(p, x, y));
  else
    assert_ok(xs ? ritz_predictor_run_strided_f32(p, x, xs, y, ys)
                 : ritz_predictor_run_f32(p, x, y));
}

/* The answer of the graph itself, normalised by hand. */
static void answer_by_hand(ritz_model *model, const ritz_index *grid, ritz_index batch,
                           const double *x, double *y) {
  const ritz_model_data *d = &model->data;
  const ritz_dtype dtype = model->info.dtype;
  ritz_shape shape = {.rank = d->dim + 2, .n = {batch}};
  for (int a = 0; a < d->dim; a++) shape.n[a + 1] = grid[a];
  shape.n[d->dim + 1] = small_in;
  ritz_graph *graph;
  ritz_plan *plan;
  assert_ok(ritz_graph_create(context, dtype, &graph));
  ritz_var in = ritz_input(graph, "x", shape);
  ritz_var out = ritz_operator_build(model->op, graph, model->params, in);
  assert_ok(ritz_graph_plan(graph, 1, &out, NULL, &plan));
  const ritz_index all = points_of(d->dim, grid, batch);
  for (ritz_index i = 0; i < all * small_in; i++)
    ritz_number_set(dtype, ritz_plan_value(plan, in), i,
                    (x[i] - d->mean[0][i % small_in]) / d->deviation[0][i % small_in]);
  ritz_plan_forward(plan);
  for (ritz_index i = 0; i < all * small_out; i++)
    y[i] = d->mean[1][i % small_out] +
           d->deviation[1][i % small_out] * ritz_number_get(dtype, ritz_plan_value(plan, out), i);
  ritz_plan_destroy(&plan);
}

static void answers_are_those_of_the_graph_in_physical_units(void **state) {
  static const ritz_index grids[][3] = {{9, 12, 5}, {31, 8, 7}, {64, 37, 6}};
  static double x[most], y[most], z[most];
  for (int dtype = 0; dtype < 2; dtype++)
    for (int dim = 1; dim <= 3; dim++)
      for (int g = 0; g < 3; g++) {
        if (points_of(dim, grids[g], 3) * small_out > most) continue;
        ritz_model *model = small_model_create(context, (ritz_dtype)dtype, dim, "");
        for (ritz_index batch = 1; batch <= 3; batch += 2) {
          const ritz_index all = points_of(dim, grids[g], batch);
          ritz_predictor *p;
          fill_uniform(7, all * small_in, x);
          answer_by_hand(model, grids[g], batch, x, y);
          assert_ok(ritz_predictor_create(model, dim, grids[g], batch, &p));
          assert_ok(ritz_predictor_run_f64(p, x, z));
          assert_near(relative_error(all * small_out, z, y), 0, 1e-15);
          ritz_predictor_destroy(&p);
        }
        ritz_model_destroy(&model);
      }
}

/* ---- layouts ------------------------------------------------------------------------------- */

/* A layout of [2, 9, 12, C]: strides, and where the first point is. */
typedef struct layout {
  ritz_index stride[4], origin;
} layout;

enum { layouts = 7, rows = 2 * 9 * 12, room = 2 * 13 * 16 * 3 };

static layout layout_of(int kind, ritz_index c) {
  const layout all[layouts] = {
      {{108 * c, 12 * c, c, 1}, 0},                /* contiguous */
      {{108 * c, 1, 9, 108}, 0},                   /* Fortran order */
      {{108 * c, 12, 1, 108}, 0},                  /* channels first */
      {{208 * c, 16 * c, c, 1}, (2 * 16 + 2) * c}, /* two ghost cells on each side */
      {{108 * c, -12 * c, -c, 1}, 107 * c},        /* both axes turned round */
      {{1, 24 * c, 2 * c, 2}, 0},                  /* batch last */
      {{-108 * c, -12 * c, -c, -1}, 216 * c - 1},  /* everything turned round */
  };
  return all[kind];
}

/* Number i of the contiguous field in the layout. */
static ritz_index place_in(const layout *l, ritz_index c, ritz_index i) {
  const ritz_index row = i / c;
  return l->origin + row / 108 * l->stride[0] + row / 12 % 9 * l->stride[1] +
         row % 12 * l->stride[2] + i % c * l->stride[3];
}

/* What belongs to no point is neither read nor written. */
static void check_layouts(ritz_predictor *p, ritz_dtype outside, int kx, int ky, const double *x,
                          const double *y) {
  const layout lx = layout_of(kx, small_in), ly = layout_of(ky, small_out);
  const size_t size = ritz_dtype_size(outside);
  double in[room], out[room];
  bool used[room] = {false};
  for (ritz_index i = 0; i < room; i++)
    ritz_number_set(outside, in, i, NAN), ritz_number_set(outside, out, i, -77);
  for (ritz_index i = 0; i < rows * small_in; i++)
    ritz_number_set(outside, in, place_in(&lx, small_in, i), x[i]);
  run_as(outside, p, (char *)in + (size_t)lx.origin * size, lx.stride,
         (char *)out + (size_t)ly.origin * size, ly.stride);
  for (ritz_index i = 0; i < rows * small_out; i++) {
    const ritz_index at = place_in(&ly, small_out, i);
    assert_near(ritz_number_get(outside, out, at), outside == RITZ_FLOAT64 ? y[i] : (float)y[i], 0);
    used[at] = true;
  }
  for (ritz_index i = 0; i < room; i++)
    if (!used[i]) assert_near(ritz_number_get(outside, out, i), -77, 0);
}

static void layouts_and_formats_agree(void **state) {
  static double x[rows * small_in], y[rows * small_out];
  fill_uniform(4, rows * small_in, x);
  for (int i = 0; i < rows * small_in; i++) x[i] = (float)x[i];
  for (int inside = 0; inside < 2; inside++) {
    ritz_model *model = small_model_create(context, (ritz_dtype)inside, 2, "");
    ritz_predictor *p;
    assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 2, &p));
    assert_ok(ritz_predictor_run_f64(p, x, y));
    for (int outside = 0; outside < 2; outside++)
      for (int kx = 0; kx < layouts; kx++)
        for (int ky = 0; ky < layouts; ky++) check_layouts(p, (ritz_dtype)outside, kx, ky, x, y);
    ritz_predictor_destroy(&p);
    ritz_model_destroy(&model);
  }
}

/* Short last axes and axes of one point: which axes are one line must not matter. */
static void thin_grids_agree(void **state) {
  static const ritz_index grids[][3] = {{1, 12, 1}, {9, 1, 5}, {9, 12, 1}, {1, 1, 1}, {9, 12, 5}};
  static double x[most], y[most], z[most], w[most];
  for (int g = 0; g < 5; g++) {
    const ritz_index *n = grids[g], count = points_of(3, n, 2);
    ritz_model *model = small_model_create(context, RITZ_FLOAT64, 3, "");
    ritz_predictor *p;
    fill_uniform(5, count * small_in, x);
    assert_ok(ritz_predictor_create(model, 3, n, 2, &p));
    assert_ok(ritz_predictor_run_f64(p, x, y));
    const ritz_index xs[5] = {count / 2 * small_in, 1, n[0], n[0] * n[1], count / 2};
    const ritz_index ys[5] = {count / 2 * small_out, 1, n[0], n[0] * n[1], count / 2};
    for (ritz_index i = 0; i < count * small_out; i++) {
      const ritz_index r = i / small_out, b = r / (count / 2), q = r % (count / 2);
      const ritz_index row = q / (n[1] * n[2]) + q / n[2] % n[1] * n[0] + q % n[2] * n[0] * n[1];
      if (i % small_out < small_in)
        z[b * xs[0] + row + i % small_out * xs[4]] = x[r * small_in + i % small_out];
    }
    assert_ok(ritz_predictor_run_strided_f64(p, z, xs, w, ys));
    for (ritz_index i = 0; i < count * small_out; i++) {
      const ritz_index r = i / small_out, b = r / (count / 2), q = r % (count / 2);
      const ritz_index row = q / (n[1] * n[2]) + q / n[2] % n[1] * n[0] + q % n[2] * n[0] * n[1];
      assert_near(w[b * ys[0] + row + i % small_out * ys[4]], y[i], 0);
    }
    ritz_predictor_destroy(&p);
    ritz_model_destroy(&model);
  }
}

/* ---- input that is not finite -------------------------------------------------------------- */

static void bad_input_is_named_and_y_is_kept(void **state) {
  static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};
  static double x[rows * small_in], y[rows * small_out];
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, "");
  ritz_predictor *p;
  const layout fortran = layout_of(1, small_in), plain = layout_of(0, small_out);
  assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 2, &p));
  for (int i = 0; i < 4; i++) { /* 1e300 is infinite in the model's format */
    fill_uniform(1, rows * small_in, x);
    for (int k = 0; k < rows * small_out; k++) y[k] = -5;
    x[(108 + 3 * 12 + 7) * small_in + 1] = bad[i];
    assert_int_equal(ritz_predictor_run_f64(p, x, y), RITZ_ERR_NUMERIC);
    assert_message_contains("input channel Durchlässigkeit is not finite at field 1, point [3, 7]");
    for (int k = 0; k < rows * small_out; k++) assert_near(y[k], -5, 0);
    fill_uniform(1, rows * small_in, x);
    x[place_in(&fortran, small_in, (5 * 12 + 11) * small_in)] = bad[i];
    assert_int_equal(ritz_predictor_run_strided_f64(p, x, fortran.stride, y, plain.stride),
                     RITZ_ERR_NUMERIC);
    assert_message_contains("input channel x0 is not finite at field 0, point [5, 11]");
  }
  fill_uniform(1, rows * small_in, x);
  assert_ok(ritz_predictor_run_f64(p, x, y)); /* and it works again */
  ritz_predictor_destroy(&p);
  ritz_model_destroy(&model);
}

/* What a double model says may be too large for a float. */
static void output_too_large_for_its_format_is_named(void **state) {
  static double x[rows * small_in], y[rows * small_out];
  static float x32[rows * small_in], y32[rows * small_out];
  ritz_model *model = small_model_create(context, RITZ_FLOAT64, 2, "");
  ritz_predictor *p;
  model->data.deviation[1][2] = 1e60;
  fill_uniform(1, rows * small_in, x);
  for (int i = 0; i < rows * small_in; i++) x32[i] = (float)x[i];
  for (int i = 0; i < rows * small_out; i++) y32[i] = -5;
  assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 2, &p));
  assert_ok(ritz_predictor_run_f64(p, x, y));
  assert_int_equal(ritz_predictor_run_f32(p, x32, y32), RITZ_ERR_NUMERIC);
  assert_message_contains("output channel y2 is not finite at field 0");
  for (int i = 0; i < rows * small_out; i++) assert_near(y32[i], -5, 0);
  ritz_predictor_destroy(&p);
  ritz_model_destroy(&model);
}

static void wrong_grids_are_refused(void **state) {
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, "");
  ritz_predictor *p;
  assert_int_equal(ritz_predictor_create(model, 1, (ritz_index[]){9}, 1, &p), RITZ_ERR_SHAPE);
  assert_null(p);
  assert_int_equal(ritz_predictor_create(model, 2, (ritz_index[]){9, 0}, 1, &p), RITZ_ERR_SHAPE);
  assert_int_equal(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 0, &p),
                   RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_predictor_create(model, 2, (ritz_index[]){PTRDIFF_MAX / 4, 1 << 20}, 9, &p),
                   RITZ_ERR_SHAPE);
  assert_message_contains("too large");
  assert_null(p);
  ritz_model_destroy(&model);
}

/* ---- memory and lifetimes ------------------------------------------------------------------ */

static void a_run_takes_nothing_from_the_heap(void **state) {
  static double x[rows * small_in], y[rows * small_out];
  static float x32[rows * small_in], y32[rows * small_out];
  const layout lx = layout_of(1, small_in), ly = layout_of(2, small_out);
  fill_uniform(1, rows * small_in, x);
  for (int dtype = 0; dtype < 2; dtype++) {
    ritz_model *model = small_model_create(context, (ritz_dtype)dtype, 2, ", norm: instance_norm");
    ritz_predictor *p;
    assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 2, &p));
    heap_count_begin();
    for (int i = 0; i < 3; i++) {
      ritz_predictor_run_f64(p, x, y);
      ritz_predictor_run_f32(p, x32, y32);
      ritz_predictor_run_strided_f64(p, x, lx.stride, y, ly.stride);
    }
    assert_int_equal(heap_count_end(), 0);
    ritz_predictor_destroy(&p);
    ritz_model_destroy(&model);
  }
}

static void the_counter_of_the_heap_counts(void **state) {
  char *text;
  if (!heap_is_counted()) skip();
  heap_count_begin();
  assert_ok(ritz_strdup("text", &text));
  ritz_free(text);
  assert_int_equal(heap_count_end(), 1);
}

static void a_predictor_keeps_its_model(void **state) {
  static double x[rows * small_in], y[rows * small_out], z[rows * small_out];
  ritz_context *own;
  assert_ok(ritz_context_create(NULL, &own));
  ritz_model *model = small_model_create(own, RITZ_FLOAT32, 2, "");
  ritz_predictor *p;
  char *text;
  assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){9, 12}, 2, &p));
  fill_uniform(1, rows * small_in, x);
  assert_ok(ritz_predictor_run_f64(p, x, y));
  ritz_model_destroy(&model);
  ritz_context_destroy(&own);
  assert_null(model);
  assert_ok(ritz_predictor_run_f64(p, x, z));
  assert_memory_equal(y, z, sizeof y);
  assert_ok(ritz_predictor_describe(p, &text));
  assert_true(strlen(text) > 0 && ritz_predictor_memory(p) > 0);
  ritz_text_free(text);
  ritz_predictor_destroy(&p);
  ritz_predictor_destroy(&p);
}

static void every_allocation_of_a_predictor_may_fail(void **state) {
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, "");
  const ritz_index grid[] = {16, 10};
  ritz_predictor *p;
  long k = 0;
  while (creation_fails(k, p, ritz_predictor_create(model, 2, grid, 2, &p))) k++;
  assert_true(k > 10);
  ritz_predictor_destroy(&p);
  ritz_model_destroy(&model);
}

/* ---- threads ------------------------------------------------------------------------------- */

typedef struct worker {
  ritz_model *model;
  uint32_t stream;
  double y[rows * small_out];
  int failures;
} worker;

static void *predict_often(void *arg) {
  worker *w = arg;
  static _Thread_local double x[rows * small_in];
  ritz_predictor *p = NULL;
  fill_uniform(w->stream, rows * small_in, x);
  for (int i = 0; i < 20; i++) { /* plans are made side by side, too */
    w->failures += ritz_predictor_create(w->model, 2, (ritz_index[]){9, 12}, 2, &p) != RITZ_OK;
    for (int k = 0; p && k < 5; k++) w->failures += ritz_predictor_run_f64(p, x, w->y) != RITZ_OK;
    ritz_predictor_destroy(&p);
  }
  return NULL;
}

static void two_threads_get_their_own_answers(void **state) {
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, "");
  static worker together[2], alone[2];
  pthread_t thread[2];
  for (uint32_t i = 0; i < 2; i++) {
    together[i] = (worker){.model = model, .stream = 20 + i};
    alone[i] = together[i];
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&thread[i], NULL, predict_often, &together[i]), 0);
  for (int i = 0; i < 2; i++) pthread_join(thread[i], NULL);
  for (int i = 0; i < 2; i++) {
    predict_often(&alone[i]);
    assert_int_equal(together[i].failures + alone[i].failures, 0);
    assert_memory_equal(together[i].y, alone[i].y, sizeof alone[i].y);
  }
  ritz_model_destroy(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_are_those_of_the_graph_in_physical_units),
      cmocka_unit_test(layouts_and_formats_agree),
      cmocka_unit_test(thin_grids_agree),
      cmocka_unit_test(bad_input_is_named_and_y_is_kept),
      cmocka_unit_test(output_too_large_for_its_format_is_named),
      cmocka_unit_test(wrong_grids_are_refused),
      cmocka_unit_test(the_counter_of_the_heap_counts),
      cmocka_unit_test(a_run_takes_nothing_from_the_heap),
      cmocka_unit_test(a_predictor_keeps_its_model),
      cmocka_unit_test(every_allocation_of_a_predictor_may_fail),
      cmocka_unit_test(two_threads_get_their_own_answers),
  };
  return cmocka_run_group_tests(tests, context_begin, context_end);
}
