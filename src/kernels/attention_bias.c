/* SPDX-License-Identifier: BSD-3-Clause
 * The bias of each pair of query and key, from a table [biases, heads], and back. */
#include <string.h>

#include "core/threads.h"
#include "kernels/attention_plan.h"

/* Task `index`: one block of queries of one head. */
static void expand_task(void *arg, ritz_index index, int thread) {
  const ritz_attention_run *run = arg;
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index head = index / plan->blocks, block = index % plan->blocks;
  const ritz_attention_span span = ritz_attention_block_at(plan, block);
  const void *table = ritz_attention_at(plan, run->fields->bias, head);
  for (ritz_index key = 0; key < s->keys; key++) {
    void *out = ritz_attention_at(plan, run->scratch.bias,
                                  ritz_attention_pair(plan, head, block) + key * span.lanes);
    plan->kernels->table_gather(span.count, s->bias_row + key * s->queries + span.first, table,
                                s->heads, out);
    memset(ritz_attention_at(plan, out, span.count), 0,
           (size_t)(span.lanes - span.count) * ritz_attention_size(plan));
  }
}

void ritz_attention_expand_bias(ritz_attention_run *run, int threads) {
  if (run->plan->shape.biases)
    ritz_parallel(threads, run->plan->shape.heads * run->plan->blocks, expand_task, run);
}

static void fold_task(void *arg, ritz_index head, int thread) {
  const ritz_attention_run *run = arg;
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_fields *f = run->fields;
  const ritz_index count = plan->lanes * s->keys;
  void *pairs = ritz_attention_at(plan, run->scratch.gbias, head * count);
  for (ritz_index g = 1; g < plan->groups; g++)
    plan->kernels->add(count, ritz_attention_at(plan, pairs, g * s->heads * count), pairs, pairs);
  double *table = run->scratch.gbias_table + head * s->biases;
  for (ritz_index b = 0; b < plan->blocks; b++) {
    const ritz_attention_span span = ritz_attention_block_at(plan, b);
    const void *at = ritz_attention_at(plan, pairs, span.first * s->keys);
    for (ritz_index key = 0; key < s->keys; key++)
      plan->kernels->table_scatter(span.count, s->bias_row + key * s->queries + span.first,
                                   ritz_attention_at(plan, at, key * span.lanes), table);
  }
  for (ritz_index i = 0; i < s->biases; i++) {
    const ritz_index number = i * s->heads + head;
    const double before = f->add_bias ? ritz_number_get(s->dtype, f->gbias, number) : 0;
    ritz_number_set(s->dtype, f->gbias, number, before + table[i]);
  }
}

void ritz_attention_fold_bias(ritz_attention_run *run, int threads) {
  ritz_parallel(threads, run->plan->shape.heads, fold_task, run);
}
