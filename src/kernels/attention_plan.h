/* SPDX-License-Identifier: BSD-3-Clause
 * What both directions of attention share. */
#ifndef RITZ_KERNELS_ATTENTION_PLAN_H
#define RITZ_KERNELS_ATTENTION_PLAN_H

#include "kernels/attention.h"

enum {
  ritz_attention_block = 64, /* queries of a block */
  ritz_attention_tile = 64   /* keys of a tile */
};

/** Shorter rows of q and k are divided by this instead of their length. */
#define RITZ_ATTENTION_LEAST_NORM 1e-12
/** log 100. Liu et al. 2022, arXiv:2111.09883, Sec. 3.2. */
#define RITZ_ATTENTION_MOST_LOG_SCALE 4.605170185988091368

/** Working memory of a thread, [..] numbers each. */
typedef struct ritz_attention_memory {
  void *k, *v;             /* [keys, width], [keys, value_width] of a unit */
  void *q, *qt;            /* [lanes, width] scaled, and transposed */
  void *s;                 /* [tile, lanes] */
  void *o, *rows;          /* [value_width, lanes]; [lanes, either width] */
  void *peak, *next, *sum; /* [lanes] */
  void *factor;            /* [lanes] */
  void *gk, *gv;           /* gradients only, like k and v */
  void *gout, *goutt;      /* like rows and o */
  void *gp, *gqt;          /* like s; [width, lanes] */
  size_t bytes;            /* of all */
} ritz_attention_memory;

/** Scratch of a run: shared arrays, then each thread's memory. */
typedef struct ritz_attention_scratch {
  void *bias;          /* [heads][keys x lanes]: the bias of each pair, block by block */
  void *gbias;         /* [groups] of the same: summed score gradients */
  double *gbias_table; /* [heads][biases] */
  void *gq;            /* [groups][queries, heads width]: shared queries */
  double *glog_scale;  /* [groups][parts][heads] */
  void *gk, *gv;       /* [parts][units][keys, width or value_width], parts > 1 */
  void *threads;
  size_t bytes; /* of all */
} ritz_attention_scratch;

/** A run in progress, the argument of tasks. */
typedef struct ritz_attention_run {
  const ritz_attention_plan *plan;
  const ritz_attention_fields *fields;
  ritz_attention_scratch scratch;
} ritz_attention_run;

/** A part of a unit. */
typedef struct ritz_attention_unit {
  ritz_index problem, head, window, sample;
  ritz_index group, part;
} ritz_attention_unit;

ritz_attention_scratch ritz_attention_scratch_at(const ritz_attention_plan *plan, bool gradients,
                                                 int threads, void *base);
ritz_attention_memory ritz_attention_memory_at(const ritz_attention_run *run, int thread);

static inline ritz_index ritz_attention_chunks(const ritz_attention_plan *plan) {
  return plan->outer * plan->groups * plan->parts;
}

/** Calls @p work for each unit of a chunk. */
typedef void ritz_attention_work(const ritz_attention_run *run, const ritz_attention_unit *unit,
                                 const ritz_attention_memory *memory);
void ritz_attention_each_unit(const ritz_attention_run *run, ritz_index chunk, int thread,
                              ritz_attention_work *work);

/** Blocks of @p unit: first to before *end. */
static inline ritz_index ritz_attention_first_block(const ritz_attention_plan *plan,
                                                    const ritz_attention_unit *unit,
                                                    ritz_index *end) {
  *end = (unit->part + 1) * plan->blocks / plan->parts;
  return unit->part * plan->blocks / plan->parts;
}

/** One block of queries. */
typedef struct ritz_attention_span {
  ritz_index first, count; /* queries */
  ritz_index lanes;        /* count, padded */
  bool last;
} ritz_attention_span;
ritz_attention_span ritz_attention_block_at(const ritz_attention_plan *plan, ritz_index block);

/** Keys and values of a unit, keys normalised if the shape asks for it. */
void ritz_attention_take_keys(const ritz_attention_run *run, const ritz_attention_unit *unit,
                              const ritz_attention_memory *m);
/** Scaled queries of a block in m->q and m->qt; zeros in padded lanes. */
void ritz_attention_take_queries(const ritz_attention_run *run, const ritz_attention_unit *unit,
                                 const ritz_attention_span *span, const ritz_attention_memory *m);
/** Scores of a block with @p keys keys from @p first on, bias and mask included, into m->s. */
void ritz_attention_take_scores(const ritz_attention_run *run, const ritz_attention_unit *unit,
                                const ritz_attention_span *span, ritz_index block, ritz_index first,
                                ritz_index keys, const ritz_attention_memory *m);

/** Rows of a unit's tokens in a field with rows of `heads * width` numbers, in and out. */
void ritz_attention_gather(const ritz_attention_plan *plan, const ritz_token_map *map,
                           const ritz_attention_unit *unit, ritz_index tokens, ritz_index first,
                           ritz_index count, ritz_index width, const void *field, void *rows);
void ritz_attention_scatter(const ritz_attention_plan *plan, const ritz_token_map *map,
                            const ritz_attention_unit *unit, ritz_index tokens, ritz_index first,
                            ritz_index count, ritz_index width, const void *rows, void *field,
                            bool add);

/** Factor of q . k for a head. */
double ritz_attention_factor(const ritz_attention_run *run, ritz_index head);

/** Saved peak and inverse sum of a unit's queries from @p first on. */
void *ritz_attention_saved_at(const ritz_attention_run *run, const ritz_attention_unit *unit,
                              ritz_index first, bool inverse_sum);

/** The bias of every pair from its table, and the table's gradient from that of the pairs. */
void ritz_attention_expand_bias(ritz_attention_run *run, int threads);
void ritz_attention_fold_bias(ritz_attention_run *run, int threads);
/** Number of a bias or score gradient: pair (0, first query of @p block) of @p head. */
static inline ritz_index ritz_attention_pair(const ritz_attention_plan *plan, ritz_index head,
                                             ritz_index block) {
  return (head * plan->lanes + block * ritz_attention_block) * plan->shape.keys;
}

static inline size_t ritz_attention_size(const ritz_attention_plan *plan) {
  return ritz_dtype_size(plan->shape.dtype);
}
static inline void *ritz_attention_at(const ritz_attention_plan *plan, const void *array,
                                      ritz_index number) {
  return (char *)array + number * (ritz_index)ritz_attention_size(plan);
}

#endif
