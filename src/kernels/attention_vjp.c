/* SPDX-License-Identifier: BSD-3-Clause
 * Gradient of attention. With p the weights and g the gradient of out:
 *
 *   gp_ij = g_i . v_j,   gs_ij = p_ij (gp_ij - g_i . out_i),
 *   gv_j = sum over i of p_ij g_i,   gq_i = scale sum over j of gs_ij k_j,   gk_j likewise,
 *
 * and gs itself is the gradient of the bias. Normalised q and k, q the scaled one, add that of
 * log_scale: the sum of gs_ij s_ij = q_i . gq_i. */
#include <string.h>

#include "core/threads.h"
#include "kernels/attention_plan.h"

static ritz_token_map out_map(const ritz_attention_shape *s) {
  return (ritz_token_map){s->queries * s->windows, s->query.row};
}

/* Of a block: g and its transpose, g . out in m->sum, saved peaks and sums. Zeros in padded lanes.
 */
static void take_cotangent(const ritz_attention_run *run, const ritz_attention_unit *unit,
                           const ritz_attention_span *span, const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_kernels *k = plan->kernels;
  const ritz_token_map map = out_map(s);
  const size_t size = ritz_attention_size(plan),
               padded = (size_t)(span->lanes - span->count) * size;
  ritz_attention_gather(plan, &map, unit, s->queries, span->first, span->count, s->value_width,
                        run->fields->out, m->rows);
  ritz_attention_gather(plan, &map, unit, s->queries, span->first, span->count, s->value_width,
                        run->fields->gout, m->gout);
  memset(ritz_attention_at(plan, m->gout, span->count * s->value_width), 0,
         padded * (size_t)s->value_width);
  k->rows_inner(span->count, s->value_width, m->rows, m->gout, m->sum);
  k->mode_transpose(span->lanes, s->value_width, m->gout, m->goutt);
  k->scale(span->count, 1, ritz_attention_saved_at(run, unit, span->first, false), m->peak, false);
  k->scale(span->count, 1, ritz_attention_saved_at(run, unit, span->first, true), m->factor, false);
  memset(ritz_attention_at(plan, m->sum, span->count), 0, padded);
  memset(ritz_attention_at(plan, m->peak, span->count), 0, padded);
  memset(ritz_attention_at(plan, m->factor, span->count), 0, padded);
}

/* Adds a block's share to gk and gv [keys, ..]; leaves its gq^T in m->gqt. */
static void sweep_keys(const ritz_attention_run *run, const ritz_attention_unit *unit,
                       const ritz_attention_span *span, ritz_index block, void *gk, void *gv,
                       const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_kernels *k = plan->kernels;
  const ritz_index pairs = s->heads * plan->lanes * s->keys;
  for (ritz_index first = 0; first < s->keys; first += ritz_attention_tile) {
    const ritz_index left = s->keys - first;
    const ritz_index keys = left < ritz_attention_tile ? left : ritz_attention_tile;
    const ritz_index key = first * s->width, value = first * s->value_width;
    const ritz_attention_products *products =
        &plan->products[span->last][keys != ritz_attention_tile];
    ritz_attention_take_scores(run, unit, span, block, first, keys, m);
    ritz_gemm_run(&products->weights, ritz_attention_at(plan, m->v, value), m->goutt, m->gp);
    k->attention_vjp(keys, span->lanes, m->peak, m->factor, m->sum, m->s, m->gp);
    if (run->fields->gbias) {
      const ritz_index pair = unit->group * pairs + ritz_attention_pair(plan, unit->head, block);
      void *sum = ritz_attention_at(plan, run->scratch.gbias, pair + first * span->lanes);
      k->add(keys * span->lanes, m->gp, sum, sum);
    }
    ritz_gemm_run(&products->value_gradient, m->s, m->gout, ritz_attention_at(plan, gv, value));
    ritz_gemm_run(&products->key_gradient, m->gp, m->q, ritz_attention_at(plan, gk, key));
    ritz_gemm_run(&products->query_gradient[first > 0], ritz_attention_at(plan, m->k, key), m->gp,
                  m->gqt);
  }
}

/* From the gradient of scaled queries, m->gqt, to that of q and of log_scale. */
static void store_queries(const ritz_attention_run *run, const ritz_attention_unit *unit,
                          const ritz_attention_span *span, const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_fields *f = run->fields;
  const ritz_kernels *k = plan->kernels;
  const ritz_index count = span->count;
  const double factor = ritz_attention_factor(run, unit->head);
  k->mode_transpose(s->width, span->lanes, m->gqt, m->rows);
  if (s->cosine) {
    double sum;
    k->dot(count * s->width, m->q, m->rows, &sum);
    run->scratch.glog_scale[(unit->group * plan->parts + unit->part) * s->heads + unit->head] +=
        sum;
    ritz_attention_gather(plan, &s->query, unit, s->queries, span->first, count, s->width, f->q,
                          m->q);
    k->row_normalize_vjp(count, s->width, RITZ_ATTENTION_LEAST_NORM, factor, m->q, m->rows,
                         m->rows);
  } else {
    k->scale(count * s->width, factor, m->rows, m->rows, false);
  }
  if (!f->gq) return;
  const ritz_index shared = unit->group * s->queries * s->heads * s->width;
  void *field = s->query.rows ? f->gq : ritz_attention_at(plan, run->scratch.gq, shared);
  ritz_attention_scatter(plan, &s->query, unit, s->queries, span->first, count, s->width, m->rows,
                         field, s->query.rows ? f->add_q : true);
}

