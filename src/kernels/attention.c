/* SPDX-License-Identifier: BSD-3-Clause
 * How attention is cut into chunks, its products and its working memory. */
#include "kernels/attention.h"

#include "core/memory.h"
#include "kernels/attention_plan.h"

enum {
  block = ritz_attention_block,
  tile = ritz_attention_tile,
  free_groups = 128,
  summed_groups = 32,
  wanted_chunks = 16,  /* at least, where there are blocks enough: balance a few threads */
  most_pairs = 1 << 24 /* numbers of score gradients that are kept for the bias */
};

static ritz_index least(ritz_index a, ritz_index b) { return a < b ? a : b; }

ritz_attention_span ritz_attention_block_at(const ritz_attention_plan *plan, ritz_index index) {
  const ritz_index first = index * block;
  return (ritz_attention_span){.first = first,
                               .count = least(block, plan->shape.queries - first),
                               .lanes = least(block, plan->lanes - first),
                               .last = index == plan->blocks - 1};
}

static ritz_attention_products plan_products(const ritz_attention_shape *s, ritz_index lanes,
                                             ritz_index keys) {
  const ritz_dtype t = s->dtype;
  const ritz_index d = s->width, dv = s->value_width;
  ritz_attention_products p = {
      .scores = ritz_gemm_plan(t, false, false, keys, lanes, d, d, lanes, lanes),
      .weights = ritz_gemm_plan(t, false, false, keys, lanes, dv, dv, lanes, lanes),
      .value_gradient = ritz_gemm_plan(t, false, true, keys, dv, lanes, lanes, dv, dv),
      .key_gradient = ritz_gemm_plan(t, false, true, keys, d, lanes, lanes, d, d)};
  for (int add = 0; add < 2; add++) {
    p.values[add] = ritz_gemm_plan(t, true, add, dv, lanes, keys, dv, lanes, lanes);
    p.query_gradient[add] = ritz_gemm_plan(t, true, add, d, lanes, keys, d, lanes, lanes);
  }
  return p;
}

/* Groups of units cost nothing, or a sum each where queries are shared or score gradients are
 * summed for a bias (then a chunk keeps to one head); parts of a unit take its keys once more each.
 */
static void plan_chunks(ritz_attention_plan *plan) {
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index wanted = s->biases || !s->query.rows ? summed_groups : free_groups;
  plan->outer = s->biases ? s->heads : 1;
  plan->inner = plan->problems * s->heads / plan->outer;
  plan->groups = least(plan->inner, (wanted + plan->outer - 1) / plan->outer);
  if (s->biases) {
    const ritz_index most = most_pairs / (s->heads * s->keys * plan->lanes);
    plan->groups = least(plan->groups, most > 1 ? most : 1);
  }
  const ritz_index chunks = plan->outer * plan->groups;
  plan->parts = least(plan->blocks, (wanted_chunks + chunks - 1) / chunks);
}

/* The next `count` numbers of some memory; base NULL: only counts them. */
typedef struct cursor {
  char *base;
  size_t used, size; /* bytes; of a number */
} cursor;

static void *take(cursor *c, ritz_index count) {
  void *taken = c->base ? c->base + c->used : NULL;
  c->used += ritz_aligned((size_t)count * c->size);
  return taken;
}

static ritz_attention_memory thread_memory(const ritz_attention_plan *plan, void *base) {
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index wider = s->width > s->value_width ? s->width : s->value_width;
  cursor c = {.base = base, .size = ritz_attention_size(plan)};
  ritz_attention_memory m = {.k = take(&c, s->keys * s->width),
                             .v = take(&c, s->keys * s->value_width)};
  m.q = take(&c, block * s->width);
  m.qt = take(&c, block * s->width);
  m.s = take(&c, tile * block);
  m.o = take(&c, block * s->value_width);
  m.rows = take(&c, block * wider);
  m.peak = take(&c, block);
  m.next = take(&c, block);
  m.sum = take(&c, block);
  m.factor = take(&c, block);
  m.gk = take(&c, s->keys * s->width);
  m.gv = take(&c, s->keys * s->value_width);
  m.gout = take(&c, block * s->value_width);
  m.goutt = take(&c, block * s->value_width);
  m.gp = take(&c, tile * block);
  m.gqt = take(&c, block * s->width);
  m.bytes = c.used;
  return m;
}

