/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a plan: steps in order, buffers in one block. */
#ifndef RITZ_GRAPH_PLAN_H
#define RITZ_GRAPH_PLAN_H

#include "graph/op.h"

/** A whole buffer that a tiled step reads or writes; tiles of it are fetched ahead. */
typedef struct ritz_stream {
  const char *base;
  size_t row;    /* bytes */
  bool unscaled; /* with a turn: a gradient that wants the factor of its sample */
} ritz_stream;

/** Where an operand of a row op lies while the tiles go by. */
typedef struct ritz_spot {
  enum {
    RITZ_AT_NOTHING, /* there is none */
    RITZ_AT_FIELD,   /* in a whole field, or a parameter */
    RITZ_AT_MEMORY,  /* in the thread's tile memory: one tile, or the rows of a group */
    RITZ_AT_PARTIAL  /* among the chunk's partial gradients of parameters */
  } at;
  char *base;    /* the field's first row */
  size_t offset; /* bytes into the memory or the gradients */
  size_t row;    /* bytes between rows; 0: the same place for all tiles */
} ritz_spot;

/** One run of an op per tile. */
typedef struct ritz_row_call {
  const ritz_node *node;
  void (*run)(const ritz_node *node, const ritz_tile *tile); /* NULL: the turn */
  ritz_spot in[RITZ_MAX_INPUTS], out, gout, gin[RITZ_MAX_INPUTS];
  bool add[RITZ_MAX_INPUTS];
} ritz_row_call;

/** A chain of row ops, or one other op, with the fetch whose halo it meets. Forward steps come
 * first; step f runs backward as step 2 F - 1 - f. */
typedef struct ritz_step {
  bool backward, tiled;
  bool merged;      /* into the step with the turn: nothing left to do */
  ritz_node *turn;  /* forward and backward at once, with the op behind the chain; or NULL */
  int first, count; /* its nodes are order[first ... first + count), in forward order */
  ritz_index rows;  /* tiled: rows of every operand, ... */
  ritz_index part;  /* ... in parts (samples, or one of all rows) that share no chunk, ... */
  ritz_index chunk; /* ... cut into chunks of this many rows */
  ritz_index chunks, chunks_per_part;
  ritz_index group;         /* rows that pass the chain together: whole lines, or one tile */
  ritz_index line;          /* points of a line, with ends attached */
  ritz_node *gives, *takes; /* attached: whose lines come in first and go out last; may be NULL */
  bool by_sample;           /* a thread does a part as a whole, with the sample's end work */
  /* by_sample: lines whose rows are there at a time, 0 for all, and offsets in a thread's tile
   * memory of those rows and of what slabs come from or become */
  ritz_index give_slab, take_slab;
  size_t give_rows, take_rows, give_units, take_units;
  size_t tile_scratch; /* where a thread's tile memory is free for the op that runs */
  ritz_index partial;  /* backward: numbers of parameter gradients of one chunk */
  void *partials;      /* [chunks + 1, partial]; the last row is their sum */
  double *sums;        /* [chunks, turn->sums] */
  int streams, calls;
  ritz_stream *stream;    /* tiled */
  ritz_row_call *call;    /* tiled: forward, the turn, recomputed, backward */
  ritz_spot given, taken; /* the fields whose lines come in and go out */
} ritz_step;

/** What is still to be fetched of a tile while the one before it is worked on; none: no rows. */
typedef struct ritz_ahead {
  const ritz_step *step;
  ritz_index first, rows; /* of the tile */
  int stream;             /* up to here all is fetched, ... */
  size_t done;            /* ... and so many bytes of this one */
} ritz_ahead;

struct ritz_plan {
  ritz_graph *graph;
  ritz_plan_options options;
  bool outline;        /* to be asked and not to be run: without memory */
  ritz_params *params; /* the one set the graph uses; NULL without parameters */
  int outputs;
  ritz_node **output;
  ritz_node *target; /* what is differentiated: the last output */

  ritz_node **order; /* needed op nodes, forward order */
  int ordered;
  ritz_step *step;
  int forward_steps, steps;
  int turn; /* the step with the turn, or -1 */

  void *block; /* every buffer and the scratch of every step */
  size_t block_bytes;
  void *tiles; /* [threads][tile_bytes] */
  size_t tile_bytes;
  ritz_index *shares;    /* [parameters], ritz_plan_shares() */
  int *final;            /* [parameters], ritz_plan_final_steps() */
  bool *streamed;        /* [parameters], ritz_plan_streamed() */
  ritz_param_part *part; /* [parameters], of the gradient */
  void *gradient;
  size_t gradient_bytes;
  double forward_flops, backward_flops;
};

/** As ritz_graph_plan(), but takes no memory for values and gradients, however large: the plan
 * tells what it would hold, compute and send, and cannot run. */
