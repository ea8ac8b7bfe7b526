/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution beside oneDNN in one process, single precision: one JSON line per case and
 * direction.
 *
 *   ritz-bench-compare-depthwise [seconds per measurement, default 0.3]
 *
 * oneDNN runs in the layout it likes best and in channels-last; its best counts, and moving data
 * between layouts does not. Both run alternately on the same number of threads; "ratio" is the
 * median of oneDNN's time over the median of ours, above 1: ours is faster. "difference" is the
 * largest one of the results, relative to the largest number. */
#include <dnnl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/depthwise.h"

typedef struct bench_case {
  const char *name;
  ritz_index batch, channels, grid, kernel, stride;
} bench_case;

static const bench_case cases[] = {
    {"7x7-64-64", 16, 64, 64, 7, 1},     {"7x7-64-256", 2, 64, 256, 7, 1},
    {"3x3-64-64", 16, 64, 64, 3, 1},     {"5x5-64-64", 16, 64, 64, 5, 1},
    {"13x13-64-64", 4, 64, 64, 13, 1},   {"31x31-64-64", 2, 64, 64, 31, 1},
    {"7x7-20-64", 16, 20, 64, 7, 1},     {"7x7-3-128", 16, 3, 128, 7, 1},
    {"3x3-s2-64-128", 8, 64, 128, 3, 2},
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(1);
}
static void dnn(dnnl_status_t status) {
  if (status == dnnl_success) return;
  fprintf(stderr, "oneDNN failed with status %d\n", (int)status);
  exit(1);
}

static float *numbers(ritz_index count) {
  float *out;
  must(RITZ_NEW(count, &out));
  for (ritz_index i = 0; i < count; i++) out[i] = (float)(i * 7919 % 2003) / 1001.5f - 1.0f;
  return out;
}

/* -- oneDNN
 * ---------------------------------------------------------------------------------------- */