ritz_attention_plan ritz_attention_make(const ritz_attention_shape *shape) {
  ritz_attention_plan plan = {.shape = *shape, .kernels = ritz_kernels_get(shape->dtype)};
  plan.problems = shape->samples * shape->windows;
  plan.blocks = (shape->queries + block - 1) / block;
  plan.lanes = ritz_padded(shape->queries, ritz_dtype_size(shape->dtype));
  plan_chunks(&plan);
  const ritz_index last = plan.lanes - (plan.blocks - 1) * block, rest = shape->keys % tile;
  for (int b = 0; b < 2; b++)
    for (int t = 0; t < 2; t++)
      plan.products[b][t] = plan_products(shape, b ? last : block, t ? rest : tile);
  plan.thread_bytes = thread_memory(&plan, NULL).bytes;
  return plan;
}

ritz_attention_memory ritz_attention_memory_at(const ritz_attention_run *run, int thread) {
  return thread_memory(run->plan,
                       (char *)run->scratch.threads + (size_t)thread * run->plan->thread_bytes);
}

ritz_attention_scratch ritz_attention_scratch_at(const ritz_attention_plan *plan, bool gradients,
                                                 int threads, void *base) {
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index pairs = s->biases ? s->heads * plan->lanes * s->keys : 0;
  const ritz_index doubles = (ritz_index)(sizeof(double) / ritz_attention_size(plan));
  ritz_attention_scratch out = {0};
  cursor c = {.base = base, .size = ritz_attention_size(plan)};
  out.bias = take(&c, pairs);
  if (gradients) {
    const ritz_index partials =
        plan->parts > 1 ? plan->parts * plan->problems * s->heads * s->keys : 0;
    out.gbias = take(&c, plan->groups * pairs);
    out.gbias_table = take(&c, doubles * s->heads * s->biases);
    out.gq = take(&c, s->query.rows ? 0 : plan->groups * s->queries * s->heads * s->width);
    out.glog_scale = take(&c, doubles * plan->groups * plan->parts * s->heads);
    out.gk = take(&c, partials * s->width);
    out.gv = take(&c, partials * s->value_width);
  }
  out.threads = take(&c, 0);
  out.bytes = c.used + plan->thread_bytes * (size_t)threads;
  return out;
}

size_t ritz_attention_saved_bytes(const ritz_attention_plan *plan) {
  const ritz_attention_shape *s = &plan->shape;
  return (size_t)(2 * plan->problems * s->heads * s->queries) * ritz_attention_size(plan);
}

size_t ritz_attention_scratch_bytes(const ritz_attention_plan *plan, bool gradients, int threads) {
  return ritz_attention_scratch_at(plan, gradients, threads, NULL).bytes;
}

void ritz_attention_each_unit(const ritz_attention_run *run, ritz_index chunk, int thread,
                              ritz_attention_work *work) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_memory memory = ritz_attention_memory_at(run, thread);
  const ritz_index outer = chunk / plan->parts / plan->groups;
  ritz_attention_unit unit = {.part = chunk % plan->parts,
                              .group = chunk / plan->parts % plan->groups};
  const ritz_index end = (unit.group + 1) * plan->inner / plan->groups;
  for (ritz_index i = unit.group * plan->inner / plan->groups; i < end; i++) {
    unit.problem = s->biases ? i : i / s->heads;
    unit.head = s->biases ? outer : i % s->heads;
    unit.sample = unit.problem / s->windows;
    unit.window = unit.problem % s->windows;
    work(run, &unit, &memory);
  }
}
