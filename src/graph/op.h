/* SPDX-License-Identifier: BSD-3-Clause
 * What an op is to the graph: a descriptor with its shape rule, forward map, vjp and cost.
 *
 * There are two ways to run. A *row op* maps each row (grid point) of its operands to a row of its
 * output; the planner chains row ops and runs the chain tile by tile, so that what one writes the
 * next finds in cache. Every other op sees whole tensors and starts its own threads.
 *
 * A vjp is handed the cotangent of its output and writes that of its inputs:
 *     gin[i] = (d out / d in[i])^T gout,     or gin[i] += ... where add[i] is set.
 */
#ifndef RITZ_GRAPH_OP_H
#define RITZ_GRAPH_OP_H

#include <ritz/graph.h>
#include <ritz/layout.h>

#include "core/shape.h"
#include "kernels/kernels.h"

#define RITZ_MAX_INPUTS 5
/** Rows of a tile: its operands fit the inner caches (measured best among 16 ... 128). */
#define RITZ_TILE_ROWS 64

typedef struct ritz_node ritz_node;

/** Rows [first, first + count) of the operands of a row op. */
typedef struct ritz_tile {
  ritz_index first, count;         /* count <= RITZ_TILE_ROWS */
  const void *in[RITZ_MAX_INPUTS]; /* its rows; all of one of op->parameters */
  void *out;
  const void *gout;
  void *gin[RITZ_MAX_INPUTS]; /* NULL: not wanted. Of a parameter: a partial sum, always added to */
  bool add[RITZ_MAX_INPUTS];
  void *scratch;            /* this thread's tile_scratch bytes */
  struct ritz_ahead *ahead; /* what ritz_fetch_ahead() fetches; NULL for nothing */
} ritz_tile;

/** Begins to fetch some of the next tile: as much as the memory takes in a quarter of a
 * microsecond. Called before each op of a tile; an op of more work than that calls it in between
 * (streams.c). */
void ritz_fetch_ahead(struct ritz_ahead *ahead);

/** What a split of the grid over ranks means for an op (distribute.h). */
typedef enum ritz_distribution {
  RITZ_LOCAL,    /* each grid point alone */
  RITZ_REDUCE,   /* sums over the grid of each sample */
  RITZ_SPECTRAL, /* a sum over the grid for each kept mode */
  RITZ_HALO,     /* neighbours within some points */
  RITZ_REGRID    /* changes the grid */
} ritz_distribution;

struct ritz_addition;
struct ritz_ahead;
struct ritz_traffic;

/**
 * The two ends of an op that treats the lines of the last grid axis one by one (a transform along
 * that axis): the chains of row ops before and after it then do so within their own sweep over the
 * field, line by line while it is in cache (attach.c). A line [N][C] of in[0] or of the output has
 * an image in the transformed field, its row; those of a sample follow each other.
 *
 * Backward, cotangents pass in the other direction: lines of gout are taken, lines of gin[0] given.
 * No call starts threads; several may run at once, each with its own scratch.
 */
typedef struct ritz_line_ends {
  void (*take_line)(const ritz_node *node, bool backward, const void *line, void *row,
                    void *scratch);
  /* All rows of a sample are there, or with @p units what the slabs gave; they may be lost. */
  void (*take_sample)(const ritz_node *node, bool backward, ritz_index sample, bool units,
                      void *rows, void *scratch);
  void (*give_sample)(const ritz_node *node, bool backward, ritz_index sample, bool units,
                      void *rows, void *scratch);
  /* Rows of slab u, lost -> its part of a sample's units, and back; where need.slab says so. */
  void (*take_slab)(const ritz_node *node, bool backward, ritz_index u, void *rows, void *units,
                    void *scratch);
  void (*give_slab)(const ritz_node *node, bool backward, ritz_index u, void *units, void *rows,
                    void *scratch);
  void (*give_line)(const ritz_node *node, bool backward, bool add, const void *row, void *line,
                    void *scratch);
} ritz_line_ends;