static void store_keys(const ritz_attention_run *run, const ritz_attention_unit *unit, void *gk,
                       void *gv, const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_fields *f = run->fields;
  if (f->gk && s->cosine) {
    ritz_attention_gather(plan, &s->key, unit, s->keys, 0, s->keys, s->width, f->k, m->k);
    plan->kernels->row_normalize_vjp(s->keys, s->width, RITZ_ATTENTION_LEAST_NORM, 1, m->k, gk, gk);
  }
  if (f->gk)
    ritz_attention_scatter(plan, &s->key, unit, s->keys, 0, s->keys, s->width, gk, f->gk, f->add_k);
  if (f->gv)
    ritz_attention_scatter(plan, &s->key, unit, s->keys, 0, s->keys, s->value_width, gv, f->gv,
                           f->add_v);
}

/* Partial gradient of a unit's keys (values) for query part `part`. */
static void *partial(const ritz_attention_run *run, const ritz_attention_unit *unit,
                     ritz_index part, void *partials, ritz_index width) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index number = (part * plan->problems + unit->problem) * s->heads + unit->head;
  return ritz_attention_at(plan, partials, number * s->keys * width);
}

static void vjp_unit(const ritz_attention_run *run, const ritz_attention_unit *unit,
                     const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const size_t size = ritz_attention_size(plan);
  void *gk = m->gk, *gv = m->gv;
  ritz_index end;
  if (plan->parts > 1) {
    gk = partial(run, unit, unit->part, run->scratch.gk, s->width);
    gv = partial(run, unit, unit->part, run->scratch.gv, s->value_width);
  }
  memset(gk, 0, (size_t)(s->keys * s->width) * size);
  memset(gv, 0, (size_t)(s->keys * s->value_width) * size);
  ritz_attention_take_keys(run, unit, m);
  for (ritz_index b = ritz_attention_first_block(plan, unit, &end); b < end; b++) {
    const ritz_attention_span span = ritz_attention_block_at(plan, b);
    ritz_attention_take_queries(run, unit, &span, m);
    take_cotangent(run, unit, &span, m);
    sweep_keys(run, unit, &span, b, gk, gv, m);
    store_queries(run, unit, &span, m);
  }
  if (plan->parts == 1) store_keys(run, unit, gk, gv, m);
}

static void vjp_task(void *arg, ritz_index chunk, int thread) {
  ritz_attention_each_unit(arg, chunk, thread, vjp_unit);
}

/* Sums over the query parts of unit `index`, in their order. */
static void sum_parts_task(void *arg, ritz_index index, int thread) {
  const ritz_attention_run *run = arg;
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_memory m = ritz_attention_memory_at(run, thread);
  ritz_attention_unit unit = {.problem = index / s->heads, .head = index % s->heads};
  unit.sample = unit.problem / s->windows;
  unit.window = unit.problem % s->windows;
  void *gk = partial(run, &unit, 0, run->scratch.gk, s->width);
  void *gv = partial(run, &unit, 0, run->scratch.gv, s->value_width);
  for (ritz_index part = 1; part < plan->parts; part++) {
    plan->kernels->add(s->keys * s->width, partial(run, &unit, part, run->scratch.gk, s->width), gk,
                       gk);
    plan->kernels->add(s->keys * s->value_width,
                       partial(run, &unit, part, run->scratch.gv, s->value_width), gv, gv);
  }
  store_keys(run, &unit, gk, gv, &m);
}

static void sum_shared_queries(const ritz_attention_run *run) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_index count = s->queries * s->heads * s->width;
  if (!run->fields->add_q) memset(run->fields->gq, 0, (size_t)count * ritz_attention_size(plan));
  plan->kernels->row_sum(plan->groups, count, run->scratch.gq, run->fields->gq);
}

/* The scale stops at exp(log_scale) = 100, and so does its gradient. */
static void sum_log_scale(const ritz_attention_run *run) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_fields *f = run->fields;
  for (ritz_index h = 0; h < s->heads; h++) {
    double sum = f->add_log_scale ? ritz_number_get(s->dtype, f->glog_scale, h) : 0;
    const bool free = ritz_number_get(s->dtype, f->log_scale, h) <= RITZ_ATTENTION_MOST_LOG_SCALE;
    for (ritz_index i = 0; free && i < plan->groups * plan->parts; i++)
      sum += run->scratch.glog_scale[i * s->heads + h];
    ritz_number_set(s->dtype, f->glog_scale, h, sum);
  }
}

void ritz_attention_vjp(const ritz_attention_plan *plan, const ritz_attention_fields *fields,
                        void *scratch, int threads) {
  const ritz_attention_shape *s = &plan->shape;
  ritz_attention_run run = {plan, fields, ritz_attention_scratch_at(plan, true, threads, scratch)};
  memset(run.scratch.gbias, 0,
         (size_t)((char *)run.scratch.gk - (char *)run.scratch.gbias)); /* all sums between */
  ritz_attention_expand_bias(&run, threads);
  ritz_parallel(threads, ritz_attention_chunks(plan), vjp_task, &run);
  if (plan->parts > 1) ritz_parallel(threads, plan->problems * s->heads, sum_parts_task, &run);
  if (fields->gq && !s->query.rows) sum_shared_queries(&run);
  if (fields->gbias) ritz_attention_fold_bias(&run, threads);
  if (fields->glog_scale) sum_log_scale(&run);
}
