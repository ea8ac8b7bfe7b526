/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a planned convolution.
 *
 * K and K^T are both a *pass*: rows of an output field as sums of products of rows of an input
 * field with taps of the weight. Along the two leading axes a pass has sights (window.h); those of
 * K^T are those of K read backwards, so every boundary has its exact adjoint. Along the last axis
 * it has phases: outputs that take the same taps from evenly spaced positions of a padded input
 * row, so one phase of one row is a sum of small products. */
#ifndef RITZ_KERNELS_CONV_PLAN_H
#define RITZ_KERNELS_CONV_PLAN_H

#include "kernels/conv.h"
#include "kernels/depthwise.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

typedef enum ritz_conv_algorithm {
  RITZ_CONV_BRGEMM,   /* batch-reduced small products, channels in vector lanes */
  RITZ_CONV_DIRECT,   /* fewer than 8 output channels in a group: dot products over the input's */
  RITZ_CONV_WINOGRAD, /* 3 x 3 taps at stride 1, up to 4 x 4 at stride 2: fewer products */
  RITZ_CONV_DEPTHWISE /* each channel alone: all of it is depthwise.h's */
} ritz_conv_algorithm;

/** One of the two leading axes. Output positions come in blocks. */
typedef struct ritz_conv_axis {
  ritz_index in, out, taps;
  ritz_sights sights; /* input positions by output position */
  ritz_index *slot;   /* of each sight: where the chunk holds that position */
  ritz_index block, blocks;
  ritz_index *need_start; /* [blocks + 1] */
  ritz_index *need;       /* input positions a block reads, each once, by slot */
  ritz_index most_needs, most_sights;
} ritz_conv_axis;

/** Outputs first + step m, m < count, read position from[s] + in_step m for tap[s]. */
typedef struct ritz_conv_phase {
  ritz_index first, count;
  int taps;
  ritz_index *tap, *from;
  ritz_gemm_batch product[2][2]; /* [last block][accumulate] */
} ritz_conv_phase;

/** The last axis. */
typedef struct ritz_conv_line {
  ritz_index in, out, taps;
  ritz_index width;   /* of a padded input row */
  ritz_index margin;  /* its first position that is position 0 of the input */
  ritz_index *source; /* [width] input position, -1: zero */
  ritz_index step, in_step;
  int phases;
  ritz_conv_phase *phase;
  ritz_index longest;       /* count of the longest phase */
  ritz_index block, blocks; /* of m */
  ritz_index span;          /* positions one m reads, over all phases */
  ritz_index padded_out;    /* > 0: outputs are positions of a padded row ... */
  ritz_index *fold;         /* ... and position j is added to fold[j] */
  ritz_index out_margin;
} ritz_conv_line;

typedef struct ritz_conv_pass {
  ritz_conv_algorithm algorithm;
  const ritz_kernels *kernels;
  size_t size; /* bytes of a number */
  ritz_index batch, groups, from_channels, to_channels;
  ritz_index k, n; /* channels of one group: input, output */
  ritz_conv_axis axis[2];
  ritz_conv_line line;
  bool in_place; /* rows need no padding: read where they are */
  ritz_index chunks;
  ritz_index most_terms; /* of one sum of products */
  size_t strip_bytes, row_bytes, thread_bytes;
} ritz_conv_pass;

enum {
  RITZ_WINOGRAD_TILE = 4,   /* outputs along an axis */
  RITZ_WINOGRAD_DEEPEST = 5 /* taps of the leading axis */
};

/** A pass by Winograd's tiles on the last two axes (conv_winograd.c). A block of tiles, of one or
 * several samples and slices, is what a thread transforms and multiplies at a time. */
typedef struct ritz_conv_winograd {
  const ritz_kernels *kernels;
  size_t size; /* bytes of a number */
  ritz_index batch, from_channels, to_channels;
  ritz_index in[3], out[3];
  ritz_index depth;         /* taps of the leading axis */
  ritz_index phases;        /* along an axis: the stride */
  bool scatter;             /* K^T: phases are of the output, and taps run backwards */
  ritz_index images, parts; /* transformed inputs in a sum of products; parts of the output */
  ritz_index first[2][2];   /* [axis][phase] first output of a part */
  ritz_index *source[3];    /* [out 0][depth], [phases][points] of both axes: input, -1: zero */
  ritz_index points[2];     /* pixels of all patches along an axis */
  ritz_index along[2];      /* tiles along an axis */
  int taps, patch;          /* of a phase along an axis; pixels of a patch */
  ritz_index frequencies;   /* patch^2 */
  ritz_index tiles, block, blocks;
  ritz_index from_plane, to_plane, weight_plane; /* numbers between frequencies */
  ritz_gemm_batch product[2];                    /* [last block] */
  ritz_gemm weight_product[2];
  void *zeros; /* the channels of a pixel off the grid */
  size_t weight_bytes, thread_bytes;
} ritz_conv_winograd;