/** Who does the work at one end of an op with ends. */
typedef enum ritz_end {
  RITZ_END_OWN,   /* the op: it reads or writes the whole field */
  RITZ_END_ROWS,  /* a chain does the lines; the op the rest, from and to the rows of the batch */
  RITZ_END_SAMPLE /* a chain does lines and samples */
} ritz_end;

/**
 * What the last op of a graph offers whose gradient is local up to one factor per sample: that of
 * || x - y || / || y || is x - y, row by row, times a number known at the end of the sample. The
 * chain before it then runs forward and backward tile by tile, and the factor comes last (turn.c).
 */
typedef struct ritz_turn {
  bool (*applies)(const ritz_node *node); /* before plan() */
  size_t (*sums)(const ritz_node *node);  /* numbers a chunk of rows sums up */
  /* Adds to the sums and sets gin[0] up to the factor; in[], gin[0] and count are given. */
  void (*rows)(const ritz_node *node, const ritz_tile *tile, double *sums);
  /* Sets the output of a sample from those of its chunks; they may be lost. @return the factor. */
  double (*sample)(const ritz_node *node, ritz_index sample, ritz_index chunks, double *sums);
} ritz_turn;

/** Takes gradients of parameters piece by piece as the backward pass gets them, in the place of
 * memory. The parameter's numbers may change in the call: nothing of this run reads them any more.
 * Several threads call at once, with different numbers. */
typedef struct ritz_gradient_sink {
  /* Numbers [first, first + count) of parameter `param`; of a complex one whole blocks of both
   * parts. */
  void (*take)(void *arg, int param, ritz_index first, ritz_index count, const void *gradient);
  void *arg;
} ritz_gradient_sink;

typedef struct ritz_op {
  const char *name;
  ritz_distribution distribution;
  /* Bit i of reads_in: the vjp reads in[i]; reads_out: it reads the output. */
  unsigned reads_in;
  bool reads_out;
  /* Bit i: d out / d in[i] is the identity. Where this op is the only user of in[i], the planner
   * lets both gradients share one buffer, and the vjp sees gin[i] == gout: nothing to do. */
  unsigned passes;
  /* Bit i, row ops: out may be the memory of in[i]. */
  unsigned in_place;
  /* Bit i, row ops: in[i] is a parameter, of which a tile shows all; of the others, its rows. */
  unsigned parameters;
  bool constant; /* to the gradient: no vjp */
  /* In training a sample's result depends on the rest of its batch: not for batches that are split
   * over ranks. */
  bool mixes_samples;

  /* in[0] may be a box whose halo still travels while the op runs: it asks ritz_halo_of()
   * (graph/halo.h). */
  bool meets_halo;

  /* Checks operands and attributes and sets node->shape. */
  ritz_status (*infer)(ritz_node *node);
  /* Adds the op where operands are split over ranks. NULL: each rank does its part of a row op; for
   * any other op the operands are gathered and the result split again. */
  ritz_var (*add_split)(const struct ritz_addition *addition);
  /* Optional: chooses algorithms, allocates what lives with the plan in node->state, sets
   * node->need. */
  ritz_status (*plan)(ritz_node *node, bool gradients);
  void (*destroy)(ritz_node *node); /* releases node->state; may be NULL */

  /* A row op has these two ... */
  void (*rows)(const ritz_node *node, const ritz_tile *tile);
  void (*rows_vjp)(const ritz_node *node, const ritz_tile *tile);
  void (*before_vjp)(const ritz_node *node); /* once per run, before the tiles; may be NULL */
  /* ... any other op these. */
  void (*forward)(const ritz_node *node);
  void (*vjp)(const ritz_node *node);
  const ritz_line_ends *ends; /* may be NULL */
  const ritz_turn *turn;      /* may be NULL */

  /* In descriptions, once planned: the name and what was chosen; NULL: the name. */
  const char *(*label)(const ritz_node *node);
  double (*flops)(const ritz_node *node); /* of the products of one forward run, which a vjp does
                                           * twice; NULL: none */
  /* Adds what this rank sends in a forward run, or in the vjp; NULL: nothing. */
  void (*traffic)(const ritz_node *node, bool backward, struct ritz_traffic *traffic);
  /* Of a parameter, once planned: into how many equal blocks the ranks share out in[i], each of
   * which reads those of its share alone and gives gradients to no others; 0: all. NULL: 0. */
  ritz_index (*shares)(const ritz_node *node, int i);
  /* Of a parameter that nothing else uses, once planned: whether the vjp can hand all of its
   * gradient to node->sink, last of all that it does with it. NULL: no. */
  bool (*streams)(const ritz_node *node, int i);
} ritz_op;

