/* SPDX-License-Identifier: BSD-3-Clause
 * Attention forward: one sweep over the keys for each block of queries. */
#include "core/threads.h"
#include "kernels/attention_plan.h"

/* Weighted values of a block in m->o, its peaks in m->peak, its sums in m->sum. */
static void sweep_keys(const ritz_attention_run *run, const ritz_attention_unit *unit,
                       const ritz_attention_span *span, ritz_index block,
                       const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_kernels *k = plan->kernels;
  for (ritz_index first = 0; first < s->keys; first += ritz_attention_tile) {
    const ritz_index left = s->keys - first;
    const ritz_index keys = left < ritz_attention_tile ? left : ritz_attention_tile;
    ritz_attention_take_scores(run, unit, span, block, first, keys, m);
    k->attention_peak(keys, span->lanes, m->s, first ? m->peak : NULL, m->next);
    k->attention_renew(span->lanes, m->next, first == 0, m->peak, m->sum, m->factor);
    if (first) k->row_scale(s->value_width, span->lanes, m->o, m->factor, m->o, false);
    k->attention_weights(keys, span->lanes, m->peak, m->s, m->sum);
    ritz_gemm_run(&plan->products[span->last][keys != ritz_attention_tile].values[first > 0],
                  ritz_attention_at(plan, m->v, first * s->value_width), m->s, m->o);
  }
}

static void forward_unit(const ritz_attention_run *run, const ritz_attention_unit *unit,
                         const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_kernels *k = plan->kernels;
  ritz_index end;
  ritz_attention_take_keys(run, unit, m);
  for (ritz_index b = ritz_attention_first_block(plan, unit, &end); b < end; b++) {
    const ritz_attention_span span = ritz_attention_block_at(plan, b);
    ritz_attention_take_queries(run, unit, &span, m);
    sweep_keys(run, unit, &span, b, m);
    k->attention_invert(span.lanes, m->sum, m->factor);
    k->row_scale(s->value_width, span.lanes, m->o, m->factor, m->o, false);
    k->mode_transpose(s->value_width, span.lanes, m->o, m->rows);
    ritz_attention_scatter(plan, &(ritz_token_map){s->queries * s->windows, s->query.row}, unit,
                           s->queries, span.first, span.count, s->value_width, m->rows,
                           run->fields->out, false);
    k->scale(span.count, 1, m->peak, ritz_attention_saved_at(run, unit, span.first, false), false);
    k->scale(span.count, 1, m->factor, ritz_attention_saved_at(run, unit, span.first, true), false);
  }
}

static void forward_task(void *arg, ritz_index chunk, int thread) {
  ritz_attention_each_unit(arg, chunk, thread, forward_unit);
}

void ritz_attention_forward(const ritz_attention_plan *plan, const ritz_attention_fields *fields,
                            void *scratch, int threads) {
  ritz_attention_run run = {plan, fields, ritz_attention_scratch_at(plan, false, threads, scratch)};
  ritz_attention_expand_bias(&run, threads);
  ritz_parallel(threads, ritz_attention_chunks(plan), forward_task, &run);
}
