/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions, dense and depthwise, against oneDNN, in turn in one process: the cases of
 * bench/conv.c with the same options and lines (bench/bench.h).
 *
 *   ritz-compare-onednn [--list] [--threads N] [--seconds S] [CASE]...
 *
 * oneDNN may choose its own layouts (format any, so blocked channels), its direct or its automatic
 * algorithm (which may be Winograd's), or stay with channels-last fields: all three are timed and
 * the fastest counts. Its reorders between layouts are not timed, and its results must agree with
 * ours before anything is. Ours works on channels-last fields throughout; its packing of weights is
 * timed. "ratio" = oneDNN's median time over ours: above 1 ours is faster. */
#include <math.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/fields.h"
#include "conv_cases.h"
#include "core/memory.h"

static void must(dnnl_status_t status, const char *what) {
  if (status == dnnl_success) return;
  fprintf(stderr, "ritz-compare-onednn: %s failed: %d\n", what, (int)status);
  exit(1);
}
#define MUST(call) must((call), #call)

static dnnl_engine_t engine;
static dnnl_stream_t stream;

/* How oneDNN is asked. */
typedef struct approach {
  const char *name;
  dnnl_alg_kind_t algorithm;
  bool channels_last;
} approach;
static const approach approaches[] = {{"any", dnnl_convolution_direct, false},
                                      {"any/auto", dnnl_convolution_auto, false},
                                      {"channels_last", dnnl_convolution_direct, true}};
enum { approach_count = sizeof approaches / sizeof *approaches };

/* A field [B, N..., C] as oneDNN's dims (B, C, N...) with our strides. */
static dnnl_memory_desc_t field_desc(const conv_problem *p, bool of_y) {
  const int d = p->c->dim;
  const ritz_index c = of_y ? p->c->channels_out : p->c->channels_in;
  dnnl_dims_t dims = {p->c->batch, c}, strides = {0, 1};
  ritz_index stride = c;
  for (int a = d - 1; a >= 0; a--) {
    dims[a + 2] = of_y ? conv_problem_axis(p, a)->out : conv_problem_axis(p, a)->in;
    strides[a + 2] = stride;
    stride *= dims[a + 2];
  }
  strides[0] = stride;
  dnnl_memory_desc_t desc;
  MUST(dnnl_memory_desc_init_by_strides(&desc, d + 2, dims, dnnl_f32, strides));
  return desc;
}

/* The weight [K..., Ci/g, Co] as (Co, Ci, K...) or (g, Co/g, Ci/g, K...). */
static dnnl_memory_desc_t weight_desc(const conv_problem *p) {
  const int d = p->c->dim, g = p->c->groups > 1;
  const ritz_index co = p->c->channels_out, k = p->c->channels_in / p->c->groups;
  dnnl_dims_t dims = {p->c->groups}, strides = {co / p->c->groups};
  dims[g] = co / p->c->groups, strides[g] = 1;
  dims[g + 1] = k, strides[g + 1] = co;
  ritz_index stride = k * co;
  for (int a = d - 1; a >= 0; a--) {
    dims[g + 2 + a] = p->c->kernel, strides[g + 2 + a] = stride;
    stride *= p->c->kernel;
  }
  dnnl_memory_desc_t desc;
  MUST(dnnl_memory_desc_init_by_strides(&desc, g + 2 + d, dims, dnnl_f32, strides));
  return desc;
}

static dnnl_memory_desc_t of_any_format(dnnl_memory_desc_t desc) {
  dnnl_memory_desc_t any;
  MUST(dnnl_memory_desc_init_by_tag(&any, desc.ndims, desc.dims, dnnl_f32, dnnl_format_tag_any));
  return any;
}

/* A convolution of oneDNN with memory in the layouts it chose; [0] x, [1] w, [2] y. */
typedef struct peer {
  dnnl_primitive_t primitive;
  dnnl_memory_t memory[3];
  const char *name;
} peer;

static void reorder(dnnl_memory_t from, dnnl_memory_t to) {
  const dnnl_memory_desc_t *a, *b;
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  MUST(dnnl_memory_get_memory_desc(from, &a));
  MUST(dnnl_memory_get_memory_desc(to, &b));
  MUST(dnnl_reorder_primitive_desc_create(&desc, a, engine, b, engine, NULL));
  MUST(dnnl_primitive_create(&primitive, desc));
  const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  MUST(dnnl_primitive_execute(primitive, stream, 2, args));
  MUST(dnnl_stream_wait(stream));
  MUST(dnnl_primitive_destroy(primitive));
  MUST(dnnl_primitive_desc_destroy(desc));
}

static void move(dnnl_memory_t memory, dnnl_memory_desc_t ours, float *data, bool out) {
  dnnl_memory_t plain;
  MUST(dnnl_memory_create(&plain, &ours, engine, data));
  if (out)
    reorder(memory, plain);
  else
    reorder(plain, memory);
  MUST(dnnl_memory_destroy(plain));
}

/* @return  False where oneDNN has no such convolution. */
static bool describe(const conv_problem *p, conv_direction direction, const approach *a,
                     dnnl_primitive_desc_t *out) {
  dnnl_memory_desc_t x = field_desc(p, false), y = field_desc(p, true);
  const dnnl_memory_desc_t w = of_any_format(weight_desc(p));
  if (!a->channels_last) x = of_any_format(x), y = of_any_format(y);
  dnnl_dims_t strides, dilation, before, after;
  for (int i = 0; i < p->c->dim; i++) {
    strides[i] = p->c->stride, dilation[i] = p->c->dilation - 1;
    before[i] = conv_problem_axis(p, i)->low, after[i] = conv_problem_axis(p, i)->high;
  }
  dnnl_convolution_desc_t desc;
  dnnl_primitive_desc_t hint = NULL;
  if (dnnl_dilated_convolution_forward_desc_init(&desc, dnnl_forward_training, a->algorithm, &x, &w,
                                                 NULL, &y, strides, dilation, before,
                                                 after) != dnnl_success ||
      dnnl_primitive_desc_create(direction == CONV_FORWARD ? out : &hint, &desc, NULL, engine,
                                 NULL) != dnnl_success)
    return false;
  if (direction == CONV_FORWARD) return true;
  dnnl_status_t status =
      direction == CONV_INPUT
          ? dnnl_dilated_convolution_backward_data_desc_init(&desc, a->algorithm, &x, &w, &y,
                                                             strides, dilation, before, after)
          : dnnl_dilated_convolution_backward_weights_desc_init(
                &desc, a->algorithm, &x, &w, NULL, &y, strides, dilation, before, after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(out, &desc, NULL, engine, hint);
  MUST(dnnl_primitive_desc_destroy(hint));
  return status == dnnl_success;
}

static const int argument_of[CONV_DIRECTIONS][3] = {
    {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
    {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
    {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
/* Which of x, w, y is the result. */
static const int result_of[CONV_DIRECTIONS] = {2, 0, 1};

static bool create_peer(const conv_problem *p, conv_direction direction, const approach *a,
                        peer *out) {
  dnnl_primitive_desc_t desc;
  *out = (peer){0};
  if (!describe(p, direction, a, &desc)) return false;
  MUST(dnnl_primitive_create(&out->primitive, desc));
  MUST(dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &out->name));
  float *const data[3] = {p->x, p->w, p->y};
  const dnnl_memory_desc_t ours[3] = {field_desc(p, false), weight_desc(p), field_desc(p, true)};
  for (int i = 0; i < 3; i++) {
    const dnnl_memory_desc_t *layout =
        dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, argument_of[direction][i]);
    MUST(dnnl_memory_create(&out->memory[i], layout, engine, DNNL_MEMORY_ALLOCATE));
    if (i != result_of[direction]) move(out->memory[i], ours[i], data[i], false);
  }
  /* The name lives with the primitive descriptor; a process that ends soon may keep it. */
  return true;
}

static void run_peer(const peer *q, conv_direction direction) {
  dnnl_exec_arg_t args[3];
  for (int i = 0; i < 3; i++) args[i] = (dnnl_exec_arg_t){argument_of[direction][i], q->memory[i]};
  MUST(dnnl_primitive_execute(q->primitive, stream, 3, args));
  MUST(dnnl_stream_wait(stream));
}

static void destroy_peer(peer *q) {
  for (int i = 0; i < 3; i++) MUST(dnnl_memory_destroy(q->memory[i]));
  MUST(dnnl_primitive_destroy(q->primitive));
}

static ritz_status disagreement(const conv_problem *p, conv_direction direction, const peer *q,
                                double *out) {
  const ritz_index count = conv_result_count(p, direction);
  float *theirs;
  RITZ_TRY(RITZ_NEW(count, &theirs));
  const dnnl_memory_desc_t ours[3] = {field_desc(p, false), weight_desc(p), field_desc(p, true)};
  const int r = result_of[direction];
  move(q->memory[r], ours[r], theirs, true);
  *out = bench_difference(count, p->result[direction], theirs);
  ritz_free(theirs);
  return RITZ_OK;
}

/* What oneDNN has of a case. */
typedef struct rivals {
  int count;
  conv_direction direction;
  peer peer[approach_count];
  const char *approach[approach_count];
} rivals;

static ritz_status create_rivals(const conv_problem *p, conv_direction direction, rivals *r,
                                 double *error) {
  *r = (rivals){.direction = direction};
  *error = 0;
  for (int a = 0; a < approach_count; a++) {
    peer *q = &r->peer[r->count];
    double now;
    if (!create_peer(p, direction, &approaches[a], q)) continue;
    r->approach[r->count++] = approaches[a].name;
    run_peer(q, direction);
    RITZ_TRY(disagreement(p, direction, q, &now));
    *error = fmax(*error, now);
  }
  RITZ_REQUIRE(r->count > 0 && *error < 2e-5, RITZ_ERR_NUMERIC, "%s: results differ by %.1e",
               conv_direction_names[direction], *error);
  return RITZ_OK;
}

static void destroy_rivals(rivals *r) {
  for (int a = 0; a < r->count; a++) destroy_peer(&r->peer[a]);
}

typedef struct peer_run {
  const peer *peer;
  conv_direction direction;
} peer_run;

static void run_rival(void *arg) {
  const peer_run *r = arg;
  run_peer(r->peer, r->direction);
}

static ritz_status measure(conv_problem *p, const bench_call *call, const rivals *r, double error) {
  conv_run ours = {p, r->direction};
  peer_run theirs[approach_count];
  bench_job jobs[approach_count + 1] = {{conv_run_job, &ours}};
  bench_times times[approach_count + 1];
  bench_line line = conv_line(p);
  for (int a = 0; a < r->count; a++) {
    theirs[a] = (peer_run){&r->peer[a], r->direction};
    jobs[a + 1] = (bench_job){run_rival, &theirs[a]};
  }
  RITZ_TRY(bench_measure(call, line.dtype, r->count + 1, jobs, times));
  line.times = times[0];
  int best = 0;
  for (int a = 1; a < r->count; a++)
    if (times[a + 1].median < times[best + 1].median) best = a;
  bench_print(call, &line,
              "\"direction\": \"%s\", \"batch\": %td, \"onednn_ms\": %.6g, \"ratio\": %.4g, "
              "\"onednn\": \"%s %s\", \"difference\": %.1e",
              conv_direction_names[r->direction], p->c->batch, 1e3 * times[best + 1].median,
              times[best + 1].median / times[0].median, r->approach[best], r->peer[best].name,
              error);
  return RITZ_OK;
}

/* Ours has run and is right. */
static ritz_status compare(conv_problem *p, conv_direction direction, const bench_call *call,
                           double unused) {
  rivals r;
  double error;
  omp_set_num_threads(call->threads);
  ritz_status status = create_rivals(p, direction, &r, &error);
  if (status == RITZ_OK) status = measure(p, call, &r, error);
  destroy_rivals(&r);
  return status;
}

int main(int argc, char **argv) {
  MUST(dnnl_engine_create(&engine, dnnl_cpu, 0));
  MUST(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  const int code = conv_main(argc, argv, "ritz-compare-onednn", compare);
  MUST(dnnl_stream_destroy(stream));
  MUST(dnnl_engine_destroy(engine));
  return code;
}