/** A buffer the planner places. */
typedef struct ritz_buffer {
  size_t bytes;
  void *data;   /* whole tensor; NULL when only tiles of it ever exist */
  size_t tile;  /* offset in a thread's tile memory when data is NULL */
  bool grouped; /* there it holds a group of lines rather than one tile */
} ritz_buffer;

/** Working memory an op asks for in plan(), bytes. */
typedef struct ritz_need {
  size_t saved;        /* written by forward, read by vjp */
  size_t scratch;      /* free for all within one run of forward or vjp */
  size_t tile_scratch; /* per thread, row ops */
  /* Ops with ends, of the input's and of the output's end: bytes of a row and of a sample's rows.
   */
  size_t row[2], rows[2];
  /* Of either end: lines of a slab, whose rows need not wait for those of the whole sample (0:
   * there are none), and bytes of what a sample's slabs come from or become. */
  ritz_index slab[2];
  size_t units[2];
  size_t end_scratch; /* of the calls of `ends` */
  size_t carried[2];  /* lives from the first taken to the last given line, forward and backward */
} ritz_need;

typedef enum ritz_node_kind { RITZ_NODE_INPUT, RITZ_NODE_PARAMETER, RITZ_NODE_OP } ritz_node_kind;

struct ritz_node {
  ritz_node_kind kind;
  int id; /* position in the graph: operands come before their users */
  ritz_graph *graph;
  const ritz_op *op;
  int arity;
  ritz_node *in[RITZ_MAX_INPUTS];
  ritz_shape shape;
  void *attr;       /* the op's own, in the graph's arena */
  const char *name; /* inputs and parameters */
  ritz_params *params;
  int param; /* position in params */

  /* Of a field that is split over ranks, else NULL (each rank holds all of it, or something of its
   * own). While the graph is built `shape` is that of the whole field; a planned graph has that of
   * this rank's part there. */
  ritz_layout *layout;
  ritz_shape part, whole; /* the two, with or without a layout; `whole` once planned */
  ritz_node *gathered;    /* the same on all ranks, once somebody asked for it */
  bool ahead;             /* a fetch: its one user meets the halo, in the same step */
  bool moves;             /* only moves a field between ranks: does not count as an op */

  /* Set by the op while planning. */
  void *state;
  ritz_need need;

  /* Set by the planner. */
  int number; /* among all nodes that do not just move a field between ranks */
  bool needed, wants_gradient;
  bool owned; /* a parameter: `gradient` is that of this rank's share of the blocks (op->shares) */
  ritz_index tile_rows[2]; /* row ops, before plan(): rows of a tile; of the last one of a group */
  ritz_end take[2], give[2]; /* ops with ends: forward, backward */
  bool recomputed; /* the backward pass computes the value again, tile by tile (recompute.c) */
  ritz_node *taken_over; /* the only user, whose value takes the place of this one; or NULL */
  bool add[RITZ_MAX_INPUTS];
  int streamed;                   /* the operand whose gradient can go to a sink, or -1 (sink.c) */
  const ritz_gradient_sink *sink; /* where it goes in this run; NULL: to memory */
  ritz_buffer value, gradient, saved, scratch;
  ritz_buffer again;      /* the recomputed value in tile memory */
  ritz_buffer carried[2]; /* ops with ends: forward, backward */
  ritz_buffer rows[2];    /* RITZ_END_ROWS: those of the batch, taken and then given ones */
};

