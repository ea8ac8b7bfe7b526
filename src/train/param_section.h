/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers of a parameter set that some ranks have in common and share out among themselves: each
 * has a part, whole chunks, of which it sums gradients, keeps state and steps.
 *
 * The numbers are runs of the flat array, one of a parameter. In a gradient (ritz_params_parts())
 * they lie side by side; where they do not in the flat array they travel packed, so that a section
 * is always one message. */
#ifndef RITZ_TRAIN_PARAM_SECTION_H
#define RITZ_TRAIN_PARAM_SECTION_H

#include "dist/traffic.h"
#include "graph/params.h"

/** What is stepped by one call. */
typedef struct ritz_chunk {
  ritz_index first, count; /* in the flat array */
  ritz_index place;        /* in the section */
  ritz_index inner;        /* complex: blocks of [2, inner]; 0: real */
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
  ritz_chunk *chunk;
  double *square;   /* [chunks] sums of squares */
  const bool *done; /* [parameters] whose numbers are taken as zeros of a gradient; NULL: none */

  /* Rank r has the numbers from offset[r] on and the chunks from bound[r] on. */
  ritz_index *offset, *bound;
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

/** @return  Numbers [first, first + count) of parameter @p param, all of which it has. */
ritz_chunk ritz_section_piece(const ritz_section *section, int param, ritz_index first,
                              ritz_index count);

/** Chunks of this rank, from *first on. */
ritz_index ritz_section_own(const ritz_section *section, ritz_index *first);

/** Sums over the ranks of the section: each gets the numbers of its part of @p gradient. */
ritz_status ritz_section_sum(ritz_section *section, void *gradient);
/** All ranks of the section get all numbers of @p array. */
ritz_status ritz_section_gather(ritz_section *section, void *array);

/** Sum of squares of all numbers of @p gradient, in the order of the chunks. Collective. */
ritz_status ritz_section_squares(ritz_section *section, int threads, const void *gradient,
                                 double *sum);
/** The first number of the own part that is not finite, by its place in the flat array, and its
 * value; -1: none. */
ritz_index ritz_section_not_finite(ritz_section *section, int threads, const void *gradient,
                                   double *value);

/** State of the numbers of a run to the first rank of the section, which has room for them.
 * Collective. */
ritz_status ritz_section_collect(ritz_section *section, int slot, const ritz_run *run, void *room);
/** The own part of the state of a run, from all of it. */
void ritz_section_set_slot(ritz_section *section, int slot, const ritz_run *run, const void *state);

/** What a sum and a gather send; with @p squares, those too. */
void ritz_section_traffic(const ritz_section *section, bool squares, ritz_traffic *traffic);
/** Bytes of state and of the room for what travels. */
size_t ritz_section_memory(const ritz_section *section);

#endif
