/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers of a parameter set that some ranks have in common and share out among themselves: each
 * has a part, whole chunks, of which it sums gradients, keeps state and steps.
 *
 * A large section is cut into buckets, of each of which every rank has a slice: the gradients of a
 * bucket are summed while those before it are still computed. The last numbers come first, since
 * the backward pass finishes them first. Buckets, like slices, are a function of the parameters and
 * the number of ranks alone: never of the plan, which may differ where ranks have other shares of a
 * batch or of a grid.
 *
 * The numbers are runs of the flat array, one of a parameter. In a gradient (ritz_params_parts())
 * they lie side by side; where they do not in the flat array they travel packed, so that a section
 * is always one message. */
#ifndef RITZ_TRAIN_PARAM_SECTION_H
#define RITZ_TRAIN_PARAM_SECTION_H

#include "core/dtype.h"
#include "dist/buckets.h"
#include "graph/params.h"

/** What is stepped by one call. */
typedef struct ritz_chunk {
  ritz_index first, count; /* in the flat array */
  ritz_index place;        /* in the section */
  ritz_index inner;        /* complex: blocks of [2, inner]; 0: real */
  ritz_index held;         /* own ones: in the state */
  int param;
} ritz_chunk;

/** Numbers of parameter `param`, some or all. */
typedef struct ritz_run {
  int param;
  ritz_index first, count; /* in the flat array */
  ritz_index place;        /* in the section */
} ritz_run;

typedef struct ritz_section {
  ritz_params *params;
  ritz_comm *comm;         /* of the ranks that share it out; NULL: one */
  ritz_index base, length; /* where it begins in a gradient; numbers, padding included */
  int runs;
  ritz_run *run; /* ascending */
  void *packed;  /* [length]; NULL: the numbers lie side by side, or need not travel */
  ritz_index chunks;
  ritz_chunk *chunk;  /* by rank and then by place; rank r has those from bound[r] on */
  ritz_index *bound;  /* [ranks + 1] */
  ritz_index *sorted; /* [chunks] which chunk is the next by place */
  double *square;     /* [chunks] sums of squares */
  const bool *done;   /* [parameters] whose numbers are taken as zeros of a gradient; NULL: none */

  /* Of bucket b rank r has the numbers [offset[b][r], offset[b][r + 1]); bucket 0 is at the end. */
  int buckets;
  ritz_index *offset;   /* [buckets][ranks + 1] */
  ritz_index *held;     /* [buckets] own numbers of those before: where they are in the state */
  ritz_buckets *moving; /* NULL: one bucket, summed when all of it is there */
  void *summed;         /* the gradient whose sum is under way */
  int slots;
  void *slot[2]; /* state of the own numbers */
} ritz_section;

/** A section of the numbers [base, end) of a gradient, empty. @param params  Borrowed, as is @p
 * comm. */
ritz_status ritz_section_init(ritz_section *section, ritz_params *params, ritz_comm *comm,
                              ritz_index base, ritz_index end);
void ritz_section_clear(ritz_section *section);

/** Adds what it has of parameter @p param, behind all that is there. */
void ritz_section_add(ritz_section *section, int param, const ritz_param_part *part);

/** @return  What it has of parameter @p param, which was added. */
const ritz_run *ritz_section_run(const ritz_section *section, int param);

/** Deals out what was added, in chunks of about @p chunk numbers; @p slots arrays of state. */
ritz_status ritz_section_deal_out(ritz_section *section, ritz_index chunk, int slots);

/** @return  Bytes of a number. */
static inline ritz_index ritz_section_number(const ritz_section *section) {
  return (ritz_index)ritz_dtype_size(ritz_params_dtype(section->params));
}

/** @return  The first number of the slice of a bucket that rank @p rank has; @p end: behind it. */
static inline ritz_index ritz_section_slice(const ritz_section *section, int bucket, int rank,
                                            ritz_index *end) {
  const ritz_index row = (ritz_index)bucket * (ritz_comm_size(section->comm) + 1);
  *end = section->offset[row + rank + 1];
  return section->offset[row + rank];
}

/** @return  Numbers [first, first + count) of parameter @p param, of a section that one rank has
 * alone. */
ritz_chunk ritz_section_piece(const ritz_section *section, int param, ritz_index first,
                              ritz_index count);

/** Chunks of this rank, from *first on. */
ritz_index ritz_section_own(const ritz_section *section, ritz_index *first);

/** Begins to sum over the ranks of the section: each gets the numbers of its part of @p gradient.
 * In between buckets start as soon as the backward pass has done @p steps steps, after which
 * final[i] <= steps tells that the gradient of parameter i is there (ritz_plan_final_steps()). The
 * end waits for all; it is collective. */
void ritz_section_begin_sum(ritz_section *section, void *gradient);
void ritz_section_go_on(ritz_section *section, const int *final, int steps);
ritz_status ritz_section_finish_sum(ritz_section *section);
/** All ranks of the section get all numbers of @p array. */
ritz_status ritz_section_gather(ritz_section *section, void *array);

/** Sum of squares of all numbers of @p gradient, in the order of the chunks. Collective. */
ritz_status ritz_section_squares(ritz_section *section, int threads, const void *gradient,
                                 double *sum);
/** The first number of the own part that is not finite, by its place in the flat array, and its
 * value; -1: none. */
ritz_index ritz_section_not_finite(ritz_section *section, int threads, const void *gradient,
                                   double *value);

/** @return  State that this rank has of a run in one bucket, that of numbers [*first, *end) of the
 * section; NULL: none. */
char *ritz_section_state(const ritz_section *section, int slot, const ritz_run *run, int bucket,
                         ritz_index *first, ritz_index *end);
/** State of the numbers of a run to the first rank of the section, which has room for them.
 * Collective. */
ritz_status ritz_section_collect(ritz_section *section, int slot, const ritz_run *run, void *room);
/** As ritz_optimizer_shadow(); a bucket at a time. */
double ritz_section_shadow(const ritz_section *section, ritz_network network, const int *final,
                           int steps, const double *done);

/** What a sum and a gather send; with @p squares, those too. */
void ritz_section_traffic(const ritz_section *section, bool squares, ritz_traffic *traffic);
/** Bytes of state and of the room for what travels. */
size_t ritz_section_memory(const ritz_section *section);

#endif