/** How the ranks of a split field come to its modes. */
typedef enum ritz_modes_way {
  RITZ_MODES_AUTO,  /* lines unless sums send less: a pure function of shape and layout */
  RITZ_MODES_SUMS,  /* sums of all modes over the ranks (mode_share.h) */
  RITZ_MODES_LINES, /* whole lines of columns, where that form serves (mode_lines.h) */
  RITZ_MODES_WAYS
} ritz_modes_way;

struct ritz_graph {
  ritz_context *context;
  ritz_dtype dtype;
  const ritz_kernels *kernels;
  struct ritz_arena *arena;
  int count, capacity;
  ritz_node **node;
  ritz_status status; /* latched */
  char message[512];
  bool planned;
  bool split;               /* over ranks: some field is */
  ritz_modes_way modes_way; /* any but AUTO is forced, before the graph is planned */
  bool training;            /* dropout drops, batch norm uses the batch's statistics */
  uint64_t seed;            /* of dropout */
  uint64_t step; /* number of the run, set before it: keys the random numbers of dropout */
  ritz_index first_sample; /* position in the whole batch of the first sample here: keys them too */
};

/** Latches the failure just raised, if none is latched yet. @return RITZ_NO_VAR. */
ritz_var ritz_graph_latch(ritz_graph *graph, ritz_status status);

/**
 * Appends a node and infers its shape.
 *
 * @param in    @p arity operands; a missing one fails the graph.
 * @param attr  Attributes, copied (@p attr_bytes may be 0).
 */
ritz_var ritz_graph_add(ritz_graph *graph, const ritz_op *op, int arity, const ritz_var *in,
                        const void *attr, size_t attr_bytes);

/** The same without a look at the operands' layouts. */
ritz_var ritz_graph_append(ritz_graph *graph, const ritz_op *op, int arity, const ritz_var *in,
                           const void *attr, size_t attr_bytes);

/** Channels: the last extent. */
static inline ritz_index ritz_channels(const ritz_node *node) {
  return node->shape.rank ? node->shape.n[node->shape.rank - 1] : 1;
}
/** Rows: all other extents together. */
static inline ritz_index ritz_rows(const ritz_node *node) {
  const ritz_index c = ritz_channels(node);
  return c ? ritz_shape_count(&node->shape) / c : 0;
}
/** Grid axes of a field [B, X0, ..., C]. */
static inline int ritz_grid_dim(const ritz_node *node) { return node->shape.rank - 2; }

/** Points of the whole grid along @p axis, and the first one that is here; once planned. */
static inline ritz_index ritz_extent(const ritz_node *node, int axis) {
  return node->whole.n[axis + 1];
}
static inline ritz_index ritz_first_point(const ritz_node *node, int axis) {
  ritz_index first = 0, count;
  if (node->layout) ritz_layout_part(node->layout, axis, &first, &count);
  return first;
}

/** Most ops: the output has the shape of operand 0. */
ritz_status ritz_infer_same(ritz_node *node);
/** The same, and every further operand has one number per channel. */
ritz_status ritz_infer_per_channel(ritz_node *node);
/** The same, and operand 1 has that shape too. */
ritz_status ritz_infer_alike(ritz_node *node);

/** vjp of operand @p i of op->passes, gin += gout, where the two have buffers of their own. */
void ritz_pass_gradient(const ritz_node *node, const ritz_tile *tile, int i);

/** Gradient buffer of operand @p i; NULL when it is not wanted. For ops that see whole tensors. */
static inline void *ritz_gin(const ritz_node *node, int i) {
  return i < node->arity && node->in[i]->wants_gradient ? node->in[i]->gradient.data : NULL;
}
/** Values of operand @p i. */
static inline const void *ritz_in(const ritz_node *node, int i) { return node->in[i]->value.data; }

/** A row op's share of the plan: bytes of one number, of its graph. */
static inline size_t ritz_number_size(const ritz_node *node) {
  return ritz_dtype_size(node->graph->dtype);
}

#endif