struct ritz_convolution {
  ritz_conv_shape shape;
  const ritz_kernels *kernels;
  size_t size; /* bytes of a number */
  int threads;
  ritz_depthwise *depthwise; /* where that is the algorithm: alone */
  ritz_conv_pass forward, adjoint;
  ritz_conv_winograd winograd[2]; /* forward, adjoint; where that is their algorithm */
  ritz_index weights;             /* numbers of w */
  ritz_index partials;            /* partial sums of a weight gradient */
  ritz_conv_algorithm weight_algorithm;
  bool swap;                   /* the weight gradient is computed as [Co, Ci] */
  ritz_gemm weight_product[2]; /* [last block] */
  size_t scratch_bytes;
};

/* conv_axis.c: tables of one axis of K, and of K^T where @p adjoint. Zero-filled before. */
ritz_status ritz_conv_axis_init(const ritz_window_axis *shape, bool adjoint, ritz_conv_axis *out);
/** @param in_place  Chunks have no strips: slots are input positions. */
ritz_status ritz_conv_axis_cut(ritz_conv_axis *axis, ritz_index block, bool in_place);
void ritz_conv_axis_release(ritz_conv_axis *axis);
/* conv_line.c */
ritz_status ritz_conv_line_init(const ritz_window_axis *shape, bool adjoint, ritz_conv_line *out);
void ritz_conv_line_release(ritz_conv_line *line);

/** A box of outputs: one sample, a block of each axis. */
typedef struct ritz_conv_chunk {
  ritz_index sample, block[2], first[2], end[2]; /* output positions of the leading axes */
  ritz_index m, last;                            /* first m of the line's block; is it the last? */
  const char *base;                              /* rows are offsets from here */
  ritz_index stride[2];                          /* numbers between slots, or between positions */
} ritz_conv_chunk;

/* conv_pass.c */
/** Decodes chunk @p index and copies the input rows it needs, padded, to @p strip. */
ritz_conv_chunk ritz_conv_chunk_load(const ritz_conv_pass *pass, ritz_index index, const void *from,
                                     char *strip);
/** @return  Numbers from a chunk's base to the row that sights s0 and s1 name. */
static inline ritz_index ritz_conv_row(const ritz_conv_pass *pass, const ritz_conv_chunk *chunk,
                                       ritz_index s0, ritz_index s1) {
  return pass->axis[0].slot[s0] * chunk->stride[0] + pass->axis[1].slot[s1] * chunk->stride[1];
}
/** @return  The first tap along the last axis that goes with them. */
static inline ritz_index ritz_conv_tap(const ritz_conv_pass *pass, ritz_index s0, ritz_index s1) {
  const ritz_conv_axis *a = pass->axis;
  return (a[0].sights.entry[s0].tap * a[1].taps + a[1].sights.entry[s1].tap) * pass->line.taps;
}
/** Outputs of a phase in a chunk's block of the line. */
static inline ritz_index ritz_conv_phase_count(const ritz_conv_line *line,
                                               const ritz_conv_phase *phase, ritz_index m) {
  const ritz_index left = phase->count - m;
  return left < 0 ? 0 : left < line->block ? left : line->block;
}
/** to (+)= pass(from) + b; @p w in the pass's own form, @p scratch threads * thread_bytes. */
void ritz_conv_pass_run(const ritz_conv_pass *pass, int threads, bool add, const void *from,
                        const void *w, const void *b, void *to, char *scratch,
                        const ritz_halo *halo);

/* conv_weight.c: bytes a bias gradient needs. */
size_t ritz_conv_bias_scratch(const ritz_convolution *conv);

/* conv_winograd.c, conv_winograd_run.c */
/** @return  Whether Winograd's tiles fit a pass and save multiplications. */
bool ritz_conv_winograd_fits(const ritz_conv_shape *shape, bool adjoint);
ritz_status ritz_conv_winograd_init(const ritz_conv_shape *shape, bool adjoint,
                                    ritz_conv_winograd *out);
void ritz_conv_winograd_release(ritz_conv_winograd *w);
/** to (+)= pass(from) + b. @param taps  [taps, from channels, to channels]; @p scratch
 * weight_bytes + threads * thread_bytes. */
void ritz_conv_winograd_run(const ritz_conv_winograd *w, int threads, bool add, const void *from,
                            const void *taps, const void *b, void *to, char *scratch,
                            const ritz_halo *halo);
/** gw = d<K x, y>/dw over share @p share of @p shares of all blocks; @p scratch thread_bytes. */
void ritz_conv_winograd_weight_share(const ritz_conv_winograd *w, ritz_index share,
                                     ritz_index shares, const void *x, const void *y, char *gw,
                                     char *scratch);

#endif
