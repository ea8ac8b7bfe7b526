/* SPDX-License-Identifier: BSD-3-Clause
 * Tokens of a unit, out of the fields and back, and the scores of a block. */
#include "kernels/attention_plan.h"

#include <math.h>
#include <string.h>

/* First number of a unit's head in the rows of its sample (or, without a list of rows, window). */
static char *start_of(const ritz_attention_plan *plan, const ritz_token_map *map,
                      const ritz_attention_unit *unit, ritz_index tokens, ritz_index first,
                      ritz_index width, const void *field) {
  ritz_index row = map->row ? 0 : first;
  if (map->rows) row += unit->sample * map->rows + (map->row ? 0 : unit->window * tokens);
  return ritz_attention_at(plan, field, (row * plan->shape.heads + unit->head) * width);
}

void ritz_attention_gather(const ritz_attention_plan *plan, const ritz_token_map *map,
                           const ritz_attention_unit *unit, ritz_index tokens, ritz_index first,
                           ritz_index count, ritz_index width, const void *field, void *rows) {
  const void *start = start_of(plan, map, unit, tokens, first, width, field);
  const ritz_index distance = plan->shape.heads * width;
  if (map->row)
    plan->kernels->rows_gather(count, width, start, distance,
                               map->row + unit->window * tokens + first, rows);
  else
    plan->kernels->row_copy(count, width, start, distance, rows, width, false);
}

void ritz_attention_scatter(const ritz_attention_plan *plan, const ritz_token_map *map,
                            const ritz_attention_unit *unit, ritz_index tokens, ritz_index first,
                            ritz_index count, ritz_index width, const void *rows, void *field,
                            bool add) {
  void *start = start_of(plan, map, unit, tokens, first, width, field);
  const ritz_index distance = plan->shape.heads * width;
  if (map->row)
    plan->kernels->rows_scatter(count, width, rows, map->row + unit->window * tokens + first, start,
                                distance, add);
  else
    plan->kernels->row_copy(count, width, rows, width, start, distance, add);
}

double ritz_attention_factor(const ritz_attention_run *run, ritz_index head) {
  const ritz_attention_shape *s = &run->plan->shape;
  if (!s->cosine) return s->scale;
  return exp(
      fmin(ritz_number_get(s->dtype, run->fields->log_scale, head), RITZ_ATTENTION_MOST_LOG_SCALE));
}

void *ritz_attention_saved_at(const ritz_attention_run *run, const ritz_attention_unit *unit,
                              ritz_index first, bool inverse_sum) {
  const ritz_attention_shape *s = &run->plan->shape;
  const ritz_index row = 2 * (unit->problem * s->heads + unit->head) + inverse_sum;
  return ritz_attention_at(run->plan, run->fields->saved, row * s->queries + first);
}

void ritz_attention_take_keys(const ritz_attention_run *run, const ritz_attention_unit *unit,
                              const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  ritz_attention_gather(plan, &s->key, unit, s->keys, 0, s->keys, s->width, run->fields->k, m->k);
  ritz_attention_gather(plan, &s->key, unit, s->keys, 0, s->keys, s->value_width, run->fields->v,
                        m->v);
  if (s->cosine)
    plan->kernels->row_normalize(s->keys, s->width, RITZ_ATTENTION_LEAST_NORM, 1, m->k, m->k);
}

void ritz_attention_take_queries(const ritz_attention_run *run, const ritz_attention_unit *unit,
                                 const ritz_attention_span *span, const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const double factor = ritz_attention_factor(run, unit->head);
  ritz_attention_gather(plan, &s->query, unit, s->queries, span->first, span->count, s->width,
                        run->fields->q, m->q);
  if (s->cosine)
    plan->kernels->row_normalize(span->count, s->width, RITZ_ATTENTION_LEAST_NORM, factor, m->q,
                                 m->q);
  else
    plan->kernels->scale(span->count * s->width, factor, m->q, m->q, false);
  memset(ritz_attention_at(plan, m->q, span->count * s->width), 0,
         (size_t)((span->lanes - span->count) * s->width) * ritz_attention_size(plan));
  plan->kernels->mode_transpose(span->lanes, s->width, m->q, m->qt);
}

void ritz_attention_take_scores(const ritz_attention_run *run, const ritz_attention_unit *unit,
                                const ritz_attention_span *span, ritz_index block, ritz_index first,
                                ritz_index keys, const ritz_attention_memory *m) {
  const ritz_attention_plan *plan = run->plan;
  const ritz_attention_shape *s = &plan->shape;
  const ritz_attention_products *products =
      &plan->products[span->last][keys != ritz_attention_tile];
  ritz_gemm_run(&products->scores, ritz_attention_at(plan, m->k, first * s->width), m->qt, m->s);
  if (s->biases) {
    const ritz_index pair = ritz_attention_pair(plan, unit->head, block) + first * span->lanes;
    plan->kernels->add(keys * span->lanes, ritz_attention_at(plan, run->scratch.bias, pair), m->s,
                       m->s);
  }
  if (s->label && s->mixed[unit->window]) {
    const int *label = s->label + unit->window * s->keys;
    plan->kernels->attention_mask(keys, span->lanes, span->count, label + first,
                                  label + span->first, m->s);
  }
}