enum { x_place, w_place, y_place, places };
static const int roles[3][places] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                     {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                                     {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
static const int result_place[3] = {y_place, x_place, w_place};

/* A primitive with memory of its own in the layout it asked for. */
typedef struct peer {
  dnnl_primitive_t primitive;
  dnnl_memory_t memory[places];
  dnnl_exec_arg_t argument[places];
} peer;

static void describe(const bench_case *c, bool any, dnnl_memory_desc_t desc[places]) {
  const ritz_index out = (c->grid - 1) / c->stride + 1;
  const dnnl_dims_t x = {c->batch, c->channels, c->grid, c->grid};
  const dnnl_dims_t w = {c->channels, 1, 1, c->kernel, c->kernel};
  const dnnl_dims_t y = {c->batch, c->channels, out, out};
  const dnnl_format_tag_t field = any ? dnnl_format_tag_any : dnnl_nhwc;
  dnn(dnnl_memory_desc_init_by_tag(&desc[x_place], 4, x, dnnl_f32, field));
  dnn(dnnl_memory_desc_init_by_tag(&desc[w_place], 5, w, dnnl_f32, dnnl_format_tag_any));
  dnn(dnnl_memory_desc_init_by_tag(&desc[y_place], 4, y, dnnl_f32, field));
}

static dnnl_primitive_desc_t choose(const bench_case *c, int direction,
                                    dnnl_memory_desc_t desc[places]) {
  const dnnl_dims_t stride = {c->stride, c->stride}, none = {0, 0};
  const dnnl_dims_t pad = {c->kernel / 2, c->kernel / 2};
  dnnl_convolution_desc_t forward, d;
  dnnl_primitive_desc_t hint, chosen;
  dnn(dnnl_dilated_convolution_forward_desc_init(
      &forward, dnnl_forward_training, dnnl_convolution_direct, &desc[x_place], &desc[w_place],
      NULL, &desc[y_place], stride, none, pad, pad));
  dnn(dnnl_primitive_desc_create(&hint, &forward, NULL, engine, NULL));
  if (direction == 0) return hint;
  if (direction == 1)
    dnn(dnnl_dilated_convolution_backward_data_desc_init(&d, dnnl_convolution_direct,
                                                         &desc[x_place], &desc[w_place],
                                                         &desc[y_place], stride, none, pad, pad));
  else
    dnn(dnnl_dilated_convolution_backward_weights_desc_init(
        &d, dnnl_convolution_direct, &desc[x_place], &desc[w_place], NULL, &desc[y_place], stride,
        none, pad, pad));
  dnn(dnnl_primitive_desc_create(&chosen, &d, NULL, engine, hint));
  dnn(dnnl_primitive_desc_destroy(hint));
  return chosen;
}

/* Copies between our layouts and the peer's. */
static void reorder(dnnl_memory_t from, dnnl_memory_t to) {
  const dnnl_memory_desc_t *a, *b;
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  dnn(dnnl_memory_get_memory_desc(from, &a));
  dnn(dnnl_memory_get_memory_desc(to, &b));
  dnn(dnnl_reorder_primitive_desc_create(&desc, a, engine, b, engine, NULL));
  dnn(dnnl_primitive_create(&primitive, desc));
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  dnn(dnnl_primitive_execute(primitive, stream, 2, arguments));
  dnn(dnnl_stream_wait(stream));
  dnnl_primitive_destroy(primitive);
  dnnl_primitive_desc_destroy(desc);
}

static dnnl_memory_t ours_as_memory(const bench_case *c, int place, float *data) {
  dnnl_memory_desc_t desc[places], plain;
  dnnl_memory_t memory;
  describe(c, false, desc);
  dnn(dnnl_memory_desc_init_by_tag(&plain, desc[place].ndims, desc[place].dims, dnnl_f32,
                                   place == w_place ? dnnl_hwigo : dnnl_nhwc));
  dnn(dnnl_memory_create(&memory, &plain, engine, data));
  return memory;
}

static peer make_peer(const bench_case *c, int direction, bool any, float *const data[places]) {
  peer p;
  dnnl_memory_desc_t desc[places];
  describe(c, any, desc);
  dnnl_primitive_desc_t chosen = choose(c, direction, desc);
  dnn(dnnl_primitive_create(&p.primitive, chosen));
  for (int i = 0; i < places; i++) {
    const dnnl_memory_desc_t *wanted =
        dnnl_primitive_desc_query_md(chosen, dnnl_query_exec_arg_md, roles[direction][i]);
    dnn(dnnl_memory_create(&p.memory[i], wanted, engine, DNNL_MEMORY_ALLOCATE));
    p.argument[i] = (dnnl_exec_arg_t){roles[direction][i], p.memory[i]};
    dnnl_memory_t ours = ours_as_memory(c, i, data[i]);
    reorder(ours, p.memory[i]);
    dnnl_memory_destroy(ours);
  }
  dnnl_primitive_desc_destroy(chosen);
  return p;
}

static void run_peer(const peer *p) {
  dnn(dnnl_primitive_execute(p->primitive, stream, places, p->argument));
  dnn(dnnl_stream_wait(stream));
}

static void free_peer(peer *p) {
  for (int i = 0; i < places; i++) dnnl_memory_destroy(p->memory[i]);
  dnnl_primitive_destroy(p->primitive);
}

/* -- Ours
 * ------------------------------------------------------------------------------------------- */

static ritz_depthwise *make_ours(const bench_case *c, int threads) {
  ritz_depthwise_shape s = {.batch = c->batch, .channels = c->channels};
  const ritz_index in[2] = {c->grid, c->grid}, kernel[2] = {c->kernel, c->kernel};
  const ritz_index pad = c->kernel / 2;
  const ritz_window_options options = {
      .stride = {c->stride, c->stride}, .low = {pad, pad}, .high = {pad, pad}};
  ritz_depthwise *plan;
  must(ritz_window_make("bench", 2, in, kernel, &options, &s.window));
  must(ritz_depthwise_create(&s, true, threads, &plan));
  return plan;
}

static void run_ours(const ritz_depthwise *plan, int direction, float *const data[places],
                     void *scratch) {
  if (direction == 0)
    ritz_depthwise_forward(plan, false, data[x_place], data[w_place], NULL, data[y_place], scratch);
  else if (direction == 1)
    ritz_depthwise_adjoint(plan, false, data[y_place], data[w_place], NULL, data[x_place], scratch);
  else
    ritz_depthwise_weight_gradient(plan, data[x_place], data[y_place], data[w_place], false, NULL,
                                   false, scratch);
}

/* -- Measuring
 * -------------------------------------------------------------------------------------- */

static double relative_difference(ritz_index n, const float *a, const float *b) {
  double worst = 0, scale = 1e-30;
  for (ritz_index i = 0; i < n; i++) {
    if (!(fabs((double)a[i] - b[i]) <= worst)) worst = fabs((double)a[i] - b[i]);
    scale = fmax(scale, fabs(b[i]));
  }
  return worst / scale;
}

static int ascending(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

enum { most_runs = 1000 };
static double median(int runs, double *times) {
  qsort(times, (size_t)runs, sizeof *times, ascending);
  return times[runs / 2];
}

static bool compare(const bench_case *c, int direction, int threads, double budget) {
  static const char *const names[] = {"forward", "input_gradient", "weight_gradient"};
  static double times[3][most_runs]; /* ours, the peer's choice, the peer channels-last */
  const ritz_index out = (c->grid - 1) / c->stride + 1;
  const ritz_index count[places] = {c->batch * c->grid * c->grid * c->channels,
                                    c->kernel * c->kernel * c->channels,
                                    c->batch * out * out * c->channels};
  float *data[places];
  for (int i = 0; i < places; i++) data[i] = numbers(count[i]);
  ritz_depthwise *plan = make_ours(c, threads);
  void *scratch;
  must(ritz_calloc((ritz_index)ritz_depthwise_scratch(plan), 1, &scratch));
  peer peers[2] = {make_peer(c, direction, true, data), make_peer(c, direction, false, data)};

  const int place = result_place[direction];
  float *theirs = numbers(count[place]);
  dnnl_memory_t as_ours = ours_as_memory(c, place, theirs);
  run_peer(&peers[0]);
  reorder(peers[0].memory[place], as_ours);
  run_ours(plan, direction, data, scratch);
  const double difference = relative_difference(count[place], data[place], theirs);
  run_peer(&peers[1]);

  int runs = 0;
  for (double end = ritz_clock_seconds() + budget; runs < most_runs && ritz_clock_seconds() < end;
       runs++) {
    double at = ritz_clock_seconds(), now;
    run_ours(plan, direction, data, scratch);
    times[0][runs] = (now = ritz_clock_seconds()) - at;
    for (int p = 0; p < 2; p++) {
      at = now;
      run_peer(&peers[p]);
      times[1 + p][runs] = (now = ritz_clock_seconds()) - at;
    }
  }
  const double ours = median(runs, times[0]), any = median(runs, times[1]),
               last = median(runs, times[2]);
  const bool agree = difference < 1e-4;
  printf(
      "{\"bench\": \"compare_depthwise\", \"case\": \"%s\", \"direction\": \"%s\", "
      "\"threads\": %d, \"ritz_ms\": %.3f, \"onednn_ms\": %.3f, \"onednn_nhwc_ms\": %.3f, "
      "\"ratio\": %.2f, \"gflops\": %.1f, \"difference\": %.1e, \"agree\": %s}\n",
      c->name, names[direction], threads, 1e3 * ours, 1e3 * any, 1e3 * last, fmin(any, last) / ours,
      ritz_depthwise_flops(plan) / ours / 1e9, difference, agree ? "true" : "false");
  fflush(stdout);
  dnnl_memory_destroy(as_ours);
  for (int p = 0; p < 2; p++) free_peer(&peers[p]);
  for (int i = 0; i < places; i++) ritz_free(data[i]);
  ritz_free(theirs);
  ritz_free(scratch);
  ritz_depthwise_destroy(&plan);
  return agree;
}

int main(int argc, char **argv) {
  const double budget = argc > 1 ? atof(argv[1]) : 0.3;
  const int threads = ritz_threads_available();
  bool agree = true;
  dnn(dnnl_engine_create(&engine, dnnl_cpu, 0));
  dnn(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int direction = 0; direction < 3; direction++)
      agree &= compare(&cases[i], direction, threads, budget);
  dnnl_stream_destroy(stream);
  dnnl_engine_destroy(engine);
  return agree ? 0 : 1;
}