ritz_status ritz_graph_outline(ritz_graph *graph, int outputs, const ritz_var *output,
                               const ritz_plan_options *options, ritz_plan **out);

/**
 * Which parameters the ranks of a split field share out: each rank uses its share alone.
 *
 * @return  [parameters] equal blocks of which a rank has those of ritz_comm_share(), the same on
 *          all ranks; 0: every rank uses all. Lives with the plan; NULL without parameters.
 */
const ritz_index *ritz_plan_shares(const ritz_plan *plan);

/**
 * When the gradient of each parameter is final, since nothing adds to it any more.
 *
 * @return  [parameters] so many steps of the backward pass it takes; 0: it is final before, written
 *          by the forward pass (turn.c) or not at all. Lives with the plan; NULL where it has no
 *          parameters.
 */
const int *ritz_plan_final_steps(const ritz_plan *plan);

/** Marks the parameters whose gradient can go to a sink; after the ops are planned (sink.c). */
ritz_status ritz_plan_find_streamed(ritz_plan *plan);
/** @return  [parameters] whether ritz_plan_backward_with() gives the gradient to its sink. Lives
 *           with the plan; NULL without parameters. */
const bool *ritz_plan_streamed(const ritz_plan *plan);
/** Where streamed parameters' gradients go from now on; NULL: to memory. */
void ritz_plan_set_sink(ritz_plan *plan, const ritz_gradient_sink *sink);

/**
 * As ritz_plan_backward(), with others that take part.
 *
 * @param sink     Gets the gradients of streamed parameters, every number once; their room in
 *                 ritz_plan_parameter_gradient() is left as it is. NULL: all go to memory.
 * @param between  Called before the first step and after each one with the number of steps done,
 *                 from the calling thread; NULL: nobody.
 */
void ritz_plan_backward_with(ritz_plan *plan, const ritz_gradient_sink *sink,
                             void (*between)(void *user, int steps), void *user);

/** True if a tiled step computes gradients: what leaves it are cotangents. */
static inline bool ritz_step_turns_back(const ritz_step *step) {
  return step->backward || step->turn;
}

/** When the work of a step is done: that of merged ones in the step with the turn. */
static inline int ritz_time_of(const ritz_plan *plan, int step) {
  return plan->turn >= 0 && step > plan->turn && plan->step[step].merged ? plan->turn : step;
}

/** True if the vjp of an op node is to run. */
static inline bool ritz_is_active(const ritz_node *node) { return node->wants_gradient; }

/** A thing that needs bytes from time `start` to time `end`, both included. */
typedef struct ritz_lease {
  size_t bytes;
  int start, end;
  size_t offset; /* result, a multiple of RITZ_ALIGNMENT */
} ritz_lease;

/** Places leases so that none overlap in time and space: largest first, each at the lowest free
 * offset. @param total  Bytes of the whole. */
ritz_status ritz_place(int count, ritz_lease *lease, size_t *total);

/** Whether one op alone reads the value, once, and nobody else wants it (rewrite.c). */
bool ritz_plan_reads_once(const ritz_plan *plan, const ritz_node *value);

/** Merges ops of the graph into fewer; after the needed nodes are marked (rewrite.c). */
void ritz_plan_rewrite(ritz_plan *plan);

/** Marks the values that are computed in place of an operand; after the recomputed ones are marked
 * (rewrite.c). */
void ritz_plan_choose_in_place(ritz_plan *plan);

/** Cuts tiled steps into parts, chunks and groups, and attaches the ends of their neighbours; the
 * latter are planned already (attach.c). */
void ritz_plan_attach_ends(ritz_plan *plan);

/** A tiled step, in its direction (tiles.c). */
void ritz_step_run_tiles(const ritz_plan *plan, const ritz_step *step);

/** Marks the values that the backward pass recomputes (recompute.c). */
ritz_status ritz_plan_choose_recomputed(ritz_plan *plan);

/** Lets the last chain turn around, if the op behind it can; before ends are attached (turn.c). */
void ritz_plan_choose_turn(ritz_plan *plan);
/** After all chunks of a sample: its output, and the factor for all that came of it. @param rows
 * What the chain's lines gave, the sample's; or NULL. */
void ritz_step_finish_sample(const ritz_plan *plan, const ritz_step *step, ritz_index sample,
                             void *rows);

/** Lists the calls of every tiled step; after the buffers are placed (calls.c). */
ritz_status ritz_plan_list_calls(ritz_plan *plan);
/** Lists the streams of every tiled step; after the buffers are placed (streams.c). */
ritz_status ritz_plan_find_streams(ritz_plan *plan);

/** Runs one step, forward or backward; the steps before it have run (execute.c). */
void ritz_step_run(const ritz_plan *plan, const ritz_step *step);

/** Places every buffer of the plan and allocates its memory (buffers.c). */
ritz_status ritz_plan_allocate(ritz_plan *plan);

#endif
